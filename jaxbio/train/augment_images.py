"""Augmentation of images inside the compiled step.

Turned and moved images keep their size; where nothing is left to see stands the nearest
pixel of the edge.
"""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import ClassVar, cast

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.specs import InputSpec
from jaxbio.train.augmentation import Augmentation

Image = Float[Array, "height width channels"]
_KEYS = 6  # of an example, so that each change has its own


@dataclasses.dataclass(frozen=True)
class _OfImages(Augmentation):
    takes: ClassVar[str] = "images"
    number: ClassVar[int]

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is an image."""
        return isinstance(spec, ImageSpec)

    def own_key(self, key: Array) -> Array:
        """One of those of the example."""
        return jax.random.split(key, _KEYS)[self.number]


@dataclasses.dataclass(frozen=True)
class Flip(_OfImages):
    """Some images are mirrored left to right.

    Attributes:
        share: The share of images.
    """

    name: ClassVar[str] = "flip"
    number: ClassVar[int] = 0
    axis: ClassVar[int] = 1

    share: float = 0.5

    def __post_init__(self):
        self._check("share")

    def __call__(self, example: Image, key: Array, spec: ImageSpec) -> Image:
        """The image, or its mirror image."""
        on = jax.random.bernoulli(key, float(self.share))
        return jnp.where(on, jnp.flip(example, self.axis), example)


@dataclasses.dataclass(frozen=True)
class FlipVertical(Flip):
    """Some images are mirrored top to bottom.

    Attributes:
        share: The share of images.
    """

    name: ClassVar[str] = "flip_vertical"
    number: ClassVar[int] = 1
    axis: ClassVar[int] = 0


class Move(_OfImages):
    """An augmentation that moves pixels; those in a row are one interpolation."""

    def place(
        self, y: Array, x: Array, key: Array, image: Image
    ) -> tuple[Array, Array]:
        """From where each pixel comes; both places are from the middle of the image."""
        raise NotImplementedError

    def __call__(self, example: Image, key: Array, spec: ImageSpec) -> Image:
        """The image, moved."""
        return move_image(example, [(self, key)])


@dataclasses.dataclass(frozen=True)
class Rotate(Move):
    """Images are turned.

    Attributes:
        most: The most degrees, either way.
    """

    name: ClassVar[str] = "rotate"
    number: ClassVar[int] = 2

    most: float

    def __post_init__(self):
        self._check("most", 180.0)

    def place(
        self, y: Array, x: Array, key: Array, image: Image
    ) -> tuple[Array, Array]:
        """From a turn about the middle."""
        return turned(y, x, _either_way(key, jnp.deg2rad(self.most), ()))


@dataclasses.dataclass(frozen=True)
class Translate(Move):
    """Images are moved.

    Attributes:
        most: The most, up or down as a share of the height, left or right of the width.
    """

    name: ClassVar[str] = "translate"
    number: ClassVar[int] = 3

    most: float

    def __post_init__(self):
        self._check("most")

    def place(
        self, y: Array, x: Array, key: Array, image: Image
    ) -> tuple[Array, Array]:
        """From up and left of it."""
        share = _either_way(key, self.most, (2,))
        return y - share[0] * image.shape[0], x - share[1] * image.shape[1]


@dataclasses.dataclass(frozen=True)
class Brightness(_OfImages):
    """Contrast (about mid-grey) and brightness of images change.

    Attributes:
        most: The most, as a share of the range of values.
    """

    name: ClassVar[str] = "brightness"

    most: float

    def __post_init__(self):
        self._check("most")

    def own_key(self, key: Array) -> Array:
        """Two of those of the example."""
        return jax.random.split(key, _KEYS)[4:]

    def __call__(self, example: Image, key: Array, spec: ImageSpec) -> Image:
        """The image with other values, which may leave their range."""
        contrast, brightness = (_either_way(each, self.most, ()) for each in key)
        middle = 255 / 2
        return (example - middle) * (1 + contrast) + middle + 255 * brightness


def augment_image(
    image: Num[Array, "height width channels"],
    key: Array,
    *,
    changes: Sequence[Augmentation],
    spec: ImageSpec,
) -> Num[Array, "height width channels"]:
    """Change one image at random.

    Args:
        image: One image; `jax.vmap` takes many, each with its key.
        key: From which all changes follow.
        changes: What to do, in order.
        spec: The input.

    Returns:
        The image, rounded and cut off at 0 and 255; one of numbers from 0 to 1 is cut
        off there.

    Example:
        >>> image = jnp.array([[[1], [2], [3]]], jnp.uint8)
        >>> spec = ImageSpec("scan", "image", size=(1, 3, 1))
        >>> augment_image(
        ...     image, jax.random.key(0), changes=[Flip(1.0)], spec=spec
        ... )[0, :, 0].tolist()
        [3, 2, 1]
    """
    whole = jnp.issubdtype(image.dtype, jnp.integer)
    values = image.astype(jnp.float32) * (1 if whole else 255)
    keyed = [(each, each.own_key(key)) for each in changes]
    for moving, group in itertools.groupby(keyed, lambda k: isinstance(k[0], Move)):
        if moving:
            values = move_image(values, cast("list[tuple[Move, Array]]", list(group)))
        else:
            for change, own in group:
                values = change(values, own, spec)
    if whole:
        return jnp.clip(jnp.round(values), 0, 255).astype(jnp.uint8)
    return jnp.clip(values / 255, 0, 1)


def _either_way(key: Array, most, shape: tuple[int, ...]) -> Array:
    return jax.random.uniform(key, shape, minval=-1.0, maxval=1.0) * most


def turned(y: Array, x: Array, angle: Array) -> tuple[Array, Array]:
    """The places that a counter-clockwise turn (radians) brings to these."""
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    return cos * y + sin * x, -sin * y + cos * x


def move_image(image: Image, moves: Sequence[tuple[Move, Array]]) -> Image:
    """Move the pixels of an image.

    Args:
        image: Values by pixel.
        moves: What to do, in order, each with its key.

    Returns:
        Values, bilinearly interpolated once; the nearest of the edge beyond it.
    """
    height, width, _ = image.shape
    y = jnp.arange(height)[:, None] - (height - 1) / 2
    x = jnp.arange(width)[None, :] - (width - 1) / 2
    for move, key in reversed(moves):  # from the result back to the image
        y, x = move.place(y, x, key, image)
    return interpolated(image, y, x)


def interpolated(
    image: Image, y: Float[Array, "height #width"], x: Float[Array, "#height width"]
) -> Image:
    """The values of an image at places that are measured from its middle.

    Example:
        >>> image = jnp.array([[[1.0], [3.0], [7.0]]])
        >>> x = jnp.array([[-1.5, -0.5, 0.5]])
        >>> interpolated(image, jnp.zeros((1, 1)), x)[0, :, 0].tolist()
        [1.0, 2.0, 5.0]
    """
    height, width, _ = image.shape
    source_y = jnp.clip(y + (height - 1) / 2, 0, height - 1)
    source_x = jnp.clip(x + (width - 1) / 2, 0, width - 1)
    top, left = jnp.floor(source_y), jnp.floor(source_x)
    below, after = (source_y - top)[..., None], (source_x - left)[..., None]

    def at(rows, columns):
        rows = jnp.minimum(rows.astype(jnp.int32), height - 1)
        columns = jnp.minimum(columns.astype(jnp.int32), width - 1)
        return image[rows, columns]

    upper = at(top, left) * (1 - after) + at(top, left + 1) * after
    lower = at(top + 1, left) * (1 - after) + at(top + 1, left + 1) * after
    return upper * (1 - below) + lower * below
