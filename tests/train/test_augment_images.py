import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.columns.images import ImageSpec
from jaxbio.errors import TrainingError
from jaxbio.train.augment_images import (
    Brightness,
    Flip,
    FlipVertical,
    Rotate,
    Translate,
    augment_image,
    interpolated,
    turned,
)

SPEC = ImageSpec("scan", "image", size=(8, 8, 3))
EVERYTHING = (
    Flip(), FlipVertical(), Rotate(30.0), Translate(0.2), Brightness(0.2)
)  # fmt: skip


def pixels(*shape, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, shape)
    return jnp.asarray(values.astype(np.uint8))


def many(image, *changes, count=200):
    keys = jax.random.split(jax.random.key(0), count)
    augment = functools.partial(augment_image, image, changes=changes, spec=SPEC)
    return np.asarray(jax.jit(jax.vmap(lambda key: augment(key)))(keys))


def moved(image, angle=0.0, down=0.0, right=0.0):
    image = jnp.asarray(image, jnp.float32)[..., None]
    y, x = (jnp.arange(size) - (size - 1) / 2 for size in image.shape[:2])
    places = turned(y[:, None] - down, x[None] - right, jnp.asarray(float(angle)))
    return np.asarray(interpolated(image, *places))[..., 0]


def test_without_changes_the_image_is_the_same():
    image = pixels(6, 5, 3)
    out = augment_image(image, jax.random.key(0), changes=(), spec=SPEC)
    assert out.dtype == jnp.uint8
    np.testing.assert_array_equal(out, image)
    np.testing.assert_array_equal(moved(image[..., 0]), image[..., 0])


@pytest.mark.parametrize(("kind", "axis"), [(Flip, 1), (FlipVertical, 0)])
def test_the_share_of_images_is_mirrored(kind, axis):
    image = pixels(4, 5, 1)
    always = many(image, kind(1.0), count=1)[0]
    np.testing.assert_array_equal(always, np.flip(image, axis))
    some = many(image, kind(0.3), count=1000)
    assert (some != np.asarray(image)).any(axis=(1, 2, 3)).mean() == pytest.approx(
        0.3, abs=0.05
    )


def test_moves_by_hand():
    image = [[1.0, 2.0], [3.0, 4.0]]
    assert moved(image, down=1).tolist() == [[1.0, 2.0], [1.0, 2.0]]
    assert moved(image, right=-1).tolist() == [[2.0, 2.0], [4.0, 4.0]]
    assert moved(image, right=0.25).tolist() == [[1.0, 1.75], [3.0, 3.75]]


def test_a_quarter_turn_is_that_of_numpy():
    image = np.random.default_rng(0).normal(size=(5, 5)).astype(np.float32)
    np.testing.assert_allclose(moved(image, math.pi / 2), np.rot90(image), atol=1e-5)
    np.testing.assert_allclose(moved(image, math.pi), np.rot90(image, 2), atol=1e-5)


def test_interpolation_is_that_of_scipy():
    ndimage = pytest.importorskip("scipy.ndimage")
    image = np.random.default_rng(0).normal(size=(9, 7)).astype(np.float32)
    angle, down, right = 0.3, 1.2, -0.7
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    middle = (np.array(image.shape) - 1) / 2
    offset = middle - turn @ (middle + np.array([down, right]))
    expected = ndimage.affine_transform(
        image, turn, offset, order=1, mode="nearest", prefilter=False
    )
    np.testing.assert_allclose(moved(image, angle, down, right), expected, atol=1e-5)


def test_shifts_stay_within_their_share_of_each_side():
    image = np.zeros((20, 40, 1), np.uint8)
    image[10, 20] = 255
    some = many(jnp.asarray(image), Translate(0.1), count=300)
    rows = (some.sum(axis=(2, 3)) * np.arange(20)).sum(1) / some.sum(axis=(1, 2, 3))
    columns = (some.sum(axis=(1, 3)) * np.arange(40)).sum(1) / some.sum(axis=(1, 2, 3))
    for found, middle, most in ((rows, 10, 2), (columns, 20, 4)):
        apart = np.abs(found - middle)
        assert apart.max() <= most + 0.05 and apart.max() > 0.8 * most


def test_intensities_stay_in_their_range_and_are_cut_off():
    middle = many(jnp.full((2, 2, 1), 128, jnp.uint8), Brightness(0.1))
    assert np.abs(middle.astype(int) - 128).max() <= 26
    assert (middle == middle[:, :1, :1]).all()
    white = many(jnp.full((2, 2, 1), 255, jnp.uint8), Brightness(0.5))
    assert white.max() == 255 and white.min() < 128


def test_everything_follows_from_the_key():
    image = pixels(8, 8, 3)
    key = jax.random.key(3)
    alone = augment_image(image, key, changes=EVERYTHING, spec=SPEC)
    np.testing.assert_array_equal(
        alone, augment_image(image, key, changes=EVERYTHING, spec=SPEC)
    )
    other = augment_image(image, jax.random.key(4), changes=EVERYTHING, spec=SPEC)
    assert (np.asarray(alone) != np.asarray(other)).any()
    augment = jax.vmap(functools.partial(augment_image, changes=EVERYTHING, spec=SPEC))
    keys = jnp.stack([jax.random.key(4), key])
    together = augment(jnp.stack([image, image]), keys)
    np.testing.assert_array_equal(together, jnp.stack([other, alone]))


def test_a_turn_and_a_move_are_one_interpolation():
    """Twice interpolated, a single bright pixel would be spread over more than four."""
    image = np.zeros((9, 9, 1), np.uint8)
    image[4, 4] = 255
    found = many(jnp.asarray(image), Rotate(20.0), Translate(0.1))
    apart = many(jnp.asarray(image), Rotate(20.0), Brightness(0.0), Translate(0.1))
    assert (found > 0).sum(axis=(1, 2, 3)).mean() < (apart > 0).sum(
        axis=(1, 2, 3)
    ).mean()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Flip(2), "flip: share is 2, not from 0 to 1"),
        (lambda: Rotate(-1), "rotate: most is -1, not from 0 to 180"),
        (lambda: Translate(float("nan")), "translate: most is nan"),
        (lambda: Brightness(1.5), "brightness: most is 1.5"),
    ],
)
def test_settings_that_make_no_sense_are_named(make, message):
    with pytest.raises(TrainingError, match=message):
        make()


def test_images_of_numbers_keep_their_levels():
    """Those of 16 bits come as numbers from 0 to 1."""
    image = jnp.array([[[0.0], [0.5001], [1.0]]], jnp.float32)
    spec = ImageSpec("scan", "image", size=(1, 3, 1), range=(0, 4095))
    key = jax.random.key(0)
    flipped = augment_image(image, key, changes=[Flip(1.0)], spec=spec)
    np.testing.assert_allclose(flipped[0, :, 0], [1.0, 0.5001, 0.0], rtol=1e-6)
    bright = augment_image(image, key, changes=[Brightness(1.0)], spec=spec)
    assert bright.dtype == jnp.float32
    assert float(bright.min()) >= 0 and float(bright.max()) <= 1
