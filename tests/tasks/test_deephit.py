import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import make_task
from jaxbio.tasks.deephit import DeepHit

SPEC = TargetSpec("t,e", "survival", times=(1.0, 3.0, 4.0), hazards=(0.2, 0.5, 0.1))
ROWS = np.array(
    [[2.0, 1, 0], [3.5, 0, 0], [9.0, 1, 2.0], [0.5, 1, 0], [np.nan, np.nan, 0]],
    np.float32,
)
OUTPUTS = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)


def chances():
    """The probability of each interval and of later, by hand."""
    left = np.exp([0, -0.2, -1.2, -1.3])
    usual = np.append(left[:3] - left[1:], left[3])
    scores = usual * np.exp(OUTPUTS.astype(float))
    return scores / scores.sum(axis=1, keepdims=True)


def test_likelihood_by_hand():
    loss, known = DeepHit(ranking=0).loss(jnp.asarray(OUTPUTS), jnp.asarray(ROWS), SPEC)
    p = chances()
    expected = [
        -np.log(p[0, 1]),
        -np.log(p[1, 2] / 2 + p[1, 3]),  # censored in the middle of the third
        # Came in the middle of the second, and had the event after the grid.
        np.log(p[2, 1] / 2 + p[2, 2] + p[2, 3]) - np.log(p[2, 3]),
        -np.log(p[3, 0]),
        0,
    ]
    np.testing.assert_allclose(loss, expected, rtol=1e-4, atol=1e-6)
    assert known.tolist() == [1, 1, 1, 1, 0]


def test_events_between_two_looks_by_hand():
    rows = jnp.array([[2.0, 1, 0, 1.0], [3.0, 1, 0, 1.0], [6.0, 1, 0, 1.0]])
    task = DeepHit(ranking=0)
    loss, _ = task.loss(jnp.asarray(OUTPUTS[:3]), rows, SPEC)
    p = chances()
    expected = [p[0, 1], p[1, 1] / 2 + p[1, 2], p[2, 3]]
    np.testing.assert_allclose(loss, -np.log(expected), rtol=1e-4, atol=1e-6)


def test_pairs_in_the_wrong_order_cost():
    task = DeepHit(ranking=0.5, sigma=0.2)
    given = jnp.asarray(OUTPUTS), jnp.asarray(ROWS), SPEC
    costs = (task.loss(*given)[0] - DeepHit(ranking=0).loss(*given)[0]) / 0.5
    p = chances()
    by_two, by_half = p[:, 0] + p[:, 1] / 2, p[:, 0] / 2
    # At 2 the third row is not yet under observation, at 0.5 neither.
    first = np.exp(-(by_two[0] - by_two[1]) / 0.2)
    last = np.exp(-(by_half[3] - by_half[[0, 1]]) / 0.2).mean()
    np.testing.assert_allclose(costs, [first, 0, 0, last, 0], rtol=1e-3, atol=1e-5)


def test_curves_by_hand():
    curves = np.asarray(DeepHit().predict(jnp.asarray(OUTPUTS), SPEC))
    np.testing.assert_allclose(curves, 1 - chances().cumsum(axis=1)[:, :3], rtol=1e-4)
    flat = DeepHit().predict(jnp.zeros((1, 4)), SPEC)
    np.testing.assert_allclose(flat[0], np.exp([-0.2, -1.2, -1.3]), rtol=1e-5)
    sure = DeepHit().predict(jnp.array([[1e4, 0, 0, 0]]), SPEC)
    assert (sure >= 0).all()


def test_gradients_are_finite_also_of_rows_without_a_label():
    def total(x):
        return DeepHit().loss(x, jnp.asarray(ROWS), SPEC)[0].sum()

    slopes = np.asarray(jax.jit(jax.grad(total))(jnp.asarray(OUTPUTS)))
    assert np.isfinite(slopes).all()
    assert (slopes[4] == 0).all() and (slopes[[0, 1, 3]] != 0).any(axis=1).all()


def test_settings():
    assert make_task("deephit") == DeepHit()
    with pytest.raises(JaxbioError, match="sigma 0: the one is 0 or above, the other"):
        DeepHit(sigma=0.0)
