"""Estimates from censored times: by hand, and against lifelines and scikit-survival."""

import numpy as np
import pytest

from jaxbio import metrics
from jaxbio.errors import DataError
from jaxbio.metrics.survival import (
    censoring_curve,
    censoring_weights,
    check_outcomes,
    check_rows,
    kaplan_meier,
    log_rank,
    nelson_aalen,
    restricted_mean,
    step_values,
)

TIME = np.array([1.0, 2, 2, 3, 5, 5])
EVENT = np.array([1, 1, 0, 0, 1, 0])


@pytest.fixture(params=[(0, 200), (1, 12)], ids=["many", "few"])
def rows(request):
    """Times with many ties, so that their order matters."""
    seed, size = request.param
    generator = np.random.default_rng(seed)
    time = generator.integers(1, size, size=120).astype(float)
    return time, generator.integers(0, 2, size=120), generator.integers(0, 3, size=120)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_curves_by_hand():
    curve = kaplan_meier(TIME, EVENT)
    close(curve.times, [1, 2, 3, 5])
    assert curve.at_risk.tolist() == [6, 5, 3, 2]
    assert curve.events.tolist() == [1, 1, 0, 1]
    close(curve.values, [5 / 6, 4 / 6, 4 / 6, 2 / 6])
    close(curve.at(np.array([0, 1, 4.9, 5, 7])), [1, 5 / 6, 4 / 6, 2 / 6, 2 / 6])
    close(nelson_aalen(TIME, EVENT).values, np.cumsum([1 / 6, 1 / 5, 0, 1 / 2]))
    assert nelson_aalen(TIME, EVENT).at(np.array([0.0]))[0] == 0


def test_censoring_comes_after_events_of_the_same_time():
    curve = censoring_curve(TIME, EVENT)
    # One of 4 left at 2, one of 3 at 3, the last one at 5.
    close(curve.values, [1, 3 / 4, 1 / 2, 0])
    close(censoring_weights(curve, np.array([1.5, 2, 4])), [1, 4 / 3, 2])
    with pytest.raises(DataError, match=r"censored by time 5.*until"):
        censoring_weights(curve, np.array([1.0, 5, 6]))


def test_rows_are_at_risk_after_their_entry():
    entry = np.array([0, 1.0, 0])
    curve = kaplan_meier(np.array([1.0, 2, 3]), np.array([1, 1, 1]), entry=entry)
    assert curve.at_risk.tolist() == [2, 2, 1]
    close(curve.values, [1 / 2, 1 / 4, 0])
    with pytest.raises(DataError, match="row 1: its entry 2 is not before its time 2"):
        kaplan_meier(np.array([1.0, 2]), np.array([1, 1]), entry=np.array([0.0, 2]))


def test_restricted_mean_by_hand():
    times, curves = np.array([1.0, 3]), np.array([[0.5, 0.0], [0.8, 0.6]])
    close(restricted_mean(times, curves, 4), [1 + 1.0, 1 + 1.6 + 0.6])
    close(restricted_mean(times, curves, 0.5), [0.5, 0.5])
    with pytest.raises(DataError, match="until=0"):
        restricted_mean(times, curves, 0)


def test_step_values_of_several_curves():
    found = step_values(np.array([1.0]), np.array([[0.5], [0.2]]), np.array([0, 1]))
    close(found, [[1, 0.5], [1, 0.2]])


def test_log_rank_of_one_event():
    # One of three dies, in a group of one: (1 - 1/3)² / (1/3 · 2/3).
    found = log_rank(np.array([1, 2, 3]), np.array([1, 0, 0]), np.array(list("abb")))
    close(found[0], 2)


@pytest.mark.parametrize(
    ("time", "event", "message"),
    [
        ([1, -2.0], [1, 1], "row 1: the time is -2"),
        ([np.nan, 2], [1, 1], "row 0: the time is nan"),
        ([1, 2], [1, 2], "row 1: the event is 2"),
        ([1, 2], [0, np.nan], "row 1: the event is nan"),
        ([], [], "no row"),
    ],
)
def test_outcomes_that_cannot_be(time, event, message):
    with pytest.raises(DataError, match=message):
        check_outcomes(np.array(time), np.array(event))


def test_predictions_that_cannot_be():
    with pytest.raises(DataError, match="row 1: the risk is not finite"):
        check_rows("risk", np.array([0, np.inf]), (2,))
    with pytest.raises(DataError, match="risk of shape"):
        check_rows("risk", np.zeros(3), (2,))


@pytest.mark.parametrize(
    ("event", "groups", "message"),
    [([1, 1], ["a", "a"], "two groups"), ([0, 0], ["a", "b"], "no row has an event")],
)
def test_log_rank_needs_groups_and_events(event, groups, message):
    with pytest.raises(DataError, match=message):
        log_rank(np.array([1, 2]), np.array(event), np.array(groups))


def test_curves_of_scikit_survival(rows):
    peer = pytest.importorskip("sksurv.nonparametric")
    time, event, _ = rows
    entry = np.maximum(time - 20, 0)
    for start in (None, entry):
        found = kaplan_meier(time, event, entry=start)
        times, values = peer.kaplan_meier_estimator(event == 1, time, start)
        close(found.at(times), values)  # entries are steps there, too
    close(
        nelson_aalen(time, event).values,
        peer.nelson_aalen_estimator(event == 1, time)[1],
    )
    close(
        censoring_curve(time, event).values,
        peer.kaplan_meier_estimator(event == 1, time, reverse=True)[1],
    )


@pytest.mark.filterwarnings("ignore:Starting with pandas")
def test_tests_and_means_of_lifelines(rows):
    peer = pytest.importorskip("lifelines")
    time, event, groups = rows
    statistics = pytest.importorskip("lifelines.statistics")
    expected = statistics.multivariate_logrank_test(time, groups, event)
    chi2, p = log_rank(time, event, groups)
    np.testing.assert_allclose([chi2, p], [expected.test_statistic, expected.p_value])
    fitted = peer.KaplanMeierFitter().fit(time, event)
    curve, until = kaplan_meier(time, event), float(np.median(time)) + 0.5
    close(curve.at(time), fitted.predict(time))
    utils = pytest.importorskip("lifelines.utils")
    area = utils.restricted_mean_survival_time(fitted, t=until)
    np.testing.assert_allclose(restricted_mean(curve.times, curve.values, until), area)


def test_public_names():
    assert metrics.kaplan_meier is kaplan_meier
