"""Tasks whose targets are classes: one of two, one of several, any of several."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax

from jaxbio.data.specs import TargetKind, TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.metrics import standard as metrics
from jaxbio.tasks.base import Task, along_last, known_numbers


@dataclasses.dataclass(frozen=True)
class _Classification(Task):
    """Base of binary and multi-class tasks.

    Attributes:
        balanced: Whether each class has the same total weight in the loss.
        label_smoothing: The share of each label that is spread over all classes.
    """

    target_kind: ClassVar[TargetKind] = "class"

    balanced: bool = False
    label_smoothing: float = 0.0

    def _known(self, targets: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Class codes with 0 where missing, and which are known."""
        if jnp.issubdtype(targets.dtype, jnp.floating):  # per position: NaN is missing
            values, mask = known_numbers(targets)
            return values.astype(jnp.int32), mask
        return jnp.maximum(targets, 0), targets >= 0

    def _class_weights(self, spec: TargetSpec) -> jax.Array:
        count = np.maximum(np.asarray(spec.frequencies, np.float32), 1)
        weights = count.sum() / (len(count) * count)
        return jnp.asarray(weights if self.balanced else np.ones_like(weights))


@dataclasses.dataclass(frozen=True)
class Binary(_Classification):
    """One of two classes, by the cross-entropy of a sigmoid.

    Predictions are the probability of the second class (the classes are sorted).

    Example:
        >>> spec = TargetSpec("y", "class", classes=("0", "1"), frequencies=(3, 1))
        >>> loss, known = Binary().loss(jnp.zeros((2, 1)), jnp.array([1, -1]), spec)
        >>> [round(value, 4) for value in loss.tolist()], known.tolist()
        ([0.6931, 0.0], [1.0, 0.0])
    """

    name: ClassVar[str] = "binary"
    primary_metric: ClassVar[str] = "auroc"

    def width(self, spec):
        if len(spec.classes) != 2:
            raise JaxbioError(
                f"target {spec.name} has {len(spec.classes)} classes "
                f"({', '.join(spec.classes[:8])}): a binary task needs two; use the "
                f"task 'multiclass'"
            )
        return 1

    def _cells(self, outputs, targets, spec):
        codes, mask = self._known(targets)
        labels = codes + self.label_smoothing * (0.5 - codes)
        losses = optax.losses.sigmoid_binary_cross_entropy(outputs[..., 0], labels)
        return losses * self._class_weights(spec)[codes], mask

    def predict(self, outputs, spec):
        return jax.nn.sigmoid(outputs[..., 0])

    def metrics(self, truth, prediction, spec, weights=None):
        return metrics.binary_metrics(truth, prediction, weights=weights)


@dataclasses.dataclass(frozen=True)
class MultiClass(_Classification):
    """One of several classes, by the cross-entropy of a softmax.

    Predictions are the probabilities of all classes.
    """

    name: ClassVar[str] = "multiclass"
    primary_metric: ClassVar[str] = "accuracy"

    def width(self, spec):
        return len(spec.classes)

    def _cells(self, outputs, targets, spec):
        codes, mask = self._known(targets)
        labels = jax.nn.one_hot(codes, len(spec.classes))
        labels = optax.losses.smooth_labels(labels, self.label_smoothing)
        losses = optax.losses.softmax_cross_entropy(outputs, labels)
        return losses * self._class_weights(spec)[codes], mask

    def predict(self, outputs, spec):
        return jax.nn.softmax(outputs, axis=-1)

    def metrics(self, truth, prediction, spec, weights=None):
        return metrics.multiclass_metrics(truth, prediction, weights=weights)


@dataclasses.dataclass(frozen=True)
class MultiLabel(Task):
    """Any of several labels, by the cross-entropy of one sigmoid a label.

    Attributes:
        balanced: Whether the positives of each label weigh as much as its negatives.
    """

    name: ClassVar[str] = "multilabel"
    target_kind: ClassVar[TargetKind] = "labels"
    primary_metric: ClassVar[str] = "auroc"

    balanced: bool = False

    def width(self, spec):
        if self.per_position:
            raise JaxbioError(
                "several labels a position: use one target for each label"
            )
        return len(spec.columns)

    def _cells(self, outputs, targets, spec):
        labels, mask = known_numbers(targets)
        losses = optax.losses.sigmoid_binary_cross_entropy(outputs, labels)
        if self.balanced:
            share = jnp.clip(along_last(spec.mean, labels), 1e-3, 1 - 1e-3)
            losses *= jnp.where(labels > 0.5, 0.5 / share, 0.5 / (1 - share))
        return losses, mask

    def predict(self, outputs, spec):
        return jax.nn.sigmoid(outputs)

    def metrics(self, truth, prediction, spec, weights=None):
        return metrics.multilabel_metrics(truth, prediction, weights=weights)
