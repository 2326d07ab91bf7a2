"""Sizes of images by what their files say first, and one that fits all of them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jaxbio.data.io.images import FORMATS, GREY

_MOST_FILES = 2000  # that are looked at
_PIXELS = 4_000_000  # of all images: an epoch of a minute or less on two cores
_SMALLEST, _LARGEST = 32, 64  # sides
_STEP = 8  # which pooling divides
_LEEWAY = 4  # times the pixels, up to which images keep a size that all have


class Size(NamedTuple):
    """What the beginning of a file of an image says.

    Attributes:
        height: In pixels.
        width: In pixels.
        grey: Whether it has one channel.
    """

    height: int
    width: int
    grey: bool


def sizes_of(paths: Sequence[str | Path]) -> list[Size]:
    """Sizes of images, of up to 2,000 files spread over all.

    Files that cannot be read are left out, as all are without Pillow: whoever reads
    the pixels tells of them.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> path = Path(tempfile.mkdtemp()) / "white.png"
        >>> Image.new("L", (3, 2), 255).save(path)
        >>> sizes_of([path, path.with_name("none.png")])
        [Size(height=2, width=3, grey=True)]
    """
    try:
        from PIL import Image
    except ImportError:
        return []
    step = max(1, math.ceil(len(paths) / _MOST_FILES))
    found = []
    for path in paths[::step]:
        try:
            with Image.open(path, formats=FORMATS) as image:
                found.append(Size(image.height, image.width, image.mode in GREY))
        except Exception:  # of any kind, as files may be damaged in any way
            continue
    return found


def fitting_size(sizes: Sequence[Size], count: int) -> str:
    """The size to which images are brought, as in `image=64x64x3`; empty for none.

    Images of one size keep it, unless training would take very long. Else they become
    squares, larger where there are few: together about four million pixels, with sides
    from 32 to 64. Proportions are not kept. Where some are grey, all get three
    channels.

    Args:
        sizes: Those of files.
        count: How many images there are.

    Example:
        >>> fitting_size([Size(28, 28, True)] * 2, 5000)
        ''
        >>> fitting_size([Size(900, 800, True), Size(700, 800, False)], 2000)
        '40x40x3'
    """
    if not sizes:
        return ""
    mixed = len({size.grey for size in sizes}) > 1
    shapes = {size[:2] for size in sizes}
    height, width = sizes[0][:2]
    if len(shapes) == 1 and count * height * width <= _LEEWAY * _PIXELS:
        return f"{height}x{width}x3" if mixed else ""
    side = int(np.clip(math.sqrt(_PIXELS / max(count, 1)), _SMALLEST, _LARGEST))
    side = min(side, max(max(shape) for shape in shapes))
    side = max(side - side % _STEP, 1) if side >= _STEP else side
    return f"{side}x{side}" + ("x3" if mixed else "")
