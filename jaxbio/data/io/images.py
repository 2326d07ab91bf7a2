"""Images from PNG, JPEG, TIFF and BMP files and folders of them.

Pixels are uint8, and uint16 where a grey file has 16 bits; what range of these means
something, files do not say, so that no value is changed. The rest is treated the same
way everywhere: transparent pixels are laid over black, a palette is replaced by its
colours, and a photograph is turned upright as its EXIF tag says.
"""

import io
import math
import os
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt

from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_KINDS = "PNG, JPEG, TIFF or BMP"
_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "valid"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""The parts of data that folders are called after."""

GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N")
_THREADS = 8
_MOST = 65535  # in 16 bits
_PIXELS = 8 * 1032  # a byte: the most that PNG and JPEG make of one
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)

Paths = Sequence[str | Path]


def read_image(
    path: str | Path,
    *,
    channels: int | None = None,
    size: tuple[int, int] | None = None,
) -> UInt[np.ndarray, "height width channels"]:
    """Read one PNG, JPEG, TIFF or BMP file.

    Args:
        path: The file.
        channels: 1 for grey, 3 for colour; as in the file if not given.
        size: Height and width to which it is resized, with a filter against aliasing;
            proportions are not kept. As in the file if not given.

    Returns:
        The pixels, uint8 or uint16 as they stand in the file.

    Raises:
        DataError: For a file that is missing, damaged or of another format, has 16
            bits a channel in colour, fractions as pixels, or several pages.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> path = Path(tempfile.mkdtemp()) / "white.png"
        >>> Image.new("L", (3, 2), 255).save(path)
        >>> read_image(path).shape, read_image(path, channels=3, size=(1, 1)).tolist()
        ((2, 3, 1), [[[255, 255, 255]]])
    """
    pillow()
    if channels not in (None, 1, 3):
        raise DataError(f"channels={channels!r}: give 1 for grey or 3 for colour")
    if size is not None and min(size) < 1:
        raise DataError(f"size={size!r}: give a height and a width of at least 1")
    with open_bytes(path) as handle:
        image = _decoded(handle.read(), path, size)
    grey = channels == 1 or (channels is None and image.mode in GREY)
    if image.mode.startswith("I"):
        return _deep(image, path, channels or 1, size)
    image = _plain(image, "L" if grey else "RGB")
    if size is not None and image.size != size[::-1]:
        from PIL.Image import Resampling

        image = image.resize((size[1], size[0]), Resampling.BILINEAR)
    pixels = np.asarray(image, np.uint8)
    return pixels.reshape(*pixels.shape[:2], -1)


def read_images(
    paths: Paths,
    *,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
    rows: Sequence[int] | np.ndarray | None = None,
    where: str = "",
    resizing: Callable[[int, int], str] = "size=({}, {})".format,
) -> UInt[np.ndarray, "n height width channels"]:
    """Read files of images of one size, or made so.

    Args:
        paths: The files.
        size: Height and width to which all are resized, as in `read_image`.
        channels: 1 for grey, 3 for colour, to which all are converted.
        rows: The row of a table in which each stands, for messages.
        where: What messages say before the row, such as `scans.csv, column image`.
        resizing: What messages tell the caller to write for a height and a width.

    Returns:
        The pixels of all, uint8 or uint16.

    Raises:
        DataError: For a file that is missing or damaged, and for one whose size or
            channels differ from those of the first, if no `size` and `channels` say
            what to do, or whose bits a channel do.
    """
    pillow()
    if not len(paths):
        raise DataError(f"{where + ': ' if where else ''}there are no images to read")

    def place(at: int) -> str:
        row = f"row {rows[at]}" if rows is not None else ""
        return "".join(f"{part}, " for part in (where, row) if part)[:-2]

    def read(at: int) -> np.ndarray:
        try:
            return read_image(paths[at], channels=channels, size=size)
        except DataError as error:
            before = place(at)
            raise DataError(f"{before}: {error}" if before else str(error)) from None

    first = read(0)
    images = np.empty((len(paths), *first.shape), first.dtype)
    images[0] = first
    workers = min(_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers, thread_name_prefix="jaxbio-image") as pool:
        # Files in groups: what is decoded and not yet copied stays little.
        for start in range(1, len(paths), 16 * workers):
            some = range(start, min(start + 16 * workers, len(paths)))
            for at, image in zip(some, pool.map(read, some), strict=True):
                if (image.shape, image.dtype) != (first.shape, first.dtype):
                    raise _different(
                        place(at), paths[at], image, paths[0], first, resizing
                    )
                images[at] = image
    return images


def _different(place, path, image, second, first, resizing) -> DataError:
    remedies = []
    if image.shape[:2] != first.shape[:2]:
        remedies.append(f"resize all images with {resizing(*first.shape[:2])}")
    if image.shape[2] != first.shape[2]:
        remedies.append("make all grey or coloured with channels=1 or channels=3")
    if image.dtype != first.dtype:
        remedies.append("write all with 8 bits a channel, or all with 16")
    return DataError(
        f"{place + ': ' if place else ''}{path} is {_described(image)}, but the first "
        f"image, {second}, is {_described(first)}: {' and '.join(remedies)}"
    )


def _described(image: np.ndarray) -> str:
    height, width, channels = image.shape
    colour = "grey" if channels == 1 else "in colour"
    bits = "" if image.dtype == np.uint8 else ", 16 bits"
    return f"{height} x {width} pixels (height x width), {colour}{bits}"


def _decoded(content: bytes, path: str | Path, size: tuple[int, int] | None) -> "Image":
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if math.prod(image.size) > _PIXELS * len(content):
                raise DataError(
                    f"{path}: claims {image.width} x {image.height} pixels that "
                    f"{len(content)} bytes cannot hold: it is cut off or damaged; copy "
                    f"it again"
                )
            pages = getattr(image, "n_frames", 1)
            if pages > 1 or image.mode == "F":
                what = f"{pages} pages" if pages > 1 else "fractions as pixels"
                raise DataError(
                    f"{path}: {what}: write each image as a file of 8 or 16 bits a "
                    f"channel"
                )
            if not image.mode.startswith("I;16") and _has_16_bits(image):
                raise DataError(
                    f"{path}: 16 bits a channel in colour or with transparency, of "
                    f"which only 8 can be read: convert it to 8 bits, or to grey"
                )
            if size is not None:  # a large JPEG is decoded no finer than is of use
                image.draft(None, (2 * size[1], 2 * size[0]))
            image.load()
            return ImageOps.exif_transpose(image)
    except DataError:
        raise
    except Image.UnidentifiedImageError:
        raise DataError(
            f"{path}: not a {_KINDS} image, or its beginning is damaged: convert it to "
            f"PNG or copy it again"
        ) from None
    except Image.DecompressionBombError as error:
        raise DataError(f"{path}: {error}: make the image smaller") from None
    except _DAMAGE as error:
        raise DataError(
            f"{path}: the image is cut off or damaged ({error}): copy it again"
        ) from None


def _has_16_bits(image: "Image") -> bool:
    """Check by the way in which the pixels are stored, which has 16B in its name."""
    stored = (tile[3] for tile in getattr(image, "tile", ()))
    return any("16" in str(x[0] if isinstance(x, tuple) else x) for x in stored)


def _deep(
    image: "Image", path: str | Path, channels: int, size: tuple[int, int] | None
) -> UInt[np.ndarray, "height width channels"]:
    """The pixels of a grey image of 16 bits, each value as it is."""
    from PIL import Image

    values = np.asarray(image)
    if values.min(initial=0) < 0 or values.max(initial=0) > _MOST:
        raise DataError(f"{path}: more than 16 bits a pixel: convert it to 16 bits")
    if size is not None and values.shape != size:
        wide = Image.fromarray(values.astype(np.float32))
        wide = wide.resize((size[1], size[0]), Image.Resampling.BILINEAR)
        values = np.clip(np.round(np.asarray(wide)), 0, _MOST)
    return np.repeat(values.astype(np.uint16)[..., None], channels, axis=-1)


def eight_bits(values: UInt[np.ndarray, "..."]) -> UInt[np.ndarray, "..."]:
    """Pixels of 16 bits as the nearest of 8, over all that 16 bits can be.

    Example:
        >>> eight_bits(np.array([0, 257, 65535], np.uint16)).tolist()
        [0, 1, 255]
    """
    if values.dtype == np.uint8:
        return values
    return ((values.astype(np.int64) + 128) // 257).astype(np.uint8)


def _plain(image: "Image", mode: str) -> "Image":
    """The image with 8 bits a channel, without palette and transparency."""
    from PIL import Image

    if image.has_transparency_data:
        image = image.convert("RGBA")
        black = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(black, image).convert("RGB")
    return image if image.mode == mode else image.convert(mode)


def pillow() -> None:
    """See that Pillow is there.

    Raises:
        DataError: If it is not installed.
    """
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise DataError(
            "reading images needs Pillow: pip install 'jaxbio[image]'"
        ) from None


def find_images(folder: str | Path) -> tuple[list[Path], list[str]]:
    """The images of a folder that has one folder a class.

    Args:
        folder: Its folders are the classes; in them images count, other files and
            deeper folders do not.

    Returns:
        Paths and the class of each, both in alphabetical order.

    Raises:
        DataError: For a folder that is missing or without such images.

    Example:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> for name in ("sick/1.png", "well/2.jpg", "well/notes.txt"):
        ...     (root / name).parent.mkdir(exist_ok=True)
        ...     (root / name).touch()
        >>> paths, labels = find_images(root)
        >>> [path.name for path in paths], labels
        (['1.png', '2.jpg'], ['sick', 'well'])
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder: give one with a folder a class")
    classes = [d for d in _listed(folder) if d.is_dir()]
    items = [(path, d.name) for d in classes for path in _listed(d) if _image(path)]
    if not items:
        loose = sum(map(_image, _listed(folder)))
        raise DataError(
            f"{folder}: no folder in it holds images ({', '.join(IMAGE_ENDINGS)}), "
            f"{loose} lie beside: put those of each class into a folder of the class's "
            f"name, or list paths and labels in a table"
        )
    paths, labels = zip(*items, strict=True)
    return list(paths), list(labels)


