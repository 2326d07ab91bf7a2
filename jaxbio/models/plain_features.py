"""Plain features of rows as networks see them: k-mers, symbols, numbers, categories.

What is fitted on such features and not trained by gradients is a network, too: its
module has the fitted values as statistics, which no gradient changes.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float

from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.counts import CountsSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.ordinal import OrdinalSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.nn.counts import log_scores
from jaxbio.nn.kmers import kmer_counts
from jaxbio.nn.tokens import is_soft

_FAR = 10.0  # standard deviations beyond which a number counts no more
_ALIKE = 100  # columns from which more of them weigh no more together

Own = TypeVar("Own", bound="Fitted")


@dataclasses.dataclass(frozen=True)
class Fitted:
    """What is fitted on plain features.

    Attributes:
        inputs: The inputs that it sees.
        kmers: For sequences the longest k-mers that it counts.
        positions: The sequences of which it sees the symbols by position.
    """

    inputs: tuple[str, ...] = ()
    kmers: Mapping[str, int] = dataclasses.field(default_factory=dict)
    positions: tuple[str, ...] = ()

    @classmethod
    def takes(cls, spec: InputSpec) -> bool:
        """Check that it can see an input."""
        return isinstance(spec, SequenceSpec | NumericSpec | CountsSpec | CategorySpec)

    @classmethod
    def of(cls: type[Own], schema: Schema) -> Own:
        """The description that sees what the baselines of a schema see."""
        plain = [
            spec
            for spec in schema.sequences
            if all(other.name != f"words@{spec.name}" for other in schema.inputs)
        ]
        return cls(
            tuple(s.name for s in schema.inputs if s in plain or not s.is_sequence),
            {spec.name: spec.linear_kmers for spec in plain},
            tuple(spec.name for spec in plain if spec.fixed_length),
        )

    def resolve(self: Own, schema: Schema) -> Own:
        """The description itself: nothing is left to be chosen."""
        return self


class PlainFeatures(nnx.Module):
    """Features of all inputs, in blocks; the base of what is fitted on them."""

    shares_items = True

    def __init__(self, config: Fitted, schema: Schema):
        """Take the description and the inputs.

        Args:
            config: What it sees.
            schema: The inputs.
        """
        self.config = config
        self.specs = tuple(s for s in schema.inputs if s.name in config.inputs)
        self.absent: dict[str, Any] = {}

    def features(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch features"]]:
        """All features of each row."""
        return {"row": jnp.concatenate(list(self.blocks(inputs).values()), axis=-1)}

    def items(
        self, name: str, values: Any, *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Array]:
        """The features of items of one input, by block."""
        (spec,) = (spec for spec in self.specs if spec.name == name)
        if isinstance(spec, SequenceSpec):
            return self._of_sequence(spec, values)
        if isinstance(spec, NumericSpec):
            return {spec.name: standard_scores(spec, values)}
        if isinstance(spec, CountsSpec):
            return {spec.name: scores_of_counts(spec, values)}
        assert isinstance(spec, CategorySpec)
        return {spec.name: one_hot(spec, values)}

    def blocks(self, inputs: Mapping[str, Any]) -> dict[str, Array]:
        """The features of rows, by block."""
        blocks: dict[str, Array] = {}
        for spec in self.specs:
            values, rows = inputs[spec.name], None
            if isinstance(values, Dictionary):
                values, rows = values
            made = values if isinstance(values, dict) else self.items(spec.name, values)
            blocks |= made if rows is None else _rows_of(made, rows)
        return blocks

    def _of_sequence(self, spec: SequenceSpec, tokens: Array) -> dict[str, Array]:
        blocks = {}
        for k in range(1, self.config.kmers.get(spec.name, 0) + 1):
            counts = kmer_counts(tokens, spec.alphabet, (k,))
            blocks[f"{spec.name}:{k}"] = jnp.log1p(counts)
        if spec.name in self.config.positions:
            symbols = tokens[:, : spec.max_length]
            if not is_soft(symbols):
                symbols = nnx.one_hot(symbols, spec.alphabet.size)
            lacking = spec.max_length - symbols.shape[1]
            symbols = jnp.pad(symbols, ((0, 0), (0, max(lacking, 0)), (0, 0)))
            blocks[f"{spec.name}:positions"] = symbols.reshape(len(symbols), -1)
        return blocks


def _rows_of(items: Mapping[str, Array], rows: Array) -> dict[str, Array]:
    """The features of rows from those of the items to which they refer; else zeros."""
    place = jnp.maximum(rows, 0)
    return {
        name: jnp.where(rows[:, None] >= 0, values[place], 0)
        for name, values in items.items()
    }


def blocks_of(config: Fitted, schema: Schema) -> dict[str, int]:
    """The number of features of each block, by its name.

    Args:
        config: What is seen of them.
        schema: The inputs.
    """
    widths: dict[str, int] = {}
    for spec in schema.inputs:
        if spec.name not in config.inputs:
            continue
        if isinstance(spec, SequenceSpec):
            size = spec.alphabet.size
            for k in range(1, config.kmers.get(spec.name, 0) + 1):
                widths[f"{spec.name}:{k}"] = size**k
            if spec.name in config.positions:
                widths[f"{spec.name}:positions"] = size * spec.max_length
        elif isinstance(spec, NumericSpec):
            widths[spec.name] = 2 * len(spec.columns)
        elif isinstance(spec, CountsSpec):
            widths[spec.name] = len(spec.columns)
        elif isinstance(spec, CategorySpec):
            widths[spec.name] = len(spec.categories)
    return widths


def standard_scores(
    spec: NumericSpec, values: Float[Array, "batch columns"]
) -> Float[Array, "batch features"]:
    """Bounded standard scores, then which are missing; as `NumericSpec` has them."""
    missing = jnp.isnan(values)
    mean, scale = (jnp.asarray(x, jnp.float32)[None] for x in (spec.mean, spec.scale))
    scores = jnp.clip(jnp.where(missing, 0, (values - mean) / scale), -_FAR, _FAR)
    scores /= max(1.0, values.shape[1] / _ALIKE) ** 0.5
    return jnp.concatenate([scores, missing.astype(jnp.float32)], axis=1)


def scores_of_counts(
    spec: CountsSpec, counts: Float[Array, "batch genes"]
) -> Float[Array, "batch genes"]:
    """Bounded scores of log-normalised counts, as linear baselines see them."""
    mean, scale, share = (
        jnp.asarray(each, jnp.float32) for each in (spec.mean, spec.scale, spec.share)
    )
    share /= jnp.maximum(share.sum(), 1e-12)
    return log_scores(counts, mean, scale, share) / spec.divisor


def one_hot(spec: CategorySpec, codes: Array) -> Float[Array, "batch categories"]:
    """1 in the column of each category, of grades of each that is reached; else 0."""
    if isinstance(spec, OrdinalSpec):
        reached = codes[:, None] >= jnp.arange(len(spec.categories))[None]
        return reached.astype(jnp.float32)
    return nnx.one_hot(codes, len(spec.categories))
