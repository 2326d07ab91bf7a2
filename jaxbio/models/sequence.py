"""Base of the sequence encoders: positions, pooling and the wide branches."""

import dataclasses
from typing import ClassVar

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.specs import VARIANT_LIBRARY, InputSpec
from jaxbio.errors import JaxbioError
from jaxbio.models.base import Encoder, given
from jaxbio.nn.kmers import KmerCounts
from jaxbio.nn.position_weights import PositionWeights
from jaxbio.nn.tokens import Tokens, token_mask


@dataclasses.dataclass(frozen=True, kw_only=True)
class SequenceConfig(Encoder):
    """Fields of all encoders of sequences: the linear branches beside them.

    Attributes:
        kmers: The longest k-mers of the spectrum branch; 0 for no such branch.
        both_strands: Whether the spectrum counts a k-mer and its reverse complement as
            one.
        kmer_dropout: Share of the k-mers left out in training.
        positions: Whether there is a branch that maps symbol by position linearly.
        properties: Whether it also sees properties of the amino acids.
        position_dropout: Share of its symbols left out in training.
        wide_width: Width of each of these branches.
    """

    takes: ClassVar[str] = "sequences"

    kmers: int | None = None
    both_strands: bool | None = None
    kmer_dropout: float = 0.5
    positions: bool | None = None
    properties: bool = True
    position_dropout: float | None = None
    wide_width: int = 32

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is a sequence."""
        return isinstance(spec, SequenceSpec)

    def _wide(
        self, spec: SequenceSpec, rngs: nnx.Rngs, dtype: DTypeLike
    ) -> "WideBranch | None":
        if not (self.kmers or self.positions):
            return None
        alphabet = spec.alphabet
        return WideBranch(
            alphabet,
            width=self.wide_width,
            kmers=given(self.kmers),
            both_strands=bool(self.both_strands and alphabet.complement),
            kmer_dropout=self.kmer_dropout,
            length=spec.max_length if self.positions else 0,
            wild_type=spec.wild_type if spec.conservation >= VARIANT_LIBRARY else "",
            properties=self.properties,
            position_dropout=given(self.position_dropout),
            rngs=rngs,
            dtype=dtype,
        )


def check_lengths(**tuples: tuple | None) -> None:
    """Refuse fields of convolutions that have not one entry for each.

    Raises:
        JaxbioError: With the number of entries of each.
    """
    sizes = {name: len(values) for name, values in tuples.items() if values is not None}
    if len(set(sizes.values())) > 1:
        raise JaxbioError(f"these need one entry for each convolution: {sizes}")


class SequenceEncoder(nnx.Module):
    """An encoder of sequences: positions first, then one vector a sequence.

    Subclasses define `positions` and `pooled`, and call `_finish` at the end of their
    constructor.
    """

    alphabet: Alphabet

    @property
    def stride(self) -> int:
        """Positions of the sequence for each vector."""
        return 1

    def attention(
        self, tokens: Tokens
    ) -> Float[Array, "layers batch heads n n"] | None:
        """By how much each position looks at each other one, of layers that do so.

        Args:
            tokens: Codes of the alphabet, padded with its pad.

        Returns:
            Weights that sum to 1 over the last axis, of as many positions as
            `positions` gives; None for an encoder without such layers.
        """
        return None

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

    def present(self, tokens: Tokens) -> Bool[Array, "batch"]:
        """Mask of the rows that have any symbol."""
        return token_mask(tokens, self.alphabet).any(axis=1)

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
            tokens: Codes of the alphabet, padded with its pad.
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
