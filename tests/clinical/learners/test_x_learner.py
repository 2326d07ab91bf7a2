import numpy as np

from jaxbio.clinical.learners.x_learner import XLearner, _weighed
from tests.trials import learned


def test_a_linear_effect_is_recovered():
    """The effect of the drug is the column a."""
    apart, found, truth = learned(XLearner())
    np.testing.assert_allclose(apart.effects[:, 0], truth, atol=0.2)
    np.testing.assert_allclose(found.effects[:, 0], truth, atol=0.2)
    assert found.spread.shape == (len(truth), 1) and (found.spread >= 0).all()
    assert found.spread.mean() < 0.1


def test_effects_of_those_who_had_the_arm_count_where_few_have_it():
    values = {
        "effect_1_treated": np.array([4.0]),
        "effect_1_untreated": np.array([0.0]),
    }
    found = _weighed(values, values, np.array([[0.75, 0.25]]))
    assert found.effects.tolist() == [[3.0]] and found.spread.tolist() == [[3.0]]
