"""Measures of many columns at once against those of one at a time."""

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.metrics.multi_output import count_by_column, regression_by_column
from jaxbio.metrics.standard import count_metrics, regression_metrics

RNG = np.random.default_rng(0)


def tables(rows, dtype=np.float32):
    """Numbers, counts, constants, gaps, and columns with few or no known values."""
    truth = RNG.normal(size=(rows, 12))
    truth[:, 1] = RNG.poisson(1.0, rows)
    truth[:, 2] = 0.1
    truth[:, 4] = 1e-30 * truth[:, 4]
    truth[:, 5] = 1e6 + truth[:, 5]
    truth[:, 6] *= RNG.choice([-0.0, 0.0, 1.0], rows)
    truth[RNG.random(rows) < 0.5, 7] = np.nan
    truth[:, 8] = np.where(RNG.random(rows) < 0.3, np.nan, truth[:, 1])
    truth[:, 9] = np.nan
    truth[1:, 10] = np.nan
    truth[0, 11] = np.inf
    found = RNG.normal(size=(rows, 12)) + np.nan_to_num(truth, posinf=0)
    found[:, 3] = -0.1
    found[:, 8] = found[:, 8].round()
    return truth.astype(dtype), found.astype(dtype)


def check(many, one, truth, found):
    for at, columns in enumerate(zip(truth.T, found.T, strict=True)):
        expected = one(*columns)
        assert list(many) == list(expected)
        for name, value in expected.items():
            value = np.nan if value is None else value
            assert many[name][at] == pytest.approx(
                value, rel=1e-9, abs=1e-12, nan_ok=True
            ), (at, name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 50, 9000])  # of these some at a time
def test_numbers_are_measured_as_one_by_one(rows, dtype):
    truth, found = tables(max(rows, 1), dtype)
    truth, found = truth[:rows], found[:rows]
    check(regression_by_column(truth, found), regression_metrics, truth, found)
    check(
        regression_by_column(truth[:, :7], found[:, :7]),
        regression_metrics, truth[:, :7], found[:, :7],
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_counts_are_measured_as_one_by_one(dtype):
    truth = RNG.poisson(1.0, (60, 6)).astype(dtype)
    truth[RNG.random(60) < 0.3, 1] = np.nan
    truth[3, 2] = -1
    truth[:, 3] = 0
    found = RNG.gamma(1.0, 1.0, (60, 6)).astype(dtype)
    found[0, 4] = 0
    check(count_by_column(truth, found), count_metrics, truth, found)


def test_predictions_that_are_not_finite_are_named():
    truth, found = np.zeros((4, 3)), np.zeros((4, 3))
    truth[0, 1], found[0, 1] = np.nan, np.nan
    assert regression_by_column(truth, found)["n"].tolist() == [4, 3, 4]
    found[2, 2] = np.inf
    with pytest.raises(DataError, match="prediction 3 is inf: 1 predictions are not"):
        regression_by_column(truth, found)
