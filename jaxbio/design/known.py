"""Sequences that are known: what was measured of them, and how far others are."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.design.objective import Term, resolve, sequence_input, worth
from jaxbio.predict.predictions import Predictions
from jaxbio.predict.predictor import Predictor


@dataclasses.dataclass(frozen=True)
class Known:
    """Measured sequences and what they are worth.

    Attributes:
        names: The name of each.
        codes: The codes of each.
        worth: How well each fulfils what is wanted, as a model's predictions count;
            NaN where it was not measured.
    """

    names: Sequence[str] = ()
    codes: Sequence[UInt8[np.ndarray, "_"]] = ()
    worth: Float[np.ndarray, "n"] = dataclasses.field(
        default_factory=lambda: np.zeros(0)
    )

    @property
    def best(self) -> float | None:
        """What the best is worth; None if there is none."""
        measured = self.worth[np.isfinite(self.worth)]
        return float(measured.max()) if measured.size else None

    def top(self, count: int) -> dict[str, int]:
        """The rows of the best distinct sequences by name.

        Args:
            count: How many.

        Example:
            >>> codes = [np.array([at], np.uint8) for at in (0, 1, 1, 2)]
            >>> Known(list("abcd"), codes, np.array([0.0, 2.0, 1.0, 1.5])).top(2)
            {'b': 1, 'd': 3}
        """
        found: dict[str, int] = {}
        seen: set[bytes] = set()
        for at in np.argsort(-self.worth, kind="stable").tolist():
            key = self.codes[at].tobytes()
            if len(found) == count or not np.isfinite(self.worth[at]):
                break
            if key not in seen:
                seen.add(key)
                name = str(self.names[at])
                found[name if name not in found else f"{name}_{at}"] = at
        return found

    def keys(self) -> set[bytes]:
        """The bytes of the codes of each."""
        return {row.tobytes() for row in self.codes}

    def nearest(self, rows: Sequence[UInt8[np.ndarray, "_"]]) -> Float[np.ndarray, "n"]:
        """Letters in which rows differ from the nearest known sequence of their length.

        Returns:
            The least number for each; NaN for rows of a length that none has.

        Example:
            >>> codes = [np.array(row, np.uint8) for row in ([0, 1], [2, 2])]
            >>> known = Known(["a", "b"], codes, np.zeros(2))
            >>> known.nearest([np.array([2, 1], np.uint8), np.zeros(3, np.uint8)])
            array([ 1., nan])
        """
        by_length: dict[int, list[np.ndarray]] = {}
        for row in self.codes:
            by_length.setdefault(len(row), []).append(row)
        arrays = {length: np.stack(some) for length, some in by_length.items()}
        found = np.full(len(rows), np.nan)
        for at, row in enumerate(rows):
            if len(row) in arrays:
                found[at] = (arrays[len(row)] != row).sum(axis=1).min()
        return found


def known_rows(predictor: Predictor, data: Dataset, terms: Sequence[Term]) -> Known:
    """Labelled rows as known sequences.

    Args:
        predictor: A model whose only input is a sequence, and which has their targets.
        data: The rows.
        terms: What is wanted.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
        >>> y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
        >>> data = jb.Dataset({"seq": rows}, {"y": y})
        >>> model = jb.Network(jb.MLP(hidden=()), hidden=())
        >>> run = jb.fit(model, None, data, epochs=1, members=1, batch_size=8)
        >>> known = known_rows(run.predictor, data, [Term("y")])
        >>> list(known.top(1)), known.worth[:2].round(1).tolist()
        (['1'], [0.0, 2.0])
    """
    spec = sequence_input(predictor)
    column = plain(data.input(spec.name))
    assert isinstance(column, Sequences)  # as the schema says
    codes = np.split(column.codes, column.offsets[1:-1])
    encoded = predictor.schema.encode(data).targets
    values = np.zeros(len(data))
    for term in terms:
        target, code = resolve(predictor, term)
        measured = np.asarray(encoded[target.name], np.float64)
        missing = np.isnan(measured).reshape(len(measured), -1).any(axis=1)
        if target.classes and len(target.classes) > 2:
            missing |= measured < 0
            measured = np.eye(len(target.classes))[np.maximum(measured, 0).astype(int)]
        as_predicted = Predictions(
            np.asarray(data.ids), {target.name: measured}, {}, (), predictor.schema
        )
        each = worth(as_predicted, target, code, term)
        values += np.where(missing, np.nan, each)
    return Known([str(name) for name in np.asarray(data.ids)], codes, values)
