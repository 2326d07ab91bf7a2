"""What a network with a value a sequence makes of both alleles of a variant."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int64, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.genome.pairs import Pairs
from jaxbio.models import Network
from jaxbio.predict.forward import Forward
from jaxbio.predict.predictor import Predictor

MOST_OUTPUTS = 16
"""Outputs that are all written where none is chosen."""

Measures = dict[str, Float[np.ndarray, "n views outputs"]]


class Output(NamedTuple):
    """A number that a model gives for a sequence.

    Attributes:
        name: How fields are called after it; empty where there is only one.
        target: The target.
        column: Which of the target's columns.
        kind: `number`, `count`, or `class` for probabilities.
        label: What it is, in words of the model: a class, label or column.
    """

    name: str
    target: str
    column: int
    kind: str
    label: str


def bases_input(predictor: Predictor) -> SequenceSpec:
    """The input of a model of DNA or RNA that takes nothing else.

    Raises:
        DataError: For a model of another alphabet, or with other inputs.
    """
    first, *others = predictor.schema.own
    if others or not isinstance(first, SequenceSpec) or not first.alphabet.complement:
        listed = ", ".join(
            f"{spec.name} ({spec.kind})" for spec in predictor.schema.own
        )
        raise DataError(
            f"variants of a genome are scored by a model whose only input is DNA or "
            f"RNA; this one takes {listed}: for mutations of a parent sequence, as of "
            f"a protein, give a table of them with "
            f"{option('parent', 'wild.fa')}"
        )
    return first


def outputs_of(predictor: Predictor, chosen: Sequence[str] = ()) -> tuple[Output, ...]:
    """The outputs of a model with a value a sequence.

    Args:
        predictor: The model.
        chosen: Their names: a target, or a class, label or column of one; of several
            targets `TARGET:NAME`. None for all.

    Raises:
        DataError: For a name that is not known, too many outputs, or a model that has
            only values by position.
    """
    rows = [spec for spec in predictor.schema.targets if not spec.per_position]
    if not rows:
        names = ", ".join(spec.name for spec in predictor.schema.targets)
        raise DataError(
            f"variants are scored by what a model says of a whole window; this one has "
            f"values of positions alone ({names}): train one with a value a window, "
            f"such as the sum of a track ({option('summary', 'sum')})"
        )
    outputs = [output for spec in rows for output in _of_target(spec, len(rows) > 1)]
    if not chosen:
        if len(outputs) > MOST_OUTPUTS:
            some = ", ".join(output.name for output in outputs[:8])
            raise DataError(
                f"the model has {len(outputs)} outputs ({some}, …): say which are to "
                f"be scored, as in {option('output', outputs[0].name)}"
            )
        return tuple(outputs)
    found: list[Output] = []
    for name in chosen:
        same = [x for x in outputs if name in (x.name, x.target, x.label)]
        if not same:
            known = dict.fromkeys(x.name or x.label for x in outputs)
            raise DataError(f"the model has no output {name!r}: {nearest(name, known)}")
        found += [x for x in same if x not in found]
    return tuple(found)


def _of_target(spec: TargetSpec, several: bool) -> list[Output]:
    kind = spec.kind if spec.kind in ("number", "count") else "class"
    names = spec.classes if spec.kind == "class" else spec.columns
    if spec.kind == "class" and len(names) == 2:
        names = names[1:]  # the other chance is what is left of 1
    own = spec.name if several else ""
    if len(names) <= 1:
        label = names[0] if names and kind == "class" else spec.name
        return [Output(own, spec.name, 0, kind, label)]
    lead = f"{own}:" if several else ""
    return [
        Output(lead + name, spec.name, at, kind, name) for at, name in enumerate(names)
    ]


class NetworkEffects:
    """Predictions of both alleles, their difference, and the ratio of odds or counts.

    Attributes:
        alphabet: Of the model.
        length: Of the windows.
        views: In how many ways each window is seen: networks of the ensemble, strands.
        outputs: What is predicted.
        primary: The measure whose spread and background are looked at, by output.
    """

    substitutions = False

    def __init__(
        self,
        predictor: Predictor,
        *,
        length: int | None = None,
        strands: str = "both",
        outputs: Sequence[str] = (),
    ):
        """Compile nothing yet.

        Args:
            predictor: The model.
            length: Of the windows; None for that of the longest training sequence.
            strands: `both`, `forward` or `reverse`.
            outputs: As for `outputs_of`.

        Raises:
            DataError: For a model that cannot score variants, or does not take windows
                of that length.
        """
        spec = bases_input(predictor)
        self.predictor, self._spec = predictor, spec
        self.alphabet: Alphabet = spec.alphabet
        self.outputs = outputs_of(predictor, outputs)
        self.length = window_length(spec, length)
        own = getattr(predictor.model, "average_strands", None)
        both = strands == "both" and spec.alphabet.name == "dna" and not own
        self.strands = ("forward", "reverse") if both else (
            ("reverse",) if strands == "reverse" else ("forward",)
        )  # fmt: skip
        self.averages_strands = bool(own)
        self.views = len(predictor.members) * len(self.strands)
        numbers = all(output.kind == "number" for output in self.outputs)
        self.primary = "DIFF" if numbers else "LOGR"
        self._forward = predictor.program(
            ("effects of variants", tuple(self.outputs)),
            lambda: Forward(self._one, predictor.members, side_by_side=True),
        )

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured, the primary one last."""
        ratio = () if self.primary == "DIFF" else ("LOGR",)
        return ("REF", "ALT", "DIFF", *ratio)

    def description(self, measure: str, output: Output) -> str:
        """What the header says of a measure."""
        if measure == "LOGR" and output.kind == "number":
            return f"as the difference of {output.label}, which is no chance or count"
        if measure == "LOGR":
            ratio = (
                "base-2 logarithm of the ratio of the predicted counts"
                if output.kind == "count"
                else "natural logarithm of the ratio of the odds"
            )
            return f"{ratio} of {output.label}, ALT over REF"
        what = "predicted probability of" if output.kind == "class" else "predicted"
        ending = {"REF": "with REF", "ALT": "with ALT", "DIFF": "ALT less REF"}
        return f"{what} {output.label}, {ending[measure]}"

    def __call__(self, pairs: Pairs) -> Measures:
        """Measures of each edit, `[n views outputs]`."""
        count = len(pairs.references)
        windows = np.concatenate([pairs.references, pairs.alternatives])
        values, scale = self.values(windows)
        before, after = values[pairs.of], values[count:]
        return {
            "REF": before,
            "ALT": after,
            "DIFF": after - before,
            "LOGR": scale[count:] - scale[pairs.of],
        }

    def values(
        self, windows: UInt8[np.ndarray, "n length"]
    ) -> tuple[
        Float[np.ndarray, "n views outputs"], Float[np.ndarray, "n views outputs"]
    ]:
        """Predictions, and the same as log-odds or base-2 logarithms of counts.

        Windows that are alike are computed once.
        """
        unique, places = distinct(windows)
        codes = encoded(unique, self.alphabet)
        tables = [self._strand(codes, strand == "reverse") for strand in self.strands]
        values, scale = np.concatenate(tables, axis=2)
        return values[places], scale[places]

    def _strand(
        self, codes: UInt8[np.ndarray, "n length"], reverse: bool
    ) -> Float[np.ndarray, "2 n members outputs"]:
        if reverse:
            codes = self.alphabet.complement_codes[codes[:, ::-1]]  # type: ignore[index]
        rows = self._arrays(codes)
        members = len(self.predictor.members)
        shape = (len(codes), members, len(self.outputs))
        found = np.empty((2, *shape), np.float32)
        for plan, values, _ in self._forward.start(rows, self.predictor.schema.buckets):
            part = np.asarray(values["values"])[: plan.counted]
            part = part.reshape(plan.counted, members, 2, len(self.outputs))
            found[:, plan.rows] = part.transpose(2, 0, 1, 3)
        return found

    def _arrays(self, codes: np.ndarray) -> Arrays:
        count, length = codes.shape
        offsets = np.arange(count + 1, dtype=np.int64) * length
        column = Sequences(np.ascontiguousarray(codes).ravel(), offsets, self.alphabet)
        data = Dataset({self._spec.name: column}, source="windows")
        rows = self.predictor.schema.encode(data, targets=False)
        if isinstance(self.predictor.model, Network):
            self.predictor.model.check(rows)
        return rows

    def _one(self, member: Any, inputs: Mapping[str, Any]) -> dict[str, Array]:
        objective = self.predictor.objective
        outputs = self.predictor.network(member)(inputs)
        predictions = objective.predict(outputs)
        values, scales = [], []
        for output in self.outputs:
            spec = self.predictor.schema.target(output.target)
            found = predictions[output.target]
            found = found.reshape(len(found), -1)[:, output.column]
            offset = np.asarray(spec.offset)
            values.append(found + offset[output.column] if offset.size else found)
            raw = outputs[output.target].astype(jnp.float32)
            scales.append(_scaled(raw, found, spec, output))
        return {"values": jnp.stack([*values, *scales], axis=-1)}


