"""Patients of a run that predicts: what their pages say."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jaxbio.clinical.one_row import contributions_of, gaps_of, outside_of
from jaxbio.clinical.patient import Answer, Patient
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.metrics.survival_curves import mean_times
from jaxbio.predict.predictor import Predictor
from jaxbio.run.cohort import MEAN_TIME, by_column

_MOST_ANSWERS = 12


def predicted_patient(
    predictor: Predictor, row: Dataset, cohort: Mapping[str, Any], *, run: str = ""
) -> Patient:
    """What the page of a patient says of predictions.

    Args:
        predictor: A model of rows.
        row: One row.
        cohort: What the run keeps of the rows that it learned from; may be empty.
        run: What the run is called.

    Raises:
        DataError: For a model of which no target has a value a row.

    Example:
        >>> import jaxbio as jb
        >>> predictor = jb.load("run")  # doctest: +SKIP
        >>> row = predictor.dataset("patient.csv").take([0])  # doctest: +SKIP
        >>> predicted_patient(predictor, row, {}).answers[0]  # doctest: +SKIP
        Answer(name='probability of ill yes', value=0.31, …)
    """
    specs = [spec for spec in predictor.schema.targets if not spec.per_position]
    specs = [spec for spec in specs if spec.kind not in ("points", "embedding")]
    if not specs:
        raise DataError("a page is for models with a value a row; this one has none")
    found = predictor(row, unknown="any")
    known = cohort.get("targets", {})
    answers = [
        answer
        for spec in specs
        for answer in _answers(spec, found, known.get(spec.name, {}))
    ]
    first = specs[0]
    score = _score(predictor, first, found)
    columns = cohort.get("columns", {})
    answered = not np.isnan(answers[0].value)
    given, base = (), float("nan")
    if columns and answered:
        given, base = contributions_of(score, predictor.schema, row, columns)
    curve = None
    if first.kind == "survival":
        times = np.asarray(getattr(first, "times", ()), np.float64)
        curve = times, np.asarray(found.by_target[first.name][0], np.float64)
    return Patient(
        str(row.ids[0]) if row.ids is not None else "",
        run or ", ".join(spec.name for spec in specs),
        tuple(answers[:_MOST_ANSWERS]),
        given,
        base,
        gaps_of(score, row, columns) if columns and answered else (),
        outside_of(predictor.schema, row),
        curve=curve,
        cohort_rows=cohort.get("rows"),
        warnings=found.warnings,
    )


def _answers(spec: TargetSpec, found: Any, known: Mapping[str, Any]) -> list[Answer]:
    """The numbers of a target."""
    if spec.kind == "survival":
        times = np.asarray(getattr(spec, "times", ()), np.float64)
        value = mean_times(times, np.asarray(found.by_target[spec.name], np.float64))
        name = f"mean {spec.name.split(',')[0]} up to {times[-1]:g}"
        return [Answer(name, float(value[0]), cohort=known.get(MEAN_TIME, {}))]
    table, names = by_column(spec, found.by_target[spec.name])
    spread = found.spread.get(spec.name)
    deviations = np.full(table.shape[1], np.nan)
    if spread is not None:
        each = np.asarray(spread, np.float64).reshape(len(table), -1)[0]
        deviations = np.broadcast_to(each, table.shape[1])
    percent = spec.kind in ("class", "labels")
    order = _order(spec, table[0])
    return [
        Answer(
            f"probability of {spec.name} {names[at]}" if spec.classes else names[at],
            float(table[0, at]),
            percent,
            None if np.isnan(deviations[at]) else float(deviations[at]),
            known.get(names[at], {}),
        )
        for at in order
    ]


def _order(spec: TargetSpec, values: np.ndarray) -> np.ndarray:
    """The columns in the order in which they are told.

    The second of two classes first, as the risk of `yes` and not of `no`; of more
    classes the likeliest; numbers as they stand.
    """
    if len(spec.classes) == 2:
        return np.array([1, 0])
    if spec.classes:
        return np.argsort(-np.nan_to_num(values), kind="stable")
    return np.arange(len(values))


def _score(
    predictor: Predictor, spec: TargetSpec, found: Any
) -> Callable[[Dataset], np.ndarray]:
    """The first answer, of any rows."""
    if spec.kind == "survival":
        times = np.asarray(getattr(spec, "times", ()), np.float64)
        return lambda rows: mean_times(
            times,
            np.asarray(predictor(rows, unknown="any").by_target[spec.name], np.float64),
        )
    table, _ = by_column(spec, found.by_target[spec.name])
    at = int(_order(spec, table[0])[0])

    def score(rows: Dataset) -> np.ndarray:
        values = predictor(rows, unknown="any").by_target[spec.name]
        return by_column(spec, values)[0][:, at]

    return score
