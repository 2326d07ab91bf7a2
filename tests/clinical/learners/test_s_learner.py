import numpy as np

from jaxbio.clinical.learners.s_learner import SLearner
from tests.trials import learned


def test_a_linear_effect_is_recovered():
    """The effect of the drug is the column a."""
    apart, found, truth = learned(SLearner())
    np.testing.assert_allclose(apart.effects[:, 0], truth, atol=0.2)
    np.testing.assert_allclose(found.effects[:, 0], truth, atol=0.2)
    assert found.spread.shape == (len(truth), 1) and (found.spread >= 0).all()
    assert found.spread.mean() < 0.1


def test_patients_are_scored_by_what_did_not_learn_from_them():
    """An outcome that is far off moves the effect of its own row in no model."""
    before, _, _ = learned(SLearner())
    after, _, _ = learned(SLearner(), spoilt=3)
    assert abs(after.effects[3, 0] - before.effects[3, 0]) < 0.5
    assert np.abs(after.effects - before.effects).max() > 0.05
