"""Learn lengths, means, scales, categories and classes from training rows."""

import dataclasses
from collections import Counter
from collections.abc import Mapping

import numpy as np

from jaxbio.data.batching.buckets import MOST_BUCKETS, choose_buckets
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import Column, DictionaryColumn, nothing_in
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Fingerprints, Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.data.similarity.clusters import consensus
from jaxbio.data.specs import MISSING_LABEL, InputSpec, TargetKind, TargetSpec
from jaxbio.errors import DataError, nearest

_A_BUCKET = 512  # rows that refer to items, for which a further length is worth while


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
    inputs = tuple(
        _learn_input(name, column, train) for name, column in train.inputs.items()
    )
    targets = []
    for name, (kind, per_position) in (kinds or {}).items():
        if name not in train.targets:
            raise DataError(
                f"{train.source}: no target {name!r}: {nearest(name, train.targets)}"
            )
        column = train.targets[name]
        learn = _learn_positions if per_position else _learn_target
        targets.append(learn(TargetSpec(name, kind, per_position), column, train))
    return Schema(inputs, tuple(targets), len(train))


def _learn_input(name: str, column: Column, train: Dataset) -> InputSpec:
    """Specification of one input; items that rows share are looked at once."""
    items, absent, buckets = column, nothing_in(column), MOST_BUCKETS
    if isinstance(column, DictionaryColumn):
        # Each is a program to compile and a batch that is not full.
        buckets = max(min(len(train) // _A_BUCKET, buckets), 1)
        items = column.items.take(np.unique(column.rows[column.rows >= 0]))
    if absent.all():
        raise DataError(f"{train.source}: {name}: every value is missing")
    spec = _learn_items(name, items, train, buckets)
    return dataclasses.replace(spec, absent=float(absent.mean()))


def _learn_items(name: str, column: Column, train: Dataset, buckets: int) -> InputSpec:
    match column:
        case Sequences():
            lengths = column.lengths[column.lengths > 0]
            wild_type, conservation = consensus(column)
            return InputSpec(
                name,
                column.kind,
                alphabet=column.alphabet,
                min_length=int(lengths.min()),
                max_length=int(lengths.max()),
                buckets=choose_buckets(lengths, buckets),
                conservation=conservation,
                wild_type=wild_type,
            )
        case Fingerprints():  # a rare bit is no larger than others
            ones = (1.0,) * len(column.names)
            zeros = (0.0,) * len(column.names)
            return InputSpec(
                name, column.kind, columns=column.names, mean=zeros, scale=ones
            )
        case Numeric():
            mean, scale = _moments(column, name, train)
            return InputSpec(
                name,
                column.kind,
                columns=column.names,
                mean=mean,
                scale=scale,
                has_missing=bool(np.isnan(column.values).any()),
            )
        case Category():
            categories = sorted({value for value in column.values if value is not None})
            return InputSpec(name, column.kind, categories=tuple(categories))
        case Images():
            return InputSpec(
                name,
                column.kind,
                size=column.values.shape[1:],
                resized=column.resized,
            )
        case SparseCounts():
            from jaxbio.data.expression import count_moments  # few need it

            moments = count_moments(column.matrix)
            return InputSpec(
                name,
                column.kind,
                columns=column.names,
                mean=tuple(moments.mean.tolist()),
                scale=tuple(moments.scale.tolist()),
                share=tuple(moments.share.tolist()),
            )
        case _:
            raise DataError(f"{train.source}: {name}: a {column.kind} is no input")


def _moments(
    column: Numeric, name: str, train: Dataset
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    values = column.values.astype(np.float64)
    infinite = np.argwhere(np.isinf(values))
    if infinite.size:
        row, at = infinite[0]
        raise DataError(
            f"{train.source}, row {np.asarray(train.ids)[row]}, column "
            f"{column.names[at]}: infinite value; replace it or leave the cell empty"
        )
    count = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    mean = np.nansum(values, axis=0) / count
    scale = np.sqrt(np.nansum((values - mean) ** 2, axis=0) / count)
    # A constant column whose mean is rounded has a tiny spread that means nothing.
    scale[scale <= 1e-7 * np.abs(mean)] = 1.0
    scale[scale == 0] = 1.0
    return tuple(mean.tolist()), tuple(scale.tolist())


def _learn_target(spec: TargetSpec, column: Column, train: Dataset) -> TargetSpec:
    where = f"{train.source}, target {spec.name}"
    if spec.kind == "class":
        if not isinstance(column, Category):
            raise DataError(f"{where}: classes were asked for, it holds numbers")
        labels = [value for value in column.values if value is not None]
        classes = _ordered(set(labels))
        if len(classes) < 2:
            raise DataError(
                f"{where}: {len(classes)} class in {len(train)} training rows "
                f"({', '.join(classes) or 'every value is missing'}); a classifier "
                f"needs two or more"
            )
        counts = Counter(labels)
        frequencies = tuple(counts[name] for name in classes)
        return dataclasses.replace(spec, classes=classes, frequencies=frequencies)
    if not isinstance(column, Numeric):
        raise DataError(f"{where}: numbers were asked for, the column holds text")
    if np.isnan(column.values).all():
        raise DataError(f"{where}: every value is missing")
    mean, scale = _moments(column, spec.name, train)
    spec = dataclasses.replace(spec, columns=column.names, mean=mean, scale=scale)
    if spec.kind == "labels":
        positive = np.nansum(column.values > 0.5, axis=0).astype(int)
        return dataclasses.replace(spec, frequencies=tuple(positive.tolist()))
    return spec


def _learn_positions(spec: TargetSpec, column: Column, train: Dataset) -> TargetSpec:
    where = f"{train.source}, target {spec.name}"
    if isinstance(column, Track):
        values = column.values[~np.isnan(column.values)].astype(np.float64)
        if not values.size:
            raise DataError(f"{where}: every value is missing")
        if (spec.kind == "points") != (column.values.ndim > 1):
            raise DataError(f"{where}: {spec.kind} were asked for, a value is not one")
        if spec.kind == "points":
            return dataclasses.replace(spec, columns=("x", "y", "z"))
        scale = float(values.std()) or 1.0
        return dataclasses.replace(
            spec, columns=(spec.name,), mean=(float(values.mean()),), scale=(scale,)
        )
    if not isinstance(column, Category):
        raise DataError(f"{where}: one label or number a position was asked for")
    text = "".join(value for value in column.values if value is not None)
    classes = _ordered(set(text) - {MISSING_LABEL})
    if len(classes) < 2:
        raise DataError(f"{where}: {len(classes)} class over all positions, not two")
    frequencies = tuple(text.count(name) for name in classes)
    return dataclasses.replace(spec, classes=classes, frequencies=frequencies)


def _ordered(labels: set[str]) -> tuple[str, ...]:
    """Labels in order; by value if all are numbers, so that 10 follows 9."""
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(sorted(labels))
