"""How strong confounding that nobody measured would have to be."""

import math
from typing import NamedTuple

from jaxbio.errors import DataError


class EValue(NamedTuple):
    """The risk ratio by which an unmeasured confounder would explain an effect away.

    Attributes:
        estimate: Of the estimate: both the association of the confounder with the
            treatment and that with the outcome would have to be as strong.
        limit: Of the end of the interval that is nearer to no effect; 1 where the
            interval holds that.
    """

    estimate: float
    limit: float


def e_value(ratio: float, low: float, high: float) -> EValue:
    """The E-value of a risk ratio.

    Args:
        ratio: The risk ratio, above 0.
        low: The lower end of its interval.
        high: The upper end.

    Raises:
        DataError: For a ratio that is not above 0.

    Source:
        VanderWeele TJ, Ding P (2017) Annals of Internal Medicine 167:268.

    Example:
        >>> found = e_value(3.9, 1.8, 8.7)
        >>> round(found.estimate, 2), round(found.limit, 2)
        (7.26, 3.0)
        >>> e_value(1.2, 0.9, 1.6).limit
        1.0
    """
    if not ratio > 0:
        raise DataError(f"ratio={ratio:g}: a risk ratio is above 0")
    holds = low <= 1 <= high
    limit = 1.0 if holds else _of(low if ratio > 1 else high)
    return EValue(_of(ratio), limit)


def e_value_of_difference(
    difference: float, low: float, high: float, deviation: float
) -> EValue:
    """The E-value of a difference of means, by the approximate risk ratio.

    Args:
        difference: Of the means.
        low: The lower end of its interval.
        high: The upper end.
        deviation: The standard deviation of the outcome.

    Source:
        VanderWeele TJ, Ding P (2017), as above: exp(0.91 d) of a standardised
        difference d.

    Example:
        >>> round(e_value_of_difference(0.5, 0.2, 0.8, 1.0).estimate, 2)
        2.53
    """
    if not deviation > 0:
        raise DataError("all outcomes are the same: a difference has no scale")
    ratios = [math.exp(0.91 * each / deviation) for each in (difference, low, high)]
    return e_value(*ratios)


def _of(ratio: float) -> float:
    ratio = max(ratio, 1 / ratio) if ratio > 0 else math.inf
    return ratio + math.sqrt(ratio * (ratio - 1))
