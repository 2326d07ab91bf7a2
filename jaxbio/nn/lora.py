"""Low-rank adapters of linear layers: y = x W + (x A) B s, where W stays as it is.

Source: Hu et al. 2022 (LoRA), equation 3. B begins as zeros, so that nothing is changed
before the first step.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxbio.errors import JaxbioError, nearest

Adapter = Mapping[str, Mapping[str, Any]]
"""By the name of a linear layer `a` `[layers in rank]` and `b` `[layers rank out]`."""


def new_adapter(
    key: Array,
    linear: Mapping[str, tuple[int, int, bool]],
    targets: Sequence[str],
    *,
    layers: int,
    rank: int,
) -> dict[str, dict[str, Array]]:
    """An adapter that changes nothing yet.

    Args:
        key: From which A follows.
        linear: Width in, width out (and whether there is a bias) of the linear layers.
        targets: Which of them are adapted.
        layers: Number of blocks.
        rank: Width between A and B.

    Raises:
        JaxbioError: For a name that is no linear layer, or a rank below 1.

    Example:
        >>> adapter = new_adapter(
        ...     jax.random.key(0), {"up": (4, 8, True)}, ["up"], layers=2, rank=3)
        >>> adapter["up"]["a"].shape, float(jnp.abs(adapter["up"]["b"]).max())
        ((2, 4, 3), 0.0)
    """
    if rank < 1:
        raise JaxbioError(f"rank={rank}: give 1 or more")
    adapter = {}
    for name, own in zip(targets, jax.random.split(key, len(targets)), strict=True):
        if name not in linear:
            raise JaxbioError(f"no linear layer {name!r}: {nearest(name, linear)}")
        before, after, _ = linear[name]
        bound = before**-0.5
        a = jax.random.uniform(own, (layers, before, rank), minval=-bound, maxval=bound)
        adapter[name] = {"a": a, "b": jnp.zeros((layers, rank, after))}
    return adapter


def merged(params: Mapping[str, Any], adapter: Adapter, scale: float) -> dict[str, Any]:
    """Parameters of a language model with an adapter worked into its kernels.

    Only kernels of blocks are changed, so that a table of tokens that the head shares
    stays one and the same.

    Args:
        params: With kernels at `stack/layers/NAME/kernel`.
        adapter: The adapter.
        scale: By what its change is multiplied.

    Example:
        >>> kernel = np.zeros((1, 2, 2))
        >>> params = {"stack": {"layers": {"up": {"kernel": kernel}}}}
        >>> adapter = {"up": {"a": np.ones((1, 2, 1)), "b": np.ones((1, 1, 2))}}
        >>> merged(params, adapter, 3.0)["stack"]["layers"]["up"]["kernel"].tolist()
        [[[3.0, 3.0], [3.0, 3.0]]]
    """
    layers = dict(params["stack"]["layers"])
    for name, part in adapter.items():
        change = np.asarray(part["a"], np.float64) @ np.asarray(part["b"], np.float64)
        kernel = np.asarray(layers[name]["kernel"])
        whole = (kernel + scale * change).astype(kernel.dtype)
        layers[name] = {**layers[name], "kernel": whole}
    return {**params, "stack": {**params["stack"], "layers": layers}}
