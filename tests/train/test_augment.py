import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import TrainingError
from jaxbio.train import (
    Augmentation,
    Brightness,
    Flip,
    Mutate,
    ReverseComplement,
    Rotate,
    Shift,
    Translate,
)
from jaxbio.train.augment import make_augmenter, resolve_augment


def schema(alphabet=DNA, per_position=False):
    inputs = (SequenceSpec("s", alphabet.name, alphabet),)
    targets = (TargetSpec("y", "number", per_position=per_position),)
    return Schema(inputs, targets)


def batch_of(texts, length, alphabet=DNA):
    rows = np.full((len(texts), length), alphabet.pad, np.uint8)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = alphabet.encode(text)
    targets = np.arange(rows.size, dtype=np.float32).reshape(rows.shape)
    return {
        "inputs": {"s": jnp.asarray(rows)},
        "targets": {"y": jnp.asarray(targets)},
        "index": jnp.arange(len(texts)),
    }


def test_it_follows_from_key_and_example_not_from_the_batch():
    augment = make_augmenter((ReverseComplement(0.5), Shift(3), Mutate(0.2)), schema())
    batch = batch_of(["ACGTACGTAC", "TTTTGGGGCC", "GATTACAGAT"], 12)
    whole = augment(batch, jax.random.key(4))["inputs"]["s"]
    chosen = jax.tree.map(lambda values: values[jnp.array([2, 0])], batch)
    part = augment(chosen, jax.random.key(4))["inputs"]["s"]
    np.testing.assert_array_equal(part, whole[jnp.array([2, 0])])
    other = augment(batch, jax.random.key(5))["inputs"]["s"]
    assert (np.asarray(other) != np.asarray(whole)).any()


def test_nothing_to_do_is_none():
    assert make_augmenter((), schema()) is None
    assert make_augmenter({"s": ()}, schema()) is None


PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 1)).astype(np.uint8)
WITH_IMAGES = Schema(
    (
        ImageSpec("scan", "image", size=(6, 5, 1)),
        SequenceSpec("s", "dna", DNA),
        NumericSpec("age", "numeric", columns=("age",)),
    ),
    (TargetSpec("y", "number"),),
)


def batch_with_images(rows=None):
    """Images, sequences and numbers; with `rows` images and sequences stand once."""
    tokens = batch_of(["AACG", "TTTT", "CCCC", "GGGG"], 4)["inputs"]["s"]
    count = 4 if rows is None else len(rows)
    inputs = {"scan": jnp.asarray(PIXELS), "s": tokens}
    if rows is not None:
        indices = jnp.asarray(rows, jnp.int32)
        inputs = {name: Dictionary(x, indices) for name, x in inputs.items()}
    return {
        "inputs": {**inputs, "age": jnp.ones((count, 1))},
        "targets": {"y": jnp.zeros((count, 1))},
        "index": jnp.arange(count),
    }


def test_images_undergo_their_changes_and_nothing_else_does():
    augment = make_augmenter((Flip(1.0),), WITH_IMAGES)
    batch = batch_with_images()
    out = augment(batch, jax.random.key(0))
    np.testing.assert_array_equal(out["inputs"]["scan"], PIXELS[:, :, ::-1])
    for name in ("s", "age"):
        np.testing.assert_array_equal(out["inputs"][name], batch["inputs"][name])
    turned = make_augmenter({"s": (ReverseComplement(1.0),)}, WITH_IMAGES)
    out = turned(batch, jax.random.key(0))["inputs"]
    np.testing.assert_array_equal(out["scan"], PIXELS)
    assert DNA.decode(np.asarray(out["s"])[0]) == "CGTT"


def test_images_are_changed_anew_for_each_key_and_row():
    changes = (Flip(0.5), Rotate(30), Translate(0.2), Brightness(0.2))
    augment = make_augmenter({"scan": changes}, WITH_IMAGES)
    batch = batch_with_images()
    batch["inputs"]["scan"] = jnp.asarray(PIXELS[[0, 0, 0, 0]])
    one, again, other = (
        np.asarray(augment(batch, jax.random.key(seed))["inputs"]["scan"])
        for seed in (0, 0, 1)
    )
    assert one.dtype == np.uint8 and one.shape == PIXELS.shape
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    assert all((one[0] != each).any() for each in one[1:])


def test_what_rows_share_is_changed_once():
    augment = make_augmenter((Mutate(0.5), Flip(1.0)), WITH_IMAGES)
    rows = [2, 0, 2, -1, 3]
    batch = batch_with_images(rows)
    out = augment(batch, jax.random.key(0))["inputs"]
    np.testing.assert_array_equal(out["scan"].values, PIXELS[:, :, ::-1])
    for name in ("scan", "s"):
        assert out[name].indices.tolist() == rows
    tokens = np.asarray(out["s"].values)
    assert tokens.shape == (4, 4) and (tokens != batch["inputs"]["s"].values).any()
    other = augment(batch, jax.random.key(1))["inputs"]["s"].values
    assert (tokens != other).any()


def test_augmentations_go_to_the_inputs_that_they_fit():
    flip, mutate = Flip(), Mutate(0.1)
    both = resolve_augment((flip, mutate), WITH_IMAGES)
    assert both == {"scan": (flip,), "s": (mutate,)}
    assert resolve_augment(both, WITH_IMAGES) == both


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        ({"scam": (Flip(),)}, r"'scam', which is no input: did you mean 'scan'"),
        ({"s": (Flip(),)}, r"flip is of images, not of s \(dna\)"),
        ({"age": (Mutate(0.1),)}, r"mutate is of sequences, not of age \(numeric\)"),
    ],
)
def test_augmentations_that_do_not_fit_are_refused(augment, message):
    with pytest.raises(TrainingError, match=message):
        make_augmenter(augment, WITH_IMAGES)
    with pytest.raises(TrainingError, match=r"flip is of images, not of s \(dna\)"):
        make_augmenter((Flip(),), schema())


@dataclasses.dataclass(frozen=True)
class Noise(Augmentation):
    """An augmentation as users write them."""

    name: ClassVar[str] = "noise"
    scale: float = 0.1

    def accepts(self, spec):
        return spec.kind == "numeric"

    def __call__(self, example, key, spec):
        return example + self.scale * jax.random.normal(key, example.shape)


def test_an_augmentation_of_a_user_has_a_key_of_its_own():
    augment = make_augmenter((Noise(),), WITH_IMAGES)
    batch = batch_with_images()
    out = augment(batch, jax.random.key(0))["inputs"]
    np.testing.assert_array_equal(out["scan"], PIXELS)
    assert len(np.unique(out["age"])) == 4
    key = jax.random.key(7)
    others = (Mutate(0.1), Shift(1), ReverseComplement(), Flip(), Rotate(1))
    keys = [str(jax.random.key_data(each.own_key(key))) for each in others]
    assert str(jax.random.key_data(Noise().own_key(key))) not in keys


def test_targets_move_with_the_first_sequence_only():
    two = Schema(
        (SequenceSpec("s", "dna", DNA), SequenceSpec("t", "dna", DNA)),
        (TargetSpec("y", "number", per_position=True),),
    )
    batch = batch_of(["AACG"], 5)
    batch["inputs"]["t"] = batch["inputs"]["s"]
    augment = make_augmenter((ReverseComplement(1.0),), two)
    out = augment(batch, jax.random.key(0))
    np.testing.assert_array_equal(out["targets"]["y"][0], [3, 2, 1, 0, np.nan])
    assert DNA.decode(np.asarray(out["inputs"]["t"])[0]) == "CGTT"
