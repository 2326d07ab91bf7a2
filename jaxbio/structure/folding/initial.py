"""Start of folding: multidimensional scaling, settled in four dimensions."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.structure.folding.descent import descend
from jaxbio.structure.folding.energy import squared_distances
from jaxbio.structure.folding.ramachandran import draw
from jaxbio.structure.folding.thread import alpha_carbons, built, thread

_STEP = 5.4  # angstrom from CB to the next CB, where nothing else is known
_NOISE = 2.0  # angstrom
_REACH = 2.0  # residues over which the noise is alike
_DIMENSIONS = 4
_TRIALS = 2  # traces that are settled for each start that is wanted
_STEPS, _RATE = 300, (0.5, 0.01)  # angstrom a step
_SPREADS = (4.0, 0.5)  # of distances, at first and at last (angstrom)
_SQUEEZE, _SQUEEZED = 10.0, 0.3  # of the fourth dimension, and from when on
_APART = 0.1  # weight of pairs that are to be far apart
_STRETCHED = np.deg2rad([-80.0, 140.0])
_CONTACT, _CROWD = 5.0, 0.02  # angstrom, and the weight of pairs that are nearer
# Handedness of four CB in a row: weight, and the distance from first to last below
# which they are a turn of a helix, above which a strand.
_RIGHT, _TURN = 3.0, 7.3
_LEFT, _STRAND = 1.0, 8.2
_HAND, _VOLUME = 3.0, 15.0


def starting_backbones(
    distances: Float[np.ndarray, "len len"],
    weights: Float[np.ndarray, "len len"],
    apart: Float[np.ndarray, "len len"],
    *,
    starts: int,
    batch: int,
    seed: int,
    bucket: int,
) -> Float[np.ndarray, "starts len 3 3"]:
    """Backbones whose CB are about as far apart as they should be.

    By turns from one and the other mirror image of the points that multidimensional
    scaling finds, shaken. A fourth dimension, which is squeezed out while the points
    settle, lets parts of the chain whose handedness is wrong turn over.

    Args:
        distances: Expected distances of CB, NaN where not known (angstrom).
        weights: How sure they are.
        apart: Distances that pairs are thought to exceed, or 0 (angstrom).
        starts: How many.
        batch: How many are settled at a time.
        seed: Of the noise.
        bucket: The length to which the chain is padded.

    Returns:
        N, CA and C of each residue (angstrom).
    """
    length = len(distances)
    more = (0, bucket - length)
    mask = np.isfinite(distances) & ~np.eye(length, dtype=bool)
    points = scaled(completed(distances), _DIMENSIONS)
    rng = np.random.default_rng(seed)
    trials = _TRIALS * starts
    images = np.stack(
        [points * ([-1, 1, 1, 1] if at % 2 else 1) for at in range(trials)]
    )
    noise = _smooth(rng.normal(size=images.shape)) * _NOISE
    # Nothing is known of padding: it stays where it is.
    target = np.pad(np.where(mask, distances, 0), (more, more))
    weight = np.pad(np.where(mask, weights, 0), (more, more))
    settled, stress = _settle(
        np.pad(images + noise, ((0, 0), more, (0, 0))).astype(np.float32),
        target.astype(np.float32),
        weight.astype(np.float32),
        np.pad(apart, (more, more)).astype(np.float32),
        _hands(target, weight).astype(np.float32),
        batch=batch,
    )
    settled = np.asarray(settled)[:, :length]
    # The best of each image, by turns.
    order = np.argsort(np.asarray(stress), kind="stable")
    sides = [order[order % 2 == side] for side in (0, 1)]
    subset = np.stack(sides, axis=1).reshape(-1)[:starts]
    return np.stack([thread(alpha_carbons(settled[at])) for at in subset])


def unfolded_backbones(
    torsions: Float[np.ndarray, "len 2"],
    certainty: Float[np.ndarray, "len 2"],
    glycine: Float[np.ndarray, "len"],
    *,
    starts: int,
    seed: int,
) -> Float[np.ndarray, "starts len 3 3"]:
    """Backbones whose torsions are as expected, wherever that leads them.

    Where nothing is expected, the first is a strand, the others lie in the regions of
    Ramachandran.

    Args:
        torsions: Expected phi and psi (radians).
        certainty: Their von Mises concentrations.
        glycine: Above 0 where a residue is glycine.
        starts: How many; all but the first are drawn from the distributions.
        seed: Of the draws.

    Returns:
        N, CA and C of each residue (angstrom).

    Example:
        >>> helix = np.tile(np.deg2rad([-63.0, -42.0]), (5, 1))
        >>> sure = np.ones((5, 2))
        >>> unfolded_backbones(helix, sure, np.zeros(5), starts=2, seed=0).shape
        (2, 5, 3, 3)
    """
    rng = np.random.default_rng(seed)
    likeliest = draw(torsions, certainty, glycine, rng=None)
    angles = np.where(certainty > 0, likeliest, _STRETCHED)
    samples = [draw(torsions, certainty, glycine, rng=rng) for _ in range(starts - 1)]
    return np.stack([built(sample) for sample in [angles, *samples][:starts]])


def completed(
    distances: Float[np.ndarray, "len len"],
) -> Float[np.ndarray, "len len"]:
    """All distances: those that are not known by the shortest way over known ones.

    Args:
        distances: NaN where not known (angstrom).

    Returns:
        Angstrom, symmetric, 0 on the diagonal.

    Example:
        >>> gap = np.nan
        >>> table = np.array([[0, 5, gap], [5, 0, 5], [gap, 5, 0]])
        >>> completed(table)[0].tolist()
        [0.0, 5.0, 10.0]
    """
    from scipy.sparse.csgraph import shortest_path

    table = np.where(np.isnan(distances), np.inf, distances.astype(np.float64))
    index = np.arange(len(table))
    chain = (index[1:], index[:-1])
    table[chain] = np.where(np.isinf(table[chain]), _STEP, table[chain])
    table = np.minimum(table, table.T)
    table[index, index] = 0
    return shortest_path(table, method="FW", directed=False)


def scaled(
    distances: Float[np.ndarray, "len len"], dimensions: int
) -> Float[np.ndarray, "len dimensions"]:
    """Classical multidimensional scaling (Torgerson 1952).

    Args:
        distances: Of all pairs, symmetric.
        dimensions: Of the points.

    Returns:
        Points in the frame of their principal axes.

    Example:
        >>> places = np.array([0.0, 3, 4, 9])
        >>> points = scaled(np.abs(places[:, None] - places), 2)
        >>> np.abs(points[0] - points[3]).round(6).tolist()
        [9.0, 0.0]
    """
    from scipy.linalg import eigh

    squares = distances**2
    rows = squares.mean(axis=0)
    products = -0.5 * (squares - rows[:, None] - rows + rows.mean())
    length = len(products)
    most = (max(length - dimensions, 0), length - 1)
    values, vectors = eigh(products, subset_by_index=most)
    # The sign of an axis is arbitrary; the largest part of each is made positive.
    largest = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])
    points = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    return np.pad(points, ((0, 0), (0, max(dimensions - points.shape[1], 0))))


@partial(jax.jit, static_argnames="batch")
def _settle(
    points: Float[Array, "trials len dim"],
    target: Float[Array, "len len"],
    weight: Float[Array, "len len"],
    apart: Float[Array, "len len"],
    hands: Float[Array, "quads"],
    *,
    batch: int,
) -> tuple[Float[Array, "trials len 3"], Float[Array, "trials"]]:
    """Points settled in space, and the stress of each."""
    index = jnp.arange(len(target))
    aloof = (jnp.abs(index[:, None] - index[None]) > 2) * (weight > 0)

    def stress(points: Array, progress: Array) -> Array:
        distances = jnp.sqrt(squared_distances(points))
        first, last = _SPREADS
        spread = jnp.maximum(first * (1 - progress), last)
        off = (distances - target) / spread
        near = jnp.maximum(apart - distances, 0) / spread
        fit = (weight * jnp.log1p(off**2) + _APART * jnp.log1p(near**2)).sum()
        crowd = jnp.maximum(_CONTACT**2 - distances**2, 0) ** 2 * aloof
        fit = fit + progress * _CROWD * crowd.sum()
        steps = points[1:, :3] - points[:-1, :3]
        volume = (steps[:-2] * jnp.cross(steps[1:-1], steps[2:])).sum(axis=-1)
        wrong = jax.nn.softplus(-jnp.sign(hands) * volume / _VOLUME)
        flat = _SQUEEZE * jnp.maximum(progress - _SQUEEZED, 0) ** 2
        return (
            fit
            + _HAND * (jnp.abs(hands) * wrong).sum()
            + flat * (points[:, 3:] ** 2).sum()
        )

    def one(start: Array) -> tuple[Array, Array]:
        beta = descend(stress, start, steps=_STEPS, rate=_RATE)[:, :3]
        return beta, stress(beta, jnp.ones(()))

    return jax.lax.map(one, points, batch_size=batch)


def _hands(
    target: Float[np.ndarray, "len len"], weight: Float[np.ndarray, "len len"]
) -> Float[np.ndarray, "quads"]:
    """Certainty that four CB in a row are right-handed (above 0) or left-handed."""
    index = np.arange(len(target) - 3)
    across = target[index, index + 3]
    mask = weight[index, index + 3] > 0
    right = _RIGHT / (1 + np.exp((across - _TURN) / 0.3))
    left = _LEFT / (1 + np.exp((_STRAND - across) / 0.3))
    return mask * (right - left)


def _smooth(noise: np.ndarray) -> np.ndarray:
    """Noise that is alike in neighbours along the chain, of variance 1."""
    from scipy.ndimage import gaussian_filter1d

    # A Gaussian kernel of width s keeps 1 / (2 s sqrt(pi)) of the variance.
    return gaussian_filter1d(noise, _REACH, axis=1) * np.sqrt(2 * _REACH * np.pi**0.5)
