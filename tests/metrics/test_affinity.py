"""Affinity scores: hand-worked cases, pair by pair, and against SciPy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from jaxbio import metrics
from jaxbio.errors import DataError
from jaxbio.metrics.affinity import (
    affinity_metrics,
    concordance_index,
    enrichment_factor,
    pair_metrics,
    r_m_squared,
    within_group,
)
from jaxbio.metrics.standard import pearson, spearman

quick = settings(max_examples=60, deadline=None)


numbers = st.lists(st.tuples(st.integers(0, 6), st.integers(-3, 3)), max_size=40)


def array(*values):
    return np.array(values, np.float64)


def pair_by_pair(truth, prediction):
    right, pairs = 0.0, 0
    for one, other in itertools.permutations(range(len(truth)), 2):
        if truth[one] > truth[other]:
            pairs += 1
            right += float(prediction[one] > prediction[other])
            right += 0.5 * (prediction[one] == prediction[other])
    return right / pairs if pairs else None


@pytest.mark.parametrize(
    ("truth", "prediction", "expected"),
    [
        ((1, 2, 3), (1, 2, 3), 1.0),
        ((1, 2, 3), (3, 2, 1), 0.0),
        ((1, 2, 3), (7, 7, 7), 0.5),
        ((1, 1, 2), (5, 9, 7), 0.5),  # 1 < 2: 5 < 7 right, 9 > 7 wrong
        ((1, 2, 2, 3), (1, 2, 3, 3), 4.5 / 5),  # 5 pairs, one a tie
        ((2, 2), (1, 3), None),
        ((), (), None),
        ((np.nan, 1, 2), (9, 1, 2), 1.0),
    ],
)
def test_concordance_by_hand(truth, prediction, expected):
    assert concordance_index(array(*truth), array(*prediction)) == expected


@quick
@given(numbers)
def test_concordance_is_that_of_every_pair(rows):
    truth, prediction = np.array(rows, float).reshape(-1, 2).T
    expected = pair_by_pair(truth, prediction)
    found = concordance_index(truth, prediction)
    assert found == (expected if expected is None else pytest.approx(expected))
    if found is not None:
        mirrored = concordance_index(truth, -prediction)
        assert found + mirrored == pytest.approx(1)
        assert concordance_index(truth, 3 * prediction + 2) == found


def test_concordance_of_many_rows_with_ties():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=700).round(1).clip(0)  # most at a floor, as in Davis
    prediction = (truth + rng.normal(size=700)).round(1)
    expected = pair_by_pair(truth, prediction)
    assert concordance_index(truth, prediction) == pytest.approx(expected, abs=1e-12)
    somers = stats.somersd(truth, prediction).statistic
    assert concordance_index(truth, prediction) == pytest.approx((1 + somers) / 2)


def test_concordance_stays_exact_with_a_hundred_thousand_rows():
    truth = np.arange(100_000.0)
    prediction = truth.copy()
    prediction[[0, 1]] = prediction[[1, 0]]
    pairs = 100_000 * 99_999 // 2
    assert concordance_index(truth, prediction) == (pairs - 1) / pairs


def test_r_m_squared_by_hand():
    # Off by one: r² = 1; slope 20/29, unexplained 6/29, variance 2, r0² = 1 - 3/29.
    truth, prediction = array(1, 2, 3), array(2, 3, 4)
    origin = 1 - (14 - 20**2 / 29) / 2
    assert r_m_squared(truth, prediction) == pytest.approx(1 - np.sqrt(1 - origin))
    script = 1 - np.sqrt(1 - origin**2)
    assert r_m_squared(truth, prediction, form="deepdta") == pytest.approx(script)
    assert r_m_squared(truth, 3 * truth) == pytest.approx(1)
    assert r_m_squared(truth, array(2, 2, 2)) is None
    assert r_m_squared(array(2, 2, 2), truth) is None


@quick
@given(numbers)
def test_r_m_squared_does_not_mind_the_scale_of_predictions(rows):
    truth, prediction = np.array(rows, float).reshape(-1, 2).T
    found = r_m_squared(truth, prediction)
    if found is not None:
        assert found <= 1
        assert r_m_squared(truth, -2 * prediction) == pytest.approx(found, abs=1e-6)


def test_correlations_agree_with_scipy():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=50).round(1)
    prediction = truth + rng.normal(size=50).round(1)
    assert pearson(truth, prediction) == pytest.approx(
        stats.pearsonr(truth, prediction).statistic
    )
    assert spearman(truth, prediction) == pytest.approx(
        stats.spearmanr(truth, prediction).statistic
    )
    assert pearson(array(1), array(2)) is None


def test_within_group_by_hand():
    truth = array(1, 2, 3, 1, 2, 3, 5, 5, 5, 1, 2, np.nan)
    prediction = array(1, 2, 3, 3, 2, 1, 1, 2, 3, 1, 2, 3)
    drug = np.array(list("aaabbbcccddd"))
    found = within_group(pearson, truth, prediction, drug)
    assert found == {"mean": 0.0, "median": 0.0, "groups": 2, "left_out": 2}
    fewer = within_group(pearson, truth, prediction, drug, fewest=2)
    assert fewer["groups"] == 3 and fewer["mean"] == pytest.approx(1 / 3)
    none = within_group(pearson, truth[6:9], prediction[6:9], drug[6:9])
    assert none == {"mean": None, "median": None, "groups": 0, "left_out": 1}


@quick
@given(numbers, st.integers(1, 4))
def test_within_group_is_a_loop_over_groups(rows, n_groups):
    truth, prediction = np.array(rows, float).reshape(-1, 2).T
    groups = np.arange(len(truth)) * 7 % n_groups
    values = []
    for group in set(groups.tolist()):
        mine = groups == group
        if mine.sum() >= 3:
            values.append(concordance_index(truth[mine], prediction[mine]))
    values = [value for value in values if value is not None]
    found = within_group(concordance_index, truth, prediction, groups)
    assert found["groups"] == len(values)
    assert found["left_out"] == len(set(groups.tolist())) - len(values)
    assert found["mean"] == (pytest.approx(np.mean(values)) if values else None)


def test_all_measures_together():
    truth, prediction = array(5, 6, 8, np.nan), array(5, 7, 8, 1)
    found = affinity_metrics(truth, prediction, active_from=7)
    assert found["n"] == 3 and found["mse"] == pytest.approx(1 / 3)
    assert found["auprc"] == 1.0 and found["concordance"] == 1.0
    assert found["r_m2"] == r_m_squared(truth, prediction)
    empty = affinity_metrics(array(np.nan), array(1))
    assert empty["mse"] is None and empty["concordance"] is None


def test_enrichment_by_hand():
    truth, score = array(1, 1, 0, 0, 0, 0, 0, 0, 0, 0), -np.arange(10.0)
    assert enrichment_factor(truth, score, share=0.2) == pytest.approx(5)
    assert enrichment_factor(truth, score, share=1) == pytest.approx(1)
    assert enrichment_factor(truth, np.zeros(10), share=0.1) == pytest.approx(1)
    assert enrichment_factor(np.zeros(3), np.arange(3.0)) is None
    with pytest.raises(DataError, match="share=0"):
        enrichment_factor(truth, score, share=0)


def test_bad_predictions_are_named():
    with pytest.raises(DataError, match="prediction 3 is nan: 1 predictions"):
        concordance_index(array(np.nan, 1, 2), array(0, 1, np.nan))


def test_the_package_gives_them():
    assert metrics.concordance_index is concordance_index
    assert metrics.within_group is within_group


def test_the_mean_of_each_drug_says_nothing_within_drugs():
    rng = np.random.default_rng(0)
    drug, protein = np.divmod(np.arange(400), 20)
    level = 3 * rng.normal(size=20)[drug]
    inside = rng.normal(size=20)[protein]
    truth = level + inside
    entities = {"drug": drug, "protein": protein}
    by_heart = pair_metrics(truth, level, entities)
    assert by_heart["within_drug_pearson"] is None  # constant within each drug
    assert by_heart["concordance_index"] > 0.85
    assert by_heart["concordance_index"] == concordance_index(truth, level)
    assert by_heart["r_m2"] == r_m_squared(truth, level)
    assert by_heart["within_protein_pearson"] == pytest.approx(1)
    blind = pair_metrics(truth, inside, entities)
    assert blind["within_drug_pearson"] == pytest.approx(1)
    assert blind["within_protein_pearson"] is None


def test_rows_without_an_entity_do_not_count_within_it():
    truth = np.array([1.0, 2, 3, 4, 5, 6])
    prediction = np.array([1.0, 2, 3, 6, 5, 4])
    found = pair_metrics(truth, prediction, {"drug": np.array([0, 0, 0, -1, -1, -1])})
    assert found["within_drug_pearson"] == pytest.approx(1)
    assert found["concordance_index"] == 12 / 15  # the last three are in wrong order
