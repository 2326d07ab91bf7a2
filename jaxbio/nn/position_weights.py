"""A linear map of what stands at each position."""

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float, Float32

from jaxbio.alphabet import Alphabet
from jaxbio.nn.amino_acids import residue_properties
from jaxbio.nn.pool import flatten_positions
from jaxbio.nn.tokens import Tokens, is_soft, token_mask


class PositionWeights(nnx.Module):
    """A linear map of symbol by position, as in a position weight matrix.

    For variants of one parent the parent is subtracted: a row is then its mutations,
    and a position that never changed contributes nothing.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        width: int,
        *,
        length: int,
        rngs: nnx.Rngs,
        wild_type: str = "",
        properties: bool = False,
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            alphabet: What the tokens mean.
            width: Width of the result.
            length: The positions kept; later ones are ignored.
            rngs: Keys for the weights.
            wild_type: The sequence that is subtracted; empty for none.
            properties: Whether amino acids are also seen by what is known of them, so
                that a mutation that training lacks is judged by similar ones.
            dropout: Share of the symbols left out in training.
            dtype: Of the computation; the weights are float32.
        """
        self.alphabet = alphabet
        self.length = length
        self.wild_type = wild_type
        self.properties = properties
        self.features = width
        self.dtype = dtype
        self.dropout = nnx.Dropout(dropout, broadcast_dims=(2,))
        # A mutation that training never shows must change nothing, hence no noise.
        initial = nnx.initializers.zeros_init() if wild_type else _UNIT
        self.project = nnx.Linear(
            length * self._table().shape[1],
            width,
            kernel_init=initial,
            dtype=dtype,
            rngs=rngs,
        )

    def __call__(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """The projected symbols of each row."""
        table = self._table()
        columns = jnp.asarray(table, self.dtype)
        if is_soft(tokens):  # codes of symbols come first
            x = tokens.astype(self.dtype) @ columns[: self.alphabet.size]
        else:
            x = columns[tokens]
        flat = flatten_positions(x, token_mask(tokens, self.alphabet), self.length)
        x = flat.reshape(len(tokens), self.length, table.shape[1])
        if self.wild_type:
            codes = self.alphabet.encode(self.wild_type)[: self.length]
            wild_type = np.zeros((self.length, table.shape[1]), np.float32)
            wild_type[: len(codes)] = table[codes]
            x = x - jnp.asarray(wild_type, self.dtype)[None]
        x = self.dropout(x, rngs=rngs)
        return self.project(x.reshape(len(tokens), -1))

    def _table(self) -> Float32[np.ndarray, "codes columns"]:
        base = self.alphabet.profile
        if not self.properties:
            return base
        return np.concatenate([base, base @ residue_properties(self.alphabet)], axis=1)


_UNIT = nnx.initializers.lecun_normal()
