"""Augmentation inside the compiled step, keyed by (seed, step, example)."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Num

from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.errors import TrainingError, nearest
from jaxbio.plugins import register
from jaxbio.train.augment_images import (
    Brightness,
    Flip,
    FlipVertical,
    Rotate,
    Translate,
    augment_image,
)
from jaxbio.train.augment_sequences import Mutate, ReverseComplement, Shift
from jaxbio.train.augmentation import Augmentation

for _kind in (
    *(ReverseComplement, Shift, Mutate),
    *(Flip, FlipVertical, Rotate, Translate, Brightness),
):
    register(_kind)

Changes = Sequence[Augmentation] | Augmentation
Augment = Mapping[str, Changes] | Changes
"""Augmentations by input; or some, each for all inputs that it accepts."""


def resolve_augment(
    augment: Augment, schema: Schema
) -> dict[str, tuple[Augmentation, ...]]:
    """Augmentations by input.

    Args:
        augment: By input, or each for all inputs that it accepts.
        schema: The inputs.

    Raises:
        TrainingError: For an input that does not exist, or of which a change is not.
    """
    names = [spec.name for spec in schema.inputs]
    if isinstance(augment, Mapping):
        by_input = {name: listed(changes) for name, changes in augment.items()}
        for name, changes in by_input.items():
            if name not in names:
                raise TrainingError(
                    f"augmentations are given for {name!r}, which is no input: "
                    f"{nearest(name, names)}"
                )
            for change in changes:
                _check_accepts(change, [schema.input(name)])
        return {name: changes for name, changes in by_input.items() if changes}
    augment = listed(augment)
    for change in augment:
        _check_accepts(change, schema.inputs)
    chosen = {
        spec.name: tuple(change for change in augment if change.accepts(spec))
        for spec in schema.inputs
    }
    return {name: changes for name, changes in chosen.items() if changes}


def listed(given: Any) -> tuple[Augmentation, ...]:
    """Augmentations as a tuple, also one alone.

    Raises:
        TrainingError: For what is none.
    """
    changes = tuple(given) if isinstance(given, Sequence) else (given,)
    for change in changes:
        if not isinstance(change, Augmentation):
            raise TrainingError(
                f"augment: {change!r} is not an augmentation such as "
                f"jaxbio.ReverseComplement(0.5)"
            )
    return changes


def _check_accepts(change: Augmentation, specs: Sequence[InputSpec]) -> None:
    if not any(change.accepts(spec) for spec in specs):
        listed = ", ".join(f"{spec.name} ({spec.kind})" for spec in specs)
        raise TrainingError(
            f"the augmentation {change.name} is of {change.takes}, not of {listed}"
        )


def make_augmenter(
    augment: Augment, schema: Schema
) -> Callable[[Mapping[str, Any], Array], dict[str, Any]] | None:
    """The function that augments a batch, or None if there is nothing to do.

    All inputs of an example have one key, so that sequences undergo the same moves.
    Targets with one value a position move along with the first sequence; where a
    position has left it their value is missing.

    Args:
        augment: What to do.
        schema: The inputs, and which targets have positions.

    Returns:
        A pure function of a batch (with `index`) and a key.
    """
    chosen = resolve_augment(augment, schema)
    if not chosen:
        return None
    first = next((spec.name for spec in schema.inputs if spec.is_sequence), None)
    per_position = [spec.name for spec in schema.targets if spec.per_position]

    def change(batch: Mapping[str, Any], key: Array) -> dict[str, Any]:
        keys = _keys(key, batch["index"])
        inputs, targets = dict(batch["inputs"]), dict(batch["targets"])
        for name, changes in chosen.items():
            one = functools.partial(_changed, changes=changes, spec=schema.input(name))
            if isinstance(inputs[name], Dictionary):
                values, indices = inputs[name]
                own = _keys(key, jnp.arange(len(values)))
                inputs[name] = Dictionary(jax.vmap(one)(values, own)[0], indices)
                continue
            inputs[name], moves = jax.vmap(one)(inputs[name], keys)
            for target in per_position if name == first else ():
                for source in moves:
                    targets[target] = jax.vmap(_move_targets)(targets[target], source)
        return {**batch, "inputs": inputs, "targets": targets}

    return change


def _keys(key: Array, numbers: Array) -> Array:
    return jax.vmap(lambda number: jax.random.fold_in(key, number))(numbers)


def _changed(
    example: Array, key: Array, *, changes: Sequence[Augmentation], spec: InputSpec
) -> tuple[Array, list[Array]]:
    """An example after all changes, and where positions came from at each."""
    if isinstance(spec, ImageSpec):
        return augment_image(example, key, changes=changes, spec=spec), []
    moves = []
    for change in changes:
        own = change.own_key(key)
        source = change.sources(example, own, spec)
        if source is not None:
            moves.append(source)
        example = change(example, own, spec)
    return example, moves


def _move_targets(targets: Num[Array, "len"], source: Int[Array, "len"]):
    result = targets[jnp.maximum(source, 0)]
    missing = -1 if jnp.issubdtype(targets.dtype, jnp.integer) else jnp.nan
    return jnp.where(source < 0, jnp.asarray(missing, targets.dtype), result)
