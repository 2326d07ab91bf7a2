import numpy as np
import pytest

from jaxbio.metrics import competing_metrics, harrell_concordance, risks_by_cause

TIMES = np.array([1.0, 2.0, 4.0])


def rows(n=200):
    random = np.random.default_rng(0)
    hazards = random.exponential(size=(n, 2)) / 4
    total = hazards.sum(axis=1)
    time = random.exponential(1 / total)
    cause = 1 + (random.random(n) > hazards[:, 0] / total)
    cause[time > 5] = 0
    outcomes = np.stack([np.minimum(time, 5), cause], axis=1)
    share = hazards / total[:, None]
    given = share[:, :, None] * (1 - np.exp(-total[:, None] * TIMES))[:, None]
    return outcomes, given


def test_true_incidences_are_in_order_and_calibrated():
    outcomes, given = rows()
    scores = competing_metrics(outcomes, given, TIMES, ("a", "b"))
    assert scores["concordance"] > 0.65 and scores["calibration"] < 0.1
    assert scores["ibs"] < 0.22 and scores["n"] == 200
    risk = risks_by_cause(given, TIMES)[:, 1]
    expected = harrell_concordance(outcomes[:, 0], outcomes[:, 1] == 2, risk)
    assert scores["concordance_b"] == expected
    both = scores["concordance_a"], scores["concordance_b"]
    assert scores["concordance"] == pytest.approx(np.mean(both))
    other = competing_metrics(outcomes, given[:, ::-1], TIMES, ("a", "b"))
    assert other["concordance"] < 0.5 and other["ibs"] > scores["ibs"]


def test_a_cause_without_an_event_has_no_score():
    outcomes, given = rows(60)
    outcomes[outcomes[:, 1] == 2, 1] = 0
    outcomes[0] = np.nan
    scores = competing_metrics(outcomes, given, TIMES, ("a", "b"))
    assert scores["concordance_b"] is None and scores["n"] == 59
    assert scores["concordance"] == scores["concordance_a"]
    outcomes[:, 1] = 0
    empty = competing_metrics(outcomes, given, TIMES, ("a", "b"))
    assert empty["concordance"] is empty["ibs"] is None and empty["events"] == 0


def test_weights_are_copies():
    outcomes, given = rows(40)
    weights = np.ones(40)
    weights[:3] = [0, 2, 1]
    some = np.concatenate([[1], np.arange(1, 40)])
    one = competing_metrics(outcomes, given, TIMES, ("a", "b"), weights=weights)
    two = competing_metrics(outcomes[some], given[some], TIMES, ("a", "b"))
    assert one["concordance"] == pytest.approx(two["concordance"])
