"""Scores of risks and survival curves: by hand, and against scikit-survival."""

import numpy as np
import pytest

from jaxbio import metrics
from jaxbio.errors import DataError
from jaxbio.metrics.survival import censoring_curve
from jaxbio.metrics.survival_scores import (
    antolini_concordance,
    dynamic_auc,
    harrell_concordance,
    integrated_brier_score,
    survival_brier_score,
    survival_calibration,
    uno_concordance,
)

TIME = np.array([1.0, 2, 3, 4])
EVENT = np.array([1, 0, 1, 1])


def sample(seed, size=300, *, ties):
    """Rows with risks that tell something, some of them equal."""
    generator = np.random.default_rng(seed)
    risk = generator.normal(size=size).round(1)
    time = generator.exponential(np.exp(-risk)) * 20
    ends = generator.exponential(30, size=size)
    event, time = time <= ends, np.minimum(time, ends)
    return (np.ceil(time) if ties else time), event, risk


@pytest.fixture(params=[False, True], ids=["distinct", "ties"])
def rows(request):
    return sample(0, ties=request.param), sample(1, ties=request.param)


def curves(risk, times):
    return np.exp(-np.exp(risk)[:, None] * times / 20)


@pytest.mark.parametrize(
    ("time", "event", "risk", "expected"),
    [
        ([1, 2, 3], [1, 1, 1], [3, 2, 1], 1.0),
        ([1, 2, 3], [1, 1, 1], [1, 2, 3], 0.0),
        ([1, 2, 3], [1, 1, 1], [1, 1, 1], 0.5),
        ([1, 2, 3], [0, 1, 1], [9, 2, 1], 1.0),  # the censored row comes first
        ([1, 1, 2], [1, 1, 1], [1, 9, 5], 0.5),  # equal times of events: no pair
        ([1, 1], [1, 0], [2, 1], 1.0),  # the censored row lives longer
        ([1, 2], [0, 0], [2, 1], None),
    ],
)
def test_harrell_by_hand(time, event, risk, expected):
    found = harrell_concordance(np.array(time), np.array(event), np.array(risk))
    assert found == expected


def test_uno_by_hand():
    # The event at 3 has weight (3/2)², that at 1 has 1 and three pairs.
    risk = np.array([0.5, 0.9, 0.7, 0.1])
    found = uno_concordance(TIME, EVENT, risk)
    assert found == pytest.approx((1 + 2.25) / (3 + 2.25))
    assert uno_concordance(TIME, EVENT, risk, until=3) == pytest.approx(1 / 3)
    every = np.ones(4)
    assert uno_concordance(TIME, every, risk) == harrell_concordance(TIME, every, risk)


def test_uno_where_all_training_rows_are_censored():
    censoring = censoring_curve(np.array([1, 2]), np.array([1, 0]))
    with pytest.raises(DataError, match="until"):
        uno_concordance(TIME, EVENT, TIME, censoring=censoring)
    found = uno_concordance(TIME, EVENT, -TIME, until=2, censoring=censoring)
    assert found == 1


def test_antolini_of_proportional_hazards_is_harrell(rows):
    (time, event, risk), _ = rows
    times = np.unique(time)
    found = antolini_concordance(time, event, curves(risk, times), times)
    assert found == pytest.approx(harrell_concordance(time, event, risk))


def test_antolini_looks_at_the_time_of_the_event():
    crossing, times = np.array([[0.9, 0.1], [0.8, 0.7], [0.7, 0.2]]), np.array([1.0, 2])
    found = antolini_concordance(np.array([2, 3, 1]), np.ones(3), crossing, times)
    # At 1 the third is lowest of all (two pairs), at 2 the first lies below the second.
    assert found == 1
    swapped = antolini_concordance(np.array([1, 3, 2]), np.ones(3), crossing, times)
    assert swapped == pytest.approx(1 / 3)
    early = antolini_concordance(np.array([0.5, 3]), np.ones(2), crossing[:2], times)
    assert early == 0.5


def test_brier_by_hand():
    survival = np.array([[0.2, 0.1], [0.5, 0.5], [0.6, 0.3], [0.9, 0.8]])
    found = survival_brier_score(TIME, EVENT, survival, np.array([1.5, 3.5]))
    first = (0.2**2 + 0.5**2 + 0.4**2 + 0.1**2) / 4
    second = (0.1**2 + 0.3**2 * 1.5 + 0.2**2 * 1.5) / 4
    assert found == pytest.approx([first, second])
    whole = integrated_brier_score(TIME, EVENT, survival, np.array([1.5, 3.5]))
    assert whole == pytest.approx((first + second) / 2)


