"""Distograms: probabilities of bins of distance, as energies, means and confidence.

Bin 0 holds what is nearer than the first edge, the last bin what is farther than the
last edge. Both are open; a width is given to them so that they have a density, too.
"""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32
from scipy.special import ndtr

from jaxbio.errors import DataError

OPEN_WIDTH = 10.0
"""Angstrom over which the probability of the last bin is spread."""

EDGES = tuple(np.arange(2.0, 22.25, 0.5).tolist())
"""From 2 to 22 angstrom, each 0.5: the edges if no others are given."""

KNOT_STEP = 0.5
"""Between the knots of tabled energies (angstrom)."""

LDDT_RADIUS, LDDT_THRESHOLDS = 15.0, (0.5, 1.0, 2.0, 4.0)
_BEYOND = 2.0  # angstrom beyond the last edge that are tabled
_TAIL, _TAIL_WIDTH = 0.02, 2.0  # share of each bin that is spread widely, angstrom
_LOW_SLOPE = 4.0  # of the energy below the first knot, per angstrom
_ROWS = 64  # rows of a distogram that are treated at a time
_SUM_TOLERANCE = 0.02


def from_distances(
    distances: Float[np.ndarray, "*shape"],
    edges: Float[np.ndarray, "*edges"] | None = None,
    *,
    spread: float = 0.25,
) -> Float32[np.ndarray, "len len bins"]:
    """A distogram of distances that are known.

    Args:
        distances: In angstrom, NaN where not known.
        edges: Between the bins (angstrom), ascending; `EDGES` if not given.
        spread: Standard deviation of the normal distribution around each distance that
            is put into the bins (angstrom); smaller is sharper.

    Returns:
        Probabilities. Where the distance is not known they are proportional to the
        widths of the bins, which says nothing.

    Raises:
        DataError: If the table is not square, or the edges do not ascend.

    Example:
        >>> table = np.array([[0, 5.2], [5.2, 0]])
        >>> from_distances(table, np.array([4.0, 5, 6]))[0, 1].round(2)
        array([0.  , 0.21, 0.79, 0.  ], dtype=float32)
    """
    edges = checked_edges(np.array(EDGES) if edges is None else edges)
    if distances.ndim != 2 or distances.shape[0] != distances.shape[1]:
        raise DataError(
            f"distances have shape {distances.shape}; give one for each pair of "
            f"residues, [residues, residues]"
        )
    if not spread > 0:
        raise DataError(f"spread is {spread}; give a width above 0 angstrom")
    nothing = uninformed(edges)
    length = len(distances)
    table = np.empty((length, length, len(edges) + 1), np.float32)
    for start in range(0, length, _ROWS):
        rows = distances[start : start + _ROWS, :, None]
        below = np.zeros((*rows.shape[:2], len(edges) + 2))
        below[..., -1] = 1
        below[..., 1:-1] = ndtr((edges - rows) / spread)
        bins = np.diff(below, axis=-1)
        table[start : start + _ROWS] = np.where(np.isnan(rows), nothing, bins)
    return table


def uninformed(edges: Float[np.ndarray, "edges"]) -> Float[np.ndarray, "bins"]:
    """The probabilities of the bins of a pair of which nothing is known.

    Args:
        edges: Between the bins (angstrom).

    Returns:
        Shares proportional to the widths of the bins: an even density.

    Example:
        >>> uninformed(np.array([2.0, 4.0, 8.0])).round(2).tolist()
        [0.11, 0.11, 0.22, 0.56]
    """
    low, high = _bounds(edges)
    return (high - low) / (high - low).sum()


def checked_edges(edges: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "edges"]:
    """The edges of bins, if they are fit for use.

    Raises:
        DataError: If there are fewer than 2, or they do not ascend.
    """
    if edges.ndim != 1 or len(edges) < 2:
        raise DataError(
            f"edges have shape {edges.shape}; give at least 2 edges in a row"
        )
    if not (np.isfinite(edges).all() and edges[0] > 0 and (np.diff(edges) > 0).all()):
        raise DataError(
            f"edges are {edges.tolist()}; give them in angstrom, ascending, above 0"
        )
    return edges.astype(np.float64)


