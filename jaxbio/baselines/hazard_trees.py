"""Boosted trees of log hazard ratios, by the Poisson likelihood of events.

With the cohort's cumulative hazard as the measure of time, a row that was followed for
so much of it has as many events as a Poisson number with that mean times its hazard
ratio: trees of counts for each unit of exposure are trees of log hazard ratios.
"""

from typing import Any

import numpy as np
from jaxtyping import Float32, Float64

from jaxbio.baselines.grid_hazards import cumulative_hazards
from jaxbio.data.specs import TargetSpec
from jaxbio.nn.trees import ROUNDS

_FOLDS = 3
_LEAVES = (4, 12)  # of each tree, of which held-out rows choose
_RATE = 0.07
_FEWEST = 1e-3  # of the cumulative hazard, so that no row has none


def fit_hazard_trees(
    spec: TargetSpec,
    features: Float32[np.ndarray, "n columns"],
    outcomes: Float64[np.ndarray, "n 3"],
    weights: Float64[np.ndarray, "n"],
) -> list[np.ndarray]:
    """The nodes of boosted trees; held-out rows choose their size and number.

    Args:
        spec: A survival target.
        features: Of each row.
        outcomes: Time, event and entry of each row, all known.
        weights: Of each row.

    Returns:
        For each of at most 100 trees its nodes, as scikit-learn has them; none where
        they say nothing of held-out rows.

    Source:
        Holford TR (1980) Biometrics 36:299 (Poisson likelihood of survival).
    """
    exposure = np.maximum(cumulative_hazards(spec, outcomes).sum(axis=1), _FEWEST)
    event = (outcomes[:, 1] > 0) & (outcomes[:, 0] <= spec.times[-1])
    events = event.astype(np.float64)
    if not features.shape[1] or events.sum() < 2 * _FOLDS:
        return []
    fold = np.random.default_rng(0).permutation(len(events)) % _FOLDS
    losses = {leaves: np.zeros(ROUNDS) for leaves in _LEAVES}
    for part in range(_FOLDS):
        made, held = fold != part, fold == part
        rows = features[made], events[made], exposure[made], weights[made]
        for leaves in _LEAVES:
            model = _fitted(*rows, leaves, ROUNDS)
            for at, rate in enumerate(model.staged_predict(features[held])):
                loss = exposure[held] * rate - events[held] * np.log(rate)
                losses[leaves][at] += weights[held] @ loss
    leaves = min(_LEAVES, key=lambda each: losses[each].min())
    rounds = int(losses[leaves].argmin()) + 1
    model = _fitted(features, events, exposure, weights, leaves, rounds)
    return [each[0].nodes for each in model._predictors]


def _fitted(
    features: np.ndarray,
    events: np.ndarray,
    exposure: np.ndarray,
    weights: np.ndarray,
    leaves: int,
    rounds: int,
) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    options: dict[str, Any] = {
        "loss": "poisson",
        "learning_rate": _RATE,
        "max_iter": rounds,
        "max_leaf_nodes": leaves,
        "min_samples_leaf": int(np.clip(len(events) // 20, 2, 20)),
        "early_stopping": False,
        "random_state": 0,
    }
    model = HistGradientBoostingRegressor(**options)
    return model.fit(features, events / exposure, exposure * weights)
