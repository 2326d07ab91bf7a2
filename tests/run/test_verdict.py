"""Verdicts against scikit-learn and by hand."""

import numpy as np
import pytest

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
