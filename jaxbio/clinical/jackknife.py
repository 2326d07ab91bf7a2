"""Pseudo-observations: censored times as numbers that any regression takes."""

import numpy as np
from jaxtyping import Float, Num, Shaped

from jaxbio.errors import DataError, option
from jaxbio.metrics.survival import check_outcomes, kaplan_meier, restricted_mean


def pseudo_observations(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    horizon: float,
) -> Float[np.ndarray, "n"]:
    """Pseudo-observations of the restricted mean survival time.

    That of a row is n times the Kaplan-Meier restricted mean of all n rows less n - 1
    times that of the others. Without censoring before the horizon it is the time
    itself, cut there. Its mean given covariates is the restricted mean given these, if
    censoring does not depend on them. Curves without a row are made of the counts of
    all rows, so that the cost is n times the number of distinct times.

    Args:
        time: Of each row, in any unit.
        event: 1 for an event, 0 for a censored row.
        horizon: Where the mean is cut, in the same unit.

    Returns:
        A number for each row, in the same unit; some lie outside 0 to `horizon`.

    Raises:
        DataError: As `check_outcomes`, and for a horizon after the last time.

    Source:
        Andersen PK, Pohar Perme M (2010) Statistical Methods in Medical Research 19:71.

    Example:
        >>> pseudo_observations(np.array([1, 2, 3, 9]), np.array([1, 1, 1, 0]), 4.0)
        array([1., 2., 3., 4.])
        >>> pseudo_observations(np.array([1, 2, 3]), np.array([1, 0, 1]), 3.0).round(2)
        array([1., 3., 3.])
    """
    time, event = check_outcomes(time, event)
    last = float(time.max())
    if not 0 < horizon <= last:
        raise DataError(
            f"{option('horizon', horizon)}: rows are followed up to {last:g}: give a "
            f"time above 0 and up to there"
        )
    count = len(time)
    curve = kaplan_meier(time, event)
    whole = float(restricted_mean(curve.times, curve.values, horizon))
    if count == 1:
        return np.array([whole])
    starts = np.concatenate([[0.0], curve.times[curve.times < horizon]])
    lengths = np.diff(starts, append=horizon)
    kinds, index = np.unique(np.stack([time, event]), axis=1, return_inverse=True)
    means = np.empty(kinds.shape[1])
    for at, (moment, happened) in enumerate(kinds.T):
        at_risk = curve.at_risk - (curve.times <= moment)
        events = curve.events - (curve.times == moment) * happened
        share = np.divide(events, at_risk, out=np.zeros(len(events)), where=at_risk > 0)
        survival = np.concatenate([[1.0], np.cumprod(1 - share)])
        means[at] = survival[: len(lengths)] @ lengths
    return count * whole - (count - 1) * means[index.ravel()]
