"""Pictures of a survival model on labelled rows: groups of risk, and calibration."""

from typing import TYPE_CHECKING

import numpy as np

from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError
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
        predictor: A model with survival targets.
        data: Rows with these targets.

    Returns:
        Figures by name: `groups`, the Kaplan-Meier curves of thirds of the rows by
        predicted risk with a log-rank test, and `calibration` at the middle of the
        grid of times; with several survival targets `TIME_groups` and so on.

    Raises:
        DataError: Without a survival target, or for rows without any event.
    """
    specs = [spec for spec in predictor.schema.targets if spec.kind == "survival"]
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
        known = ~np.isnan(outcomes).any(axis=1) & ~np.isnan(curves).any(axis=1)
        time, event, curves = outcomes[known, 0], outcomes[known, 1], curves[known]
        if not event.any():
            raise DataError(
                f"{data.source}, target {spec.name}: no row has the event: there is "
                f"nothing to compare predictions with"
            )
        risk = predictor.objective.tasks[spec.name].compared(curves, spec)
        times, unit = np.asarray(spec.times), spec.columns[0]
        before = f"{unit}_" if len(specs) > 1 else ""
        edges = np.quantile(risk, [1 / 3, 2 / 3])
        group = np.searchsorted(edges, risk)
        there = np.unique(group)
        observed, means = {}, {}
        for at in there:
            own = group == at
            name = f"{_GROUPS[at]} ({own.sum()})"
            curve = kaplan_meier(time[own], event[own])
            observed[name] = curve.times, curve.values
            means[name] = curves[own].mean(axis=0)
        p = log_rank(time, event, group)[1] if len(there) > 1 else None
        pages[f"{before}groups"] = risk_groups(observed, means, times, p=p, unit=unit)
        middle = int(np.searchsorted(times, min(times[len(times) // 2], time.max())))
        count = int(np.clip(event.sum() // _EVENTS, 1, _POINTS))
        found = survival_calibration(
            time, event, curves[:, middle], min(times[middle], time.max()), groups=count
        )
        pages[f"{before}calibration"] = survival_calibration_points(
            found.predicted, found.observed, found.rows,
            at=f"{unit} {times[middle]:g}",
        )  # fmt: skip
    return pages
