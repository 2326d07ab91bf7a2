"""Grad-CAM: which parts of an image speak for an output."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

Maps = Callable[
    [Num[Array, "batch height width channels"]], Float[Array, "batch short narrow dim"]
]
Scores = Callable[[Float[Array, "batch short narrow dim"]], Float[Array, "batch"]]


def grad_cam(
    maps: Maps,
    scores: Scores,
    images: Num[Array, "batch height width channels"],
) -> Float[Array, "batch height width"]:
    """Where an image holds what raises a score (Selvaraju et al. 2017, eq. 1 and 2).

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
    found = maps(images)
    gradients = jax.grad(lambda found: scores(found).sum())(found)
    weights = gradients.astype(jnp.float32).mean(axis=(1, 2), keepdims=True)
    heat = jax.nn.relu((weights * found.astype(jnp.float32)).sum(axis=-1))
    heat = jax.image.resize(heat, images.shape[:3], "linear", antialias=False)
    most = heat.max(axis=(1, 2), keepdims=True)
    return jnp.where(most > 0, heat / jnp.where(most > 0, most, 1), 0)
