"""Pictures of a survival model on labelled rows: groups of risk, and calibration."""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int

from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.metrics.competing_risks import aalen_johansen
from jaxbio.metrics.survival import kaplan_meier, log_rank
from jaxbio.metrics.survival_scores import survival_calibration
from jaxbio.plot.survival import risk_groups, survival_calibration_points
from jaxbio.predict.predictor import Predictor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GROUPS = ("low risk", "middle", "high risk")
_POINTS = 8  # of calibration, at most
_EVENTS = 8  # of each point


def survival_pages(predictor: Predictor, data: Dataset) -> "dict[str, Figure]":
    """Draw how rows fared whose risk a model calls low, middling and high.

    Args:
        predictor: A model with targets of survival or competing risks.
        data: Rows with these targets.

    Returns:
        Figures by name: `groups`, the Kaplan-Meier curves of thirds of the rows by
        predicted risk with a log-rank test, and `calibration` at the middle of the
        grid of times; of competing risks `incidence`, the Aalen-Johansen curves of all
        causes, and for each cause `CAUSE_groups`; with several targets `TIME_groups`
        and so on.

    Raises:
        DataError: Without a survival target, or for rows without any event.
    """
    specs = [spec for spec in predictor.schema.targets if spec.times]
    if not specs:
        raise DataError(
            "pictures of survival need a survival target; the model predicts "
            f"{', '.join(spec.name for spec in predictor.schema.targets)}"
        )
    encoded, predicted = predictor.schema.encode(data).targets, predictor(data)
    pages: dict[str, Figure] = {}
    for spec in specs:
        outcomes = np.asarray(encoded[spec.name], np.float64)
        curves = np.asarray(predicted.by_target[spec.name], np.float64)
        there = ~np.isnan(curves).reshape(len(curves), -1).any(axis=1)
        known = ~np.isnan(outcomes).any(axis=1) & there
        if not outcomes[known, 1].any():
            raise DataError(
                f"{data.source}, target {spec.name}: no row has the event: there is "
                f"nothing to compare predictions with"
            )
        risk = predictor.objective.tasks[spec.name].compared(curves[known], spec)
        drawn = _of_survival if spec.kind == "survival" else _of_causes
        before = f"{spec.columns[0]}_" if len(specs) > 1 else ""
        for name, page in drawn(spec, outcomes[known], curves[known], risk).items():
            pages[f"{before}{name}"] = page
    return pages


def _of_survival(
    spec: TargetSpec,
    outcomes: Float[np.ndarray, "n columns"],
    curves: Float[np.ndarray, "n times"],
    risk: Float[np.ndarray, "n"],
) -> "dict[str, Figure]":
    """Groups of risk, and calibration."""
    time, event = outcomes[:, 0], outcomes[:, 1]
    times, unit = np.asarray(spec.times), spec.columns[0]
    group, names = _thirds(risk)
    observed, means = {}, {}
    for at, name in names.items():
        own = group == at
        curve = kaplan_meier(time[own], event[own])
        observed[name] = curve.times, curve.values
        means[name] = curves[own].mean(axis=0)
    p = log_rank(time, event, group)[1] if len(names) > 1 else None
    middle = int(np.searchsorted(times, min(times[len(times) // 2], time.max())))
    count = int(np.clip(event.sum() // _EVENTS, 1, _POINTS))
    found = survival_calibration(
        time, event, curves[:, middle], min(times[middle], time.max()), groups=count
    )
    return {
        "groups": risk_groups(observed, means, times, p=p, unit=unit),
        "calibration": survival_calibration_points(
            found.predicted, found.observed, found.rows,
            at=f"{unit} {times[middle]:g}",
        ),
    }  # fmt: skip


def _of_causes(
    spec: TargetSpec,
    outcomes: Float[np.ndarray, "n columns"],
    incidences: Float[np.ndarray, "n causes times"],
    risk: Float[np.ndarray, "n causes"],
) -> "dict[str, Figure]":
    """The incidence of all causes, and of each in groups of its risk."""
    time, cause = outcomes[:, 0], outcomes[:, 1].astype(np.int64)
    times, count = np.asarray(spec.times), len(spec.causes)
    how: dict[str, Any] = {"unit": spec.columns[0], "incidence": True}
    whole = aalen_johansen(time, cause, count)
    pairs = zip(spec.causes, whole.values, strict=True)
    observed = {name: (whole.times, values) for name, values in pairs}
    means = dict(zip(spec.causes, incidences.mean(axis=0), strict=True))
    pages = {"incidence": risk_groups(observed, means, times, **how)}
    for at, name in enumerate(spec.causes):
        group, names = _thirds(risk[:, at])
        observed, means = {}, {}
        for third, label in names.items():
            own = group == third
            found = aalen_johansen(time[own], cause[own], count)
            observed[label] = found.times, found.values[at]
            means[label] = incidences[own, at].mean(axis=0)
        pages[f"{name}_groups"] = risk_groups(observed, means, times, **how)
    return pages


def _thirds(
    risk: Float[np.ndarray, "n"],
) -> tuple[Int[np.ndarray, "n"], dict[int, str]]:
    """The third of each row by its risk, and what those that there are are called."""
    group = np.searchsorted(np.quantile(risk, [1 / 3, 2 / 3]), risk)
    counts = zip(*np.unique(group, return_counts=True), strict=True)
    return group, {int(at): f"{_GROUPS[at]} ({rows})" for at, rows in counts}