def checked_distogram(
    distogram: Float[np.ndarray, "*shape"], edges: Float[np.ndarray, "edges"]
) -> Float32[np.ndarray, "len len bins"]:
    """A distogram made symmetric, its probabilities adding up to 1.

    Raises:
        DataError: If its shape does not fit, or it does not hold probabilities.

    Example:
        >>> even = np.full((4, 4, 3), 1 / 3, np.float32)
        >>> checked_distogram(even, np.array([4.0, 8.0])).shape
        (4, 4, 3)
    """
    shape = distogram.shape
    if len(shape) != 3 or shape[0] != shape[1]:
        raise DataError(
            f"the distogram has shape {shape}; give probabilities for each pair of "
            f"residues, [residues, residues, bins]"
        )
    if shape[2] != len(edges) + 1:
        raise DataError(
            f"the distogram has {shape[2]} bins for {len(edges)} edges; give one bin "
            f"more than edges, the first and the last of them open"
        )
    total = distogram.sum(axis=-1)
    wrong = ~(np.abs(total - 1) < _SUM_TOLERANCE) | ~(distogram >= 0).all(axis=-1)
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise DataError(
            f"the distogram has no probabilities for the residues {row + 1} and "
            f"{column + 1}: they add up to {total[row, column]:.3g}, the lowest is "
            f"{distogram[row, column].min():.3g}; give a softmax of the logits"
        )
    distogram = distogram / total[..., None]
    return (0.5 * (distogram + distogram.swapaxes(0, 1))).astype(np.float32)


def energies(
    distogram: Float32[np.ndarray, "len len bins"],
    edges: Float[np.ndarray, "edges"],
) -> tuple[Float32[np.ndarray, "len len knots"], Float32[np.ndarray, "len len"]]:
    """Negative log of the probability density of each pair's distance, at knots.

    Bins are smoothed by half of their width. A little of each is spread widely, so that
    there is a way back from distances that are thought impossible.

    Args:
        distogram: Probabilities.
        edges: Between the bins (angstrom).

    Returns:
        The energies at `first_knot(edges)` and then each `KNOT_STEP`, 0 at the lowest,
        and their slope from the last knot on (per angstrom), which pulls back pairs
        that are thought to be nearer.

    Example:
        >>> table = from_distances(np.full((4, 4), 6.0), spread=0.5)
        >>> knots, _ = energies(table, np.array(EDGES))
        >>> first_knot(np.array(EDGES)) + KNOT_STEP * int(knots[0, 1].argmin())
        6.0
    """
    low, high = _bounds(edges)
    knots = np.arange(low[0], low[-1] + _BEYOND + KNOT_STEP / 2, KNOT_STEP)
    smooth = max(float(np.median(np.diff(edges))) / 2, 0.1)
    below = ndtr((knots - low[:, None]) / smooth)
    above = ndtr((knots - high[:, None]) / smooth)
    sharp = (below - above) / (high - low)[:, None]
    outside = np.maximum(low[:, None] - knots, 0) + np.maximum(knots - high[:, None], 0)
    wide = np.exp(-outside / _TAIL_WIDTH) / (high - low + 2 * _TAIL_WIDTH)[:, None]
    density = ((1 - _TAIL) * sharp + _TAIL * wide).astype(np.float32)
    table = -np.log(distogram @ density + 1e-12)
    slope = (1 - distogram[..., -1]) / np.float32(_TAIL_WIDTH)
    return table - table.min(axis=-1, keepdims=True), slope


def first_knot(edges: Float[np.ndarray, "edges"]) -> float:
    """The distance of the first of the tabled energies (angstrom).

    Example:
        >>> first_knot(np.array([2.0, 2.5, 3.0]))
        1.5
    """
    return float(_bounds(edges)[0][0])


def pair_energy(
    table: Float[Array | np.ndarray, "len len knots"],
    distances: Float[Array, "len len"],
    first: float | Float[Array | np.ndarray, ""],
    slope: Float[Array | np.ndarray, "len len"],
) -> Float[Array, "len len"]:
    """The energy of each pair: splines (Catmull-Rom) between knots, lines outside.

    Args:
        table: Energies at knots.
        distances: In angstrom.
        first: The distance of the first knot.
        slope: Of the energy beyond the last knot (per angstrom).

    Example:
        >>> bowl = (jnp.arange(8.0) - 4).reshape(1, 1, 8) ** 2
        >>> at = jnp.array([[2.25]])
        >>> float(pair_energy(bowl, at, 0.0, jnp.ones((1, 1)))[0, 0])
        0.25
    """
    knots = table.shape[-1]
    last = first + KNOT_STEP * (knots - 1)
    place = (jnp.clip(distances, first, last) - first) / KNOT_STEP
    left = jnp.clip(jnp.floor(place), 1, knots - 3)
    t = place - left
    pairs = jnp.arange(distances.size, dtype=jnp.int32).reshape(distances.shape)
    at = pairs * knots + left.astype(jnp.int32)
    flat = jnp.asarray(table).reshape(-1)
    a, b, c, d = (flat[at + shift] for shift in (-1, 0, 1, 2))
    cubic = (-a + 3 * b - 3 * c + d) * t + (2 * a - 5 * b + 4 * c - d)
    inside = b + 0.5 * t * ((c - a) + t * cubic)
    above = slope * jnp.maximum(distances - last, 0)
    return inside + above + _LOW_SLOPE * jnp.maximum(first - distances, 0)


