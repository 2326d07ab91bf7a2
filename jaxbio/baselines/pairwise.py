"""Pairwise kernel ridge regression: pairs by the likeness of both their sides."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64, Num

_SHARED = 0.3  # of each kernel: how alike all are, which gives means by side
_POWERS = (0.0, 1.0)  # of the eigenvalues of a side: all alike, or as they are
_PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
_STEPS = 50  # of conjugate gradients
_ENOUGH = 1e-4  # of the squared residual that is left
_SMALL = 1e-3  # singular values beside the largest that are noise
RANK = 512
"""The directions of a side that count, at most."""


class Side(NamedTuple):
    """One side of pairs, as vectors of which products are the kernel.

    Attributes:
        axes: What each feature adds to the vectors.
        offset: What stands without features.
    """

    axes: Float64[np.ndarray, "features rank"]
    offset: Float64[np.ndarray, "rank"]

    def vectors(
        self, features: Num[np.ndarray, "n features"]
    ) -> Float64[np.ndarray, "n rank"]:
        """The vectors of rows of features."""
        return features @ self.axes + self.offset


class PairwiseRidge(NamedTuple):
    """A ridge regression of the products of vectors of both sides.

    Attributes:
        left: The first side.
        right: The second.
        core: The weight of each product.
        level: What stands without them.
    """

    left: Side
    right: Side
    core: Float64[np.ndarray, "left right"]
    level: float

    def predict(
        self,
        left: Num[np.ndarray, "n features"],
        right: Num[np.ndarray, "n others"],
    ) -> Float64[np.ndarray, "n"]:
        """Predictions of pairs from the features of their sides."""
        a, b = self.left.vectors(left), self.right.vectors(right)
        return np.einsum("ij,ij->i", a @ self.core, b) + self.level


class Pairs(NamedTuple):
    """Pairs of which the sides stand once.

    Attributes:
        left: The features of each thing of the first side.
        right: Those of the second.
        places: The numbers of the two things of each pair.
        values: The value of each pair.
    """

    left: Num[np.ndarray, "things features"]
    right: Num[np.ndarray, "others columns"]
    places: tuple[Int64[np.ndarray, "n"], Int64[np.ndarray, "n"]]
    values: Float[np.ndarray, "n"]


def fit_pairwise(train: Pairs, valid: Pairs) -> PairwiseRidge:
    """Fit a ridge regression of pairs; other pairs choose kernels and penalty.

    The kernel of two pairs is the product of the kernels of their sides (Kronecker
    product). That of a side is linear in its features, or has all directions of the
    training things alike, so that each thing has weights of its own.

    Args:
        train: The pairs to learn from.
        valid: The pairs that decide; of none all are taken to be alike, and the first
            kernels and penalty are kept.

    Source:
        Pahikkala T et al. (2015) Brief. Bioinform. 16:325 (KronRLS); pairs that were
        not measured are left out of the loss, by conjugate gradients (Airola A,
        Pahikkala T, 2018, IEEE Trans. Neural Netw. Learn. Syst. 29:3374).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> a, b = rng.normal(size=(20, 2)), rng.normal(size=(30, 3))
        >>> places = np.divmod(rng.permutation(600), 30)
        >>> y = np.einsum("ni,ni->n", a[places[0]], b[places[1]][:, :2])
        >>> def pairs(some):
        ...     at = places[0][some], places[1][some]
        ...     return Pairs(a, b, at, y[some])
        >>> fitted = fit_pairwise(pairs(slice(0, 400)), pairs(slice(400, 500)))
        >>> rest = slice(500, 600)
        >>> found = fitted.predict(a[places[0][rest]], b[places[1][rest]])
        >>> bool(np.abs(found - y[rest]).mean() < 0.1 * np.abs(y).mean())
        True
    """
    level, scale = float(train.values.mean()), float(train.values.std()) or 1.0
    shape = len(train.left), len(train.right)
    counts, sums = np.zeros(shape), np.zeros(shape)
    np.add.at(counts, train.places, 1)
    np.add.at(sums, train.places, (train.values - level) / scale)
    known = counts > 0
    table = np.divide(sums, counts, out=np.zeros(shape), where=known)
    best, least = None, np.inf
    for powers in itertools.product(_POWERS, _POWERS):
        left, right = (
            learn_side(x, power)
            for x, power in zip((train.left, train.right), powers, strict=True)
        )
        a, b = left.vectors(train.left), right.vectors(train.right)
        for penalty in _PENALTIES:
            dual = _solve(a @ a.T, b @ b.T, table, known, penalty)
            core = scale * (a.T @ dual @ b)
            fitted = PairwiseRidge(left, right, core, level)
            error = _error(fitted, valid)
            if best is None or error < least:
                best, least = fitted, error
    assert best is not None  # there are powers and penalties
    return best


def learn_side(features: Num[np.ndarray, "things features"], power: float) -> Side:
    """Vectors of which products are a kernel whose mean diagonal is 1 and a share.

    Args:
        features: Of each thing of the training pairs.
        power: Of the eigenvalues of the linear kernel; 0 makes all directions alike.
    """
    center = features.mean(axis=0, dtype=np.float64)
    _, sizes, axes = np.linalg.svd(features - center, full_matrices=False)
    kept = sizes[:RANK] > _SMALL * max(sizes.max(initial=0), 1e-12)
    kept = np.flatnonzero(kept)
    sizes, axes = sizes[kept], axes[kept]
    total = max(float((sizes ** (2 * power)).sum()), 1e-12)
    axes = axes.T * sizes ** (power - 1) * np.sqrt(len(features) / total)
    shared = np.append(-center @ axes, np.sqrt(_SHARED))
    return Side(np.pad(axes, ((0, 0), (0, 1))), shared)


def _solve(
    left: Float64[np.ndarray, "things things"],
    right: Float64[np.ndarray, "others others"],
    table: Float64[np.ndarray, "things others"],
    known: Bool[np.ndarray, "things others"],
    penalty: float,
) -> Float64[np.ndarray, "things others"]:
    """Weights of the known pairs, by conjugate gradients."""
    weights = np.zeros_like(table)
    rest = table.copy()
    step = rest.copy()
    size = start = float((rest**2).sum())
    for _ in range(_STEPS):
        if size <= _ENOUGH * start:
            break
        moved = np.where(known, left @ step @ right, 0) + penalty * step
        length = size / float((step * moved).sum())
        weights += length * step
        rest -= length * moved
        before, size = size, float((rest**2).sum())
        step = rest + size / before * step
    return weights


def _error(fitted: PairwiseRidge, pairs: Pairs) -> float:
    """The mean squared error of pairs; 0 of none."""
    if not len(pairs.values):
        return 0.0
    sides: Sequence[np.ndarray] = (
        fitted.left.vectors(pairs.left) @ fitted.core,
        fitted.right.vectors(pairs.right),
    )
    a, b = (x[at] for x, at in zip(sides, pairs.places, strict=True))
    return float(
        np.mean((np.einsum("ij,ij->i", a, b) + fitted.level - pairs.values) ** 2)
    )
