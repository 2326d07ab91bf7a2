"""Survival models of scikit-survival beside ours, on the same rows.

Each has its own default settings. Columns are ours as they are read; numbers that are
missing are the median of the training rows, with a column that says so, and categories
are one-hot. Medians and scales are learned from training rows alone.
"""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Float64

import jaxbio as jb
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics import harrell_concordance, survival_metrics
from jaxbio.metrics.survival import step_values

NAMES = ("Cox", "random forest", "gradient boosting")
_TIMES = 200  # distinct ones that a forest keeps the curves of its leaves at
_MOST_ROWS = 10_000  # that a forest and boosting learn from, whose time grows faster
_RIDGE = 0.1  # of Cox regression, so that columns may depend on each other

Scores = Mapping[str, Mapping[str, Any]]
"""For each model its measures by name."""


def installed() -> bool:
    """Whether scikit-survival is there."""
    return importlib.util.find_spec("sksurv") is not None


def score_peers(run: jb.Run, parts: Mapping[str, jb.Dataset], seed: int) -> Scores:
    """Fit each model on the training rows, and score it on the test rows.

    Args:
        run: A run of one survival target, whose schema and grid of times are taken.
        parts: `train` and `test`.
        seed: Of forests and boosting.

    Returns:
        For each model `survival_metrics` of its curves, of which `concordance` is that
        of the risk which the model itself gives; nothing where a column is neither a
        number nor a category.
    """
    schema = run.predictor.schema
    (target,) = run.predictor.objective.tasks
    train, test = (schema.encode(parts[name]) for name in ("train", "test"))
    if not all(isinstance(each, NumericSpec | CategorySpec) for each in schema.inputs):
        return {}
    spec = schema.target(target)
    learned, scored = features(schema, train, test)
    known = ~np.isnan(np.asarray(train.targets[target])).any(axis=1)
    time, event = np.asarray(train.targets[target], np.float64)[known, :2].T
    outcomes = np.asarray(test.targets[target], np.float64)
    # Rows without any input are not scored.
    answered = ~np.isnan(run.predictor(parts["test"]).by_target[target]).any(axis=1)
    return {
        name: _score(
            fit(learned[known], time, event, seed),
            scored[answered],
            outcomes[answered],
            spec,
        )
        for name, fit in _MODELS.items()
    }


def features(
    schema: Schema, train: Arrays, test: Arrays
) -> tuple[Float64[np.ndarray, "n columns"], Float64[np.ndarray, "m columns"]]:
    """Training and test rows as tables of numbers without gaps.

    Args:
        schema: What the inputs are, all of them numbers or categories.
        train: Encoded rows that medians, means and scales are those of.
        test: Encoded rows.

    Returns:
        Columns that vary in the training rows, in units of their spread.
    """
    blocks = []
    for spec in schema.inputs:
        both: Any = train.inputs[spec.name], test.inputs[spec.name]
        if isinstance(spec, NumericSpec):
            seen = ~np.isnan(both[0]).all(axis=0)
            middle = np.nanmedian(both[0][:, seen], axis=0)
            gaps = [np.isnan(values[:, seen]) for values in both]
            filled = [
                np.where(gap, middle, values[:, seen])
                for gap, values in zip(gaps, both, strict=True)
            ]
            blocks += [filled, gaps]
        else:
            blocks.append([spec.linear_features(values) for values in both])
    first, second = (
        np.concatenate([block[at] for block in blocks], axis=1, dtype=np.float64)
        for at in (0, 1)
    )
    mean, spread = first.mean(axis=0), first.std(axis=0)
    varied = spread > 1e-7 * np.abs(mean)
    return tuple(
        (values[:, varied] - mean[varied]) / spread[varied]
        for values in (first, second)
    )


def coarse_times(
    time: Float[np.ndarray, "n"], event: Float[np.ndarray, "n"], most: int = _TIMES
) -> Float64[np.ndarray, "n"]:
    """Times on a grid of so many, with about as many events between any two.

    An event is put to the next time of the grid and a censoring to the last one before:
    a censored row counts for the intervals that it was followed through.

    Args:
        time: Of each row, above 0.
        event: 1 for an event, 0 for a censored row.
        most: Of the times of the grid.

    Example:
        >>> time, event = np.array([1.0, 2, 3, 4, 5]), np.array([1, 0, 1, 1, 0])
        >>> coarse_times(time, event, 2).tolist()
        [1.0, 1.0, 4.0, 4.0, 4.0]
    """
    times = np.unique(time[event > 0])
    if len(times) <= most:
        return np.asarray(time, np.float64)
    grid = times[np.linspace(0, len(times) - 1, most).round().astype(int)]
    after = np.minimum(np.searchsorted(grid, time), most - 1)
    before = np.searchsorted(grid, time, side="right") - 1
    begun = np.where(before < 0, grid[0] / 2, grid[before])
    return np.where(event > 0, grid[after], begun)


def _score(
    model: Any,
    rows: Float64[np.ndarray, "n columns"],
    outcomes: Float64[np.ndarray, "n 3"],
    spec: TargetSpec,
) -> Mapping[str, Any]:
    times, hazards = np.asarray(spec.times), np.asarray(spec.hazards)
    steps = model.predict_survival_function(rows, return_array=True)
    curves = step_values(model.unique_times_, steps, times, start=1.0)
    scores = survival_metrics(outcomes, curves, times, hazards=hazards)
    known = ~np.isnan(outcomes[:, :2]).any(axis=1)
    time, event = outcomes[known, :2].T
    own = harrell_concordance(time, event, model.predict(rows)[known])
    return {**scores, "concordance": own}


_Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, int], Any]
"""Of rows, their times and events, and a seed."""


def _cox(rows: Any, time: Any, event: Any, seed: int) -> Any:
    linear = importlib.import_module("sksurv.linear_model")
    model = linear.CoxPHSurvivalAnalysis(alpha=_RIDGE)
    return model.fit(rows, _outcomes(time, event))


def _forest(rows: Any, time: Any, event: Any, seed: int) -> Any:
    rows, time, event = _some(rows, time, event, seed)
    ensemble = importlib.import_module("sksurv.ensemble")
    model = ensemble.RandomSurvivalForest(random_state=seed)
    return model.fit(rows, _outcomes(coarse_times(time, event), event))


def _boosting(rows: Any, time: Any, event: Any, seed: int) -> Any:
    rows, time, event = _some(rows, time, event, seed)
    ensemble = importlib.import_module("sksurv.ensemble")
    model = ensemble.GradientBoostingSurvivalAnalysis(random_state=seed)
    return model.fit(rows, _outcomes(time, event))


def _some(rows: Any, time: Any, event: Any, seed: int) -> tuple[Any, Any, Any]:
    """As many rows, drawn at random, as there may be."""
    order = np.random.default_rng(seed).permutation(len(rows))[:_MOST_ROWS]
    chosen = np.sort(order)
    return rows[chosen], time[chosen], event[chosen]


def _outcomes(time: Any, event: Any) -> Any:
    return importlib.import_module("sksurv.util").Surv.from_arrays(event > 0, time)


_MODELS: Mapping[str, _Fit] = dict(zip(NAMES, (_cox, _forest, _boosting), strict=True))
