"""Verdicts against scikit-learn and by hand."""

import numpy as np
import pytest

from jaxbio.metrics import concordant_pairs, harrell_concordance
from jaxbio.run.verdict import Verdict, in_words, judge


def test_measures_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    good, noise = truth + rng.normal(0, 0.3, 80), rng.normal(size=80)
    (verdict,) = judge("auroc", truth, {"model": good, "noise": noise})
    assert verdict.model == pytest.approx(metrics.roc_auc_score(truth, good))
    assert verdict.other == pytest.approx(metrics.roc_auc_score(truth, noise))
    assert verdict.word == "better" and 0 < verdict.low < verdict.high
    (turned,) = judge("auroc", truth, {"model": noise, "good": good})
    assert turned.word == "worse"
    (same,) = judge("auroc", truth, {"model": good, "same": good})
    assert same.word == "no different" and same.low == same.high == 0


def test_groups_are_drawn_as_a_whole():
    # In each chain all residues are right or all are wrong: four answers, not 400.
    right = np.repeat([1.0, 1.0, 1.0, 0.0], 100)
    truth = np.zeros(400, int)
    model = np.stack([right, 1 - right], axis=1)
    other = np.tile([0.6, 0.4], (400, 1))
    other[::2] = [0.4, 0.6]
    guesses = {"model": model, "other": other}
    chains = np.repeat(np.arange(4), 100)
    (alone,) = judge("accuracy", truth, guesses)
    (together,) = judge("accuracy", truth, guesses, groups=chains)
    assert alone.word == "better" and together.word == "no different"
    assert together.model == 0.75 and together.low <= 0 < together.high
    assert judge("accuracy", truth, guesses, groups=np.zeros(400, int)) == ()


def test_accuracy_and_unknown_rows():
    truth = np.array([0, 1, 2, -1] * 10)
    right = np.eye(4)[truth][:, :3]
    wrong = right[::-1]
    (verdict,) = judge("accuracy", truth, {"model": right, "wrong": wrong})
    assert verdict.model == 1.0 and verdict.word == "better"
    assert judge("r2", truth, {"model": right, "wrong": wrong}) == ()


def test_a_network_that_is_not_better_gets_advice():
    even = Verdict("linear", "spearman", 0.5, 0.5, -0.1, 0.1)
    text = in_words("y", "test", (even,))
    assert "does not beat linear (spearman 0.500 against 0.500" in text
    assert "simplest" in text
    assert in_words("y", "test", ()) == ""


def test_concordance_of_draws_is_that_of_the_drawn_rows():
    rng = np.random.default_rng(0)
    truth = np.stack([rng.exponential(size=50).round(1), rng.integers(0, 2, 50)], 1)
    truth[0] = np.nan
    good, noise = rng.normal(size=50) - 2 * truth[:, 0], rng.normal(size=50)
    good[0] = 0.0
    (verdict,) = judge("concordance", truth, {"model": good, "noise": noise})
    rows = slice(1, None)
    assert verdict.model == pytest.approx(
        harrell_concordance(*truth[rows].T, good[rows])
    )
    drawn = rng.choice(np.arange(1, 50), 50)
    counts = np.bincount(drawn, minlength=50)[None, rows]
    right, pairs = concordant_pairs(*truth[rows].T, noise[rows], counts)
    expected = harrell_concordance(*truth[drawn].T, noise[drawn])
    assert right[0] / pairs[0] == pytest.approx(expected)
    assert verdict.word == "better" and verdict.low < verdict.high
