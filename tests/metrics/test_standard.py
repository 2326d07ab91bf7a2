"""Metrics: values worked by hand, None where nothing is defined, never a warning."""

import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn import metrics as sk

from jaxbio.errors import DataError
from jaxbio.metrics import standard as metrics
from jaxbio.metrics.standard import (
    binary_metrics,
    bootstrap_interval,
    count_metrics,
    multiclass_metrics,
    multilabel_metrics,
    regression_metrics,
)


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_regression_by_hand():
    # Errors 0, 1, -1, 2: squares sum to 6 over 4 rows; the truth varies by 5.
    result = regression_metrics(np.array([1, 2, 3, 4.0]), np.array([1, 3, 2, 6.0]))
    assert result["rmse"] == pytest.approx(np.sqrt(1.5))
    assert result["mae"] == pytest.approx(1.0)
    assert result["r2"] == pytest.approx(1 - 6 / 5)
    assert result["spearman"] == pytest.approx(1 - 6 * 2 / (4 * 15))
    # Deviations -1.5 -0.5 0.5 1.5 and -2 0 -1 3: products 7, squares 5 and 14.
    assert result["pearson"] == pytest.approx(7 / np.sqrt(5 * 14))
    assert result["n"] == 4


@given(
    cells=st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 6), st.integers(0, 3)), min_size=3
    ),
    weighted=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_numbers_as_scipy_and_scikit_learn_measure_them(cells, weighted):
    truth, prediction, weights = np.array(cells, float).T
    truth = truth / 7
    kept = weights > 0 if weighted else np.ones(len(truth), bool)
    known = {"weights": weights} if weighted else {}
    result = count_metrics(truth, prediction, **known)
    truth, prediction, weights = truth[kept], prediction[kept], weights[kept]
    if not len(truth):
        return
    known = {"sample_weight": weights} if weighted else {}
    deviance = sk.mean_poisson_deviance(truth, prediction, **known)
    assert result["poisson_deviance"] == pytest.approx(deviance, abs=1e-12)
    if min(np.ptp(truth), np.ptp(prediction)) == 0:
        assert result["pearson"] is result["spearman"] is None
        return
    r2 = regression_metrics(truth, prediction, weights=known.get("sample_weight"))["r2"]
    assert r2 == pytest.approx(sk.r2_score(truth, prediction, **known))
    if not weighted:
        for name, function in (("pearson", "pearsonr"), ("spearman", "spearmanr")):
            expected = getattr(stats, function)(truth, prediction).statistic
            assert result[name] == pytest.approx(expected, abs=1e-12)


def test_weights_count_like_repeated_rows():
    rng = np.random.default_rng(0)
    truth, prediction = rng.normal(size=20), rng.normal(size=20)
    weights = rng.integers(0, 4, 20)
    weighted = regression_metrics(truth, prediction, weights=weights.astype(float))
    repeated = regression_metrics(
        np.repeat(truth, weights), np.repeat(prediction, weights)
    )
    for name in ("rmse", "r2", "pearson"):
        assert weighted[name] == pytest.approx(repeated[name])


@pytest.mark.parametrize(
    ("truth", "prediction", "undefined"),
    [
        ([1.0, 2, 3], [2.0, 2, 2], {"pearson", "spearman"}),
        ([1.0, 2, 3], [0.1 + 1e-9, 0.1, 0.1], {"pearson", "spearman"}),
        ([2.0, 2, 2], [1.0, 2, 3], {"r2", "pearson", "spearman"}),
        ([1.0], [1.0], {"r2", "pearson", "spearman"}),
        ([np.nan, np.nan], [1.0, 2], {"rmse", "mae", "r2", "pearson", "spearman"}),
        ([], [], {"rmse", "mae", "r2", "pearson", "spearman"}),
    ],
)
def test_undefined_regression_measures_are_none(truth, prediction, undefined):
    result = regression_metrics(np.array(truth), np.array(prediction))
    assert {name for name, value in result.items() if value is None} == undefined
    json.dumps(result, allow_nan=False)


def test_missing_truth_is_left_out():
    truth = np.array([1.0, np.nan, 2, 3])
    result = regression_metrics(truth, np.array([1.0, 99, 2, 4]))
    assert result == regression_metrics(np.array([1.0, 2, 3]), np.array([1.0, 2, 4]))


def test_predictions_must_be_finite_and_as_many_as_rows():
    with pytest.raises(DataError, match="prediction 2 is nan: 1 predictions"):
        regression_metrics(np.array([1.0, 2]), np.array([1, np.nan]))
    with pytest.raises(DataError, match="3 predictions for 2 rows"):
        metrics._check_rows(np.zeros(2), np.zeros(3))


def test_counts_by_hand():
    # Deviance 2 (y log(y / m) - y + m): 2 m for y = 0; 2 (2 log 2 - 1) for 2 and 1.
    result = count_metrics(np.array([0.0, 2, np.nan]), np.array([3.0, 1, 5]))
    assert result["poisson_deviance"] == pytest.approx((6 + 4 * np.log(2) - 2) / 2)
    assert set(result) == {"poisson_deviance", "rmse", "pearson", "spearman", "n"}
    zero = count_metrics(np.array([1.0, 0]), np.array([0.0, 0]))
    assert np.isfinite(zero["poisson_deviance"])


