"""Settings of training, as one frozen, JSON-able description."""

import dataclasses
from typing import Literal

from jaxbio.errors import TrainingError
from jaxbio.train.augment import Augment
from jaxbio.train.augment_images import ImageAugment

_SHARES = (
    *("warmup", "reverse_complement", "mutate"),
    *("flip", "flip_vertical", "translate", "brightness"),
)


@dataclasses.dataclass(frozen=True)
class Training:
    """The settings of a training run; the same names serve TOML files and flags.

    Attributes:
        epochs: The most passes over the training rows.
        batch_size: Rows a step.
        learning_rate: The peak learning rate.
        optimizer: A name of `OPTIMIZERS`.
        weight_decay: Decoupled weight decay on kernels (adamw, lion, lamb).
        schedule: How the learning rate goes after the warm-up: `constant`, `cosine` to
            zero at the last epoch, or `plateau`, halved when the validation loss has
            stood still for `patience // 2` epochs.
        warmup: The share of all steps in which the learning rate rises from zero.
        clip: The largest global norm of the gradient; 0 for no clipping.
        accumulate: Batches whose gradients are averaged for one update.
        patience: Epochs that are no better than the best one, after which training
            stops; 0 to go through all epochs.
        monitor: What decides which epoch was best and when to stop: `valid_loss`, or a
            metric of the validation rows such as `valid_auroc` (with several targets
            `valid_auroc:TARGET`).
        ema: The decay of a moving average of the parameters, which is then what is
            validated and kept; 0 for none.
        dtype: `float32`, or `bfloat16` for computing in half precision (parameters,
            losses and statistics stay float32).
        reverse_complement: The share of training examples that are turned to the other
            strand at each step (DNA and RNA).
        shift: The most positions by which training examples are moved at each step.
        mutate: The share of positions that get a random symbol at each step.
        smiles_randomization: Further ways in which each training molecule is written
            (SMILES; needs rdkit); an epoch gets longer by as much.
        flip: The share of training images that is mirrored left to right.
        flip_vertical: The share that is mirrored top to bottom.
        rotate: The most degrees by which training images are turned at each step.
        translate: The most by which they are moved, as a share of their sides.
        brightness: The most by which their contrast and brightness change, as a share
            of the range of values.
        members: The number of networks, trained from different seeds, whose
            predictions are averaged.
        seed: From which everything random follows.
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 1e-3
    optimizer: str = "adamw"
    weight_decay: float = 1e-2
    schedule: Literal["constant", "cosine", "plateau"] = "cosine"
    warmup: float = 0.05
    clip: float = 1.0
    accumulate: int = 1
    patience: int = 6
    monitor: str = "valid_loss"
    ema: float = 0.0
    dtype: Literal["float32", "bfloat16"] = "float32"
    reverse_complement: float = 0.0
    shift: int = 0
    mutate: float = 0.0
    smiles_randomization: int = 0
    flip: float = 0.0
    flip_vertical: float = 0.0
    rotate: float = 0.0
    translate: float = 0.0
    brightness: float = 0.0
    members: int = 1
    seed: int = 0

    def __post_init__(self):
        for name, least in (
            ("epochs", 1),
            ("batch_size", 1),
            ("accumulate", 1),
            ("members", 1),
            ("patience", 0),
            ("smiles_randomization", 0),
        ):
            if getattr(self, name) < least:
                raise TrainingError(
                    f"{name} is {getattr(self, name)}; it must be at least {least}"
                )
        if not 0 <= self.ema < 1:
            raise TrainingError(f"ema is {self.ema}, not from 0 to below 1, as 0.999")
        if not self.learning_rate > 0:
            raise TrainingError(
                f"learning rate is {self.learning_rate}; it must be positive"
            )
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise TrainingError(f"{name} is {getattr(self, name)}, not from 0 to 1")
        if not 0 <= self.rotate <= 180:
            raise TrainingError(f"rotate is {self.rotate}, not from 0 to 180 degrees")
        for name, choices in (
            ("schedule", ("constant", "cosine", "plateau")),
            ("dtype", ("float32", "bfloat16")),
        ):
            if getattr(self, name) not in choices:
                raise TrainingError(
                    f"{name} is {getattr(self, name)!r}; known: {', '.join(choices)}"
                )

    @property
    def augment(self) -> Augment:
        """The augmentation."""
        images = ImageAugment(
            self.flip, self.flip_vertical, self.rotate, self.translate, self.brightness
        )
        return Augment(self.reverse_complement, self.shift, self.mutate, images)

    def to_dict(self) -> dict:
        """The settings as JSON values."""
        return dataclasses.asdict(self)
