"""Training: a pure step, and one linear loop around it."""

from typing import TYPE_CHECKING

from jaxbio.lazy import importer
from jaxbio.train.augment import Augment, make_augmenter
from jaxbio.train.augment_images import ImageAugment
from jaxbio.train.config import CHOSEN, Training, choose_training
from jaxbio.train.drivers import scan_steps, trains_together
from jaxbio.train.loop import (
    Member,
    Progress,
    Snapshot,
    train_group,
    train_member,
)
from jaxbio.train.optimizers import OPTIMIZERS, make_optimizer, make_schedule
from jaxbio.train.state import TrainState, Weights
from jaxbio.train.step import make_eval_step, make_train_step

if TYPE_CHECKING:
    from jaxbio.train.latent import LatentConfig, encode_cells, fit_latent

# What only some need is imported when it is first asked for.
_HOMES = {"latent": ("LatentConfig", "encode_cells", "fit_latent")}

__all__ = [
    "CHOSEN",
    "OPTIMIZERS",
    "Augment",
    "ImageAugment",
    "LatentConfig",
    "Member",
    "Progress",
    "Snapshot",
    "TrainState",
    "Training",
    "Weights",
    "choose_training",
    "encode_cells",
    "fit_latent",
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

__getattr__ = importer(__name__, _HOMES)
