import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.models.sequence import SequenceEncoder, WideBranch
from jaxbio.nn.kmers import kmer_counts
from jaxbio.nn.tokens import one_hot, token_mask

TOKENS = jnp.asarray([DNA.encode("ACGTAC"), DNA.encode("TTGCAA")])


class Letters(SequenceEncoder):
    """The share of each letter."""

    def __init__(self, *, dim=4, wide=None, outputs=None):
        self.alphabet = DNA
        options = {"wide": wide, "outputs": outputs, "rngs": nnx.Rngs(0)}
        self._finish(dim, dim, dtype=jnp.float32, **options)

    def positions(self, tokens, *, rngs=None):
        return one_hot(tokens, DNA), token_mask(tokens, DNA)

    def pooled(self, x, mask):
        return x.mean(axis=1)


def branch(**options):
    return WideBranch(DNA, width=5, rngs=nnx.Rngs(0), **options)


def test_features_are_pooled_positions_and_the_wide_branches():
    wide = branch(kmers=2, length=6)
    model = Letters(wide=wide)
    assert (wide.features, model.features) == (10, 14)
    found = model(TOKENS)
    expected = np.array([[2, 2, 1, 1], [2, 1, 1, 2]]) / 6
    np.testing.assert_allclose(found[:, :4], expected, atol=1e-6)
    np.testing.assert_array_equal(found[:, 4:], wide(TOKENS))
    # Without positions the branches are all there is.
    alone = Letters(dim=0, wide=wide)
    np.testing.assert_array_equal(alone(TOKENS), wide(TOKENS))


def test_a_head_is_linear_in_the_features():
    model = Letters(outputs=2)
    kernel, bias = model.head.kernel[...], model.head.bias[...]
    expected = Letters()(TOKENS) @ kernel + bias[None]
    np.testing.assert_allclose(model(TOKENS), expected, atol=1e-6)


def test_rows_with_one_spectrum_are_told_apart_by_position_alone():
    texts = ["ACACAC", "CACACA"]  # as many A and C
    rows = jnp.asarray([DNA.encode(text) for text in texts])
    np.testing.assert_array_equal(*kmer_counts(rows, DNA, (1,)))
    spectrum, places = branch(kmers=1)(rows), branch(length=6)(rows)
    np.testing.assert_allclose(spectrum[0], spectrum[1], atol=1e-6)
    assert float(jnp.abs(places[0] - places[1]).max()) > 1e-3
