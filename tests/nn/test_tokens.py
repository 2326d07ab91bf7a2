import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA
from jaxbio.nn import TokenConv, one_hot, reverse_complement, token_mask
from jaxbio.nn.tokens import padded_tokens
from tests.helpers import dna_row

DNA_TEXT = st.text(alphabet="ACGTN-", min_size=1, max_size=12)


@settings(max_examples=20, deadline=None)
@given(DNA_TEXT)
def test_the_opposite_strand(text):
    pairs = dict(zip("ACGTN-", "TGCAN-", strict=True))
    expected = "".join(pairs[base] for base in reversed(text))
    found = reverse_complement(dna_row(text), DNA)
    assert DNA.decode(np.asarray(found[0])) == expected
    np.testing.assert_array_equal(reverse_complement(found, DNA), dna_row(text))


def test_a_convolution_over_tokens_is_a_convolution_over_profiles():
    layer = TokenConv(DNA, 3, kernel_size=4, rngs=nnx.Rngs(0))
    tokens = dna_row("GANTA-CA", 9)
    kernel = layer.project.kernel[...].reshape(4, 4, 3)
    expected = jax.lax.conv_general_dilated(
        one_hot(tokens, DNA),
        kernel,
        (1,),
        [(1, 2)],
        dimension_numbers=("NWC", "WIO", "NWC"),
    )
    np.testing.assert_allclose(layer(tokens), expected, atol=1e-6)


def soft(text, length):
    """One-hot weights of a sequence, nothing in the padding."""
    tokens = np.full((1, length), DNA.pad, np.uint8)
    tokens[0, : len(text)] = DNA.encode(text)
    return jnp.asarray(tokens), one_hot(jnp.asarray(tokens), DNA)


def test_soft_sequences_are_taken_where_codes_are():
    tokens, weights = soft("ACGTTG", 8)
    np.testing.assert_array_equal(token_mask(weights, DNA), token_mask(tokens, DNA))
    np.testing.assert_array_equal(one_hot(weights, DNA), one_hot(tokens, DNA))
    strand = one_hot(reverse_complement(tokens, DNA), DNA)
    np.testing.assert_array_equal(reverse_complement(weights, DNA), strand)
    longer = padded_tokens(tokens, 2, DNA)
    np.testing.assert_array_equal(padded_tokens(weights, 2, DNA), one_hot(longer, DNA))
