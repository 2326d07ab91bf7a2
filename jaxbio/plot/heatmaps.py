"""Images with what an explanation found in them, as heat laid over."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, UInt8

from jaxbio.errors import DataError
from jaxbio.plot.page import INK, NORMAL, colour_bar, figure, heading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDE = 1.7
"""Width and height of a panel (inches)."""

_HEAT = "inferno"


def blend(
    image: UInt8[np.ndarray, "height width channels"],
    heat: Float[np.ndarray, "rows columns"],
    *,
    strength: float = 0.6,
) -> Float[np.ndarray, "height width 3"]:
    """Colours of an image with heat over it.

    Args:
        image: Grey or coloured pixels.
        heat: From 0, which leaves the image as it is, to 1.
        strength: How much of a pixel the greatest heat covers.

    Returns:
        Red, green and blue from 0 to 1.

    Raises:
        DataError: If image and heat differ in size.

    Example:
        >>> image, heat = np.full((1, 1, 1), 51, np.uint8), np.zeros((1, 1))
        >>> blend(image, heat).round(3).tolist()
        [[[0.2, 0.2, 0.2]]]
    """
    import matplotlib

    if image.shape[:2] != heat.shape or image.shape[2] not in (1, 3):
        raise DataError(
            f"an image of the shape {image.shape} and heat of the shape {heat.shape}: "
            f"give height x width x 1 or x 3, and heat of the same height and width"
        )
    shown = np.repeat(image, 3 // image.shape[2], axis=2) / 255
    clipped = np.clip(heat, 0, 1)
    colours = matplotlib.colormaps[_HEAT](clipped)[..., :3]
    cover = strength * clipped[..., None]
    return shown * (1 - cover) + colours * cover


def overlay(
    image: UInt8[np.ndarray, "height width channels"],
    heat: Float[np.ndarray, "rows columns"],
    *,
    title: str = "",
    strength: float = 0.6,
) -> "Figure":
    """Draw an image, and beside it the same with heat over it.

    Args:
        image: Grey or coloured pixels.
        heat: From 0 to 1, as `jaxbio.explain.grad_cam` gives it.
        title: Above both.
        strength: How much of a pixel the greatest heat covers.

    Returns:
        The figure.

    Example:
        >>> image = np.zeros((28, 28, 1), np.uint8)
        >>> len(overlay(image, np.zeros((28, 28), np.float32)).axes)
        2
    """
    return overlays(image[None], heat[None], title=title, strength=strength, columns=1)


def overlays(
    images: UInt8[np.ndarray, "n height width channels"],
    heats: Float[np.ndarray, "m rows columns"],
    *,
    titles: Sequence[str] = (),
    title: str = "",
    columns: int = 3,
    strength: float = 0.6,
) -> "Figure":
    """Draw images, each beside itself with heat over it.

    Args:
        images: Grey or coloured pixels.
        heats: From 0 to 1, as `jaxbio.explain.grad_cam` gives them.
        titles: Above each image; none if not given.
        title: Above all.
        columns: Pairs of pictures in a row.
        strength: How much of a pixel the greatest heat covers.

    Returns:
        The figure.

    Raises:
        DataError: If there are no images, or not as many heats or titles.

    Example:
        >>> images = np.zeros((4, 8, 8, 3), np.uint8)
        >>> page = overlays(images, np.zeros((4, 8, 8), np.float32), titles="abcd")
        >>> [axes.get_title(loc="left") for axes in page.axes[::2]]
        ['a', 'b', 'c', 'd']
    """
    from matplotlib.cm import ScalarMappable

    count = len(images)
    if not count or len(heats) != count or len(titles) not in (0, count):
        raise DataError(
            f"{count} images, {len(heats)} heats and {len(titles)} titles: give at "
            f"least one image, a heat for each, and a title for each or none"
        )
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    height, width = images.shape[1:3]
    tall = _SIDE * height / width
    page = figure(2 * _SIDE * columns + 0.7, (tall + 0.25) * rows + 0.4)
    heading(page, title)
    panels = page.subplots(rows, 2 * columns, squeeze=False).ravel()
    smooth = "nearest" if max(height, width) < 100 else "auto"
    for at, (image, heat) in enumerate(zip(images, heats, strict=True)):
        plain, warm = panels[2 * at : 2 * at + 2]
        nothing = np.zeros_like(heat)
        plain.imshow(blend(image, nothing), interpolation=smooth)
        warm.imshow(blend(image, heat, strength=strength), interpolation=smooth)
        if titles:
            plain.set_title(titles[at], fontsize=NORMAL, color=INK, loc="left")
    for panel in panels[: 2 * count]:
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(False)
    for panel in panels[2 * count :]:
        panel.remove()
    last, name = panels[2 * columns - 1], "share of the greatest"
    colour_bar(ScalarMappable(cmap=_HEAT), last, name, [0, 0.5, 1])
    return page
