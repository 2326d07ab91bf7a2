import numpy as np
import pytest

from jaxbio.clinical.crossfit import by_each, folds_of, held_out, within
from jaxbio.errors import DataError
from tests.trials import linear_fit, made_trial


def test_each_row_is_held_out_once_and_arms_are_dealt_evenly():
    trial = made_trial(103)
    folds = folds_of(trial, count=4)
    held = np.concatenate([rows for _, rows in folds])
    assert sorted(held) == list(range(103))
    assert len({len(some) for some, _ in folds}) == 1
    assert all(not set(some) & set(rows) for some, rows in folds)
    shares = [trial.arm[rows].mean() for _, rows in folds]
    assert max(shares) - min(shares) < 0.05


def test_folds_of_some_rows_keep_rows_apart():
    trial = made_trial(100)
    folds = folds_of(trial)
    own = np.flatnonzero(trial.arm == 1)
    for (_, held), (some, part) in zip(folds, within(folds, own), strict=True):
        assert set(own[part]) <= set(held) and not set(own[some]) & set(held)
    with pytest.raises(DataError, match="no row in one of the folds"):
        within(folds, own[:2])


def test_predictions_are_by_what_did_not_learn_from_a_row():
    trial = made_trial(60)
    rows = trial.rows.take(np.arange(60))
    from jaxbio.clinical.learners.base import number

    rows = type(rows)(rows.inputs, {"y": number(trial.values, "y")})
    folds = folds_of(trial, count=3)
    run = linear_fit("x", rows, folds)
    found = held_out(run, "y")
    np.testing.assert_allclose(found, by_each(run.predictor, rows, folds, "y"))
    _, held = folds[1]
    alone = run.predictor.alone()[1](rows.take(held)).by_target["y"]
    np.testing.assert_allclose(found[held], alone)
