"""Protocol of all tasks: the meaning of an output.

A task is a frozen description that goes to JSON and back. Its functions are pure and
take the `TargetSpec` that the training rows taught, so that the same task serves any
data. Losses give one value an example and say which examples have a label; weights and
labels decide the mean, nowhere else.
"""

import dataclasses
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from jaxbio.data.specs import TargetKind, TargetSpec
from jaxbio.plugins import Registry

Over = Literal["row", "position", "pair"]
"""Unit of an output: whole rows, positions, or pairs of positions."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One target's meaning: loss, link and metrics.

    Attributes:
        per_position: Whether every position of the sequence has a target.
        weight: The share of this task's loss when several targets train together.
    """

    registry: ClassVar[Registry[Any]] = Registry("task")
    name: ClassVar[str]
    target_kind: ClassVar[TargetKind]
    primary_metric: ClassVar[str]
    """The metric that is shown first; higher is better for all of them."""

    per_position: bool = False
    weight: float = 1.0

    @property
    def over(self) -> Over:
        """Unit for which the network gives a value."""
        return "position" if self.per_position else "row"

    def width(self, spec: TargetSpec) -> int:
        """The number of outputs that the network gives for this target."""
        raise NotImplementedError

    def loss(
        self,
        outputs: Float[Array, "batch *len width"],
        targets: Num[Array, "batch *rest"],
        spec: TargetSpec,
    ) -> tuple[Float[Array, "batch"], Float[Array, "batch"]]:
        """The loss of each example.

        Args:
            outputs: What the network gave.
            targets: As `Arrays.batch` gives them; NaN or -1 where missing.
            spec: The target as the training rows showed it.

        Returns:
            The loss of each example, averaged over its labelled columns or positions,
            and 1 for each example that has a label, else 0.
        """
        cells, mask = self._cells(outputs, targets, spec)
        axes = tuple(range(1, cells.ndim))
        count = mask.sum(axis=axes)
        total = jnp.where(mask, cells, 0.0).sum(axis=axes)
        return total / jnp.maximum(count, 1), (count > 0).astype(cells.dtype)

    def _cells(
        self, outputs: jax.Array, targets: jax.Array, spec: TargetSpec
    ) -> tuple[jax.Array, jax.Array]:
        """The loss of every labelled cell (column or position), and which are labelled.

        Cells without a label must hold finite values too, or gradients become NaN.
        """
        raise NotImplementedError

    def predict(
        self, outputs: Float[Array, "batch *len width"], spec: TargetSpec
    ) -> Float[Array, "batch *rest"]:
        """The prediction in the target's own units: the link function."""
        raise NotImplementedError

    def compared(self, prediction: Any, spec: TargetSpec) -> Any:
        """What of a prediction is compared with that of a baseline: usually all of it.

        Args:
            prediction: For all rows (or all positions).
            spec: The target.
        """
        return prediction

    def metrics(
        self, truth: Any, prediction: Any, spec: TargetSpec, weights: Any = None
    ) -> dict:
        """Metrics by name, of truth and prediction for all rows (or all positions).

        Arrays with one entry a row or position; for pairs, a list with an entry a row.
        Weights are an array likewise, or None where all weigh the same.
        """
        raise NotImplementedError

    def to_dict(self) -> dict:
        """The task as JSON values."""
        return {"task": self.name, **dataclasses.asdict(self)}


def along_last(values: Any, like: jax.Array) -> jax.Array:
    """Numbers of the last axis with all the axes of another array, to be broadcast.

    Example:
        >>> along_last((1.0, 2.0), jnp.zeros((4, 5, 2))).shape
        (1, 1, 2)
    """
    return jnp.asarray(values).reshape((1,) * (like.ndim - 1) + (-1,))


def known_numbers(
    targets: Float[Array, "*shape"],
) -> tuple[Float[Array, "*shape"], jax.Array]:
    """Numbers with the missing ones set to zero, and which are known."""
    mask = ~jnp.isnan(targets)
    return jnp.where(mask, targets, 0.0), mask
