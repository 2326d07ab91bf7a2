import numpy as np
import pytest

from jaxbio.clinical.learners import LEARNERS, learner_of
from jaxbio.clinical.learners.base import (
    differences,
    differences_within,
    flat,
    outcome_column,
    target_of,
)
from jaxbio.clinical.trial import Outcome
from jaxbio.errors import JaxbioError


def test_learners_are_found_by_name():
    assert {"s", "t", "x", "dr", "tarnet"} == set(LEARNERS)
    with pytest.raises(JaxbioError, match="did you mean 'tarnet'"):
        learner_of("tarne", LEARNERS)


def test_outcomes_are_missing_where_they_are_not_known():
    known = np.array([True, False])
    binary = Outcome(("y",), "binary", classes=("no", "yes"))
    column = outcome_column(binary, np.array([1.0, 0.0]), known)
    assert column.values.tolist() == ["yes", None]
    column = outcome_column(Outcome(("y",), "number"), np.array([3.0, 2.0]), known)
    assert column.values[0, 0] == 3 and np.isnan(column.values[1, 0])
    assert target_of(binary, "a/b") == "y|a_b"


def test_predictions_of_one_number_or_two_classes_are_flat():
    assert flat(np.array([[0.2], [0.4]])).tolist() == [0.2, 0.4]
    assert flat(np.array([[0.8, 0.2]])).tolist() == [0.2]
    assert flat(np.array([0.3])).tolist() == [0.3]


def test_what_a_network_says_of_all_arms_is_no_error_of_the_effect():
    each = np.array([[[1.0, 3.0, 0.0]], [[2.0, 4.0, 3.0]], [[9.0, 11.0, 8.0]]])
    found = differences_within(each)
    np.testing.assert_allclose(found.effects, [[2.0, -1 / 3]])
    np.testing.assert_allclose(found.spread, [[0.0, np.std([-1, 1, -1])]])


def test_errors_of_differences_add_up():
    found = differences(np.array([[1.0, 4.0, 0.0]]), np.array([[3.0, 4.0, 0.0]]))
    assert found.effects.tolist() == [[3.0, -1.0]]
    assert found.spread.tolist() == [[5.0, 3.0]]
