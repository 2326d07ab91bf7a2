"""Occlusion: what a prediction loses when a part of an image is hidden."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float32

from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.dataset import Dataset
from jaxbio.data.lookup import Lookups
from jaxbio.errors import DataError, option
from jaxbio.explain.gradcam import image_input, images_of
from jaxbio.explain.targets import chosen_outputs, log_odds, row_target
from jaxbio.predict.predictor import Predictor

_PARTS = 8  # of the shorter side, that a patch is wide


def occlusion_maps(
    predictor: Predictor,
    data: Any,
    *,
    target: str | None = None,
    label: str | None = None,
    input: str | None = None,
    size: int | None = None,
    unknown: str = "error",
    lookups: Lookups | None = None,
) -> Float32[np.ndarray, "n height width"]:
    """Map of what is lost when patches of the image of each row are hidden.

    A square is filled with the mean colour of the image, and moved by half its width.
    Nothing has to be known of the model but its predictions, so that mixtures with
    trees are explained as a whole. Each image takes some 200 predictions.

    Args:
        predictor: A model with an image input.
        data: What it takes; other inputs of a row stay as they are.
        target: The target; None for the only one.
        label: The class, label or number; None for the likeliest of each row.
        input: The image input; None for the only one.
        size: Pixels of a side of the square; None for an eighth of the image.
        unknown: As for `Predictor`.
        lookups: As for `Predictor`.

    Returns:
        The mean loss over the squares that hide a pixel, in log-odds or in the units of
        a number: above 0 where a pixel speaks for the output. 0 for a row without its
        image.

    Raises:
        DataError: For a model without images, a name that is not known, or a square
            that the image does not have.

    Source:
        Zeiler and Fergus 2014, Visualizing and understanding convolutional networks,
        ECCV.

    Example:
        >>> import jaxbio as jb
        >>> pixels = np.zeros((40, 8, 8, 1), np.uint8)
        >>> pixels[::2, 2:4, 2:4] = 200
        >>> labels = jb.data.Category.from_values(["sick", "well"] * 20)
        >>> rows = jb.Dataset({"image": Images(pixels)}, {"label": labels})
        >>> run = jb.fit(None, None, rows, epochs=1, members=1, batch_size=8)
        >>> occlusion_maps(run.predictor, rows.take([0, 1]), size=4).shape
        (2, 8, 8)
    """
    spec = row_target(predictor.schema, target)
    name = image_input(predictor.schema, input).name
    rows: Dataset = predictor.dataset(data, unknown=unknown, lookups=lookups)
    codes = chosen_outputs(predictor, rows, spec, label, unknown=unknown)
    pictures = images_of(rows, name).values
    height, width = pictures.shape[1:3]
    side = max(min(height, width) // _PARTS, 1) if size is None else size
    if not 1 <= side <= min(height, width):
        raise DataError(
            f"{option('size', size)}: give 1 to {min(height, width)}, as images have "
            f"{height} x {width} pixels"
        )
    corners = [(y, x) for y in _starts(height, side) for x in _starts(width, side)]
    heat = np.zeros((len(rows), height, width), np.float32)
    column = rows.input(name)
    missing = np.zeros(len(rows), bool)
    if isinstance(column, DictionaryColumn):
        missing = np.asarray(column.indices) < 0
    for row in np.flatnonzero(~missing).tolist():
        hidden = np.repeat(pictures[row : row + 1], len(corners) + 1, axis=0)
        mean = pictures[row].mean(axis=(0, 1)).round().astype(hidden.dtype)
        for at, (y, x) in enumerate(corners, 1):
            hidden[at, y : y + side, x : x + side] = mean
        copies = rows.take(np.full(len(hidden), row))
        inputs = {**copies.inputs, name: Images(hidden)}
        found = predictor(dataclasses.replace(copies, inputs=inputs), unknown=unknown)
        values = jnp.asarray(found.by_target[spec.name])
        values = np.asarray(log_odds(values, int(codes[row]), spec))
        heat[row] = _spread(values[0] - values[1:], corners, side, height, width)
    return heat


def _starts(length: int, side: int) -> list[int]:
    """First pixels of squares half a side apart, the last one at the edge."""
    starts = list(range(0, length - side + 1, max(side // 2, 1)))
    return starts if starts[-1] == length - side else [*starts, length - side]


def _spread(
    losses: np.ndarray,
    corners: list[tuple[int, int]],
    side: int,
    height: int,
    width: int,
) -> np.ndarray:
    total, count = np.zeros((height, width)), np.zeros((height, width))
    for (y, x), loss in zip(corners, losses.tolist(), strict=True):
        total[y : y + side, x : x + side] += loss
        count[y : y + side, x : x + side] += 1
    return total / count
