"""Grad-CAM: which parts of an image speak for an output."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Num, UInt8

from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.columns.dictionary import DictionaryColumn, plain
from jaxbio.data.columns.images import Images, ImageSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.lookup import Lookups
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, nearest, option
from jaxbio.explain.functions import check_function
from jaxbio.explain.targets import before_link, chosen_outputs, row_target
from jaxbio.predict.forward import Forward
from jaxbio.predict.predictor import Predictor

_CODES = "which output of each row"  # beside the inputs, under no name of an input


Maps = Callable[
    [Num[Array, "batch height width channels"]], Float[Array, "batch short narrow dim"]
]


Scores = Callable[[Float[Array, "batch short narrow dim"]], Float[Array, "batch"]]


def grad_cam(
    maps: Maps,
    scores: Scores,
    images: Num[Array, "batch height width channels"],
) -> Float[Array, "batch height width"]:
    """Map of what raises a score in an image (Selvaraju et al. 2017, eq. 1 and 2).

    A feature map weighs as much as its mean gradient; what stays positive of the
    weighted sum of all maps is enlarged to the size of the image.

    Args:
        maps: The first part of a network, as `ImageCNN.maps`, in its evaluation form.
        scores: The rest of it: one number an image from the feature maps, such as the
            logit of a class. An image's number must not depend on the others.
        images: What `maps` takes.

    Returns:
        From 0 to 1, the greatest value of each image; 0 everywhere in an image without
        anything that speaks for the score. Pure: it can be jitted.

    Example:
        >>> images = jnp.array([[[0.0, 2.0], [1.0, 0.0]]])[..., None]
        >>> grad_cam(lambda x: x, lambda maps: maps.sum(axis=(1, 2, 3)), images)[0]
        Array([[0. , 1. ],
               [0.5, 0. ]], dtype=float32)
    """
    features = maps(images)
    gradients = jax.grad(lambda features: scores(features).sum())(features)
    weights = gradients.astype(jnp.float32).mean(axis=(1, 2), keepdims=True)
    heat = jax.nn.relu((weights * features.astype(jnp.float32)).sum(axis=-1))
    heat = jax.image.resize(heat, images.shape[:3], "linear", antialias=False)
    most = heat.max(axis=(1, 2), keepdims=True)
    return jnp.where(most > 0, heat / jnp.where(most > 0, most, 1), 0)


def activation_maps(
    predictor: Predictor,
    data: Any,
    *,
    target: str | None = None,
    label: str | None = None,
    input: str | None = None,
    unknown: str = "error",
    lookups: Lookups | None = None,
) -> Float32[np.ndarray, "n height width"]:
    """Map of what speaks for a prediction in the image of each row, by Grad-CAM.

    All other inputs of a row stay as they are; see `grad_cam` for the method.

    Args:
        predictor: A network with an image input.
        data: What it takes.
        target: The target; None for the only one.
        label: The class, label or number whose logit or value is explained; None for
            the likeliest of each row.
        input: The image input; None for the only one.
        unknown: As for `Predictor`.
        lookups: As for `Predictor`.

    Returns:
        From 0 to 1; the mean over the networks of an ensemble, which is 1 only where
        all agree. 0 everywhere for a row without its image, and for one in which
        nothing speaks for the output.

    Raises:
        DataError: For a network without images, or a name that is not known.

    Example:
        >>> import jaxbio as jb
        >>> pixels = np.zeros((40, 8, 8, 1), np.uint8)
        >>> pixels[::2, 2:4, 2:4] = 200
        >>> labels = jb.data.Category.from_values(["sick", "well"] * 20)
        >>> rows = jb.Dataset({"image": Images(pixels)}, {"label": labels})
        >>> run = jb.fit(None, None, rows, epochs=1, members=1, batch_size=8)
        >>> activation_maps(run.predictor, rows.take([0, 1]), label="sick").shape
        (2, 8, 8)
    """
    spec = row_target(predictor.schema, target)
    image = image_input(predictor.schema, input)
    rows: Dataset = predictor.dataset(data, unknown=unknown, lookups=lookups)
    check_function(predictor, rows)
    codes = chosen_outputs(predictor, rows, spec, label, unknown=unknown)
    task = predictor.objective.tasks[spec.name]
    arrays = predictor.schema.encode(rows, targets=False)
    arrays = dataclasses.replace(arrays, inputs={**arrays.inputs, _CODES: codes})

    def explain(member: Any, inputs: Any) -> dict[str, Array]:
        network = predictor.network(member)
        encoder = network.encoders[image.name]
        batch = {name: values for name, values in inputs.items() if name != _CODES}
        images, place = batch[image.name], jnp.arange(len(batch[image.name]))

        def scores(maps: Float[Array, "batch short narrow dim"]):
            encoded = {
                "summary": encoder.pooled(maps),
                "present": jnp.ones(len(maps), bool),
            }
            views = {**batch, image.name: Dictionary(encoded, place)}
            outputs = network(views)[spec.name]
            return before_link(outputs, inputs[_CODES], spec, task)

        return {"heat": grad_cam(encoder.maps, scores, images)}

    heat = np.zeros((len(rows), *image.size[:2]), np.float32)
    forward = Forward(explain, predictor.members)
    for plan, mean, _ in forward.start(arrays, predictor.schema.buckets):
        heat[plan.rows] = np.asarray(mean["heat"])[: plan.counted]
    column = rows.input(image.name)
    if isinstance(column, DictionaryColumn):
        heat[column.indices < 0] = 0
    return heat


def image_input(schema: Schema, name: str | None = None) -> ImageSpec:
    """The image input of a model.

    Args:
        schema: The inputs.
        name: Which one; None for the only one.

    Raises:
        DataError: If there is none, or several and none is named.
    """
    images = [spec for spec in schema.inputs if isinstance(spec, ImageSpec)]
    names = [spec.name for spec in images]
    if not images:
        listed = ", ".join(f"{spec.name} ({spec.kind})" for spec in schema.inputs)
        raise DataError(
            f"activation maps are of images, the model takes {listed}: "
            f"{option('method', 'shapley')} tells what each input contributes"
        )
    if name is None and len(images) > 1:
        raise DataError(
            f"the model has several images ({', '.join(names)}): say which one is to "
            f"be explained ({option('input', 'NAME', flag='--image')})"
        )
    if name is not None and name not in names:
        raise DataError(f"no image input {name!r}: {nearest(name, names)}")
    return images[0 if name is None else names.index(name)]


def images_of(data: Dataset, name: str) -> Images:
    """The image of each row; of a missing one a black picture."""
    column = plain(data.input(name))
    if not isinstance(column, Images):
        raise DataError(f"{data.source}: input {name} is {column.kind}, not an image")
    return column


def pictures_of(
    data: Dataset, spec: ImageSpec
) -> UInt8[np.ndarray, "n height width channels"]:
    """The image of each row as a screen shows it, of 16 bits what the model sees."""
    seen = images_of(data, spec.name).encode(spec, data.origin)
    if seen.dtype == np.uint8:
        return seen
    return (seen.clip(0, 1) * 255).round().astype(np.uint8)