def test_binary_by_hand():
    truth = np.array([0, 0, 0, 1, 1, -1])
    probability = np.array([0.1, 0.4, 0.7, 0.6, 0.9, 0.5])
    result = binary_metrics(truth, probability)
    # Of 6 pairs only (0.7, 0.6) is the wrong way round.
    assert result["auroc"] == pytest.approx(5 / 6)
    # Precision 1 at the first positive, 2/3 at the second.
    assert result["auprc"] == pytest.approx((1 + 2 / 3) / 2)
    assert result["confusion"] == [[2, 1], [0, 2]]
    assert result["accuracy"] == pytest.approx(4 / 5)
    assert result["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert result["f1"] == pytest.approx(4 / 5)
    assert result["mcc"] == pytest.approx(4 / np.sqrt(3 * 2 * 3 * 2))
    assert result["n"] == 5


def test_a_threshold_moves_decisions_only():
    truth, probability = np.array([0, 1, 1]), np.array([0.1, 0.3, 0.8])
    low = binary_metrics(truth, probability, threshold=0.2)
    assert low["confusion"] == [[1, 0], [0, 2]]
    assert low["auroc"] == binary_metrics(truth, probability)["auroc"] == 1.0


def test_probabilities_of_both_classes_are_as_good():
    truth = np.array([0.0, 1, 1, np.nan])
    probability = np.array([0.2, 0.4, 0.9, 0.1])
    both = np.stack([1 - probability, probability], axis=1)
    assert binary_metrics(truth, both) == binary_metrics(truth, probability)


@pytest.mark.parametrize(
    ("truth", "probability", "undefined"),
    [
        ([1, 1], [0.2, 0.7], {"auroc", "auprc", "balanced_accuracy", "mcc"}),
        ([0, 0], [0.2, 0.3], {"auroc", "auprc", "balanced_accuracy", "mcc", "f1"}),
        ([0, 1], [0.7, 0.7], {"mcc"}),
        (
            [-1, -1],
            [0.7, 0.7],
            {"auroc", "auprc", "accuracy", "balanced_accuracy", "mcc", "f1"},
        ),
    ],
)
def test_undefined_binary_measures_are_none(truth, probability, undefined):
    result = binary_metrics(np.array(truth), np.array(probability))
    assert {name for name, value in result.items() if value is None} == undefined
    json.dumps(result, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.int64, st.integers(0, 12), elements=st.integers(-1, 1)), st.data())
def test_two_classes_measured_either_way(truth, data):
    shape = len(truth)
    probability = data.draw(
        hnp.arrays(float, shape, elements=st.floats(0, 1, width=16))
    )
    probability[probability == 0.5] = 0.51
    both = np.stack([1 - probability, probability], axis=1)
    binary, multi = binary_metrics(truth, probability), multiclass_metrics(truth, both)
    for name in ("accuracy", "balanced_accuracy", "mcc", "confusion", "n"):
        assert binary[name] == multi[name]
    if binary["auroc"] is not None:
        assert binary["auroc"] == pytest.approx(multi["auroc"])
    json.dumps([binary, multi], allow_nan=False)


def test_multiclass_by_hand():
    truth = np.array([0, 0, 1, 2, -1])
    probability = np.array(
        [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [1, 0, 0]]
    )
    result = multiclass_metrics(truth, probability)
    assert result["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert result["accuracy"] == 0.75
    assert result["balanced_accuracy"] == pytest.approx((0.5 + 1 + 1) / 3)
    assert result["f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    # Class 0 against the rest: 0.8 and 0.2 against 0.1 and 0.3, three of four pairs.
    assert result["auroc"] == pytest.approx((0.75 + 1 + 1) / 3)


def test_a_class_that_does_not_occur():
    result = multiclass_metrics(np.array([0, 1, 0]), np.eye(3)[[0, 1, 1]])
    assert result["auroc"] == pytest.approx(0.75)
    assert result["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    only = multiclass_metrics(np.array([2, 2]), np.eye(3)[[2, 2]])
    assert only["accuracy"] == 1.0 and only["auroc"] is None and only["mcc"] is None


def test_labels_are_averaged_where_defined():
    truth = np.array([[0, 1, 1], [1, np.nan, 1], [1, 0, 1], [np.nan] * 3])
    probability = np.array([[0.2, 0.9, 0.6], [0.7, 0.5, 0.4], [0.8, 0.6, 0.9], [0] * 3])
    result = multilabel_metrics(truth, probability)
    assert result["auroc"] == 1.0  # of the first two; the third has one class
    assert result["accuracy"] == pytest.approx((1 + 0.5 + 2 / 3) / 3)
    assert result["n"] == 3


def test_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for trial in range(40):
        truth = rng.normal(size=60)
        prediction = truth + rng.normal(size=60)
        low, high = bootstrap_interval(
            lambda a, b: float(np.sqrt(np.mean((a - b) ** 2))),
            truth, prediction, seed=trial, n=200,
        )  # fmt: skip
        hits += low <= 1 <= high
    assert 33 <= hits <= 40


def test_interval_follows_the_seed_and_may_be_undefined():
    truth, prediction = np.array([0.0, 1, 0, 1, 1]), np.array([0.1, 0.4, 0.6, 0.8, 0.9])
    options = {"name": "auroc", "n": 30}
    one = bootstrap_interval(binary_metrics, truth, prediction, seed=1, **options)
    assert one == bootstrap_interval(
        binary_metrics, truth, prediction, seed=1, **options
    )
    none = bootstrap_interval(binary_metrics, np.ones(5), prediction, **options)
    assert none is None
