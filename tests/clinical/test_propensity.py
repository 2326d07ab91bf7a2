import types

import numpy as np
import pytest

from jaxbio.clinical.propensity import (
    LEAST,
    as_propensities,
    fit_propensities,
    known_propensities,
    overlap,
    predicted_propensities,
)
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, JaxbioError
from jaxbio.run.evaluation import OutOfFold
from tests.trials import made_trial


def test_known_ones_are_the_shares_or_what_is_given():
    trial = made_trial(50)
    np.testing.assert_allclose(known_propensities(trial, None), trial.counts / 50)
    np.testing.assert_allclose(known_propensities(trial, 0.3), [0.7, 0.3])
    np.testing.assert_allclose(known_propensities(trial, [0.4, 0.6]), [0.4, 0.6])
    for wrong in (1.0, [0.5, 0.6], [0.2, 0.3, 0.5]):
        with pytest.raises(JaxbioError, match="none, drug"):
            known_propensities(trial, wrong)


class Known:
    """A model that predicts what it is made with."""

    def __init__(self, values, classes):
        self.values = values
        spec = TargetSpec("arm", "class", classes=classes)
        self.schema = types.SimpleNamespace(targets=(spec,))

    def __call__(self, raw, *, unknown="error"):
        return self

    def alone(self):
        return [self]


def test_probabilities_are_put_in_the_order_of_the_arms():
    values = np.array([0.9, 0.999])  # of the second class, none
    predictor = Known(values, ("drug", "none"))
    found = as_propensities(values, predictor, ("none", "drug"))
    np.testing.assert_allclose(found, [[0.9, 0.1], [0.999, LEAST]])
    three = np.array([[0.2, 0.3, 0.5]])
    predictor = Known(three, ("a", "b", "c"))
    found = predicted_propensities(predictor, made_trial(1).rows, ("c", "a", "b"))
    np.testing.assert_allclose(found, [[0.5, 0.2, 0.3]])


def test_they_are_learned_with_the_arm_as_the_target():
    trial = made_trial(20)
    seen = {}

    def fit(name, rows, folds):
        seen["labels"] = rows.targets["arm"].values.tolist()
        values = np.linspace(0.1, 0.9, 20)
        apart = OutOfFold(np.arange(20), {"model": {"arm": values}})
        predictor = Known(values, ("drug", "none"))
        return types.SimpleNamespace(predictor=predictor, out_of_fold=apart)

    _, found = fit_propensities(trial, fit, [])
    assert seen["labels"] == [trial.arms[at] for at in trial.arm]
    np.testing.assert_allclose(found[:, 0], np.linspace(0.1, 0.9, 20))


def test_a_lack_of_overlap_is_told_with_the_patients():
    trial = made_trial(50)
    values = trial.rows.inputs["features"].values[:, 0]
    some = values > np.quantile(values, 0.9)
    propensities = np.full((50, 2), 0.5)
    propensities[some] = 0.99, LEAST
    found = overlap(trial, propensities)
    assert found.lacking == {"none": 0, "drug": 5}
    assert "5 of 50 patients hardly ever get drug" in found.notes[0]
    assert "a above" in found.notes[0]
    propensities[:40] = 0.99, LEAST
    with pytest.raises(DataError, match="arms do not overlap"):
        overlap(trial, propensities)
