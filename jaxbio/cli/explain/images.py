"""Heat over images, by Grad-CAM and by occlusion."""

import argparse
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from jaxbio.cli.explain.method import Method, picture_name
from jaxbio.cli.explain.sanity import check_line
from jaxbio.data import Dataset
from jaxbio.data.schema import Schema
from jaxbio.explain import activation_maps, occlusion_maps
from jaxbio.explain.gradcam import image_input, pictures_of
from jaxbio.plot import overlay, overlays, save
from jaxbio.predict.predictor import Predictor

Maps = Callable[..., Float32[np.ndarray, "n height width"]]
"""From a predictor and rows to a map of each image."""

_ON_A_PAGE = 24


def explain_images(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
    *,
    maps: Maps,
) -> dict[str, np.ndarray]:
    """Heat over each image, and a page with the first ones."""
    image = image_input(predictor.schema, options.image)
    how: dict[str, Any] = {
        "target": options.target,
        "input": image.name,
        "unknown": options.unknown,
    }

    def heat(some: Predictor, rows: Dataset, label: str | None) -> np.ndarray:
        found = maps(some, rows, **how, label=label)
        # Of losses by occlusion what speaks for the output is drawn, as by Grad-CAM.
        most = found.max(axis=(1, 2), keepdims=True)
        return np.maximum(found, 0) / np.where(most > 0, most, 1)

    heats = heat(predictor, data, options.label)
    pixels = pictures_of(data, image)
    titles = [f"{row}, {label}" for row, label in enumerate(explained, 1)]
    names = [picture_name(row, options) for row in range(1, len(data) + 1)]
    for at, name in enumerate(names):
        save(overlay(pixels[at], heats[at], title=titles[at]), folder / name)
    some = slice(_ON_A_PAGE)
    save(
        overlays(pixels[some], heats[some], titles=titles[some]),
        folder / f"page.{options.format}",
    )
    empty = int((heats.max(axis=(1, 2)) == 0).sum())
    if empty:
        print(f"{empty} of {len(data)} images have nothing that speaks for it")

    def again(other: Predictor, rows: Dataset, label: str | None) -> list[np.ndarray]:
        return list(heat(other, rows, label))

    print(check_line(predictor, data, explained, list(heats), again, what="heat maps"))
    width = heats.shape[2]
    warmest = heats.reshape(len(heats), -1).argmax(axis=1)
    return {
        "picture": np.array(names, object),
        "warmest_row": warmest // width,
        "warmest_column": warmest % width,
    }


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--image", metavar="INPUT", help="which one, of a model with several images"
    )


def _has_image(schema: Schema) -> bool:
    return any(spec.kind == "image" for spec in schema.own)


METHODS = (
    Method(
        "gradcam",
        "heat over images",
        rows=functools.partial(explain_images, maps=activation_maps),
        fits=_has_image,
        check=lambda schema, options: image_input(schema, options.image),
        add_arguments=_add_arguments,
    ),
    Method(
        "occlusion",
        "heat over images by what is lost when a part is hidden",
        rows=functools.partial(explain_images, maps=occlusion_maps),
        check=lambda schema, options: image_input(schema, options.image),
    ),
)
