"""Vectors of rows by the networks of a run."""

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio.errors import JaxbioError, remedies_as_flags
from jaxbio.models.linear import Linear
from jaxbio.models.mixture import Mixture
from jaxbio.predict.embedding import embed, embed_file
from jaxbio.predict.features import RunEmbedder

TEXTS = ["ACGTTACGATTACA", "ACGTTACGATT"]


def positions(masked, text):
    """The vectors of each place by both networks, of one whole sequence."""
    tokens = jnp.asarray([jb.DNA.encode(text)])
    networks = [masked.network(each) for each in masked.members]
    return np.concatenate([n.encoder.positions(tokens)[0][0] for n in networks], -1)


def test_of_hidden_symbols_positions_or_their_mean(masked):
    each = embed(masked, TEXTS, pool="none")
    assert [len(x) for x in each] == [14, 11]
    for text, found in zip(TEXTS, each, strict=True):
        np.testing.assert_allclose(found, positions(masked, text), atol=1e-6)
    means = [x.mean(axis=0) for x in each]
    np.testing.assert_allclose(embed(masked, TEXTS), means, atol=1e-6)
    named = embed(masked, dict(zip("ab", TEXTS, strict=True)))
    np.testing.assert_allclose(named["b"], means[1], atol=1e-6)


def test_of_labels_what_the_last_layer_sees(binary):
    """The head's output is its kernel times the vector."""
    (member,) = binary.members
    vectors = embed(binary, TEXTS)
    head = member["params"]["heads"]["label"]
    kernel, bias = (np.asarray(head[name][...]) for name in ("kernel", "bias"))
    logits = vectors @ kernel + bias
    expected = binary(TEXTS).by_target["label"]
    np.testing.assert_allclose(
        1 / (1 + np.exp(-logits[:, 0])), expected.reshape(-1), atol=1e-5
    )


def test_a_file_goes_on_and_has_the_ids(masked, tmp_path):
    source, out = tmp_path / "a.fa", tmp_path / "e.npz"
    source.write_text("".join(f">s{at}\n{text}\n" for at, text in enumerate(TEXTS)))
    assert embed_file(masked, source, out, pool="none") == 2
    found = np.load(out)
    assert found["ids"].tolist() == ["s0", "s1"]
    assert found["offsets"].tolist() == [0, 14, 25]
    np.testing.assert_allclose(
        found["embeddings"][14:], positions(masked, TEXTS[1]), atol=1e-6
    )


def test_parts_of_another_run_are_not_taken(masked, binary):
    plans = [RunEmbedder(each).plan() for each in (masked, binary)]
    assert plans[0] != plans[1] and plans[0] == RunEmbedder(masked).plan()


def test_what_a_run_cannot_give_is_an_error(masked, binary, tmp_path):
    with remedies_as_flags(), pytest.raises(JaxbioError, match="use --pool mean"):
        embed(binary, TEXTS, pool="none")
    with pytest.raises(JaxbioError, match="choose mean or none"):
        embed(masked, TEXTS, pool="cls")
    with pytest.raises(JaxbioError, match=r"layer=2 is for pretrained models"):
        embed(masked, TEXTS, layer=2)
    with pytest.raises(JaxbioError, match=r"column='seq' is for pretrained"):
        embed_file(masked, tmp_path / "a.fa", tmp_path / "e.npz", column="seq")


def test_what_is_only_fitted_has_no_vectors():
    table = pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40.0) / 7})
    data = jb.read(table, inputs={"x": "numeric"}, targets=["y"])
    schema = jb.data.learn_schema(data, {"y": ("number", False)})
    model = Mixture({"linear": Linear(("x",))}).resolve(schema)
    network = model.build(schema, {"y": jb.models.Head(1)}, rngs=nnx.Rngs(0))
    _, params, rest = nnx.split(network, nnx.Param, ...)
    predictor = jb.Predictor.of(
        network, {"params": params, "model_state": rest}, schema=schema,
        tasks=jb.Regression(), model=model,
    )  # fmt: skip
    with pytest.raises(JaxbioError, match="has no network"):
        embed(predictor, table)
