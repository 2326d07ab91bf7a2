"""Results of prediction, with names, spread and what was noticed."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float64

from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, option
from jaxbio.predict.selective import reject
from jaxbio.predict.survival_columns import (
    competing_columns,
    incidence_columns,
    survival_columns,
)

if TYPE_CHECKING:
    import pandas


@dataclasses.dataclass(frozen=True)
class Predictions:
    """Predictions of some rows.

    Attributes:
        ids: The name of each row.
        by_target: For each target an array `[n]` or `[n columns]` in the target's units
            (probabilities for classes; for survival `[n times]`, the probability of no
            event by each of `times`; for competing risks `[n causes times]`, the
            cumulative incidence of each cause), or, for targets with one value a
            position, a list of `n` arrays; for distances these are `[len len bins]`,
            float16, the probabilities of the bins of each pair of positions. NaN for
            rows that have none of the inputs.
        spread: The standard deviation over the members of an ensemble, in the same
            shapes; empty for a single network.
        warnings: What was odd about the inputs.
        schema: The targets' names, columns and classes.
        kept: Columns of the file that go along, by name.
    """

    ids: np.ndarray
    by_target: Mapping[str, Any]
    spread: Mapping[str, Any]
    warnings: tuple[str, ...]
    schema: Schema
    kept: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def values(self) -> Any:
        """The predictions of the only target; with several targets use `by_target`."""
        if len(self.by_target) > 1:
            raise DataError(
                f"the model has several targets ({', '.join(self.by_target)}): use "
                f"by_target['{next(iter(self.by_target))}']"
            )
        return next(iter(self.by_target.values()))

    @property
    def times(self) -> Float64[np.ndarray, "times"]:
        """The times of the curves of the only target of survival or competing risks."""
        grids = [spec for spec in self.schema.targets if spec.times]
        if len(grids) != 1:
            raise DataError(
                f"the model has {len(grids)} survival targets: times are those of one; "
                f"schema.target(NAME).times has them by name"
            )
        return np.asarray(grids[0].times, np.float64)

    def columns(
        self, *, min_probability: float | None = None, at: Sequence[float] = ()
    ) -> dict[str, np.ndarray]:
        """The predictions as columns by name, as `write_table` takes them.

        Args:
            min_probability: The least probability of a class that is named; rows of
                which no class is as probable are `unknown`. None to name all. Classes
                of positions are always named.

            at: Times for which the survival is given, in the unit of the target.

        Returns:
            `id`; the columns that were kept, under `NAME_given` where a prediction has
            their name; for numbers one column each; for classes the likeliest class
            under the target's name and the probability of each class under
            `TARGET:CLASS`; for labels the probabilities; for survival `TIME_risk` (see
            `jaxbio.metrics.risks`), `TIME_median` (nothing where half survive the last
            time), `TIME_rmst` and `TIME_at_T` for each of `at`, and for several causes
            `TIME_CAUSE_incidence_at_T`; for competing risks `TIME_CAUSE_risk`, too, the
            others being of no event by any cause; `…_spread` beside numbers and
            probabilities of an ensemble. Values per position are joined in one cell:
            classes as letters, numbers by spaces. Pairs of positions have no place in a
            table. Rows without an answer have nothing.

        Raises:
            DataError: For times in `at` that no survival target knows.
        """
        if len(at) and not any(spec.times for spec in self.schema.targets):
            raise DataError(f"{option('at', at[0])}: the model has no survival target")
        columns: dict[str, np.ndarray] = {"id": self.ids}
        for spec in self.schema.targets:
            values = self.by_target[spec.name]
            if spec.kind == "points":
                continue
            if spec.kind == "survival":
                columns |= survival_columns(spec, values, at)
                continue
            if spec.kind == "competing":
                columns |= competing_columns(spec, values, at)
                continue
            if spec.per_position:
                cells = _position_cells(values, spec.classes)
                columns[spec.name] = np.array(cells, object)
                continue
            table = values[:, None] if values.ndim == 1 else values
            names = list(spec.columns)
            if spec.classes:
                if table.shape[1] == 1:
                    table = np.concatenate([1 - table, table], axis=1)
                columns[spec.name] = _named(table, spec.classes, min_probability)
                names = [f"{spec.name}:{label}" for label in spec.classes]
            spread = self.spread.get(spec.name)
            if spread is not None:
                spread = np.broadcast_to(spread.reshape(len(table), -1), table.shape)
            for place, name in enumerate(names):
                columns[name] = table[:, place]
                if spread is not None:
                    columns[f"{name}_spread"] = spread[:, place]
        columns |= incidence_columns(self.schema.targets, self.by_target, at)
        return self._with_kept(columns)

    def _with_kept(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The columns with those of the file after the names of the rows."""
        ids = columns.pop("id")
        own = {"id", *columns}
        kept = {}
        for name, values in self.kept.items():
            if name == "id" and list(map(str, values)) == list(map(str, ids)):
                continue
            while name in own or name in kept:
                name += "_given"
            kept[name] = values
        return {"id": ids, **kept, **columns}

    def frame(
        self, *, min_probability: float | None = None, at: Sequence[float] = ()
    ) -> "pandas.DataFrame":
        """The predictions as a DataFrame; see `columns`."""
        import pandas  # slow to import, and nothing else in prediction needs it

        return pandas.DataFrame(self.columns(min_probability=min_probability, at=at))


def _named(
    probabilities: np.ndarray, classes: tuple[str, ...], min_probability: float | None
) -> np.ndarray:
    if min_probability is not None:
        return reject(probabilities, classes, threshold=min_probability)
    names = np.array(classes, object)[probabilities.argmax(axis=1)]
    names[np.isnan(probabilities).any(axis=1)] = None
    return names


def _position_cells(
    values: Sequence[np.ndarray], classes: tuple[str, ...]
) -> list[str]:
    if not classes:
        return [" ".join(f"{number:.6g}" for number in row) for row in values]
    letters = np.array(classes, object)
    tables = (np.reshape(row, (len(row), -1)) for row in values)
    return ["".join(letters[_likeliest(table)]) for table in tables]


def _likeliest(table: np.ndarray) -> np.ndarray:
    """The number of the likeliest class; of two classes one column says which."""
    two = table.shape[1] == 1
    return (table[:, 0] > 0.5).astype(int) if two else table.argmax(axis=-1)
