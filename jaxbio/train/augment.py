"""Augmentation inside the compiled step, keyed by (seed, step, example)."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Num, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.schema import Schema
from jaxbio.train.augment_images import ImageAugment, augment_image


@dataclasses.dataclass(frozen=True)
class Augment:
    """Random changes of training examples, anew at each step.

    Attributes:
        reverse_complement: The share of examples that is reverse-complemented (nucleic
            acids only).
        shift: The most positions by which an example is moved left or right; the places
            that become free are unknown (N).
        mutate: The share of positions that gets a random symbol.
        images: What images undergo.
    """

    reverse_complement: float = 0.0
    shift: int = 0
    mutate: float = 0.0
    images: ImageAugment = dataclasses.field(default_factory=ImageAugment)

    @property
    def sequences(self) -> bool:
        """Check that sequences undergo anything."""
        return bool(self.reverse_complement or self.shift or self.mutate)

    def __bool__(self) -> bool:
        return self.sequences or bool(self.images)


def make_augmenter(
    config: Augment, schema: Schema
) -> Callable[[Mapping[str, Any], Array], dict[str, Any]] | None:
    """The function that augments a batch, or None if there is nothing to do.

    All sequence inputs of an example undergo the same moves. Targets with one value a
    position move along; where a position has left the sequence its target is missing.

    Args:
        config: What to do.
        schema: Which inputs are sequences and which targets have positions.

    Returns:
        A pure function of a batch (with `index`) and a key.
    """
    alphabets = {spec.name: spec.alphabet for spec in schema.sequences}
    per_position = [spec.name for spec in schema.targets if spec.per_position]
    alphabets = alphabets if config.sequences else {}
    pictures = [s.name for s in schema.inputs if s.kind == "image" and config.images]
    if not (alphabets or pictures):
        return None
    change = jax.vmap(functools.partial(augment_image, config=config.images))

    def moved_tokens(tokens: Array, keys: Array, alphabet: Alphabet):
        source, flipped = jax.vmap(_moves(config, alphabet))(tokens, keys)
        moved = jax.vmap(_move_tokens(alphabet))(tokens, source, flipped)
        return jax.vmap(_mutate(config.mutate, alphabet))(moved, keys), source

    def augment(batch: Mapping[str, Any], key: Array) -> dict[str, Any]:
        keys = jax.vmap(lambda index: jax.random.fold_in(key, index))(batch["index"])
        inputs, targets = dict(batch["inputs"]), dict(batch["targets"])
        for name, alphabet in alphabets.items():
            if isinstance(inputs[name], Dictionary):
                tokens, indices = inputs[name]
                own = _value_keys(key, len(tokens))
                moved, _ = moved_tokens(tokens, own, alphabet)
                inputs[name] = Dictionary(moved, indices)
                continue
            inputs[name], source = moved_tokens(inputs[name], keys, alphabet)
            for target in per_position:
                targets[target] = jax.vmap(_move_targets)(targets[target], source)
        for name in pictures:
            if isinstance(inputs[name], Dictionary):
                images, indices = inputs[name]
                own = _value_keys(key, len(images))
                inputs[name] = Dictionary(change(images, own), indices)
            else:
                inputs[name] = change(inputs[name], keys)
        return {**batch, "inputs": inputs, "targets": targets}

    return augment


def _value_keys(key: Array, count: int) -> Array:
    return jax.vmap(lambda place: jax.random.fold_in(key, place))(jnp.arange(count))


def _moves(config: Augment, alphabet: Alphabet):
    """For one example: where each position comes from (-1: nowhere), and its strand."""

    def moves(tokens: UInt8[Array, "len"], key: Array):
        length = jnp.sum(tokens != alphabet.pad)
        place = jnp.arange(tokens.shape[0])
        strand_key, shift_key = jax.random.split(key)
        flipped = jnp.zeros((), bool)
        if alphabet.complement_codes is not None and config.reverse_complement:
            flipped = jax.random.bernoulli(strand_key, config.reverse_complement)
        source = jnp.where(flipped, length - 1 - place, place)
        if config.shift:
            by = jax.random.randint(shift_key, (), -config.shift, config.shift + 1)
            source = source + by
        outside = (source < 0) | (source >= length)
        return jnp.where(outside, -1, source), flipped

    return moves


def _move_tokens(alphabet: Alphabet):
    unknown = alphabet.letters.index(alphabet.any) if alphabet.any else alphabet.pad
    identity = jnp.arange(alphabet.n_codes, dtype=jnp.uint8)
    complement = alphabet.complement_codes
    complement = identity if complement is None else jnp.asarray(complement)

    def move(tokens: UInt8[Array, "len"], source: Int[Array, "len"], flipped: Array):
        result = tokens[jnp.maximum(source, 0)]
        result = jnp.where(flipped, complement[result], result)
        result = jnp.where(source < 0, jnp.uint8(unknown), result)
        return jnp.where(tokens == alphabet.pad, tokens, result)

    return move


def _move_targets(targets: Num[Array, "len"], source: Int[Array, "len"]):
    result = targets[jnp.maximum(source, 0)]
    missing = -1 if jnp.issubdtype(targets.dtype, jnp.integer) else jnp.nan
    return jnp.where(source < 0, jnp.asarray(missing, targets.dtype), result)


def _mutate(share: float, alphabet: Alphabet):
    def mutate(tokens: UInt8[Array, "len"], key: Array):
        if not share:
            return tokens
        where_key, symbol_key = jax.random.split(jax.random.fold_in(key, 1))
        mask = jax.random.bernoulli(where_key, share, tokens.shape)
        symbols = jax.random.randint(symbol_key, tokens.shape, 0, alphabet.size)
        replaced = jnp.where(mask, symbols.astype(jnp.uint8), tokens)
        return jnp.where(tokens == alphabet.pad, tokens, replaced)

    return mutate
