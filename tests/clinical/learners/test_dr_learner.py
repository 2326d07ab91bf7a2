import numpy as np

from jaxbio.clinical.learners.dr_learner import DRLearner
from tests.trials import learned


def test_a_linear_effect_is_recovered():
    """The effect of the drug is the column a."""
    apart, found, truth = learned(DRLearner())
    np.testing.assert_allclose(apart.effects[:, 0], truth, atol=0.2)
    np.testing.assert_allclose(found.effects[:, 0], truth, atol=0.2)
    assert found.spread.shape == (len(truth), 1) and (found.spread >= 0).all()
    assert found.spread.mean() < 0.1


def test_patients_are_scored_by_what_did_not_learn_from_them():
    """An outcome that is 100 off comes to its own row by the outcome models alone."""
    before, _, _ = learned(DRLearner())
    after, _, _ = learned(DRLearner(), spoilt=3)
    assert abs(after.effects[3, 0] - before.effects[3, 0]) < 1
    assert np.abs(after.effects - before.effects).max() > 0.05
