"""Base of the sequence models: positions, pooling and the wide branches."""

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.alphabet import Alphabet
from jaxbio.nn.kmers import KmerCounts
from jaxbio.nn.position_weights import PositionWeights
from jaxbio.nn.tokens import Tokens


class SequenceEncoder(nnx.Module):
    """An encoder of sequences: positions first, then one vector a sequence.

    Subclasses define `positions` and `pooled`, and call `_finish` at the end of their
    constructor.
    """

    alphabet: Alphabet

    def _finish(
        self,
        features: int,
        dim: int,
        *,
        wide: "WideBranch | None",
        outputs: int | None,
        rngs: nnx.Rngs,
        dtype: DTypeLike,
    ):
        self.wide = wide
        self.dim = dim
        self.features = features + (wide.features if wide else 0)
        self.head = (
            None
            if outputs is None
            else nnx.Linear(self.features, outputs, dtype=dtype, rngs=rngs)
        )

    def positions(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
        """A vector for each position (or window) and the mask of those that count."""
        raise NotImplementedError

    def pooled(
        self, x: Float[Array, "batch short dim"], mask: Bool[Array, "batch short"]
    ) -> Float[Array, "batch pooled"]:
        """One vector a sequence from the result of `positions`."""
        raise NotImplementedError

    def summary(
        self,
        x: Float[Array, "batch short dim"] | None,
        mask: Bool[Array, "batch short"] | None,
        tokens: Tokens,
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch features"]:
        """The features of each sequence: its pooled positions and the wide branches."""
        parts = []
        if self.dim:  # only an encoder without positions is given None
            assert x is not None and mask is not None
            parts.append(self.pooled(x, mask))
        if self.wide:
            parts.append(self.wide(tokens, rngs=rngs))
        return jnp.concatenate(parts, axis=-1)

    def __call__(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """One vector a sequence.

        Args:
            tokens: Codes of the alphabet, padded with its pad, or weights of symbols.
            rngs: Keys for dropout; needed in training only.

        Returns:
            Features `[batch features]`, or `[batch outputs]` in float32 if the module
            was made with `outputs`.
        """
        encoding = self.positions(tokens, rngs=rngs) if self.dim else (None, None)
        features = self.summary(*encoding, tokens, rngs=rngs)
        if self.head is None:
            return features
        return self.head(features).astype(jnp.float32)


class WideBranch(nnx.Module):
    """The linear companions of a deep encoder: k-mer spectrum, symbol by position."""

    def __init__(
        self,
        alphabet: Alphabet,
        *,
        rngs: nnx.Rngs,
        width: int = 32,
        kmers: int = 0,
        both_strands: bool = False,
        kmer_dropout: float = 0.0,
        length: int = 0,
        wild_type: str = "",
        properties: bool = False,
        position_dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the branches.

        Args:
            alphabet: What the tokens mean.
            rngs: Keys for the weights.
            width: Width of each branch.
            kmers: The longest k-mers; 0 for no spectrum.
            both_strands: Whether a k-mer and its reverse complement count as one.
            kmer_dropout: Share of the k-mers left out in training.
            length: The positions of the position branch; 0 for no such branch.
            wild_type: The sequence that the position branch subtracts; empty for none.
            properties: Whether that branch also sees properties of the amino acids.
            position_dropout: Share of the symbols left out in training.
            dtype: Of the computation.
        """
        branches = []
        if kmers:
            branches.append(
                KmerCounts(
                    alphabet,
                    width,
                    ks=tuple(range(1, kmers + 1)),
                    both_strands=both_strands,
                    dropout=kmer_dropout,
                    dtype=dtype,
                    rngs=rngs,
                )
            )
        if length:
            branches.append(
                PositionWeights(
                    alphabet,
                    width,
                    length=length,
                    wild_type=wild_type,
                    properties=properties,
                    dropout=position_dropout,
                    dtype=dtype,
                    rngs=rngs,
                )
            )
        self.branches = nnx.List(branches)
        self.features = sum(branch.features for branch in branches)

    def __call__(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """The results of the branches side by side."""
        parts = [branch(tokens, rngs=rngs) for branch in self.branches]
        return jnp.concatenate(parts, axis=-1)
