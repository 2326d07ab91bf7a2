import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import TrainingError
from jaxbio.train import Training
from jaxbio.train.augment import Augment, make_augmenter
from jaxbio.train.augment_images import ImageAugment


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


def test_reverse_complement_keeps_padding_at_the_end():
    augment = make_augmenter(Augment(reverse_complement=1.0), schema())
    out = augment(batch_of(["AACG", "TN"], 6), jax.random.key(0))
    assert [DNA.decode(row) for row in np.asarray(out["inputs"]["s"])] == ["CGTT", "NA"]
    assert (np.asarray(out["inputs"]["s"])[0, 4:] == DNA.pad).all()


def test_targets_per_position_turn_around_with_the_strand():
    augment = make_augmenter(Augment(reverse_complement=1.0), schema(per_position=True))
    out = augment(batch_of(["AACG"], 5), jax.random.key(0))
    targets = np.asarray(out["targets"]["y"])[0]
    np.testing.assert_array_equal(targets, [3, 2, 1, 0, np.nan])


def test_half_of_the_examples_are_turned_around():
    augment = make_augmenter(Augment(reverse_complement=0.5), schema())
    out = augment(batch_of(["AAAA"] * 400, 4), jax.random.key(1))
    turned = (np.asarray(out["inputs"]["s"]) == 3).all(axis=1).mean()
    assert 0.4 < turned < 0.6


def test_shifts_leave_unknown_symbols_behind():
    augment = make_augmenter(Augment(shift=2), schema())
    out = augment(batch_of(["ACGT"] * 200, 4), jax.random.key(2))
    seen = {DNA.decode(row) for row in np.asarray(out["inputs"]["s"])}
    assert seen == {"NNAC", "NACG", "ACGT", "CGTN", "GTNN"}


@pytest.mark.parametrize("alphabet", [DNA, PROTEIN])
def test_mutations_have_the_asked_rate_and_spare_the_padding(alphabet):
    augment = make_augmenter(Augment(mutate=0.4), schema(alphabet))
    batch = batch_of(["A" * 50] * 100, 60, alphabet)
    out = np.asarray(augment(batch, jax.random.key(3))["inputs"]["s"])
    expected = 0.4 * (1 - 1 / alphabet.size)
    assert abs((out[:, :50] != 0).mean() - expected) < 0.03
    assert out[:, :50].max() < alphabet.size
    assert (out[:, 50:] == alphabet.pad).all()


def test_it_follows_from_key_and_example_not_from_the_batch():
    augment = make_augmenter(Augment(0.5, 3, 0.2), schema())
    batch = batch_of(["ACGTACGTAC", "TTTTGGGGCC", "GATTACAGAT"], 12)
    whole = augment(batch, jax.random.key(4))["inputs"]["s"]
    chosen = jax.tree.map(lambda values: values[jnp.array([2, 0])], batch)
    part = augment(chosen, jax.random.key(4))["inputs"]["s"]
    np.testing.assert_array_equal(part, whole[jnp.array([2, 0])])
    other = augment(batch, jax.random.key(5))["inputs"]["s"]
    assert (np.asarray(other) != np.asarray(whole)).any()


def test_nothing_to_do_is_none():
    assert make_augmenter(Augment(), schema()) is None


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
    augment = make_augmenter(Augment(images=ImageAugment(flip=1.0)), WITH_IMAGES)
    batch = batch_with_images()
    out = augment(batch, jax.random.key(0))
    np.testing.assert_array_equal(out["inputs"]["scan"], PIXELS[:, :, ::-1])
    for name in ("s", "age"):
        np.testing.assert_array_equal(out["inputs"][name], batch["inputs"][name])
    turned = make_augmenter(Augment(reverse_complement=1.0), WITH_IMAGES)
    out = turned(batch, jax.random.key(0))["inputs"]
    np.testing.assert_array_equal(out["scan"], PIXELS)
    assert DNA.decode(np.asarray(out["s"])[0]) == "CGTT"


def test_images_are_changed_anew_for_each_key_and_row():
    config = Augment(
        images=ImageAugment(flip=0.5, rotate=30, shift=0.2, brightness=0.2)
    )
    augment = make_augmenter(config, WITH_IMAGES)
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
    config = Augment(mutate=0.5, images=ImageAugment(flip=1.0))
    augment = make_augmenter(config, WITH_IMAGES)
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


def test_no_images_no_changes_of_images():
    assert make_augmenter(Augment(images=ImageAugment(flip=1.0)), schema()) is None


def test_training_checks_what_images_undergo():
    augment = Training(flip=0.5, rotate=10, translate=0.1, brightness=0.2).augment
    assert augment.images == ImageAugment(0.5, 0.0, 10, 0.1, 0.2)
    for name, value in (("flip", 1.5), ("rotate", 200), ("translate", -0.1)):
        with pytest.raises(TrainingError, match=f"^{name} is {value}, not from 0 to 1"):
            Training(**{name: value})
