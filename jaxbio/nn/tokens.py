"""From tokens to what layers take: masks, profiles, strands, the first convolution."""

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.nn.matmul import product

Tokens = UInt8[Array, "batch len"] | Float[Array, "batch len symbols"]
"""Sequences as codes of an alphabet, padded with its pad; or soft: a weight for each of
its symbols at each position, all 0 in the padding, so that gradients reach them."""


def is_soft(tokens: Tokens) -> bool:
    """Check that sequences are weights of symbols, not codes."""
    return tokens.ndim == 3


def token_mask(tokens: Tokens, alphabet: Alphabet) -> Bool[Array, "batch len"]:
    """Mask of the positions that hold a symbol: all but the padding.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> token_mask(jnp.array([[0, 3, DNA.pad]], jnp.uint8), DNA).tolist()
        [[True, True, False]]
    """
    return (tokens != 0).any(axis=-1) if is_soft(tokens) else tokens != alphabet.pad


def padded_tokens(
    tokens: Tokens, more: int, alphabet: Alphabet
) -> UInt8[Array, "batch longer"] | Float[Array, "batch longer symbols"]:
    """The sequences with some positions of padding at their end."""
    if is_soft(tokens):
        return jnp.pad(tokens, ((0, 0), (0, more), (0, 0)))
    return jnp.pad(tokens, ((0, 0), (0, more)), constant_values=alphabet.pad)


def one_hot(
    tokens: Tokens,
    alphabet: Alphabet,
    *,
    dtype: DTypeLike = jnp.float32,
) -> Float[Array, "batch len alphabet"]:
    """Input channels: one-hot, a mean (N), or zeros (gap, pad).

    Args:
        tokens: Codes of the alphabet; soft ones are what they are.
        alphabet: What the codes mean.
        dtype: Of the result.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> one_hot(jnp.array([DNA.encode("CN")]), DNA).tolist()
        [[[0.0, 1.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]]]
    """
    if is_soft(tokens):
        return tokens.astype(dtype)
    return jnp.asarray(alphabet.profile, dtype)[tokens]


def reverse_complement(tokens: Tokens, alphabet: Alphabet) -> Tokens:
    """The opposite strand, read 5' to 3'; the padding stays at the end.

    Args:
        tokens: Codes of a nucleic acid.
        alphabet: One with a complement.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> tokens = jnp.array([[0, 0, 1, DNA.pad]], jnp.uint8)
        >>> reverse_complement(tokens, DNA).tolist()
        [[2, 3, 3, 16]]
    """
    codes = alphabet.complement_codes
    assert codes is not None  # the caller has looked
    if is_soft(tokens):
        complement = tokens[..., codes[: alphabet.size]]
    else:
        complement = jnp.asarray(codes)[tokens]
    return reverse_positions(complement, token_mask(tokens, alphabet))


def reverse_positions(values: Array, mask: Bool[Array, "batch len"]) -> Array:
    """The positions of each row in opposite order; the padding stays where it is.

    Args:
        values: `[batch len ...]`.
        mask: True where a row has a symbol; a run from the start of each row.

    Returns:
        An array of the shape of `values`.
    """
    at = jnp.arange(mask.shape[1])[None]
    length = mask.sum(axis=1, keepdims=True)
    source = jnp.where(at < length, length - 1 - at, at)
    source = source.reshape(source.shape + (1,) * (values.ndim - 2))
    return jnp.take_along_axis(values, source, axis=1)


class TokenConv(nnx.Module):
    """A convolution over tokens: one matrix product over windows of profiles.

    The result has the length of the input; beyond the ends and the padding there are
    zeros. As there are few symbols, the product over unfolded windows is as fast as a
    convolution forward and faster backward.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        channels: int,
        *,
        kernel_size: int,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            alphabet: What the tokens mean.
            channels: Width of the result.
            kernel_size: Symbols that one output sees.
            rngs: Keys for the weights.
            dtype: Of the computation; the weights are float32.
        """
        self.alphabet = alphabet
        self.kernel_size = kernel_size
        self.dtype = dtype
        self.project = nnx.Linear(
            kernel_size * alphabet.size,
            channels,
            dtype=dtype,
            # A window of one-hot rows has one active input a symbol, not one a weight.
            kernel_init=nnx.initializers.variance_scaling(
                alphabet.size, "fan_in", "truncated_normal"
            ),
            rngs=rngs,
        )

    def __call__(self, tokens: Tokens) -> Float[Array, "batch len channels"]:
        """Slide the windows over the tokens."""
        x = one_hot(tokens, self.alphabet, dtype=self.dtype)
        left = (self.kernel_size - 1) // 2
        x = jnp.pad(x, ((0, 0), (left, self.kernel_size - 1 - left), (0, 0)))
        length = tokens.shape[1]
        shifted = [x[:, tap : tap + length] for tap in range(self.kernel_size)]
        kernel, bias = self.project.kernel[...], self.project.bias
        assert bias is not None  # nnx.Linear has one by default
        windows = jnp.concatenate(shifted, axis=-1)
        bias = bias[...].astype(x.dtype)[None, None]
        return product(windows, kernel.astype(x.dtype)) + bias
