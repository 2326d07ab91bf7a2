"""Choice of the output to explain: a class, a label or a number."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int32

from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, nearest, option
from jaxbio.predict.predictor import Predictor
from jaxbio.tasks import CompetingRisks, Survival, Task


def row_target(schema: Schema, name: str | None = None) -> TargetSpec:
    """The target that is explained.

    Args:
        schema: The targets of a model.
        name: The target; None for the only one that has a value a row.

    Raises:
        DataError: For a name that is not known or left out where there are several, or
            a target with values by position.
    """
    rows = [spec for spec in schema.targets if not spec.per_position]
    names = [spec.name for spec in rows]
    if name is None and len(rows) == 1:
        return rows[0]
    if name in names:
        return next(spec for spec in rows if spec.name == name)
    if not rows:
        raise DataError(
            "every target of the model has a value a position: only predictions of "
            "whole rows can be explained"
        )
    if name is None:
        raise DataError(
            f"the model has several targets ({', '.join(names)}): say which one is to "
            f"be explained ({option('target', 'NAME')})"
        )
    raise DataError(f"no target {name!r} of whole rows: {nearest(name, names)}")


def output_names(spec: TargetSpec) -> tuple[str, ...]:
    """Names of the outputs for a target: its classes, labels, numbers, risk or causes.

    Example:
        >>> output_names(TargetSpec("y", "class", classes=("no", "yes")))
        ('no', 'yes')
    """
    if spec.kind == "survival":
        return ("risk",)
    return spec.classes or spec.causes or spec.columns


def unit_of(spec: TargetSpec) -> str:
    """The unit of what is explained; empty for numbers in their own.

    Example:
        >>> unit_of(TargetSpec("y", "class", classes=("no", "yes")))
        'log-odds'
    """
    if spec.kind in ("number", "count"):
        return ""
    return "log hazard" if spec.times else "log-odds"


def chosen_outputs(
    predictor: Predictor,
    data: Dataset,
    spec: TargetSpec,
    label: str | None = None,
    *,
    unknown: str = "error",
) -> Int32[np.ndarray, "n"]:
    """Index of the output to explain, for each row.

    Args:
        predictor: The network.
        data: The rows.
        spec: The target.
        label: A class, label, cause or column of the target; None for the likeliest
            class of each row, or the only number.
        unknown: As for `Predictor`.

    Returns:
        Numbers of `output_names`.

    Raises:
        DataError: For a label that is not known, or left out where there are several
            numbers or causes.
    """
    names = output_names(spec)
    if label is not None or len(names) == 1:
        choice = names[0] if label is None else label
        if choice not in names:
            raise DataError(
                f"target {spec.name} has no {choice!r}: {nearest(choice, names)}"
            )
        return np.full(len(data), names.index(choice), np.int32)
    if spec.kind in ("number", "count"):
        raise DataError(
            f"target {spec.name} has several numbers ({', '.join(names[:8])}): say "
            f"which one is to be explained ({option('label', 'NAME')})"
        )
    if spec.causes:
        raise DataError(
            f"target {spec.name} has several causes ({', '.join(names)}): say which "
            f"one is to be explained ({option('label', names[0])})"
        )
    predicted = np.asarray(predictor(data, unknown=unknown).by_target[spec.name])
    if predicted.ndim == 1:
        return (predicted > 0.5).astype(np.int32)
    return predicted.argmax(axis=1).astype(np.int32)


def before_link(
    outputs: Float[Array, "batch width"],
    codes: Any,
    spec: TargetSpec,
    task: Task | None = None,
) -> Float[Array, "batch"]:
    """The chosen output of each row as the network gives it: logits of classes.

    For survival and competing risks as `log_odds`.

    Args:
        outputs: What the network gave for the target.
        codes: Of `chosen_outputs`, `[batch]`.
        spec: The target.
        task: Its task, by which outputs are curves; None for `Survival` or
            `CompetingRisks`.

    Example:
        >>> spec = TargetSpec("y", "class", classes=("no", "yes"))
        >>> before_link(jnp.array([[2.0], [2.0]]), jnp.array([0, 1]), spec).tolist()
        [-2.0, 2.0]
    """
    if spec.kind == "survival":
        curves = (task or Survival()).predict(outputs, spec)
        return log_odds(curves, 0, spec)
    if spec.kind == "competing":
        found = (task or CompetingRisks()).predict(outputs, spec)[:, :, -1]
        last = jnp.take_along_axis(found, codes[:, None], axis=1)[:, 0]
        return _log_hazard(1 - last)
    if spec.classes and outputs.shape[1] == 1:
        return jnp.where(codes == 1, outputs[:, 0], -outputs[:, 0])
    return jnp.take_along_axis(outputs, codes[:, None], axis=1)[:, 0]


def log_odds(
    predictions: Float[Array, "batch *columns"], code: int, spec: TargetSpec
) -> Float[Array, "batch"]:
    """Log-odds of a class or label, a number as it is predicted, or a log risk.

    For survival it is the logarithm of the cumulative hazard at the last time, of which
    a difference is a log hazard ratio where hazards are proportional. For competing
    risks it is the same of the incidence of a cause: of its subdistribution (Fine &
    Gray 1999).

    Args:
        predictions: In the units of the target.
        code: Of `output_names`.
        spec: The target.

    Example:
        >>> spec = TargetSpec("y", "class", classes=("no", "yes"))
        >>> log_odds(jnp.array([0.5, 0.75]), 1, spec).round(2)
        Array([0. , 1.1], dtype=float32)
    """
    if spec.kind == "survival":
        return _log_hazard(predictions[:, -1])
    if spec.kind == "competing":
        return _log_hazard(1 - predictions[:, code, -1])
    if spec.classes and predictions.ndim == 1:
        values = predictions if code == 1 else 1 - predictions
    else:
        values = predictions.reshape(len(predictions), -1)[:, code]
    if spec.kind in ("number", "count"):
        return values
    values = jnp.clip(values, 1e-6, 1 - 1e-6)
    return jnp.log(values) - jnp.log1p(-values)


def _log_hazard(survival: Float[Array, "batch"]) -> Float[Array, "batch"]:
    """The logarithm of the cumulative hazard that a survival has."""
    return jnp.log(-jnp.log(jnp.clip(survival, 1e-6, 1 - 1e-6)))
