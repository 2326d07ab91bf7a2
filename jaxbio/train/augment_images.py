"""Augmentation of images inside the compiled step."""

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, UInt8

from jaxbio.errors import TrainingError


@dataclasses.dataclass(frozen=True)
class ImageAugment:
    """Random changes of training images, anew at each step.

    Turned and moved images keep their size; where nothing is left to see stands the
    nearest pixel of the edge.

    Attributes:
        flip: The share of images that is mirrored left to right.
        flip_vertical: The share that is mirrored top to bottom.
        rotate: The most degrees by which an image is turned either way.
        shift: The most by which it is moved, up or down as a share of its height, left
            or right of its width.
        brightness: The most by which contrast (about mid-grey) and brightness change,
            as a share of the range of values.
    """

    flip: float = 0.0
    flip_vertical: float = 0.0
    rotate: float = 0.0
    shift: float = 0.0
    brightness: float = 0.0

    def __post_init__(self):
        limits = {"rotate": 180.0}
        for field in dataclasses.fields(self):
            value, most = getattr(self, field.name), limits.get(field.name, 1.0)
            if not 0 <= value <= most:
                raise TrainingError(
                    f"image augmentation: {field.name} is {value!r}, it must be from 0 "
                    f"to {most:g}"
                )

    def __bool__(self) -> bool:
        return any(dataclasses.astuple(self))


def augment_image(
    image: UInt8[Array, "height width channels"], key: Array, *, config: ImageAugment
) -> UInt8[Array, "height width channels"]:
    """Mirror, turn, move and change the intensity of one image at random.

    Args:
        image: One image; `jax.vmap` takes many, each with its key.
        key: From which all changes follow.
        config: What may change, and how much.

    Returns:
        The image, bilinearly interpolated, rounded and cut off at 0 and 255.

    Example:
        >>> image = jnp.array([[[1], [2], [3]]], jnp.uint8)
        >>> mirror = ImageAugment(flip=1.0)
        >>> augment_image(image, jax.random.key(0), config=mirror)[0, :, 0].tolist()
        [3, 2, 1]
    """
    keys = iter(jax.random.split(key, 6))
    for axis, share in ((1, config.flip), (0, config.flip_vertical)):
        on = jax.random.bernoulli(next(keys), float(share))
        if share:
            image = jnp.where(on, jnp.flip(image, axis), image)
    angle = _either_way(next(keys), jnp.deg2rad(config.rotate), ())
    share = _either_way(next(keys), config.shift, (2,))
    values = image.astype(jnp.float32)
    if config.rotate or config.shift:
        down, right = share[0] * image.shape[0], share[1] * image.shape[1]
        values = move_image(values, angle, down=down, right=right)
    if config.brightness:
        contrast = _either_way(next(keys), config.brightness, ())
        brightness = _either_way(next(keys), config.brightness, ())
        middle = 255 / 2
        values = (values - middle) * (1 + contrast) + middle + 255 * brightness
    return jnp.clip(jnp.round(values), 0, 255).astype(jnp.uint8)


def _either_way(key: Array, most, shape: tuple[int, ...]) -> Array:
    return jax.random.uniform(key, shape, minval=-1.0, maxval=1.0) * most


def move_image(
    image: Float[Array, "height width channels"],
    angle: Float[Array, ""],
    *,
    down: Float[Array, ""],
    right: Float[Array, ""],
) -> Float[Array, "height width channels"]:
    """Turn an image about its middle, then move it.

    Args:
        image: Values by pixel.
        angle: Counter-clockwise (radians).
        down: Pixels by which to move it down.
        right: Pixels by which to move it right.

    Returns:
        Values, bilinearly interpolated; the nearest of the edge beyond it.

    Example:
        >>> image = jnp.array([[[1.0], [3.0], [7.0]]])
        >>> none, half = jnp.zeros(()), jnp.asarray(0.5)
        >>> move_image(image, none, down=none, right=half)[0, :, 0].tolist()
        [1.0, 2.0, 5.0]
    """
    height, width, _ = image.shape
    middle = (height - 1) / 2, (width - 1) / 2
    y = jnp.arange(height)[:, None] - middle[0] - down
    x = jnp.arange(width)[None, :] - middle[1] - right
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    source_y = jnp.clip(cos * y + sin * x + middle[0], 0, height - 1)
    source_x = jnp.clip(-sin * y + cos * x + middle[1], 0, width - 1)
    top, left = jnp.floor(source_y), jnp.floor(source_x)
    below, after = (source_y - top)[..., None], (source_x - left)[..., None]

    def at(rows, columns):
        rows = jnp.minimum(rows.astype(jnp.int32), height - 1)
        columns = jnp.minimum(columns.astype(jnp.int32), width - 1)
        return image[rows, columns]

    upper = at(top, left) * (1 - after) + at(top, left + 1) * after
    lower = at(top + 1, left) * (1 - after) + at(top + 1, left + 1) * after
    return upper * (1 - below) + lower * below
