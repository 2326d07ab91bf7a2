"""Permutation importance: the fall of a score, and what cannot be asked."""

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.explain import permutation_importance


def test_importances_rank_the_columns(linear):
    predictor, _, data = linear
    found = permutation_importance(predictor, data, repeats=5)
    assert found.metric == "rmse" and found.score < 0.6
    frame = found.frame()
    assert frame["column"].tolist()[:2] == ["a", "b"]
    # Shuffled, a weight of 3 on unit variance gives an error of 3 times the root of 2.
    assert frame["drop_of_rmse"][0] == pytest.approx(3 * np.sqrt(2), rel=0.25)
    assert abs(frame["drop_of_rmse"][2]) < 0.1
    assert (frame["low"] <= frame["high"]).all()
    r2 = permutation_importance(predictor, data, metric="r2", columns=["a"], repeats=2)
    assert r2.columns == ("a", "all others") and (r2.drops[0] > 0.5).all()


def test_what_cannot_be_is_told(linear):
    predictor, table, data = linear
    with pytest.raises(DataError, match="need rows with the target y"):
        permutation_importance(predictor, predictor.dataset(table[["a", "b", "c"]]))
    with pytest.raises(DataError, match="no score 'auroc'"):
        permutation_importance(predictor, data, metric="auroc")
