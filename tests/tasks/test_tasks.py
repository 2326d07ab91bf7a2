import dataclasses
import math
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy import stats

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.track import Track
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import (
    Binary,
    CountRegression,
    MultiClass,
    MultiLabel,
    Objective,
    Regression,
    infer_task,
    make_task,
    task_from_dict,
)

NUMBER = TargetSpec("y", "number", columns=("y",), mean=(4.0,), scale=(2.0,))
TWO = TargetSpec("y", "class", classes=("a", "b"), frequencies=(3, 1))
THREE = TargetSpec("y", "class", classes=("a", "b", "c"), frequencies=(2, 1, 1))
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


def test_binary_cross_entropy_by_hand():
    outputs, targets = jnp.array([[0.0], [2.0], [1.0]]), jnp.array([0, 1, -1])
    loss, known = Binary().loss(outputs, targets, TWO)
    expected = [math.log(2), math.log(1 + math.exp(-2)), 0]
    np.testing.assert_allclose(loss, expected, rtol=1e-6)
    np.testing.assert_array_equal(known, [1, 1, 0])
    np.testing.assert_allclose(
        Binary().predict(outputs, TWO), 1 / (1 + np.exp([0.0, -2.0, -1.0])), rtol=1e-6
    )


def test_balanced_classes_have_equal_total_weight():
    targets = jnp.array([0, 0, 0, 1])
    plain, _ = Binary().loss(jnp.zeros((4, 1)), targets, TWO)
    balanced, _ = Binary(balanced=True).loss(jnp.zeros((4, 1)), targets, TWO)
    weights = balanced / plain
    assert float(weights[:3].sum()) == pytest.approx(float(weights[3]))
    assert float(weights.sum()) == pytest.approx(4.0)


def test_binary_refuses_three_classes():
    with pytest.raises(JaxbioError, match=r"has 3 classes .* 'multiclass'"):
        Binary().width(THREE)


def test_softmax_cross_entropy_agrees_with_optax():
    outputs = jnp.array([[1.0, 2.0, 0.5], [0.0, 0.0, 0.0]])
    loss, _ = MultiClass().loss(outputs, jnp.array([1, 2]), THREE)
    expected = optax.softmax_cross_entropy_with_integer_labels(
        outputs, jnp.array([1, 2])
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-6)
    np.testing.assert_allclose(MultiClass().predict(outputs, THREE).sum(axis=1), [1, 1])


def test_label_smoothing_spreads_the_label():
    outputs = jnp.array([[1.0, 2.0, 0.5]])
    loss, _ = MultiClass(label_smoothing=0.3).loss(outputs, jnp.array([1]), THREE)
    labels = np.array([0.1, 0.8, 0.1])
    expected = -(labels * np.log(jax.nn.softmax(outputs)[0])).sum()
    np.testing.assert_allclose(loss, [expected], rtol=1e-6)


def test_multilabel_masks_single_cells():
    spec = TargetSpec("y", "labels", columns=("u", "v"), mean=(0.5, 0.5), scale=(1, 1))
    loss, known = MultiLabel().loss(
        jnp.array([[0.0, 3.0]]), jnp.array([[1.0, NAN]]), spec
    )
    np.testing.assert_allclose(loss, [math.log(2)], rtol=1e-6)
    np.testing.assert_array_equal(known, [1])


def test_classes_per_position_leave_out_padding():
    task = MultiClass(per_position=True)
    outputs = jnp.zeros((1, 3, 3)).at[0, 1, 2].set(1.0)
    targets = jnp.array([[0.0, 2.0, NAN]])  # the last position is padding
    loss, _ = task.loss(outputs, targets, THREE)
    second = -math.log(math.e / (math.e + 2))
    np.testing.assert_allclose(loss, [(math.log(3) + second) / 2], rtol=1e-6)


def test_numbers_per_position():
    task = Regression(per_position=True)
    loss, _ = task.loss(jnp.zeros((1, 2, 1)), jnp.array([[8.0, NAN]]), NUMBER)
    np.testing.assert_allclose(loss, [4.0])
    assert task.predict(jnp.zeros((1, 2, 1)), NUMBER).shape == (1, 2)


def test_objective_is_the_weighted_mean_over_labelled_examples():
    objective = Objective(
        {"a": Regression(standardize=False), "b": Binary(weight=0.5)},
        {"a": NUMBER, "b": TWO},
    )
    batch = {
        "targets": {
            "a": jnp.array([[1.0], [NAN], [5.0]]),
            "b": jnp.array([-1, 1, 0]),
        },
        "weights": jnp.array([2.0, 1.0, 0.0]),
    }
    outputs = {"a": jnp.zeros((3, 1)), "b": jnp.zeros((3, 1))}
    loss = objective.mean(objective.sums(outputs, batch))
    assert float(loss) == pytest.approx(1.0 + 0.5 * math.log(2), rel=1e-6)


@pytest.mark.parametrize(
    "task",
    [
        Regression(loss_name="huber", weight=2.0),
        CountRegression(distribution="negative_binomial"),
        Binary(balanced=True, per_position=True),
        MultiClass(label_smoothing=0.1),
        MultiLabel(),
    ],
)
def test_tasks_go_to_json_and_back(task):
    assert task_from_dict(task.to_dict()) == task


def test_unknown_tasks_are_refused_with_a_hint():
    with pytest.raises(JaxbioError, match="did you mean 'regression'"):
        make_task("regresion")
    with pytest.raises(JaxbioError, match="not a task of this version"):
        task_from_dict({"task": "regression", "colour": "red"})


def test_the_task_follows_from_the_column():
    labels = Numeric(np.array([[0, 1], [1, 0]], np.float32), ("u", "v"))
    floats = Numeric(np.array([[0.5], [2.0]], np.float32), ("u",))
    assert infer_task(labels) == MultiLabel()
    assert infer_task(floats) == Regression()
    assert infer_task(Category.from_values("aab")) == Binary()
    assert infer_task(Category.from_values("abc")) == MultiClass()
    letters = Category(np.array(["HEC", "HE"], object), per_position=True)
    assert infer_task(letters) == MultiClass(per_position=True)
    track = Track(np.zeros(2, np.float32), np.array([0, 2]))
    assert infer_task(track) == Regression(per_position=True)


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


def test_a_thousand_columns_are_measured_quickly():
    rng = np.random.default_rng(0)  # some 20 ms; column by column 200
    truth = rng.normal(size=(1000, 1000)).astype(np.float32)
    found = truth + rng.normal(size=truth.shape).astype(np.float32)
    spec = TargetSpec("y", "number", columns=tuple(map(str, range(1000))))
    seconds = []
    for _ in range(3):
        start = time.process_time()
        Regression().metrics(truth, found, spec)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.1
