"""What rows say of the hazards of a survival target's grid of times."""

import numpy as np
from jaxtyping import Float, Float64, Num

from jaxbio.data.specs import TargetSpec

_FEWEST = 0.5  # events, so that no hazard is 0


def cumulative_hazards(
    spec: TargetSpec, outcomes: Float[np.ndarray, "n 3"]
) -> Float64[np.ndarray, "n times"]:
    """The cohort's cumulative hazard while each row was followed, by interval.

    Args:
        spec: A survival target.
        outcomes: Time, event and entry of each row, all known.

    Example:
        >>> spec = TargetSpec("t,e", "survival", times=(1.0, 3.0), hazards=(0.1, 0.2))
        >>> cumulative_hazards(spec, np.array([[2.0, 1.0, 0.5]])).tolist()
        [[0.05, 0.2]]
    """
    times = np.asarray(spec.times)
    starts = np.concatenate([[0.0], times[:-1]])
    time, _, entry = np.asarray(outcomes, np.float64).T
    spent = np.minimum(time[:, None], times) - np.maximum(entry[:, None], starts)
    return np.asarray(spec.hazards) * np.maximum(spent, 0)


def martingale_residuals(
    spec: TargetSpec, outcomes: Float[np.ndarray, "n 3"]
) -> Float64[np.ndarray, "n"]:
    """Events seen less events expected of each row, by the hazards of the cohort.

    Args:
        spec: A survival target.
        outcomes: Time, event and entry of each row; NaN where unknown.

    Source:
        Therneau TM et al. (1990) Biometrika 77:147.

    Example:
        >>> spec = TargetSpec("t,e", "survival", times=(1.0, 3.0), hazards=(0.1, 0.2))
        >>> martingale_residuals(spec, np.array([[2.0, 1.0, 0.0]])).round(3).tolist()
        [0.7]
    """
    return outcomes[:, 1] - cumulative_hazards(spec, outcomes).sum(axis=1)


def breslow_offsets(
    spec: TargetSpec,
    outcomes: Float[np.ndarray, "n 3"],
    log_ratios: Float[np.ndarray, "n"],
    weights: Num[np.ndarray, "n"],
) -> Float64[np.ndarray, "times"]:
    """What is added to log hazard ratios in each interval, so that events are as many.

    Args:
        spec: A survival target.
        outcomes: Time, event and entry of each row, all known.
        log_ratios: The logarithm of the hazard ratio of each row.
        weights: Of each row.

    Source:
        Breslow N (1974) Biometrics 30:89.

    Example:
        >>> spec = TargetSpec("t,e", "survival", times=(2.0,), hazards=(0.5,))
        >>> rows = np.array([[2.0, 1.0, 0.0], [2.0, 0.0, 0.0]])
        >>> breslow_offsets(spec, rows, np.zeros(2), np.ones(2)).tolist()
        [-0.6931471805599453]
    """
    rates = weights * np.exp(log_ratios)
    expected = rates @ cumulative_hazards(spec, outcomes)
    last = spec.times[-1]
    seen = (outcomes[:, 1] > 0) & (outcomes[:, 0] <= last)
    place = np.searchsorted(np.asarray(spec.times), outcomes[seen, 0])
    events = np.bincount(place, weights[seen], len(spec.times))
    mean = float(np.mean(weights))
    return np.log(np.maximum(events, _FEWEST * mean) / np.maximum(expected, 1e-12))
