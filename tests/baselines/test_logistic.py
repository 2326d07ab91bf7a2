import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from jaxbio.baselines.logistic import Components, fit_logistic, softmax


def test_logistic_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype(np.float32) + 3
    scores = (x - 3) @ rng.normal(size=(4, 3))
    y = np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)
    every = [np.ones(4, bool)]
    fitted = fit_logistic(x, y, 4, weights=np.ones(300), candidates=every)
    chance = softmax(x @ fitted[0] + fitted[1])
    assert chance[:, 3].max() < 1e-9  # a class that does not occur
    peers = [
        LogisticRegression(C=strength, tol=1e-6, max_iter=1000, class_weight=weight)
        .fit(x, y)
        .predict_proba(x)
        for strength in (1, 0.1, 0.01)
        for weight in (None, "balanced")
    ]
    assert min(np.abs(chance[:, :3] - peer).max() for peer in peers) < 0.02


def test_columns_are_chosen_by_held_out_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 100)).astype(np.float32)
    good = np.arange(100) < 3
    y = x[:, :3].sum(axis=1) + 0.5 * rng.normal(size=150)
    classes = (y > 0).astype(int)
    candidates = [~good, good, np.ones(100, bool)]
    b, _ = fit_logistic(x, classes, 2, weights=np.ones(150), candidates=candidates)
    assert (b[3:] == 0).all() and (b[:3, 1] > 0.5).all()


def test_so_many_columns_are_those_that_say_most_in_the_rows_of_a_fold():
    rng = np.random.default_rng(0)
    good = np.isin(np.arange(400), (7, 70, 300))
    x = rng.normal(size=(450, 400)).astype(np.float32)
    y = x[:, good].sum(axis=1) + 0.5 * rng.normal(size=450)
    candidates = [3, np.ones(400, bool)]
    classes = (y > 0).astype(int)
    b, _ = fit_logistic(x, classes, 2, weights=np.ones(450), candidates=candidates)
    assert set(np.flatnonzero(b[:, 1])) == {7, 70, 300}


def test_components_take_the_place_of_columns_that_are_mostly_noise():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(160, 2))
    x = hidden @ rng.normal(size=(2, 400)) + 2 * rng.normal(size=(160, 400)) + 5
    x[:, 0] *= 100  # says nothing, and is the first component where nothing is done
    x = x.astype(np.float32)
    classes = np.argmax(np.c_[hidden, np.zeros(160)], axis=1)
    spread = np.r_[0.01, np.ones(399)].astype(np.float32)
    candidates = [np.ones(400, bool), Components(2, spread)]
    b, a = fit_logistic(x, classes, 3, weights=np.ones(160), candidates=candidates)
    assert np.linalg.matrix_rank(b[:, 1:] - b[:, :1], tol=1e-4) == 2
    axes = PCA(2).fit(x * spread).components_ * spread
    outside = b - axes.T @ np.linalg.lstsq(axes.T, b, rcond=None)[0]
    assert np.abs(outside).max() < 0.05 * np.abs(b).max()
    assert (np.argmax(x @ b + a, axis=1) == classes).mean() > 0.8


@pytest.mark.parametrize("apart, alike", [(1.0, False), (6.0, True)])
def test_rare_classes_weigh_as_much_where_that_predicts_better(apart, alike):
    rng = np.random.default_rng(0)
    classes = np.repeat(np.arange(3), (300, 15, 15))
    middles = np.zeros((3, 500))
    middles[[1, 2], [0, 1]] = apart
    x = (middles[classes] + rng.normal(size=(330, 500))).astype(np.float32) / 10
    every = [np.ones(500, bool)]
    b, a = fit_logistic(x, classes, 3, weights=np.ones(330), candidates=every)
    chance = softmax(x @ b + a)

    def distance(weight):
        peers = [
            LogisticRegression(C=strength, max_iter=1000, class_weight=weight)
            .fit(x, classes)
            .predict_proba(x)
            for strength in (1, 0.1, 0.01)
        ]
        return min(np.abs(chance - peer).max() for peer in peers)

    assert (distance("balanced") < 0.02) == alike
    assert (distance(None) < 0.02) != alike
