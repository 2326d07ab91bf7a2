"""Patients of a run that predicts: what their pages say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.alike import alike_of
from jaxbio.clinical.one_row import contributions_of, gaps_of, outside_of
from jaxbio.clinical.patient import Answer, Patient
from jaxbio.clinical.round_times import round_times
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, option
from jaxbio.metrics.survival_curves import mean_times
from jaxbio.predict.predictor import Predictor
from jaxbio.predict.survival_columns import (
    competing_columns,
    event_free,
    incidence_columns,
    survival_columns,
)
from jaxbio.run.cohort import MEAN_TIME, by_column

_MOST_ANSWERS = 12


def predicted_patient(
    predictor: Predictor,
    row: Dataset,
    cohort: Mapping[str, Any],
    *,
    run: str = "",
    at: Sequence[float] = (),
) -> Patient:
    """What the page of a patient says of predictions.

    Args:
        predictor: A model of rows.
        row: One row.
        cohort: What the run keeps of the rows that it learned from; may be empty.
        run: What the run is called.
        at: Of survival, the times for which the probability of an event by then is
            told; else some round ones.

    Raises:
        DataError: For a model of which no target has a value a row, for times of a
            model without survival, or beyond those that it knows.

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
    first = specs[0]
    if len(at) and not first.times:
        raise DataError(f"{option('at', at[0])}: the model has no survival target")
    answers: list[Answer] = []
    for spec in specs:
        cohort_answers = known.get(spec.name, {})
        if spec.kind == "survival":
            incidence = incidence_columns(
                specs, found.by_target, at or round_times(spec.times[-1])
            )
            label = spec.name.split(",")[0] if len(specs) == 1 else spec.name
            answers += _survival_answers(
                spec, found, cohort_answers, at, incidence, label
            )
        elif spec.kind == "competing":
            answers += _competing_answers(spec, found, cohort_answers, at)
        else:
            answers += _answers(spec, found, cohort_answers)
    score = _score(predictor, first, found)
    columns = cohort.get("columns", {})
    answered = not np.isnan(answers[0].value)
    given, base = (), float("nan")
    if columns and answered:
        given, base = contributions_of(score, predictor.schema, row, columns)
    curve = None
    if first.times:
        times, cohort_curve = _cohort_curve(first)
        own = event_free(first, found.by_target[first.name][:1])[0]
        curve = times, own, cohort_curve
    return Patient(
        str(row.ids[0]) if row.ids is not None else "",
        run or ", ".join(spec.name for spec in specs),
        tuple(answers[:_MOST_ANSWERS]),
        given,
        base,
        gaps_of(score, row, columns) if columns and answered else (),
        outside_of(predictor.schema, row),
        curve=curve,
        alike=alike_of(cohort.get("groups", {}), row, specs, at or _times_of(specs)),
        cohort_rows=cohort.get("rows"),
        warnings=found.warnings,
    )


def _times_of(specs: Sequence[TargetSpec]) -> tuple[float, ...]:
    """Round times that all targets with times know."""
    last = [spec.times[-1] for spec in specs if spec.times]
    return round_times(min(last)) if last else ()


def _cohort_curve(
    spec: TargetSpec,
) -> tuple[Float[np.ndarray, "times"], Float[np.ndarray, "times"]]:
    """The times of a grid, and the survival of the training rows at each."""
    spec = spec if spec.kind == "survival" else spec.of_cause(None)
    times = np.asarray(spec.times, np.float64)
    steps = np.asarray(spec.hazards, np.float64) * np.diff(times, prepend=0.0)
    return times, np.exp(-np.cumsum(steps))


def _survival_answers(
    spec: TargetSpec,
    found: Any,
    known: Mapping[str, Any],
    at: Sequence[float],
    incidence: Mapping[str, np.ndarray],
    label: str,
) -> list[Answer]:
    """The mean time, the median where it is reached, and risks by some times."""
    last, name = spec.times[-1], spec.columns[0]
    at = at or round_times(last)
    curve = np.asarray(found.by_target[spec.name], np.float64)[:1]
    columns = {key: float(x[0]) for key, x in survival_columns(spec, curve, at).items()}
    mean, median = columns[f"{name}_rmst"], columns[f"{name}_median"]
    cohort = known.get(MEAN_TIME, {})
    answers = [Answer(f"mean {label} up to {last:g}", mean, cohort=cohort)]
    if not np.isnan(median):
        answers.append(Answer(f"median {label}", median))
    for time in at:
        # Of several causes the others take patients away, too.
        by_cause = incidence.get(f"{name}_incidence_at_{time:g}")
        risk = 1 - columns[f"{name}_at_{time:g}"] if by_cause is None else by_cause[0]
        answers.append(Answer(f"event by {label} {time:g}", float(risk), percent=True))
    return answers


def _competing_answers(
    spec: TargetSpec, found: Any, known: Mapping[str, Any], at: Sequence[float]
) -> list[Answer]:
    """The mean time without an event, and the incidence of each cause by some times."""
    last, name = spec.times[-1], spec.columns[0]
    most = max((_MOST_ANSWERS - 1) // len(spec.causes), 1)
    at = at or round_times(last)[-most:]
    given = np.asarray(found.by_target[spec.name], np.float64)[:1]
    columns = competing_columns(spec, given, at)
    mean = Answer(
        f"mean {name} without an event up to {last:g}",
        float(columns[f"{name}_rmst"][0]),
        cohort=known.get(MEAN_TIME, {}),
    )
    return [mean] + [
        Answer(
            f"{spec.columns[1]} {cause} by {name} {time:g}",
            float(columns[f"{name}_{cause}_incidence_at_{time:g}"][0]),
            percent=True,
        )
        for cause in spec.causes
        for time in at
    ]


def _answers(spec: TargetSpec, found: Any, known: Mapping[str, Any]) -> list[Answer]:
    """The numbers of a target."""
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
    if spec.times:
        times = np.asarray(spec.times, np.float64)
        return lambda rows: mean_times(
            times,
            event_free(spec, predictor(rows, unknown="any").by_target[spec.name]),
        )
    table, _ = by_column(spec, found.by_target[spec.name])
    at = int(_order(spec, table[0])[0])

    def score(rows: Dataset) -> np.ndarray:
        values = predictor(rows, unknown="any").by_target[spec.name]
        return by_column(spec, values)[0][:, at]

    return score