def _scaled(raw: Array, found: Array, spec: TargetSpec, output: Output) -> Array:
    """Log-odds from what the network gives, so that they are exact near 0 and 1."""
    if output.kind == "number":
        return found
    if output.kind == "count":
        return jnp.log2(jnp.maximum(found, 1e-30))
    if spec.kind == "labels" or raw.shape[-1] == 1:
        return raw[:, output.column]
    rest = jnp.delete(raw, output.column, axis=-1, assume_unique_indices=True)
    return raw[:, output.column] - jax.nn.logsumexp(rest, axis=-1)


def window_length(spec: SequenceSpec, length: int | None) -> int:
    """The length of the windows of a model.

    Raises:
        DataError: For one that it does not take.
    """
    if length is None or length == spec.max_length:
        return spec.max_length
    if length < 1:
        raise JaxbioError(f"length={length}: give at least 1 base")
    if spec.fixed_length and spec.position_dependent:
        raise DataError(
            f"{option('length', length)}: the model learned sequences of "
            f"{spec.max_length} bases, in which it matters where something stands: "
            f"leave it out"
        )
    return length


def distinct(
    windows: UInt8[np.ndarray, "n length"],
) -> tuple[UInt8[np.ndarray, "m length"], Int64[np.ndarray, "n"]]:
    """Each window once, and which of them each is.

    Example:
        >>> distinct(np.array([[2, 1], [0, 1], [2, 1]], np.uint8))[1].tolist()
        [1, 0, 1]
    """
    if not len(windows):
        return windows, np.zeros(0, np.int64)
    rows = np.ascontiguousarray(windows)
    keys = rows.view(f"V{rows.shape[1]}").ravel()
    _, first, places = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], places.astype(np.int64)


def encoded(
    windows: UInt8[np.ndarray, "n length"], alphabet: Alphabet
) -> UInt8[np.ndarray, "n length"]:
    """Codes of letters; those that the alphabet does not know are read as N."""
    codes = alphabet.encode(windows.tobytes(), unknown="any")
    return codes.reshape(windows.shape)
