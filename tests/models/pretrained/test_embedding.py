import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.embedding import Embedder, _Row, batches
from jaxbio.models.pretrained.loading import pretrained
from tests.language_models import BERT, RESIDUES, write_model

RANDOM = np.random.default_rng(0)
TEXTS = ["".join(RANDOM.choice([*RESIDUES], n)) for n in (3, 70, 17, 1, 40, 12)]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return pretrained(write_model(tmp_path_factory.mktemp("m"), "esm2"))


def _alone(model, text, layer=None):
    """The vectors of one sequence without padding, without the ends."""
    tokens = jnp.asarray(model.tokenizer.encode(text)[None])
    x = model.module().hidden(tokens, jnp.asarray([tokens.shape[1]]), layer=layer)
    return np.asarray(x)[0]


def test_vectors_are_those_of_the_sequence_alone(model):
    each = Embedder(model, pool="none")(TEXTS)
    mean, first = Embedder(model)(TEXTS), Embedder(model, pool="cls")(TEXTS)
    for at, text in enumerate(TEXTS):
        alone = _alone(model, text)
        np.testing.assert_allclose(each[at], alone[1:-1], atol=2e-6)
        np.testing.assert_allclose(mean[at], alone[1:-1].mean(axis=0), atol=2e-6)
        np.testing.assert_allclose(first[at], alone[0], atol=2e-6)
    # In another order, with other neighbours.
    np.testing.assert_allclose(Embedder(model)(TEXTS[::-1])[::-1], mean, atol=1e-6)
    np.testing.assert_allclose(Embedder(model)(TEXTS[1:2])[0], mean[1], atol=1e-6)


def test_layers(model):
    for layer, number in ((0, 0), (1, 1), (-2, 1), (-1, 2)):
        found = Embedder(model, layer=layer)(TEXTS[:1])[0]
        alone = _alone(model, TEXTS[0], layer=number)[1:-1].mean(axis=0)
        np.testing.assert_allclose(found, alone, atol=2e-6)


def test_longer_ones_are_read_in_windows(model):
    text = TEXTS[1]  # 70 residues
    each = Embedder(model, pool="none", window=34)(TEXTS)
    parts = [_alone(model, text[at : at + 32])[1:-1] for at in (0, 16, 32, 38)]
    ends = [(0, 0, 24), (16, 24, 40), (32, 40, 51), (38, 51, 70)]
    for part, (start, first, last) in zip(parts, ends, strict=True):
        np.testing.assert_allclose(
            each[1][first:last], part[first - start : last - start], atol=2e-6
        )
    mean = Embedder(model, window=34)(TEXTS)
    np.testing.assert_allclose(mean[1], each[1].mean(axis=0), atol=2e-6)
    np.testing.assert_allclose(mean[2], Embedder(model)(TEXTS)[2], atol=1e-6)
    first = Embedder(model, pool="cls", window=34)(TEXTS)[1]
    alone = [_alone(model, text[at : at + 32])[0] for at in (0, 16, 32, 38)]
    np.testing.assert_allclose(first, np.mean(alone, axis=0), atol=2e-6)


def test_learned_positions_say_how_long_a_window_is(tmp_path):
    config = {**BERT, "max_position_embeddings": 20}
    model = pretrained(write_model(tmp_path, "bert", config=config))
    assert Embedder(model).window == 20
    assert Embedder(model)(TEXTS).shape == (6, 16)
    with pytest.raises(JaxbioError, match="has learned 20 positions"):
        Embedder(model, window=30)


def test_what_cannot_be(model):
    with pytest.raises(JaxbioError, match="choose mean, cls or none"):
        Embedder(model, pool="max")
    with pytest.raises(JaxbioError, match="has 2 layers: give 0"):
        Embedder(model, layer=3)
    with pytest.raises(JaxbioError, match="at least 8 tokens"):
        Embedder(model, window=2)
    with pytest.raises(JaxbioError, match=r"sequence 2: '\*' at position 2"):
        Embedder(model)(["MK", "M*"])
    assert Embedder(model, unknown="any")(["M*"]).shape == (1, 16)
    with pytest.raises(JaxbioError, match="b is empty"):
        Embedder(model)(["MK", ""], names=["a", "b"])
    none = dataclasses.replace(model.tokenizer, start=None)
    with pytest.raises(JaxbioError, match="no first token"):
        Embedder(dataclasses.replace(model, tokenizer=none), pool="cls")


def test_batches_have_few_shapes_and_little_padding():
    lengths = RANDOM.integers(50, 500, 300)
    rows = [
        _Row(at, np.zeros(n, np.int32), np.zeros(n), slice(0), 0)
        for at, n in enumerate(lengths)
    ]
    found = list(batches(rows))
    assert sorted(row.text for batch, *_ in found for row in batch) == list(range(300))
    assert len({(length, size) for _, length, size in found}) <= 8
    assert sum(length * size for _, length, size in found) < 1.2 * lengths.sum()
    for batch, length, size in found:
        assert len(batch) <= size and max(len(r.tokens) for r in batch) <= length
