import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from jaxbio.data.specs import TargetSpec
from jaxbio.tasks import (
    CountRegression,
    Regression,
)

NUMBER = TargetSpec("y", "number", columns=("y",), mean=(4.0,), scale=(2.0,))
NAN = float("nan")


def test_squared_error_is_the_textbook_form():
    task = Regression(standardize=False)
    loss, known = task.loss(
        jnp.array([[1.0], [2.0]]), jnp.array([[4.0], [2.5]]), NUMBER
    )
    np.testing.assert_allclose(loss, [9.0, 0.25])
    np.testing.assert_array_equal(known, [1, 1])
    np.testing.assert_allclose(task.predict(jnp.array([[1.5]]), NUMBER), [[1.5]])


def test_standardised_squared_error_and_its_link():
    loss, _ = Regression().loss(jnp.array([[0.5]]), jnp.array([[8.0]]), NUMBER)
    np.testing.assert_allclose(loss, [(0.5 - 2.0) ** 2])
    np.testing.assert_allclose(
        Regression().predict(jnp.array([[0.5]]), NUMBER), [[5.0]]
    )


def test_huber_is_linear_beyond_delta():
    task = Regression(loss_name="huber", standardize=False)
    loss, _ = task.loss(jnp.array([[0.0], [0.0]]), jnp.array([[0.5], [3.0]]), NUMBER)
    np.testing.assert_allclose(loss, [0.125, 2.5])


def test_missing_numbers_are_masked_and_their_gradient_is_zero():
    spec = TargetSpec("y", "number", columns=("u", "v"), mean=(0, 0), scale=(1, 1))
    targets = jnp.array([[1.0, NAN], [NAN, NAN]])

    def total(outputs):
        return Regression().loss(outputs, targets, spec)[0].sum()

    outputs = jnp.array([[3.0, 5.0], [7.0, 9.0]])
    loss, known = Regression().loss(outputs, targets, spec)
    np.testing.assert_allclose(loss, [4.0, 0.0])
    np.testing.assert_array_equal(known, [1, 0])
    np.testing.assert_allclose(jax.grad(total)(outputs), [[4.0, 0.0], [0.0, 0.0]])


def test_poisson_is_the_negative_log_likelihood():
    spec = TargetSpec("n", "count", columns=("n",), mean=(3.0,), scale=(1.0,))
    outputs, counts = jnp.array([[0.4], [-1.0]]), jnp.array([[5.0], [0.0]])
    loss, _ = CountRegression().loss(outputs, counts, spec)
    rate = 3.0 * np.exp([0.4, -1.0])
    np.testing.assert_allclose(loss, -stats.poisson.logpmf([5, 0], rate), rtol=1e-5)
    np.testing.assert_allclose(
        CountRegression().predict(outputs, spec)[:, 0], rate, rtol=1e-6
    )


def test_negative_binomial_is_the_negative_log_likelihood():
    spec = TargetSpec("n", "count", columns=("n",), mean=(3.0,), scale=(1.0,))
    task = CountRegression(distribution="negative_binomial")
    assert task.width(spec) == 2
    outputs = jnp.array([[0.4, 0.2], [-1.0, -2.0]])
    loss, _ = task.loss(outputs, jnp.array([[5.0], [0.0]]), spec)
    mean, dispersion = 3.0 * np.exp([0.4, -1.0]), np.exp([0.2, -2.0])
    size = 1 / dispersion
    expected = -stats.nbinom.logpmf([5, 0], size, size / (size + mean))
    np.testing.assert_allclose(loss, expected, rtol=1e-4)


def test_numbers_per_position():
    task = Regression(per_position=True)
    loss, _ = task.loss(jnp.zeros((1, 2, 1)), jnp.array([[8.0, NAN]]), NUMBER)
    np.testing.assert_allclose(loss, [4.0])
    assert task.predict(jnp.zeros((1, 2, 1)), NUMBER).shape == (1, 2)


@pytest.mark.parametrize("task", [Regression(), CountRegression()])
def test_metrics_of_several_columns_are_their_means(task):
    rng = np.random.default_rng(0)
    truth = rng.poisson(2.0, (20, 3)).astype(np.float32)
    truth[rng.random(20) < 0.5, 1], truth[:, 2] = np.nan, 1
    found = rng.gamma(2.0, 1.0, (20, 3)).astype(np.float32)
    spec = TargetSpec("y", task.target_kind, columns=("a", "b", "c"))
    measured = task.metrics(truth, found, spec)
    each = measured.pop("columns")
    assert list(each) == ["a", "b", "c"] and each["c"]["pearson"] is None
    assert isinstance(each["a"]["n"], int) and each["b"]["n"] < 20
    for at, name in enumerate("abc"):
        expected = task.metrics(truth[:, at], found[:, at], spec)
        assert each[name] == {
            k: v if v is None else pytest.approx(v) for k, v in expected.items()
        }
    for name, value in measured.items():
        known = [x[name] for x in each.values() if x[name] is not None]
        assert value == pytest.approx(np.mean(known))
    one = dataclasses.replace(spec, columns=("c",))
    assert task.metrics(truth[:, 2:], found[:, 2:], one) == each["c"]
