"""How to train, as one frozen, JSON-able description."""

import dataclasses
from typing import Literal

from jaxbio.data.schema import Schema
from jaxbio.errors import TrainingError
from jaxbio.train.augment import Augment


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
        patience: Epochs without a better validation loss after which training stops;
            0 to go through all epochs.
        dtype: `float32`, or `bfloat16` for computing in half precision (parameters,
            losses and statistics stay float32).
        reverse_complement: The share of training examples that are turned to the other
            strand at each step (DNA and RNA).
        shift: The most positions by which training examples are moved at each step.
        mutate: The share of positions that get a random symbol at each step.
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
    dtype: Literal["float32", "bfloat16"] = "float32"
    reverse_complement: float = 0.0
    shift: int = 0
    mutate: float = 0.0
    members: int = 1
    seed: int = 0

    def __post_init__(self):
        for name, least in (
            ("epochs", 1),
            ("batch_size", 1),
            ("accumulate", 1),
            ("members", 1),
            ("patience", 0),
        ):
            if getattr(self, name) < least:
                raise TrainingError(
                    f"{name} is {getattr(self, name)}; it must be at least {least}"
                )
        if not self.learning_rate > 0:
            raise TrainingError(
                f"learning rate is {self.learning_rate}; it must be positive"
            )
        for name in ("warmup", "reverse_complement", "mutate"):
            if not 0 <= getattr(self, name) <= 1:
                raise TrainingError(f"{name} is {getattr(self, name)}, not from 0 to 1")
        for name, known in (
            ("schedule", ("constant", "cosine", "plateau")),
            ("dtype", ("float32", "bfloat16")),
        ):
            if getattr(self, name) not in known:
                raise TrainingError(
                    f"{name} is {getattr(self, name)!r}; known: {', '.join(known)}"
                )

    @property
    def augment(self) -> Augment:
        """The augmentation."""
        return Augment(self.reverse_complement, self.shift, self.mutate)

    def to_dict(self) -> dict:
        """The settings as JSON values."""
        return dataclasses.asdict(self)


CHOSEN = (
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "patience",
    "members",
)
"""The settings that `choose_training` takes from the data."""


def choose_training(schema: Schema) -> Training:
    """Settings that suit the data, found with validation rows of public data sets.

    Args:
        schema: What the inputs are and how many training rows there are.

    Returns:
        Settings with a batch size of at most the number of rows.
    """
    rows = schema.n_train
    size = 128 if rows >= 20_000 else 64 if rows >= 2_000 else 32
    return Training(batch_size=min(size, max(rows, 1)))
