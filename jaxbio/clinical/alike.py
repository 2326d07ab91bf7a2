"""The group of the cohort that a patient is most like, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaxbio.clinical.patient import Alike
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics.competing_risks import incidence_values
from jaxbio.metrics.survival_curves import curve_values
from jaxbio.run.like_rows import nearest_group

_MOST_TOLD = 6  # columns of numbers or labels


def alike_of(
    known: Mapping[str, Any],
    row: Dataset,
    specs: Sequence[TargetSpec],
    at: Sequence[float],
) -> Alike | None:
    """The patients of the cohort that are most like one, as counts.

    Args:
        known: What `summarize_groups` says of the cohort; may be empty.
        row: One row.
        specs: The targets that are told.
        at: Of survival and competing risks, the times that are told.

    Returns:
        The group; None if nothing is known of groups, or of none of the targets.

    Example:
        >>> group = {"rows": 24, "center": [0.0], "reach": 1.0,
        ...          "targets": {"y": {"known": 24, "mean": {"y": 3.5}}}}
        >>> known = {"numbers": {"age": [60, 9]}, "labels": {}, "groups": [group]}
        >>> from jaxbio.data import Numeric
        >>> row = Dataset({"x": Numeric(np.array([[62.0]], np.float32), ("age",))})
        >>> alike_of(known, row, [TargetSpec("y", "number", columns=("y",))], [])
        Alike(rows=24, told=('mean y: 3.5',), far=False)
    """
    if not known.get("groups"):
        return None
    group, away = nearest_group(known, row)
    told = [
        line
        for spec in specs
        if spec.name in group["targets"]
        for line in _lines(spec, group["targets"][spec.name], at)
    ]
    return Alike(int(group["rows"]), tuple(told), away > 1) if told else None


def _lines(spec: TargetSpec, seen: Mapping[str, Any], at: Sequence[float]) -> list[str]:
    """What became of a group, in lines."""
    if "counts" in seen:
        return [
            f"{spec.name} {name}: {count:,} of {seen['known']:,}"
            for name, count in seen["counts"].items()
        ]
    times, where = np.asarray(spec.times), np.asarray(at, np.float64)
    if "survival" in seen:
        left = curve_values(times, np.array([seen["survival"]]), where)[0]
        name = spec.name.split(",")[0]
        return [
            f"event by {name} {time:g}: {1 - value:.0%}"
            for time, value in zip(at, left, strict=True)
        ]
    if "incidence" in seen:
        table = np.array([[seen["incidence"][cause] for cause in spec.causes]])
        values = incidence_values(times, table, where)[0]
        return [
            f"{spec.columns[1]} {cause} by {spec.columns[0]} {time:g}: {value:.0%}"
            for cause, row in zip(spec.causes, values, strict=True)
            for time, value in zip(at, row, strict=True)
        ]
    return [f"mean {name}: {x:.4g}" for name, x in seen["mean"].items()][:_MOST_TOLD]