def expected(
    distogram: Float32[np.ndarray, "len len bins"],
    edges: Float[np.ndarray, "edges"],
) -> tuple[Float[np.ndarray, "len len"], Float[np.ndarray, "len len"]]:
    """The mean distance and its precision, unless it is likely beyond the last edge.

    Args:
        distogram: Probabilities.
        edges: Between the bins (angstrom).

    Returns:
        The mean (angstrom), NaN where the last bin has more than half of the
        probability or nothing is known because the density is even; and 1 over
        0.25 plus its variance, less where the last bin is likely.

    Example:
        >>> near, far = np.array([[[[0, 1, 0]]], [[[0, 0.4, 0.6]]]], np.float32)
        >>> mean, precision = expected(near, np.array([4.0, 8.0]))
        >>> mean.tolist(), precision.tolist()
        ([[6.0]], [[4.0]])
        >>> expected(far, np.array([4.0, 8.0]))[0].tolist()
        [[nan]]
    """
    low, high = _bounds(edges)
    within = distogram[..., :-1].astype(np.float64)
    total = within.sum(axis=-1)
    centres = ((low + high) / 2)[:-1]
    mean = within @ centres / np.maximum(total, 1e-9)
    even = np.abs(distogram - uninformed(edges)).max(axis=-1) < 1e-3
    variance = within @ centres**2 / np.maximum(total, 1e-9) - mean**2
    precision = total**2 / (0.25 + np.maximum(variance, 0))
    return np.where((total < 0.5) | even, np.nan, mean), precision


def expected_lddt(
    distogram: Float32[np.ndarray, "len len bins"],
    edges: Float[np.ndarray, "edges"],
    distances: Float[np.ndarray, "len len"],
) -> Float32[np.ndarray, "len"]:
    """The lDDT that the distogram expects of a model.

    For each residue: the expected number of true distances below 15 angstrom that the
    model's distance is within 0.5, 1, 2 and 4 angstrom of (the mean of the four), as a
    share of the expected number of distances below 15 angstrom. It is as honest as the
    probabilities are, and counts CB where lDDT by custom counts CA.

    Args:
        distogram: Probabilities.
        edges: Between the bins (angstrom).
        distances: Of the model (angstrom).

    Returns:
        From 0 to 100, for each residue; 0 where no distance below 15 is expected.

    Example:
        >>> true = np.array([[0, 6.0], [6.0, 0]])
        >>> table = from_distances(true, spread=0.01)
        >>> expected_lddt(table, np.array(EDGES), true).tolist()
        [100.0, 100.0]
        >>> expected_lddt(table, np.array(EDGES), true + 1.5).tolist()
        [50.0, 50.0]
    """
    low, high = _bounds(edges)
    included = np.clip((LDDT_RADIUS - low) / (high - low), 0, 1)
    reach = np.minimum(high, LDDT_RADIUS)
    score = np.zeros(len(distances), np.float32)
    for start in range(0, len(distances), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(distances)))
        block = distogram[rows]
        block[np.arange(len(rows)), rows] = 0  # a residue is not its own neighbour
        model = distances[rows, :, None]
        preserved = np.zeros(len(rows))
        for limit in LDDT_THRESHOLDS:
            overlap = np.minimum(reach, model + limit) - np.maximum(low, model - limit)
            share = np.clip(overlap / (high - low), 0, 1)
            preserved += (block * share).sum(axis=(1, 2)) / len(LDDT_THRESHOLDS)
        score[rows] = 100 * preserved / np.maximum((block @ included).sum(axis=1), 1e-6)
    return np.clip(score, 0, 100)


def _bounds(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of each bin, the open ones as if they had a width."""
    low = np.concatenate([[max(edges[0] - (edges[1] - edges[0]), 0)], edges])
    high = np.concatenate([edges, [edges[-1] + OPEN_WIDTH]])
    return low, high
