"""Learn lengths, means, scales, categories and classes from training rows."""

import dataclasses
from collections.abc import Mapping

from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec, TargetKind, TargetSpec
from jaxbio.errors import DataError, nearest


def learn_schema(
    train: Dataset, kinds: Mapping[str, tuple[TargetKind, bool]] | None = None
) -> Schema:
    """Learn from training rows what each input and target is.

    Args:
        train: The training rows.
        kinds: For each target its kind and whether it has a value a position.

    Returns:
        The schema, with means, scales, categories, classes and lengths of the training
        rows alone.

    Raises:
        DataError: For an input without a single value, a target with one class, or a
            number that is infinite.
    """
    if not len(train):
        raise DataError(f"{train.source}: no training rows")
    inputs = tuple(_learn_input(name, train) for name in train.inputs)
    targets = []
    for name, (kind, per_position) in (kinds or {}).items():
        if name not in train.targets:
            raise DataError(
                f"{train.source}: no target {name!r}: {nearest(name, train.targets)}"
            )
        spec = TargetSpec(name, kind, per_position)
        targets.append(train.targets[name].learn_target(spec, train.origin))
    options = dict(train.provenance.options)
    return Schema(inputs, tuple(targets), len(train), options)


def _learn_input(name: str, train: Dataset) -> InputSpec:
    column = train.inputs[name]
    absent = column.missing()
    if absent.all():
        raise DataError(f"{train.source}: {name}: every value is missing")
    spec = column.learn(name, train.origin)
    return dataclasses.replace(spec, absent=float(absent.mean()))