def find_parts(folder: str | Path) -> dict[str, Path]:
    """The folders of a folder that hold parts of the data, each with its classes.

    Args:
        folder: The folder.

    Returns:
        The folders by part, `train`, `valid` and `test`; none unless there are those
        for training and for another part.

    Example:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> for name in ("train/sick/1.png", "Validation/well/2.png"):
        ...     (root / name).parent.mkdir(parents=True)
        ...     (root / name).touch()
        >>> {part: inner.name for part, inner in find_parts(root).items()}
        {'train': 'train', 'valid': 'Validation'}
    """
    found: dict[str, Path] = {}
    for entry in _listed(Path(folder)):
        part = _PARTS.get(entry.name.lower())
        if part and entry.is_dir():
            inner = [each for each in _listed(entry) if each.is_dir()]
            if any(map(_image, (file for each in inner for file in _listed(each)))):
                found[part] = entry
    found = {part: found[part] for part in _PARTS.values() if part in found}
    return found if "train" in found and len(found) > 1 else {}


def loose_images(folder: str | Path) -> list[Path]:
    """The images of a folder that has none in folders of classes, in their order.

    Example:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> (root / "2.png").touch(), (root / "1.jpg").touch()
        (None, None)
        >>> [path.name for path in loose_images(root)]
        ['1.jpg', '2.png']
    """
    entries = _listed(Path(folder))
    inner = [file for entry in entries if entry.is_dir() for file in _listed(entry)]
    return [] if any(map(_image, inner)) else list(filter(_image, entries))


