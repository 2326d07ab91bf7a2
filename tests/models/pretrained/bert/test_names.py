"""The names of tensors, on the real file of AntiBERTy where it can be had."""

import functools
import os
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained import hub
from jaxbio.models.pretrained.bert.config import read_config
from jaxbio.models.pretrained.bert.names import ANTIBERTY_HEADS, table
from jaxbio.models.pretrained.family import Fields
from jaxbio.models.pretrained.loading import pretrained
from tests.language_models import BERT


def test_further_heads_are_named_as_they_are():
    names = frozenset({"cls.chain.weight"})
    found = table(read_config(Fields(BERT, "c"), names))
    assert found["classifiers/chain"] == "cls.chain"
    assert "classifiers/species" not in found


@functools.cache
def _antiberty():
    """The folder of the model, here already or from the package index."""
    if hub.find("antiberty") is None:
        os.environ.setdefault(
            "JAXBIO_MODELS", str(Path(tempfile.gettempdir()) / "jaxbio-models")
        )
    try:
        return hub.get("antiberty")
    except JaxbioError as error:
        return str(error)


@pytest.mark.data
def test_antiberty_gives_what_its_own_package_gives(real_data):
    expected = np.load(real_data("models") / "antiberty" / "expected.npz")
    folder = _antiberty()
    if isinstance(folder, str):
        pytest.skip(folder)
    model = pretrained(folder)
    module = model.module()

    @jax.jit
    def outputs(tokens, lengths):
        last = module.hidden(tokens, lengths)
        found = {"last": last, "first": module.hidden(tokens, lengths, layer=0)}
        return found | {"logits": module.decode(last)} | module.classify(last)

    texts = [str(text).replace("_", "[MASK]") for text in expected["sequences"]]
    tokens = [model.tokenizer.encode(text) for text in texts]
    wanted = {"last": 1e-5, "first": 1e-5, "logits": 5e-5}
    wanted |= dict.fromkeys(ANTIBERTY_HEADS, 1e-5)
    for width in (124, 140):
        rows = np.full((len(tokens), width), model.tokenizer.pad, np.int32)
        for row, each in enumerate(tokens):
            rows[row, : len(each)] = each
        np.testing.assert_array_equal(rows[:, :124], expected["tokens"])
        lengths = np.array([len(each) for each in tokens])
        found = outputs(jnp.asarray(rows), jnp.asarray(lengths))
        for name, tolerance in wanted.items():
            for row, length in enumerate(lengths):
                part = slice(0, length) if expected[name].ndim == 3 else slice(None)
                np.testing.assert_allclose(
                    found[name][row, part], expected[name][row, part], atol=tolerance
                )
    # A camel's heavy chain, a human's and a mouse's light one.
    assert np.asarray(found["species"]).argmax(axis=1).tolist() == [1, 2, 0]
    assert np.asarray(found["chain"]).argmax(axis=1).tolist() == [0, 1, 0]
