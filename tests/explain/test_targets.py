import types

import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.explain.targets import (
    before_link,
    chosen_outputs,
    log_odds,
    row_target,
    unit_of,
)
from jaxbio.predict.predictor import Predictor
from jaxbio.tasks import CompetingRisks, Survival, Weibull
from tests.helpers import numbers

TWO = TargetSpec("kind", "class", classes=("no", "yes"))
THREE = TargetSpec("kind", "class", classes=("a", "b", "c"))
SIZES = TargetSpec("size", "number", columns=("up", "down"))
STATES = TargetSpec("ss3", "class", per_position=True, classes=("C", "H"))


class Known(Predictor):
    """A network whose predictions are known."""

    def __init__(self, spec, values):
        self.found = {spec.name: np.asarray(values, np.float32)}

    def __call__(self, data, **_):
        return types.SimpleNamespace(by_target=self.found)


def chosen(spec, values, label=None):
    """The choice where a network predicts these values."""
    rows = Dataset({"x": numbers(np.zeros((len(values), 1)))})
    return chosen_outputs(Known(spec, values), rows, spec, label).tolist()


def test_the_only_target_of_whole_rows_needs_no_name():
    assert row_target(Schema((), (STATES, TWO))) == TWO
    assert row_target(Schema((), (TWO, SIZES)), "size") == SIZES
    with pytest.raises(DataError, match=r"several targets \(kind, size\)"):
        row_target(Schema((), (TWO, SIZES)))
    with pytest.raises(DataError, match="no target 'sise' of whole rows: did you mean"):
        row_target(Schema((), (TWO, SIZES)), "sise")
    with pytest.raises(DataError, match="every target of the model has a value a pos"):
        row_target(Schema((), (STATES,)))


def test_without_a_label_it_is_the_likeliest():
    assert chosen(TWO, [0.2, 0.7]) == [0, 1]
    assert chosen(THREE, [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]) == [2, 0]
    assert chosen(THREE, [[0.1, 0.2, 0.7]] * 2, "b") == [1, 1]
    assert chosen(SIZES, [[1, 2]], "down") == [1]
    with pytest.raises(DataError, match=r"several numbers \(up, down\)"):
        chosen(SIZES, [[1, 2]])
    with pytest.raises(
        DataError, match="target kind has no 'yess': did you mean 'yes'"
    ):
        chosen(TWO, [0.2], "yess")


def test_outputs_before_the_link():
    outputs = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert before_link(outputs, jnp.array([2, 0]), THREE).tolist() == [3, 4]
    one = jnp.array([[1.5], [1.5]])  # the logit of the second class
    assert before_link(one, jnp.array([0, 1]), TWO).tolist() == [-1.5, 1.5]


def test_log_odds_of_classes_and_numbers_as_they_are():
    chance = jnp.array([0.2, 0.5])
    yes, no = (log_odds(chance, code, TWO) for code in (1, 0))
    np.testing.assert_allclose(yes, [-np.log(4), 0], atol=1e-6)
    np.testing.assert_allclose(no, -yes, atol=1e-6)
    table = jnp.array([[0.25, 0.5, 0.25]])
    np.testing.assert_allclose(log_odds(table, 2, THREE), [-np.log(3)], atol=1e-6)
    assert log_odds(jnp.array([[7.0, -8.0]]), 1, SIZES).tolist() == [-8]
    assert np.isfinite(log_odds(jnp.array([0.0, 1.0]), 1, TWO)).all()


def test_a_risk_is_the_log_hazard_to_the_end():
    spec = TargetSpec(
        "t,e", "survival", columns=("t", "e"), times=(1.0, 2.0), hazards=(0.3, 0.2)
    )
    outputs = jnp.array([[0.0, 0, 0], [0.7, 0, 0]])
    found = before_link(outputs, jnp.zeros(2, int), spec)
    np.testing.assert_allclose(found, np.log(0.5) + np.array([0, 0.7]), atol=1e-5)
    curves = Survival().predict(outputs, spec)
    np.testing.assert_allclose(log_odds(curves, 0, spec), found, rtol=1e-5)
    assert chosen(spec, curves) == [0, 0]
    assert unit_of(spec) == "log hazard"
    # Two numbers of a Weibull task, of which the first is a log hazard ratio.
    pair = before_link(
        jnp.array([[0.0, 0], [0.7, 0]]), jnp.zeros(2, int), spec, Weibull()
    )
    np.testing.assert_allclose(np.diff(pair), 0.7, atol=1e-5)


def test_a_cause_is_chosen_and_has_a_log_hazard_of_its_incidence():
    spec = TargetSpec(
        "t,c", "competing", columns=("t", "c"), times=(2.0,), hazards=(0.1, 0.3),
        causes=("a", "b"),
    )  # fmt: skip
    outputs = jnp.zeros((2, 4))
    incidence = (1 - np.exp(-0.8)) * np.array([0.25, 0.75])
    found = before_link(outputs, jnp.array([0, 1]), spec)
    np.testing.assert_allclose(found, np.log(-np.log(1 - incidence)), atol=1e-5)
    predicted = CompetingRisks().predict(outputs, spec)
    np.testing.assert_allclose(log_odds(predicted, 1, spec), found[1], atol=1e-5)
    assert unit_of(spec) == "log hazard" and chosen(spec, predicted, "b") == [1, 1]
    with pytest.raises(DataError, match=r"several causes \(a, b\): say which one"):
        chosen(spec, predicted)