def left_out(folder: str | Path) -> str:
    """A sentence on what `find_images` leaves out of a folder; empty for nothing.

    Args:
        folder: The folder.

    Example:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> for name in ("sick/1.png", "sick/2.gif", "well/3.gif", "4.png"):
        ...     (root / name).parent.mkdir(exist_ok=True)
        ...     (root / name).touch()
        >>> for part in left_out(root).removeprefix(f"{root}: left out: ").split("; "):
        ...     print(part)
        2 in class folders that are no PNG, JPEG, TIFF or BMP file (2 .gif)
        1 beside the class folders (1 .png)
        1 folder without images, which is no class ('well')
    """
    folder = Path(folder)
    top = _listed(folder)
    classes = {entry: _listed(entry) for entry in top if entry.is_dir()}
    empty = [
        entry.name for entry, files in classes.items() if not any(map(_image, files))
    ]
    inside = [x for files in classes.values() for x in files if not _image(x)]
    beside = [entry for entry in top if not entry.is_dir()]
    notes = []
    if inside:
        what = f"in class folders that are no {_KINDS} file"
        notes.append(f"{len(inside)} {what} ({_endings(inside)})")
    if beside:
        notes.append(f"{len(beside)} beside the class folders ({_endings(beside)})")
    if empty:
        some = ", ".join(map(repr, empty[:5])) + (", ..." if len(empty) > 5 else "")
        many = "folders without images, which are no classes"
        what = "folder without images, which is no class" if len(empty) == 1 else many
        notes.append(f"{len(empty)} {what} ({some})")
    return f"{folder}: left out: {'; '.join(notes)}" if notes else ""


def _endings(paths: Sequence[Path]) -> str:
    kinds = Counter(
        "folder" if path.is_dir() else path.suffix.lower() or "without an ending"
        for path in paths
    )
    listed = [f"{count} {kind}" for kind, count in kinds.most_common(5)]
    return ", ".join(listed) + (", ..." if len(kinds) > 5 else "")


def _listed(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_ENDINGS and path.is_file()
