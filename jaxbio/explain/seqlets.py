"""Seqlets: stretches of sequences that contribute more than chance gives."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.errors import DataError, option

_DRAWS = 100_000
_PASSES = 4


@dataclasses.dataclass(frozen=True)
class Seqlet:
    """A stretch of a sequence.

    Attributes:
        row: The number of the sequence, from 0.
        start: Its first position, from 0.
        end: The one after its last.
        contribution: The sum of its positions.
        p_value: The chance of a sum at least as far from 0, of this sign.
    """

    row: int
    start: int
    end: int
    contribution: float
    p_value: float


def find_seqlets(
    contributions: Sequence[Float[np.ndarray, "_"]],
    *,
    width: int = 8,
    p_value: float = 0.001,
    seed: int = 0,
) -> list[Seqlet]:
    """The stretches whose positions contribute more, or less, than chance gives.

    What chance gives is the sum of `width` positions, each drawn by itself from all
    sequences: neighbours there have nothing to do with each other. Where many sequences
    have a motif, its own positions would hide it, so the search is repeated, up to four
    times, with draws from the positions outside of what was found. Of stretches of one
    sequence that overlap, the one farthest from 0 is kept.

    Args:
        contributions: Of each position of each sequence, by any method.
        width: Positions of a seqlet.
        p_value: The greatest that counts, 0.00001 or more; it is not corrected for the
            number of stretches.
        seed: Of the draws.

    Returns:
        The seqlets, those that contribute most (up or down) first; none if nothing
        stands out.

    Raises:
        DataError: For a width below 1, a p value that 100,000 draws cannot show, or
            contributions that are no numbers.

    Example:
        >>> quiet = np.random.default_rng(0).normal(scale=0.1, size=200)
        >>> quiet[50:58] += 1
        >>> [(found.start, found.end) for found in find_seqlets([quiet])][0]
        (50, 58)
    """
    if width < 1:
        raise DataError(f"{option('width', width)}: give 1 or more")
    if not 1 / _DRAWS <= p_value <= 1:
        raise DataError(f"{option('p_value', p_value)}: give 0.00001 to 1")
    rows = [np.asarray(row, float) for row in contributions]
    for number, row in enumerate(rows):
        if row.ndim != 1 or not np.isfinite(row).all():
            raise DataError(
                f"sequence {number}: contributions must be one finite number a position"
            )
    random = np.random.default_rng(seed)
    usual = [np.ones(len(row), bool) for row in rows]
    found: list[Seqlet] = []
    for _ in range(_PASSES):
        pool = np.concatenate(
            [row[some] for row, some in zip(rows, usual, strict=True)] or [np.zeros(0)]
        )
        if not pool.size:
            break
        null = np.sum([random.choice(pool, _DRAWS) for _ in range(width)], axis=0)
        null.sort()
        before, found = len(found), []
        for number, row in enumerate(rows):
            if len(row) >= width:
                sums = np.convolve(row, np.ones(width), "valid")
                found += _of_row(number, sums, _tails(sums, null), width, p_value)
        if len(found) == before:
            break
        for one in found:
            usual[one.row][one.start : one.end] = False
    return sorted(found, key=lambda seqlet: -abs(seqlet.contribution))


def _tails(sums: np.ndarray, null: np.ndarray) -> np.ndarray:
    """One-sided p values, by the sign of the sum; never 0, as draws are finite."""
    above = len(null) - np.searchsorted(null, sums, "left")
    below = np.searchsorted(null, sums, "right")
    return (np.where(sums > 0, above, below) + 1) / (len(null) + 1)


def _of_row(
    number: int, sums: np.ndarray, chances: np.ndarray, width: int, p_value: float
) -> list[Seqlet]:
    free = chances <= p_value
    free &= sums != 0
    found = []
    for start in np.argsort(-np.abs(sums), kind="stable").tolist():
        if free[start]:
            value, chance = float(sums[start]), float(chances[start])
            found.append(Seqlet(number, start, start + width, value, chance))
            free[max(0, start - width + 1) : start + width] = False
    return found


def seqlet_table(seqlets: Sequence[Seqlet], texts: Sequence[str]) -> dict[str, Any]:
    """Columns of a table of seqlets, in which positions count from 1.

    Example:
        >>> seqlet_table([Seqlet(0, 1, 3, 2.0, 0.01)], ["ACGT"])["sequence"].tolist()
        ['CG']
    """
    return {
        "row": np.array([one.row + 1 for one in seqlets], int),
        "start": np.array([one.start + 1 for one in seqlets], int),
        "end": np.array([one.end for one in seqlets], int),
        "sequence": np.array(
            [texts[one.row][one.start : one.end] for one in seqlets], object
        ),
        "contribution": np.array([one.contribution for one in seqlets], np.float32),
        "p_value": np.array([one.p_value for one in seqlets], np.float32),
    }
