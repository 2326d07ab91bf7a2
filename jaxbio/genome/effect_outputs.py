"""Which outputs of a model effects of variants are taken of."""

from collections.abc import Sequence
from typing import NamedTuple

from jax import Array

from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, nearest, option

MOST_OUTPUTS = 16
"""Outputs that are all written where none is chosen."""


class Output(NamedTuple):
    """A number that a model gives for a sequence.

    Attributes:
        name: How fields are called after it; empty where there is only one.
        target: The target.
        column: Which of the target's columns or classes.
        kind: `number`, `count`, or `class` for probabilities.
        label: What it is, in words of the model: a class, label or column.
        along: Whether it has a value for each position of the window.
    """

    name: str
    target: str
    column: int
    kind: str
    label: str
    along: bool = False


def outputs_of(schema: Schema, chosen: Sequence[str] = ()) -> tuple[Output, ...]:
    """The outputs of a model that variants are scored by.

    Args:
        schema: Of the model.
        chosen: Their names: a target, or a class, label or column of one; of several
            targets `TARGET:NAME`. None for all that have a value a window, or all of a
            model that has none such.

    Raises:
        DataError: For a name that is not known, too many outputs, or some with a value
            a window beside others along windows.
    """
    targets = [spec for spec in schema.targets if spec.kind != "points"]
    if not targets:
        raise DataError(
            "variants are scored by numbers, counts and classes: the model predicts "
            "distances alone"
        )
    if not chosen:
        targets = [spec for spec in targets if not spec.per_position] or targets
    outputs = [
        output for spec in targets for output in _of_target(spec, len(targets) > 1)
    ]
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
    if len({output.along for output in found}) > 1:
        listed = ", ".join(output.name for output in found)
        raise DataError(
            f"of {listed} some have a value a window and some a value a position: "
            f"score them one after the other"
        )
    return tuple(found)


def _of_target(spec: TargetSpec, several: bool) -> list[Output]:
    kind = spec.kind if spec.kind in ("number", "count") else "class"
    names = spec.classes if spec.kind == "class" else spec.columns
    own, along = spec.name if several else "", spec.per_position
    if spec.kind == "class" and len(names) == 2:  # the other chance is the rest to 1
        return [Output(own, spec.name, 1, kind, names[1], along)]
    if len(names) <= 1:
        label = names[0] if names and kind == "class" else spec.name
        return [Output(own, spec.name, 0, kind, label, along)]
    lead = f"{own}:" if several else ""
    return [
        Output(lead + name, spec.name, at, kind, name, along)
        for at, name in enumerate(names)
    ]


def column_of(values: Array, output: Output) -> Array:
    """The column of an output; of two classes a network may give the second alone.

    Args:
        values: What a network gives or predicts for the target, `[n … columns]`.
        output: The output.

    Example:
        >>> import jax.numpy as jnp
        >>> output = Output("", "y", 1, "class", "yes")
        >>> column_of(jnp.array([[0.75]]), output).tolist()
        [0.75]
        >>> column_of(jnp.array([[0.25, 0.75]]), output).tolist()
        [0.75]
    """
    return values[..., 0 if values.shape[-1] == 1 else output.column]
