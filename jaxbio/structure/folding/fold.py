"""From a distogram, torsions and the handedness of amino acids to a backbone.

Chains are padded to the lengths of `data.buckets`, from 32 on growing by a quarter, so
that few programs are compiled. Memory grows with the square of the length, and as many
starts are made at a time as keep it bounded: the whole process took 1.1 GB for a chain
of 500 residues and 1.6 GB for one of 1,000. Chains of more than 2,048 are refused.
"""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32

from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.errors import DataError
from jaxbio.metrics.contacts import distances as distance_table
from jaxbio.structure.folding.descent import descend
from jaxbio.structure.folding.distogram import (
    checked_distogram,
    checked_edges,
    energies,
    expected,
    expected_lddt,
    first_knot,
)
from jaxbio.structure.folding.energy import Problem, terms
from jaxbio.structure.folding.initial import starting_backbones, unfolded_backbones
from jaxbio.structure.folding.plausibility import plausibility
from jaxbio.structure.folding.ramachandran import SURE
from jaxbio.structure.geometry import virtual_cb, virtual_o

LONGEST, SHORTEST = 2048, 4
CERTAINTY = SURE
"""The concentration of torsions whose weight is not given."""

_BUCKETS = (32,)
_AT_ONCE = 8 * 512**2  # pairs of residues, over all starts
_STEPS = 500
_RATE = (0.12, 0.003)  # angstrom a step
_SETTLED = 0.7  # the share of the steps after which the geometry has its full weight
_BROKEN = 7.5  # angstrom from CB to the next CB, beyond which they are not bound
_C_O, _CA_C_O, _LAST_PSI = 1.231, np.deg2rad(120.4), np.deg2rad(140.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Backbone:
    """A folded backbone.

    Attributes:
        coordinates: N, CA, C, O and CB of each residue, glycine included (angstrom).
        confidence: The lDDT that the distogram expects of each residue, 0 to 100 (see
            `distogram.expected_lddt`), times the share of residues around it whose
            geometry is sound (see `plausibility.plausibility`).
        objective: Of this backbone, lower is better.
        objectives: Of all starts.
    """

    coordinates: Float32[np.ndarray, "len 5 3"]
    confidence: Float32[np.ndarray, "len"]
    objective: float
    objectives: Float32[np.ndarray, "starts"]


def fold(
    distogram: Float[np.ndarray, "*shape"],
    edges: Float[np.ndarray, "*edges"],
    *,
    sequence: str,
    torsions: Float[np.ndarray, "*angles"] | None = None,
    torsion_weight: Float[np.ndarray, "*weights"] | None = None,
    starts: int = 8,
    seed: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> Backbone:
    """Fold a chain by its distances and torsions.

    Multidimensional scaling places CB by the expected distances; from there and from
    the mirror image, shaken, and from chains with the given torsions, Adam follows the
    gradient of the objective: the likelihood of the distances, ideal bonds and angles,
    planar trans peptides, torsions where they are given, the regions of phi and psi
    that L-amino acids take where torsions are not given or not sure, and clashes. The
    best of all starts by the objective is returned. The chain goes on through residues
    of which nothing is known; it is broken only where the distogram has CB of
    neighbours more than 7.5 angstrom apart.

    Args:
        distogram: Probabilities of the bins of distance between CB, virtual for
            glycine, `[len len bins]`; made symmetric. See `from_distances`.
        edges: Between the bins (angstrom), one fewer than bins: the first bin is
            nearer than the first edge, the last beyond the last.
        sequence: One letter a residue.
        torsions: Phi and psi (radians) `[len 2]`, NaN where not known.
        torsion_weight: How sure they are, as von Mises concentrations `[len]`;
            `CERTAINTY` if not given.
        starts: How many; with torsions, half of them begin unfolded.
        seed: Of the noise in which the starts differ.
        on_progress: Told how many starts are folded, each time that some are.

    Returns:
        The backbone, with confidence.

    Raises:
        DataError: If shapes do not fit, values are not probabilities or angles, or the
            chain is too short or too long.

    Example:
        >>> from jaxbio.structure.folding.distogram import EDGES, from_distances
        >>> unknown = np.full((6, 6), np.nan)
        >>> angles = np.tile(np.deg2rad([-63.0, -42.0]), (6, 1))
        >>> helix = fold(
        ...     from_distances(unknown),
        ...     np.array(EDGES),
        ...     sequence="AAAAAA",
        ...     torsions=angles,
        ... )
        >>> helix.coordinates.shape
        (6, 5, 3)
    """
    edges = checked_edges(edges)
    distogram = checked_distogram(distogram, edges)
    length = len(distogram)
    angles, certainty = _torsions(torsions, torsion_weight, length)
    _check(sequence, length, starts)
    bucket = int(bucket_lengths(np.array([length]), _BUCKETS)[0])
    most = max(1, min(starts, _AT_ONCE // bucket**2))
    batch = -(-starts // -(-starts // most))  # alike parts: few are folded for nothing
    means, precisions = expected(distogram, edges)
    first = starting_backbones(
        means,
        precisions,
        np.where(distogram[..., -1] > 0.5, edges[-1], 0.0),
        starts=starts,
        batch=batch,
        seed=seed,
        bucket=bucket,
    )
    glycine = np.array([letter == "G" for letter in sequence], np.float32)
    if certainty.any() and starts > 1:
        half = starts // 2
        first[-half:] = unfolded_backbones(
            angles, certainty, glycine, starts=half, seed=seed
        )
    bonded = np.append(~(np.diagonal(means, 1) > _BROKEN), False)
    more = (0, bucket - length)
    table, slope = energies(distogram, edges)
    problem = Problem(
        present=np.pad(np.ones(length, np.float32), more),
        bonded=np.pad(bonded.astype(np.float32), more),
        glycine=np.pad(glycine, more),
        torsions=np.pad(angles, (more, (0, 0))),
        certainty=np.pad(certainty, (more, (0, 0))),
        pairs=np.pad(1 - np.eye(length, dtype=np.float32), (more, more)),
        table=np.pad(table, (more, more, (0, 0))),
        first=np.array(first_knot(edges), np.float32),
        slope=np.pad(slope, (more, more)),
    )
    padded = np.pad(first.astype(np.float32), ((0, 0), more, (0, 0), (0, 0)))
    folded, objectives = _folded(padded, problem, batch, on_progress)
    best = int(np.nanargmin(objectives))
    coordinates = complete(folded[best, :length], angles, certainty)
    model = distance_table(coordinates[:, 4])
    sound = plausibility(coordinates[:, :3], sequence)
    return Backbone(
        coordinates,
        expected_lddt(distogram, edges, model) * sound,
        float(objectives[best]),
        objectives,
    )


def complete(
    backbone: Float32[np.ndarray, "len 3 3"],
    torsions: Float[np.ndarray, "len 2"],
    certainty: Float[np.ndarray, "len 2"],
) -> Float32[np.ndarray, "len 5 3"]:
    """N, CA and C with O and CB, centred.

    O that no peptide holds, as in the last residue, follows psi where that is known and
    else that of a strand.

    Args:
        backbone: N, CA and C (angstrom).
        torsions: Phi and psi (radians).
        certainty: 0 where they are not known.
    """
    x = backbone.astype(np.float64)
    n, ca, c = x[:, 0], x[:, 1], x[:, 2]
    o = virtual_o(ca, c, n)
    psi = np.where(certainty[:, 1] > 0, torsions[:, 1], _LAST_PSI)
    axis, aside = _unit(c - ca), n - ca
    aside = _unit(aside - (aside * axis).sum(axis=1, keepdims=True) * axis)
    # O lies opposite the next N, around the axis from CA to C.
    turn = psi[:, None] + np.pi
    around = np.cos(turn) * aside + np.sin(turn) * np.cross(axis, aside)
    free = c + _C_O * (np.sin(_CA_C_O) * around - np.cos(_CA_C_O) * axis)
    o = np.where(np.isnan(o), free, o)
    full = np.stack([n, ca, c, o, virtual_cb(n, ca, c)], axis=1)
    return (full - ca.mean(axis=0)).astype(np.float32)


def _unit(vectors: Float[np.ndarray, "len 3"]) -> Float[np.ndarray, "len 3"]:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _check(sequence: str, length: int, starts: int) -> None:
    if len(sequence) != length:
        raise DataError(
            f"the sequence has {len(sequence)} residues and the distogram {length}; "
            f"give a letter for each"
        )
    if not SHORTEST <= length <= LONGEST:
        raise DataError(
            f"the chain has {length} residues; chains of {SHORTEST} to {LONGEST} can "
            f"be folded: cut a longer one into domains"
        )
    if starts < 1:
        raise DataError(f"starts is {starts}; give at least 1")


def _torsions(
    torsions: np.ndarray | None, weight: np.ndarray | None, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Angles, and their concentrations, 0 where not known."""
    if torsions is None:
        return np.zeros((length, 2), np.float32), np.zeros((length, 2), np.float32)
    if torsions.shape != (length, 2):
        raise DataError(
            f"torsions have shape {torsions.shape} for {length} residues; give phi "
            f"and psi of each, [{length}, 2]"
        )
    if weight is None:
        weight = np.full(length, CERTAINTY)
    if weight.shape != (length,) or not (weight >= 0).all():
        raise DataError(
            f"torsion_weight has shape {weight.shape} for {length} residues; give "
            f"each a concentration of 0 or more"
        )
    mask = np.isfinite(torsions)
    angles = np.where(mask, torsions, 0).astype(np.float32)
    return angles, (mask * weight[:, None]).astype(np.float32)


def _folded(
    starts: Float32[np.ndarray, "starts len 3 3"],
    problem: Problem,
    batch: int,
    on_progress: Callable[[int], None] | None,
) -> tuple[Float32[np.ndarray, "starts len 3 3"], Float32[np.ndarray, "starts"]]:
    """The backbones and objectives of all starts, some at a time."""
    backbones, objectives = [], []
    for first in range(0, len(starts), batch):
        count = min(batch, len(starts) - first)
        # The last ones are filled up, so that one program serves all.
        rows = np.minimum(np.arange(first, first + batch), len(starts) - 1)
        backbone, objective = _descend_all(starts[rows], problem)
        backbones.append(np.asarray(backbone)[:count])
        objectives.append(np.asarray(objective)[:count])
        if on_progress is not None:
            on_progress(first + count)
    return np.concatenate(backbones), np.concatenate(objectives)


@jax.jit
def _descend_all(
    starts: Float[Array, "starts len 3 3"], problem: Problem
) -> tuple[Float[Array, "starts len 3 3"], Float[Array, "starts"]]:
    """The backbone that each start comes to, and its objective."""

    def total(backbone: Array, progress: Array) -> Array:
        ramp = jnp.clip(progress / _SETTLED, 0.01, 1) ** 2
        scale = {"geometry": ramp, "clashes": ramp}
        parts = terms(backbone, problem)
        weighed = [scale.get(name, 1.0) * part for name, part in parts.items()]
        return jnp.stack(weighed).sum()

    def one(start: Array) -> tuple[Array, Array]:
        end = descend(total, start, steps=_STEPS, rate=_RATE)
        return end, total(end, jnp.ones(()))

    return jax.vmap(one)(starts)