def test_auc_without_events_or_rows_left():
    result = dynamic_auc(TIME, EVENT, -TIME, np.array([0.5, 1.5, 4]))
    assert np.isnan(result.auc).tolist() == [True, False, True]
    assert result.auc[1] == 1
    assert result.mean is None


def test_calibration_by_hand():
    time, event = np.array([1, 4, 5, 5]), np.array([1, 1, 0, 0])
    survival = np.array([0.4, 0.2, 0.8, 0.6])
    result = survival_calibration(time, event, survival, at=3, groups=2)
    assert result.predicted == pytest.approx([0.3, 0.7])
    assert result.observed.tolist() == [0.5, 1]
    assert result.rows.tolist() == [2, 2]
    assert result.error == pytest.approx(0.25)
    alike = survival_calibration(time, event, np.full(4, 0.75), at=3, groups=2)
    assert (alike.rows.tolist(), alike.error) == ([4], 0)


def test_scores_of_scikit_survival(rows):
    peer = pytest.importorskip("sksurv.metrics")
    surv = pytest.importorskip("sksurv.util").Surv
    train, (time, event, risk) = rows
    known, own = surv.from_arrays(train[1], train[0]), surv.from_arrays(event, time)
    end = float(np.quantile(time, 0.9))
    times = np.linspace(2, end - 1, 7)
    censoring = censoring_curve(train[0], train[1])
    survival = curves(risk, times)

    def close(found, expected):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)

    close(
        harrell_concordance(time, event, risk),
        peer.concordance_index_censored(event, time, risk)[0],
    )
    close(
        uno_concordance(time, event, risk, until=end, censoring=censoring),
        peer.concordance_index_ipcw(known, own, risk, tau=end)[0],
    )
    some = time < end  # times must not lie beyond the training rows there
    part = own[some]
    outcome = time[some], event[some]
    close(
        survival_brier_score(*outcome, survival[some], times, censoring=censoring),
        peer.brier_score(known, part, survival[some], times)[1],
    )
    close(
        integrated_brier_score(*outcome, survival[some], times, censoring=censoring),
        peer.integrated_brier_score(known, part, survival[some], times),
    )
    for scores in (risk[some], 1 - survival[some]):
        auc, mean = peer.cumulative_dynamic_auc(known, part, scores, times)
        found = dynamic_auc(*outcome, scores, times, censoring=censoring)
        close(found.auc, auc)
        close(found.mean, mean)


def test_concordance_of_lifelines(rows):
    utils = pytest.importorskip("lifelines.utils")
    (time, event, risk), _ = rows
    expected = utils.concordance_index(time, -risk, event)
    assert harrell_concordance(time, event, risk) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: harrell_concordance(TIME, EVENT, TIME * np.nan), "row 0: the risk"),
        (
            lambda: antolini_concordance(TIME, EVENT, np.zeros((4, 2)), TIME[1::-1]),
            "ascending order",
        ),
        (
            lambda: integrated_brier_score(TIME, EVENT, np.zeros((4, 1)), TIME[:1]),
            "two at least",
        ),
        (lambda: survival_calibration(TIME, EVENT, TIME, at=9), "beyond the last time"),
        (lambda: survival_calibration(TIME, EVENT, TIME, 1, groups=0), "groups=0"),
    ],
)
def test_calls_that_cannot_be(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_public_names():
    assert metrics.uno_concordance is uno_concordance


def test_concordance_counts_every_pair_once():
    random = np.random.default_rng(0)
    for count in (1, 2, 7, 64, 101):
        time = random.integers(0, 12, count).astype(float)
        event, risk = random.integers(0, 2, count), random.integers(0, 6, count) / 2
        weights = random.uniform(0.5, 2, count)
        right = pairs = 0.0
        for i in np.flatnonzero(event):
            for j in range(count):
                if time[j] > time[i] or (time[j] == time[i] and not event[j]):
                    weight = weights[i] * weights[j]
                    pairs += weight
                    right += weight * ((risk[j] < risk[i]) + 0.5 * (risk[j] == risk[i]))
        found = harrell_concordance(time, event, risk, weights=weights)
        assert found == (pytest.approx(right / pairs) if pairs else None)
