"""Training: a pure step, and one linear loop around it."""

from jaxbio.train.augment import Augment, make_augmenter
from jaxbio.train.augment_images import ImageAugment
from jaxbio.train.config import Training
from jaxbio.train.drivers import scan_steps, trains_together
from jaxbio.train.loop import (
    Progress,
    Snapshot,
    TrainingProblem,
    train_group,
    train_member,
)
from jaxbio.train.optimizers import OPTIMIZERS, make_optimizer, make_schedule
from jaxbio.train.state import TrainState, Weights
from jaxbio.train.step import make_eval_step, make_train_step

__all__ = [
    "OPTIMIZERS",
    "Augment",
    "ImageAugment",
    "Progress",
    "Snapshot",
    "TrainState",
    "Training",
    "TrainingProblem",
    "Weights",
    "make_augmenter",
    "make_eval_step",
    "make_optimizer",
    "make_schedule",
    "make_train_step",
    "scan_steps",
    "train_group",
    "train_member",
    "trains_together",
]
