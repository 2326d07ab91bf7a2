"""Tasks whose outputs are pairs of positions: the distances of residues."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float

from jaxbio.data.specs import TargetKind
from jaxbio.errors import JaxbioError
from jaxbio.metrics.contacts import CONTACT, contact_bins, distances
from jaxbio.tasks.base import Over, Task


@dataclasses.dataclass(frozen=True)
class Distances(Task):
    """Distances between positions, as a distribution over bins (a distogram).

    The target is a place in space for each position, from which the distances follow
    where they are needed: what is kept grows with the length, not with its square. The
    loss is the cross-entropy of the bin of each pair whose places are both known, as in
    trRosetta (Yang et al. 2020) and AlphaFold.

    Attributes:
        lowest: The upper edge of the first bin, in angstrom.
        highest: The lower edge of the last bin; what is further apart falls into it.
        step: The width of the bins between, in angstrom.
        nearest: The smallest separation along the chain that is learned.

    Example:
        >>> task = Distances(lowest=2.0, highest=4.0)
        >>> task.edges.tolist()
        [2.0, 3.0, 4.0]
        >>> places = jnp.array([[[0.0, 0, 0], [9, 9, 9], [2.5, 0, 0]]])
        >>> from jaxbio.data.specs import TargetSpec
        >>> spec = TargetSpec("cb", "points", per_position=True)
        >>> loss, known = task.loss(jnp.zeros((1, 3, 3, 4)), places, spec)
        >>> round(float(loss[0]), 4) == round(float(np.log(4)), 4), known.tolist()
        (True, [1.0])
    """

    name: ClassVar[str] = "distances"
    target_kind: ClassVar[TargetKind] = "points"
    primary_metric: ClassVar[str] = "all_l"
    over: ClassVar[Over] = "pair"

    per_position: bool = True
    lowest: float = 2.0
    highest: float = 22.0
    step: float = 1.0
    nearest: int = 2

    def __post_init__(self):
        if not self.per_position:
            raise JaxbioError("distances need a place for each position")
        if not (0 < self.lowest < self.highest and self.step > 0):
            raise JaxbioError(
                f"bins from {self.lowest} to {self.highest} by {self.step}: the first "
                f"edge has to be above 0 and below the last"
            )

    @property
    def edges(self) -> Float[np.ndarray, "edges"]:
        """The edges between the bins, in angstrom."""
        steps = round((self.highest - self.lowest) / self.step)
        return np.linspace(self.lowest, self.highest, steps + 1).astype(np.float32)

    def width(self, spec):
        return len(self.edges) + 1

    def _cells(self, outputs, targets, spec):
        distances, mask = pair_distances(targets)
        edges = jnp.asarray(self.edges)
        bins = jnp.searchsorted(edges, distances, side="right", method="compare_all")
        losses = optax.losses.softmax_cross_entropy_with_integer_labels(outputs, bins)
        return losses, mask & _apart(targets.shape[1], self.nearest)[None]

    def predict(self, outputs, spec):
        # Half precision: of a probability three digits are enough, of memory there is
        # a square of the length.
        return jax.nn.softmax(outputs, axis=-1).astype(jnp.float16)

    def metrics(self, truth, prediction, spec, weights=None):
        """Metrics of contacts; see `jaxbio.metrics.contact_metrics`.

        Args:
            truth: For each chain the places `[len 3]`, NaN where unknown.
            prediction: For each chain the probabilities of the bins `[len len bins]`.
            spec: The target.
            weights: Of each chain; None for 1.
        """
        from jaxbio.metrics.contacts import contact_metrics  # training does without it

        contacts = [contact_probability(x, self.edges) for x in prediction]
        apart = [distances(x) for x in truth]
        return contact_metrics(apart, contacts, weights=weights)


def pair_distances(
    places: Float[Array, "batch len 3"],
) -> tuple[Float[Array, "batch len len"], Bool[Array, "batch len len"]]:
    """The distance of every pair of places, and which pairs are known.

    Args:
        places: In angstrom; NaN where unknown.

    Returns:
        Angstrom, 0 where unknown.

    Example:
        >>> found, known = pair_distances(jnp.array([[[0.0, 0, 0], [3, 4, 0]]]))
        >>> found[0, 0].tolist(), bool(known.all())
        ([0.0, 5.0], True)
    """
    present = ~jnp.isnan(places).any(axis=-1)
    filled = jnp.where(present[..., None], places, 0)
    # The differences themselves: squares of far places would cancel in float32.
    apart = filled[:, :, None] - filled[:, None]
    return jnp.sqrt((apart**2).sum(axis=-1)), present[:, :, None] & present[:, None]


def contact_probability(
    distogram: Float[np.ndarray, "len len bins"],
    edges: Float[np.ndarray, "edges"],
    *,
    below: float = CONTACT,
) -> Float[np.ndarray, "len len"]:
    """The probability that two positions are nearer than a distance.

    Args:
        distogram: The probability of each bin.
        edges: The edges between the bins, in angstrom.
        below: The distance, in angstrom; the nearest edge counts.

    Example:
        >>> bins = np.array([[[0.25, 0.5, 0.25]]], np.float32)
        >>> contact_probability(bins, np.array([4.0, 8.0], np.float32)).tolist()
        [[0.75]]
    """
    bins = contact_bins(edges, below=below)
    return distogram[..., :bins].astype(np.float32).sum(axis=-1)


def _apart(length: int, nearest: int) -> Bool[Array, "len len"]:
    place = jnp.arange(length)
    return place[None] - place[:, None] >= nearest
