"""TM-score and GDT of a model, by its best superpositions on a reference."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

from jaxbio.structure.metrics.superposition import (
    Moves,
    best_moves,
    ca_traces,
    squared_after,
)

GDT_TS = (1.0, 2.0, 4.0, 8.0)
"""Thresholds of the total score (angstrom)."""


GDT_HA = (0.5, 1.0, 2.0, 4.0)
"""Thresholds of the high-accuracy score (angstrom)."""


_FRAGMENTS_A_LENGTH = 200


_ROUNDS = 20


_POLISHED = 10


_CHUNK = 2_000_000  # numbers in an intermediate array


_Score = Callable[[np.ndarray], np.ndarray]
"""Squared distances [starts residues] to one score a start, higher is better."""


def tm_scale(length: int) -> float:
    """The distance d0 of the TM-score (angstrom).

    Example:
        >>> round(tm_scale(100), 3), tm_scale(20)
        (3.652, 0.5)
    """
    return max(1.24 * max(length - 15, 0) ** (1 / 3) - 1.8, 0.5)


def tm_score(
    reference: Float[np.ndarray, "..."],
    model: Float[np.ndarray, "..."],
    *,
    mask: Bool[np.ndarray, "..."] | None = None,
) -> float:
    """TM-score of Zhang and Skolnick (2004) for residues that correspond by row.

    As in the authors' program, superpositions of fragments of L, L/2, L/4, … 4
    residues are grown over the residues that come to lie within d0, and the best one
    counts; here the best ten are then taken to the top of their hill, so that the score
    is never lower than the program's by more than the starts it skips: from each length
    at most 200 fragments are tried.

    Args:
        reference: CA coordinates `[len 3]`, or N, CA and more `[len atoms 3]`; NaN
            where not resolved (angstrom).
        model: The same of the model.
        mask: Residues `[len]` of the reference that count; all resolved if not given.

    Returns:
        From 0 to 1; the score is normalised by the residues of the reference that
        count. Above 0.5 two chains generally share the fold; a random pair has 0.17.

    Raises:
        DataError: If the shapes differ, or fewer than 3 residues can be compared.

    Example:
        >>> t = np.arange(30)
        >>> helix = np.stack([2.3 * np.cos(1.75 * t), 2.3 * np.sin(1.75 * t), 1.5 * t])
        >>> round(tm_score(helix.T, helix.T + 7), 6)
        1.0
    """
    fixed, moving, length = ca_traces(reference, model, mask)
    scale = tm_scale(length)

    def score(squared: np.ndarray) -> np.ndarray:
        return (1 / (1 + squared / scale**2)).sum(axis=-1) / length

    near = min(max(scale, 4.5), 8.0)
    best, moves = _search(fixed, moving, score, (near - 1, near + 1))
    # 1/(1+u) is convex in u, so that this weighted fit never lowers the sum.
    for _ in range(_ROUNDS):
        squared = squared_after(fixed, moving, moves)
        moves = best_moves(fixed, moving, 1 / (1 + squared / scale**2) ** 2)
    return float(max(best, score(squared_after(fixed, moving, moves)).max()))


def gdt_ts(
    reference: Float[np.ndarray, "..."],
    model: Float[np.ndarray, "..."],
    *,
    thresholds: tuple[float, ...] = GDT_TS,
    mask: Bool[np.ndarray, "..."] | None = None,
) -> float:
    """Global distance test (Zemla 2003), the total score by default.

    For each threshold superpositions are grown from fragments, as for the TM-score, to
    find the one that brings most residues within it.

    Args:
        reference: CA coordinates `[len 3]`, or N, CA and more `[len atoms 3]`; NaN
            where not resolved (angstrom).
        model: The same of the model.
        thresholds: In angstrom; `GDT_HA` gives the high-accuracy score.
        mask: Residues `[len]` of the reference that count; all resolved if not given.

    Returns:
        The mean share of residues within the thresholds, from 0 to 100.

    Raises:
        DataError: If the shapes differ, or fewer than 3 residues can be compared.

    Example:
        >>> line = np.arange(12.0)[:, None] * np.array([[3.0, 1.0, 0.5]])
        >>> gdt_ts(line, line + 1)
        100.0
    """
    fixed, moving, length = ca_traces(reference, model, mask)
    shares = []
    for threshold in thresholds:
        limit = threshold**2

        def score(squared: np.ndarray, limit: float = limit) -> np.ndarray:
            return (squared <= limit).sum(axis=-1) / length

        shares.append(_search(fixed, moving, score, (threshold, threshold))[0])
    return 100 * float(np.mean(shares))


def _windows(length: int) -> np.ndarray:
    """Fragments [starts residues] of L, L/2, L/4, … 4 residues, as weights."""
    sizes = sorted({max(length >> halving, min(4, length)) for halving in range(6)})
    rows = []
    for size in sizes[::-1]:
        starts = length - size + 1
        for start in range(0, starts, -(-starts // _FRAGMENTS_A_LENGTH)):
            rows.append((start, start + size))
    place = np.arange(length)
    bounds = np.array(rows)
    return (place >= bounds[:, :1]) & (place < bounds[:, 1:])


def _search(
    fixed: np.ndarray,
    moving: np.ndarray,
    score: _Score,
    cutoffs: tuple[float, float],
) -> tuple[float, Moves]:
    """The best score over superpositions grown from fragments, and the best moves.

    Args:
        fixed: Coordinates [residues 3].
        moving: Coordinates [residues 3].
        score: What is to be as high as possible.
        cutoffs: Residues within the first distance after the fit of a fragment are
            fitted next, and from then on those within the second.
    """
    windows = _windows(len(fixed))
    step = max(1, _CHUNK // (3 * len(fixed)))
    results = [
        _grow(fixed, moving, windows[start : start + step], score, cutoffs)
        for start in range(0, len(windows), step)
    ]
    scores, rotations, translations = map(np.concatenate, zip(*results, strict=True))
    top = np.argsort(-scores, kind="stable")[:_POLISHED]
    return float(scores[top[0]]), (rotations[top], translations[top])


def _grow(
    fixed: np.ndarray,
    moving: np.ndarray,
    masks: np.ndarray,
    score: _Score,
    cutoffs: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best score and move that each start comes to."""
    best = np.full(len(masks), -np.inf)
    rotations, translations = np.zeros((len(masks), 3, 3)), np.zeros((len(masks), 3))
    active = np.arange(len(masks))
    for turn in range(_ROUNDS + 1):
        moves = best_moves(fixed, moving, masks.astype(np.float64))
        squared = squared_after(fixed, moving, moves)
        scores = score(squared)
        better = scores > best[active]
        best[active[better]] = scores[better]
        rotations[active[better]] = moves[0][better]
        translations[active[better]] = moves[1][better]
        # Three residues are needed for a fit: take the nearest if too few are near.
        third = np.partition(squared, 2, axis=1)[:, 2:3]
        near = squared <= np.maximum(cutoffs[min(turn, 1)] ** 2, third)
        changed = (near != masks).any(axis=1)
        active, masks = active[changed], near[changed]
        if not len(active):
            break
    return best, rotations, translations
