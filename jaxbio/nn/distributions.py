"""Log-likelihoods of counts, stable in float32."""

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

_SHIFT = 8  # from here on the series of the logarithm of the gamma function is exact
_HALF_LOG_TAU = 0.9189385332046727  # log(2 pi) / 2


def negative_binomial_log_prob(
    counts: Float[Array, "*batch"],
    mean: Float[Array, "*#batch"],
    dispersion: Float[Array, "*#batch"],
) -> Float[Array, "*batch"]:
    """The log-probability of counts that vary more than those of Poisson.

    The variance is `mean + mean² / dispersion` (Lopez et al. 2018, Nat. Methods 15,
    1053; Eraslan et al. 2019, Nat. Commun. 10, 390). The differences of large
    logarithms in the textbook formula are taken apart first, as by Loader (2000, Fast
    and Accurate Computation of Binomial Probabilities), so that counts and dispersions
    of a million keep the digits of float32.

    Args:
        counts: Whole numbers, 0 or more; data, for which there is no gradient.
        mean: Above 0.
        dispersion: The inverse dispersion, above 0; Poisson if very large.

    Returns:
        The natural logarithm of the probability of each count.

    Example:
        >>> import math
        >>> value = negative_binomial_log_prob(
        ...     jnp.array(1.0), jnp.array(1.0), jnp.array(1.0))
        >>> round(math.exp(float(value)), 5)  # geometric: (1/2) (1/2)
        0.25
    """
    return _log_prob(*jnp.broadcast_arrays(counts, mean, dispersion))


def zero_inflated_log_prob(
    counts: Float[Array, "*batch"],
    mean: Float[Array, "*#batch"],
    dispersion: Float[Array, "*#batch"],
    zero_logit: Float[Array, "*#batch"],
) -> Float[Array, "*batch"]:
    """As `negative_binomial_log_prob`, where some counts are 0 for another reason.

    Args:
        counts: Whole numbers, 0 or more.
        mean: Of the counts that are not lost, above 0.
        dispersion: The inverse dispersion, above 0.
        zero_logit: The log-odds that a count was lost and is 0 whatever its mean.

    Returns:
        The natural logarithm of the probability of each count.

    Example:
        >>> import math
        >>> one = jnp.array(1.0)
        >>> value = zero_inflated_log_prob(0 * one, one, one, 0 * one)
        >>> round(math.exp(float(value)), 5)  # 1/2 + (1/2) (1/2)
        0.75
    """
    count = negative_binomial_log_prob(counts, mean, dispersion)
    log_share = -jax.nn.softplus(zero_logit)
    zero = jnp.logaddexp(log_share + zero_logit, log_share + count)
    return jnp.where(counts > 0, log_share + count, zero)


@jax.custom_jvp
def _log_prob(counts: Array, mean: Array, dispersion: Array) -> Array:
    none = -dispersion * jnp.log1p(mean / dispersion)
    some = jnp.where(counts > 0, counts, 1.0)
    both, rate = some + dispersion, dispersion + mean
    apart = dispersion * (some - mean) / rate  # of either part from what is expected
    expected_size, expected_count = both * (dispersion / rate), both * (mean / rate)
    value = (
        _stirling_error(both)
        - _stirling_error(dispersion)
        - _stirling_error(some)
        - _deviance(dispersion, expected_size, -apart)
        - _deviance(some, expected_count, apart)
        # The binomial's factor, times dispersion / (dispersion + count).
        + 0.5 * (jnp.log(dispersion / both) - jnp.log(some))
        - _HALF_LOG_TAU
    )
    return jnp.where(counts > 0, value, none)


@_log_prob.defjvp
def _log_prob_jvp(primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    """In closed form: a third of the work of going back through the formula."""
    counts, mean, dispersion = primals
    rate = dispersion + mean
    ratio = (counts - mean) / rate
    by_mean = ratio * dispersion / mean
    by_dispersion = _digamma_rest(counts + dispersion) - _digamma_rest(dispersion)
    by_dispersion -= _excess(ratio, counts + dispersion, rate)
    change = by_mean * tangents[1] + by_dispersion * tangents[2]
    return _log_prob(counts, mean, dispersion), change


def _digamma_rest(x: Array) -> Array:
    """The digamma function less the logarithm."""
    small = x < _SHIFT
    low = jnp.where(small, x, 1.0)
    high = jnp.where(small, low + _SHIFT, x)
    square = 1 / (high * high)
    rest = -0.5 / high - square * (1 / 12 - square * (1 / 120 - square / 252))
    steps = sum(1 / (low + step) for step in range(_SHIFT))
    return rest + jnp.where(small, jnp.log1p(_SHIFT / low) - steps, 0.0)


def _stirling_error(x: Array) -> Array:
    """`log Γ(x + 1)` less Stirling's formula `(x + 1/2) log x - x + log(2π) / 2`."""
    small = x < _SHIFT
    low = jnp.where(small, x, 1.0)
    product = low + 1
    for step in range(2, _SHIFT + 1):
        product *= low + step
    # log Γ(x + 1) = log Γ(x + 9) - log (x + 1) … (x + 8)
    above = low + _SHIFT
    gap = (low + 0.5) * jnp.log1p(_SHIFT / low)
    gap += _SHIFT * jnp.log(above) - jnp.log(product) - _SHIFT
    high = jnp.where(small, 1.0 * _SHIFT, x)
    return jnp.where(small, gap + _series(above), _series(high))


def _series(x: Array) -> Array:
    inverse = 1 / x
    square = inverse * inverse
    return inverse * (1 / 12 - square * (1 / 360 - square / 1260))


def _deviance(observed: Array, expected: Array, apart: Array) -> Array:
    """`x log(x / m) + m - x`, exact also where x is near m; `apart` is `x - m`."""
    ratio = apart / expected
    near = jnp.abs(ratio) < 0.1
    t = jnp.where(near, ratio, 0.0)
    series = 1 / 2 - t * (1 / 6 - t * (1 / 12 - t * (1 / 20 - t * (1 / 30 - t / 42))))
    far = observed * jnp.log(observed / expected) - apart
    return jnp.where(near, expected * t * t * series, far)


def _excess(ratio: Array, above: Array, below: Array) -> Array:
    """`r - log(1 + r)` for `1 + r = above / below`, exact also where r is near 0."""
    near = jnp.abs(ratio) < 0.1
    t = jnp.where(near, ratio, 0.0)
    series = 1 / 2 - t * (1 / 3 - t * (1 / 4 - t * (1 / 5 - t * (1 / 6 - t / 7))))
    return jnp.where(near, t * t * series, ratio - jnp.log(above / below))
