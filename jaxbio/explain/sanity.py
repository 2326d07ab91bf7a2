"""Sanity checks: what explains a network must change when what it learned is lost."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from jaxbio.predict.predictor import Predictor

_DESCRIBE = frozenset(("mean", "scale", "var", "share", "low", "least", "most"))
"""Numbers that describe the training rows, which no label has changed."""

_FEW = 20  # numbers a row, of which ranks say little


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
    """A predictor of the same networks `without_training`.

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


def rank_agreement(
    found: Sequence[Float[np.ndarray, "..."]],
    others: Sequence[Float[np.ndarray, "..."]],
) -> float:
    """Mean rank correlation of the sizes of explanations with those of others.

    Args:
        found: The explanation of each row, of any shape.
        others: Those of the same rows by another network.

    Returns:
        Spearman's correlation of sizes, the mean over rows; of rows with fewer than 20
        numbers, which say little by themselves, that of all signed numbers together.
        NaN where all explanations are constant.

    Example:
        >>> rank_agreement([np.array([1.0, 2.0, -3.0])], [np.array([2.0, 3.0, -9.0])])
        1.0
    """
    from scipy.stats import spearmanr  # slow to import

    pairs = [(np.ravel(x), np.ravel(y)) for x, y in zip(found, others, strict=True)]
    if not pairs:
        return float("nan")
    if max(len(x) for x, _ in pairs) < _FEW:
        every = [np.concatenate(each) for each in zip(*pairs, strict=True)]
        pairs = [(every[0], every[1])]
    else:
        pairs = [(np.abs(x), np.abs(y)) for x, y in pairs]
    each = [
        np.asarray(spearmanr(x, y)[0])
        for x, y in pairs
        if len(x) > 1 and np.ptp(x) > 0 and np.ptp(y) > 0
    ]
    return float(np.mean(each)) if each else float("nan")
