"""Every row of a library with every item of other inputs, and the best of them."""

import dataclasses
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from jaxbio.data.columns.base import Column
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.lookup import (
    Lookups,
    LookupTable,
    as_library,
    frames_of,
    read_lookups,
)
from jaxbio.data.reading import one_spelling_of, stream
from jaxbio.data.schema import Schema
from jaxbio.data.sources import Data
from jaxbio.data.views import made_of, source_of, with_views
from jaxbio.errors import DataError, nearest, option
from jaxbio.predict.predictions import Predictions
from jaxbio.predict.predictor import Predictor

_PAIRS = 1 << 15  # that are held at a time


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Predictions of pairs of rows and items.

    Attributes:
        predictions: Of each pair; `ids` are those of the rows.
        items: By crossed input the name of the item of each pair.
    """

    predictions: Predictions
    items: dict[str, np.ndarray]

    def columns(self, *, min_probability: float | None = None) -> dict[str, np.ndarray]:
        """The pairs as columns by name; see `Predictions.columns`."""
        columns = self.predictions.columns(min_probability=min_probability)
        return {"id": columns.pop("id"), **self.items, **columns}


def cross(
    predictor: Predictor,
    library: Data,
    items: Lookups,
    *,
    unknown: str = "error",
    ids: str | None = None,
    keep: Sequence[str] = (),
    skip_bad: bool = False,
) -> Iterator[Pairs]:
    """Predict every row of a library with every item of the other inputs.

    Each row and each item is encoded once, not once a pair.

    Args:
        predictor: A network with several inputs.
        library: A file or table with all inputs but those of `items`; it is streamed.
            The only input may stand in the only column of its kind.
        items: The files with the items of the other inputs, as for `jaxbio.read`.
        unknown: As for `Predictor`.
        ids: The column of the library that names its rows, as for `Predictor`.
        keep: Columns of the library that go along, as for `Predictor`.
        skip_bad: As for `Predictor`, for rows of the library.

    Yields:
        Some pairs at a time, in the order of the rows.

    Raises:
        DataError: For an input that the model does not have, or none left for the rows.
    """
    schema = predictor.schema
    names = [spec.name for spec in schema.own]
    for name in items:
        if name not in names:
            raise DataError(
                f"the model has no input {name!r} to cross: it has {', '.join(names)}"
            )
    rest = tuple(spec for spec in schema.own if spec.name not in items)
    if not rest or not items:
        raise DataError(
            f"crossing needs some inputs in the library and some in files of their own "
            f"(the model has {', '.join(names)})"
        )
    kinds = {s.name: s.reading_kind for s in schema.own if s.name in items}
    canonical = one_spelling_of(schema.reading)
    shared = read_lookups(items, kinds, unknown=unknown, canonical=canonical)
    columns = {name: lookup.values for name, lookup in shared.items()}
    for view in _views(columns, schema):
        columns[view] = made_of(view, columns[source_of(view)])
    combinations = _combinations(shared)
    count = len(combinations)
    at_once = max(_PAIRS // count, 1)
    own = dataclasses.replace(schema, inputs=rest, targets=())
    how = {"unknown": unknown, "ids": ids, "keep": keep, "skip_bad": skip_bad}
    for data in _streamed(library, own, **how):
        data = with_views(data, _views(data.inputs, schema))  # once for all pairs
        for start in range(0, len(data), at_once):
            some = data.take(np.arange(start, min(start + at_once, len(data))))
            pairs = _paired(some, columns, list(shared), combinations)
            tiled = np.tile(combinations, (len(some), 1))
            labels = {
                name: np.array(list(lookup.places), object)[tiled[:, at]]
                for at, (name, lookup) in enumerate(shared.items())
            }
            yield Pairs(predictor(pairs, unknown=unknown), labels)


def _streamed(library: Data, schema: Schema, **how: Any) -> Iterator[Dataset]:
    first, *more = schema.own
    if more or not isinstance(first, SequenceSpec):
        yield from stream(library, schema, **how)
        return
    for frame in as_library(frames_of(library), first.name, first.alphabet):
        yield from stream(frame, schema, **how)


def _combinations(shared: dict[str, LookupTable]) -> Int64[np.ndarray, "count inputs"]:
    """The numbers of the items of each combination."""
    sizes = [range(len(lookup.places)) for lookup in shared.values()]
    return np.array(list(itertools.product(*sizes)), np.int64)


def _views(columns: Collection[str], schema: Schema) -> list[str]:
    """The views of some inputs that a model takes."""
    return [spec.name for spec in schema.inputs if source_of(spec.name) in columns]


def _paired(
    data: Dataset,
    columns: Mapping[str, Column],
    crossed: list[str],
    combinations: np.ndarray,
) -> Dataset:
    rows = np.repeat(np.arange(len(data)), len(combinations)).astype(np.int32)
    tiled = np.tile(combinations, (len(data), 1)).astype(np.int32)
    inputs: dict[str, Any] = {}
    for name, column in data.inputs.items():
        if isinstance(column, DictionaryColumn):
            inputs[name] = column.take(rows)
        else:
            inputs[name] = DictionaryColumn(column, rows)
    for name, column in columns.items():
        at = crossed.index(source_of(name) or name)
        inputs[name] = DictionaryColumn(column, tiled[:, at])
    return Dataset(
        inputs,
        ids=np.asarray(data.ids)[rows],
        source=data.source,
        notes=data.notes,
        kept={name: values[rows] for name, values in data.kept.items()},
        unread=None if data.unread is None else data.unread[rows],
    )


def score_of(
    predictions: Predictions, target: str | None = None
) -> Float[np.ndarray, "n"]:
    """The number by which rows are ranked: the value, or the second class's chance.

    Args:
        predictions: Of a model.
        target: By which of its targets; None for the only one.

    Raises:
        DataError: For a target that is not one number or two classes.
    """
    specs = {spec.name: spec for spec in predictions.schema.targets}
    if target is None and len(specs) > 1:
        raise DataError(
            f"the model has several targets ({', '.join(specs)}): say by which of them "
            f"to rank, with {option('by', 'NAME', flag='--by')}"
        )
    name = target or next(iter(specs))
    if name not in specs:
        raise DataError(f"the model has no target {name!r}: {nearest(name, specs)}")
    spec = specs[name]
    values = np.asarray(predictions.by_target[spec.name])
    if spec.per_position or values.reshape(len(values), -1).shape[1] != 1:
        raise DataError(
            f"target {spec.name} is not one number a row: only numbers and two classes "
            f"can be ranked"
        )
    return values.reshape(-1)


def best(
    pairs: Iterator[Pairs],
    *,
    top: int,
    lowest: bool = False,
    by: str | None = None,
    min_probability: float | None = None,
) -> dict[str, np.ndarray]:
    """The best rows for each combination of items, in bounded memory.

    Args:
        pairs: Of `cross`.
        top: How many rows of each combination are kept.
        lowest: Whether low values are good, as of dissociation constants.
        by: The target that is ranked; None for the only one.
        min_probability: The least probability of a class that is named.

    Returns:
        Columns by name: those of `Pairs.columns` and `rank`, the best first; of equals
        those that come first.

    Raises:
        DataError: For a target that cannot be ranked, or no rows.
    """
    if top < 1:
        raise DataError(f"top={top}: give a number of at least 1")
    table: dict[str, np.ndarray] = {}
    scores, ranks = np.zeros(0), np.zeros(0, np.int64)
    sign = 1.0 if lowest else -1.0
    for part in pairs:
        columns = part.columns(min_probability=min_probability)
        new = sign * score_of(part.predictions, by)
        answered = ~np.isnan(new)
        columns = {name: values[answered] for name, values in columns.items()}
        new = new[answered]
        if table:
            columns = {n: np.concatenate([table[n], x]) for n, x in columns.items()}
        scores = np.concatenate([scores, new])
        order, ranks = _leading(scores, [columns[name] for name in part.items], top)
        table = {name: values[order] for name, values in columns.items()}
        scores = scores[order]
    if not table:
        raise DataError("the library has no rows to rank")
    return {"rank": ranks, **table}


def _leading(
    scores: np.ndarray, groups: list[np.ndarray], top: int
) -> tuple[np.ndarray, np.ndarray]:
    """The rows with the lowest scores of each group, in order, and their ranks."""
    names = np.array(["\0".join(map(str, row)) for row in zip(*groups, strict=True)])
    order = np.lexsort((np.arange(len(scores)), scores, names))
    starts = np.flatnonzero(np.append(True, names[order][1:] != names[order][:-1]))
    sizes = np.diff(np.append(starts, len(order)))
    ranks = np.arange(len(order)) - np.repeat(starts, sizes)
    inside = ranks < top
    return order[inside], ranks[inside] + 1
