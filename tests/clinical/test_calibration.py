import numpy as np
import pytest

from jaxbio.clinical.calibration import (
    Calibration,
    calibrated_apart,
    standard_errors,
)


def test_noise_is_flattened_and_truth_is_kept():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=4000)
    scores = truth + rng.normal(size=4000)
    right = Calibration.fit(truth, scores, np.full(4000, 0.1))
    assert right.slope == pytest.approx(1, abs=0.05)
    assert right.average == pytest.approx(0, abs=0.1)
    noise = Calibration.fit(rng.normal(size=4000), scores, np.full(4000, 0.1))
    assert noise.slope < 0.1
    assert noise.effects(np.array([5.0]))[0] == pytest.approx(0, abs=0.4)
    same = Calibration.fit(np.ones(4), scores[:4], np.ones(4))
    assert same.slope == 0


def test_means_of_networks_are_flattened_less_than_each():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=4000)
    one = truth + rng.normal(size=4000)  # half of its variance is noise
    plain = Calibration.fit(one, truth, np.zeros(4000))
    steady = Calibration.fit(one, truth, np.zeros(4000), noise=1.0)
    assert plain.slope == pytest.approx(0.5, abs=0.05)
    assert steady.slope == pytest.approx(1.0, abs=0.1)


def test_errors_add_up():
    found = Calibration(0.0, 0.3, 0.0, 0.5, 0.2, 1.0)
    error = found.errors(np.array([2.0]), np.array([3.0]))[0]
    assert error**2 == pytest.approx(0.3**2 + 0.4**2 + 0.25 * (4.5 + 0.5))
    assert Calibration.from_dict(found.to_dict()) == found


def test_calibration_by_other_folds_does_not_see_a_row():
    learned, scores = np.arange(6.0), np.arange(6.0)
    folds = [
        (np.arange(3, 6), np.arange(3)),
        (np.arange(3), np.arange(3, 6)),
    ]
    before, _ = calibrated_apart(learned, scores, np.ones(6), folds)
    scores[0] = 100.0
    after, _ = calibrated_apart(learned, scores, np.ones(6), folds)
    np.testing.assert_allclose(before[:3], after[:3])
    assert not np.allclose(before[3:], after[3:])


def test_the_jackknife_of_a_mean_is_its_standard_error():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2000, 20))
    parts = rows.reshape(2000, 5, 4)
    without = (rows.sum(axis=1, keepdims=True) - parts.sum(axis=2)) / 16
    errors = standard_errors(without.std(axis=1), 5)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(1 / np.sqrt(20), rel=0.05)
