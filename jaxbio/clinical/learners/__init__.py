"""Learners of effects: a file each."""

from jaxbio.clinical.learners.base import Learner, learner_of
from jaxbio.clinical.learners.dr_learner import DRLearner
from jaxbio.clinical.learners.s_learner import SLearner
from jaxbio.clinical.learners.t_learner import TLearner
from jaxbio.clinical.learners.tarnet import TARNet
from jaxbio.clinical.learners.x_learner import XLearner

LEARNERS: dict[str, Learner] = {
    each.name: each
    for each in (TARNet(), SLearner(), TLearner(), XLearner(), DRLearner())
}
"""All learners by name."""

__all__ = ["LEARNERS", "Learner", "learner_of"]
