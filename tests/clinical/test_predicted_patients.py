import types

import numpy as np
import pytest

from jaxbio.clinical.predicted_patients import _answers, mean_time, predicted_patient
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from tests.helpers import linear_data
from tests.networks import quick_fit


def test_classes_are_answers_by_their_probability():
    spec = TargetSpec("ill", "class", classes=("no", "yes"))
    found = types.SimpleNamespace(
        by_target={"ill": np.array([0.75])}, spread={"ill": np.array([0.1])}
    )
    yes, no = _answers(spec, found, {"yes": {"count": 3}})
    assert (yes.name, yes.value, yes.percent) == ("probability of ill yes", 0.75, True)
    assert yes.cohort == {"count": 3} and no.value == 0.25 and no.spread == 0.1


def test_a_number_is_explained_beside_the_cohort():
    run = quick_fit()
    row = linear_data(1)
    patient = predicted_patient(run.predictor, row, {})
    assert patient.contributions == () and patient.cohort_rows is None
    assert patient.answers[0].name == "y"


def test_survival_curves_have_a_mean_time():
    curves = np.array([[0.5, 0.0], [1.0, 1.0]])
    np.testing.assert_allclose(mean_time(np.array([1.0, 2.0]), curves), [1.0, 2.0])


def test_targets_by_position_have_no_page():
    spec = TargetSpec("q3", "class", True, classes=("a", "b"))
    predictor = object.__new__(type(quick_fit().predictor))
    predictor.schema = types.SimpleNamespace(targets=(spec,))
    with pytest.raises(DataError, match="a value a row"):
        predicted_patient(predictor, linear_data(1), {})
