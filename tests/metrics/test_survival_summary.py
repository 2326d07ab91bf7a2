import numpy as np
import pytest

from jaxbio.metrics import (
    harrell_concordance,
    integrated_brier_score,
    risks,
    survival_metrics,
)

TIMES = np.array([1.0, 2.0, 3.0, 4.0])
RATES = np.array([2.0, 1.0, 0.7, 0.4, 0.2, 0.1])
CURVES = np.exp(-RATES[:, None] * TIMES)
OUTCOMES = np.array([[0.5, 1], [1.5, 0], [1.2, 1], [3.5, 1], [2.5, 0], [6.0, 0]])


def test_scores_are_those_of_their_functions():
    scores = survival_metrics(OUTCOMES, CURVES, TIMES)
    time, event = OUTCOMES.T
    risk = risks(CURVES)
    assert scores["concordance"] == harrell_concordance(time, event, risk)
    expected = integrated_brier_score(time, event, CURVES, TIMES)
    assert scores["ibs"] == pytest.approx(expected)
    assert (scores["events"], scores["n"]) == (3, 6)
    assert 0.5 < scores["antolini"] <= 1 and 0 < scores["calibration"] < 1


def test_rows_without_an_outcome_or_weight_do_not_count():
    more = np.concatenate([OUTCOMES, [[np.nan, np.nan], [0.1, 1]]])
    curves = np.concatenate([CURVES, CURVES[-2:]])
    weights = np.array([1.0] * 7 + [0.0])
    found = survival_metrics(more, curves, TIMES, weights=weights)
    alone = survival_metrics(OUTCOMES, CURVES, TIMES)
    for name in ("concordance", "antolini", "ibs", "n"):
        assert found[name] == pytest.approx(alone[name])


def test_a_weight_of_two_is_a_row_twice():
    weights = np.array([1.0, 2, 1, 1, 2, 1])
    rows = np.repeat(np.arange(6), weights.astype(int))
    twice = survival_metrics(OUTCOMES[rows], CURVES[rows], TIMES)
    found = survival_metrics(OUTCOMES, CURVES, TIMES, weights=weights)
    for name in ("concordance", "antolini"):
        assert found[name] == pytest.approx(twice[name])


def test_without_events_there_is_nothing_to_score():
    scores = survival_metrics(OUTCOMES[[1, 4]], CURVES[[1, 4]], TIMES)
    assert scores["concordance"] is scores["ibs"] is scores["antolini"] is None
    assert survival_metrics(OUTCOMES[:0], CURVES[:0], TIMES)["n"] == 0
