"""Modules of all inputs: values that rows share once, missing ones by a vector."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import jax.numpy as jnp
from flax import nnx
from jax import Array

from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.models.sequence import SequenceEncoder
from jaxbio.nn.tokens import is_soft

Encoded = dict[str, Array]
"""`summary` `[batch features]` and `present` `[batch]`; where they are asked for, the
`positions` of sequences `[batch len dim]` and their `mask` `[batch len]`."""


class Encoders(nnx.Module):
    """The encoders of all inputs.

    Where training rows may lack an input, or it is dropped in training, a learned
    vector stands for it.
    """

    def __init__(
        self,
        schema: Schema,
        encode: Callable[[InputSpec], Any],
        *,
        along: Collection[str] = (),
        modality_dropout: float = 0.0,
    ):
        """Make the encoders.

        Args:
            schema: The inputs.
            encode: Makes the encoder of an input: a module with `features`.
            along: The sequence inputs whose positions are wanted, too.
            modality_dropout: Share of the rows in training that lose an input; every
                row keeps one.
        """
        encoders: dict[str, Any] = {spec.name: encode(spec) for spec in schema.inputs}
        self.encoders = nnx.Dict(encoders)
        self.order = tuple(encoders)
        # Only these have positions to give.
        self.along = frozenset(
            name
            for name in along
            if isinstance(encoders[name], SequenceEncoder) and encoders[name].dim
        )
        several = len(self.order) > 1
        self.drop = nnx.Dropout(modality_dropout) if several else None
        self.absent = nnx.Dict(
            {
                spec.name: nnx.Param(jnp.zeros(encoders[spec.name].features))
                for spec in schema.inputs
                if several and (spec.absent or modality_dropout)
            }
        )

    def sequence(self, name: str) -> SequenceEncoder:
        """The encoder of a sequence input."""
        return cast(SequenceEncoder, self.encoders[name])

    def items(
        self, name: str, values: Any, *, rngs: nnx.Rngs | None = None, summary=True
    ) -> Encoded:
        """The encodings of items of one input, and whether there is anything of each.

        Args:
            name: The input.
            values: What a batch has of it, without repeats.
            rngs: Keys for dropout; needed in training only.
            summary: Whether one vector of each is wanted.
        """
        encoder = self.encoders[name]
        present = encoder.present(values)
        if name in self.absent and isinstance(encoder, SequenceEncoder):
            values = _some(values, present)
        result: Encoded = {"present": present}
        if name in self.along:
            x, mask = encoder.positions(values, rngs=rngs)
            result |= {"positions": x, "mask": mask}
            if summary:
                result["summary"] = encoder.summary(x, mask, values, rngs=rngs)
        elif summary:
            result["summary"] = encoder(values, rngs=rngs)
        return result

    def encode(
        self,
        inputs: Mapping[str, Any],
        *,
        rngs: nnx.Rngs | None = None,
        without_summary: Collection[str] = (),
    ) -> dict[str, Encoded]:
        """The encodings of each row by input.

        Args:
            inputs: As for `FusionNetwork`.
            rngs: Keys for dropout; needed in training only.
            without_summary: Inputs of which only positions are wanted.
        """
        encodings: dict[str, Encoded] = {}
        for name in self.order:
            values, rows = inputs[name], None
            if isinstance(values, Dictionary):
                values, rows = values
                if isinstance(values, dict):  # what an encoder made of them
                    encodings[name] = _rows_of(values, rows)
                    continue
            encoded = self.items(
                name, values, rngs=rngs, summary=name not in without_summary
            )
            encodings[name] = encoded if rows is None else _rows_of(encoded, rows)
        return self._without_absent(encodings, rngs)

    def _without_absent(
        self, encodings: dict[str, Encoded], rngs: nnx.Rngs | None
    ) -> dict[str, Encoded]:
        """Learned vectors for what is missing or dropped."""
        if self.drop is not None and self.drop.rate:
            size = len(next(iter(encodings.values()))["present"])
            ones = jnp.ones((size, len(self.order)))
            present = jnp.stack([encodings[n]["present"] for n in self.order], axis=1)
            used = present & (self.drop(ones, rngs=rngs) > 0)
            # A row that would lose all that it has loses nothing.
            used = jnp.where(used.any(axis=1, keepdims=True), used, present)
            for at, name in enumerate(self.order):
                encodings[name]["present"] = used[:, at]
        for name, vector in self.absent.items():
            encoded = encodings[name]
            rows = encoded["present"]
            if "summary" in encoded:
                summary = encoded["summary"]
                encoded["summary"] = jnp.where(
                    rows[:, None], summary, vector[...].astype(summary.dtype)
                )
            if "mask" in encoded:
                encoded["mask"] = encoded["mask"] & rows[:, None]
        return encodings


def _some(tokens: Array, present: Array) -> Array:
    """One symbol for a missing sequence, as nothing cannot be averaged."""
    symbol = jnp.zeros(tokens.shape[2:], tokens.dtype)
    if is_soft(tokens):
        symbol, present = symbol.at[0].set(1), present[:, None]
    first = jnp.where(present, tokens[:, 0], symbol).astype(tokens.dtype)
    return tokens.at[:, 0].set(first)


def _rows_of(items: Encoded, rows: Array) -> Encoded:
    """The encodings of rows from those of the items to which they refer; else zeros."""
    place = jnp.maximum(rows, 0)
    return {
        name: jnp.where(
            jnp.expand_dims(rows >= 0, range(1, values.ndim)),
            values[place],
            jnp.zeros((), values.dtype),
        )
        for name, values in items.items()
    }
