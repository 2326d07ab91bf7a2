"""Settings of training, as one frozen, JSON-able description."""

import dataclasses
import numbers
from collections.abc import Mapping
from typing import Any, Literal

from jaxbio.errors import TrainingError
from jaxbio.plugins import to_json
from jaxbio.train.augment import Augment, listed
from jaxbio.train.augmentation import Augmentation

_LAST_SEED = (1 << 62) - 1  # members count on from it, in 64 bits

# Types of settings, in words, with the largest size that programs hold.
_TYPES: dict[Any, tuple[Any, str, float | None]] = {
    int: (numbers.Integral, "a whole number", 1 << 62),
    float: (numbers.Real, "a number", 3e38),
    str: (str, "a text", None),
}


def check_type(field: dataclasses.Field, value: Any) -> None:
    """See that a setting is of its type.

    Raises:
        TrainingError: With what is expected.
    """
    kind, words, most = _TYPES[field.type]
    if getattr(value, "shape", None) == ():  # one number of an array
        value = value.item()
    wrong = not isinstance(value, kind) or (isinstance(value, bool) and most)
    if wrong or (most and not -most <= value <= most):
        raise TrainingError(f"{field.name} is {value!r:.60}; it must be {words}")


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
        augment: Random changes of training examples at each step: by input, or each for
            all inputs that it accepts.
        smiles_randomization: Further ways in which each training molecule is written
            (SMILES; needs rdkit); an epoch gets longer by as much.
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
    augment: Augment = ()
    smiles_randomization: int = 0
    members: int = 1
    seed: int = 0

    def __post_init__(self):
        for field in dataclasses.fields(self):
            if field.type in _TYPES:
                check_type(field, getattr(self, field.name))
        if not 0 <= self.seed <= _LAST_SEED:
            raise TrainingError(
                f"seed is {self.seed}; it must be from 0 to {_LAST_SEED}"
            )
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
        if not 0 <= self.warmup <= 1:
            raise TrainingError(f"warmup is {self.warmup}, not from 0 to 1")
        for name, choices in (
            ("schedule", ("constant", "cosine", "plateau")),
            ("dtype", ("float32", "bfloat16")),
        ):
            if getattr(self, name) not in choices:
                raise TrainingError(
                    f"{name} is {getattr(self, name)!r}; known: {', '.join(choices)}"
                )

        augment: Any = self.augment
        by_input = isinstance(augment, Mapping)
        given = (
            {name: listed(each) for name, each in augment.items()}
            if by_input
            else listed(augment)
        )
        object.__setattr__(self, "augment", given)

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return to_json(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Training":
        """The settings that `to_dict` wrote."""
        make, given = Augmentation.registry.make, values.get("augment", ())
        if isinstance(given, Mapping):
            given = {
                name: [make(each) for each in item] for name, item in given.items()
            }
        else:
            given = [make(each) for each in given]
        return cls(**{**values, "augment": given})
