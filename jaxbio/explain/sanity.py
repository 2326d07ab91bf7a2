"""Sanity checks: what explains a network must change when what it learned is lost."""

from typing import Any

import jax
import numpy as np

from jaxbio.predict.predictor import Predictor

_DESCRIBE = frozenset(("mean", "scale", "var", "share", "low", "least", "most"))
"""Numbers that describe the training rows, which no label has changed."""


def without_training(params: Any, *, seed: int = 0) -> Any:
    """The values of networks with the numbers of each array in another order.

    Means and scales of inputs and of normalisations stay, as they are not learned from
    labels.

    Args:
        params: As `predictor.function` gives them, or those of one network.
        seed: Of the order.

    Source:
        Adebayo et al. 2018, Sanity checks for saliency maps, NeurIPS, arXiv:1810.03292.

    Example:
        >>> values = {"w": np.arange(8.0)}
        >>> other = without_training(values)["w"]
        >>> sorted(other.tolist()) == values["w"].tolist(), (other != values["w"]).any()
        (True, np.True_)
    """
    rng = np.random.default_rng(seed)

    def mixed(path: tuple[Any, ...], leaf: Any) -> Any:
        values = np.asarray(leaf)
        name = str(getattr(path[-1], "key", "")) if path else ""
        if name in _DESCRIBE or not np.issubdtype(values.dtype, np.floating):
            return leaf
        return rng.permutation(values.ravel()).reshape(values.shape)

    return jax.tree_util.tree_map_with_path(mixed, params)


def untrained(predictor: Predictor, *, seed: int = 0) -> Predictor:
    """A predictor of the same networks with their weights in another order.

    What explains the one must not explain the other; means and scales of inputs stay.

    Args:
        predictor: Of networks that have learned something.
        seed: Of the order of their numbers.

    Example:
        >>> import jaxbio as jb
        >>> import pandas as pd
        >>> table = pd.DataFrame({"x": range(9), "y": [2.0 * x for x in range(9)]})
        >>> data = jb.read(table, inputs={"x": "numeric"}, targets=["y"])
        >>> model = jb.Network(jb.MLP(hidden=(4,)))
        >>> run = jb.fit(model, None, data, epochs=1, members=1)
        >>> other = untrained(run.predictor)
        >>> bool((other(table).values == run.predictor(table).values).any())
        False
    """
    members = [without_training(each, seed=seed) for each in predictor.members]
    return predictor.with_members(members)
