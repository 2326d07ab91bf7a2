"""Places of a genome that are like given windows, and are none of them."""

import bisect
from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8

from jaxbio.errors import DataError, option
from jaxbio.genome.intervals import Intervals
from jaxbio.genome.reference import Reference

Avoid = Literal["intervals", "windows"]
"""What negatives never overlap: intervals and windows, or windows alone."""

Spans = Int64[np.ndarray, "_ 2"]
"""Starts and ends, in order, none overlapping another."""

_TOLERANCES = (*[0.02] * 4, *[0.05] * 4, *[0.1] * 4)
"""How far the share of G and C may be off, by round."""

_REPEATS = 0.25  # how much less small letters count
_DRAWN = 10  # candidates for each place that is wanted, at least
_AT_LEAST = 1 << 24  # bases of candidates, of a contig and round
_MOST = 1 << 15
_NEIGHBOURS = 32
_WORTH = 0.01  # of the places that are wanted, that a round has to find
_BASES = 1 << 26  # that are looked at together


def matched_negatives(
    windows: Intervals,
    intervals: Intervals,
    genome: Reference,
    length: int,
    *,
    ratio: float,
    avoid: Avoid,
    seed: int,
    notes: list[str],
) -> Intervals:
    """Draw places as rich in G and C, and in repeats, as windows are.

    Each is matched to one window: it lies on the same contig and strand, and its shares
    of G and C and of small letters (where the genome has such) are the nearest of the
    places drawn. None holds an N, or overlaps another or what is to be avoided.

    Args:
        windows: What they are to be like.
        intervals: What they must not be.
        genome: Where they are.
        length: Their bases.
        ratio: How many there are for each window.
        avoid: What they never overlap.
        seed: The same seed draws the same.
        notes: To which is added how alike they are, and how many were not found.

    Raises:
        DataError: For a ratio that is none, or if there is no place at all.
    """
    check_ratio(ratio)
    rng = np.random.default_rng(seed)
    wanted = _wanted(len(windows), ratio, rng)

    def own(some: slice) -> UInt8[np.ndarray, "some length"]:
        places = windows.contigs[some], windows.starts[some]
        return genome.windows(*places, length, upper=False)

    shares = _shares(own, len(windows), length)[0]
    repeats = bool(shares[:, 1].max() > 0)
    chosen: dict[str, list[tuple[int, int]]] = {}  # start and the window, by contig
    total, found_shares = 0, []
    for contig in dict.fromkeys(windows.contigs.tolist()):
        rows = wanted[windows.contigs[wanted] == contig]
        taken = _spans(windows, contig)
        if avoid == "intervals":
            taken = _merged(np.concatenate([taken, _spans(intervals, contig)]))
        some, like = _draw(contig, rows, shares, taken, genome, length, rng)
        chosen[contig] = some
        found_shares.append(like)
        total += len(some)
    if not total:
        raise DataError(
            f"{intervals.source}: there is no place of {length:,} bases to draw "
            f"negatives from, outside of intervals and runs of N: make windows shorter "
            f"({option('length', max(length // 2, 1))})"
            + _hint(avoid, "; or avoid the windows alone (", ")")
        )
    if total < len(wanted):
        notes.append(
            f"only {total:,} of {len(wanted):,} negatives were found, the others have "
            f"no place like theirs outside of the {avoid}: shorter windows have more"
            + _hint(avoid, ", and ", " avoids less")
        )
    like = np.concatenate(found_shares)
    words = [f"G and C {shares[:, 0].mean():.3f} and {like[:, 0].mean():.3f}"]
    if repeats:
        words.append(
            f"small letters {shares[:, 1].mean():.3f} and {like[:, 1].mean():.3f}"
        )
    notes.append(
        f"{total:,} negatives were drawn; shares of windows and negatives: "
        + ", ".join(words)
    )
    pairs = [(n, start, row) for n, each in chosen.items() for start, row in each]
    starts = np.array([start for _, start, _ in pairs], np.int64)
    return Intervals(
        np.array([name for name, _, _ in pairs], object),
        starts,
        starts + length,
        windows.strands[[row for _, _, row in pairs]],
        source=windows.source,
    )


def _hint(avoid: str, before: str, after: str) -> str:
    if avoid == "windows":
        return ""
    return f"{before}{option('avoid', 'windows')}{after}"


def shuffled_negatives(
    windows: Intervals, *, ratio: float, seed: int, notes: list[str]
) -> Intervals:
    """Choose the windows whose letters are shuffled to make negatives.

    Args:
        windows: The windows.
        ratio: How many there are for each window.
        seed: The same seed chooses the same.
        notes: To which is added how many there are.

    Raises:
        DataError: For a ratio that is none.
    """
    check_ratio(ratio)
    rows = _wanted(len(windows), ratio, np.random.default_rng(seed))
    notes.append(
        f"{len(rows):,} negatives are windows with their letters shuffled, all pairs "
        f"of neighbours kept"
    )
    return windows.take(rows)


def check_ratio(ratio: float) -> None:
    """Refuse a ratio that is none.

    Raises:
        DataError: For one that is not above 0, or beyond reason.
    """
    if not 0 < ratio <= 1000:
        raise DataError(f"{option('ratio', ratio)}: give a number above 0")


def _wanted(
    count: int, ratio: float, rng: np.random.Generator
) -> Int64[np.ndarray, "m"]:
    """The windows that are matched, some several times, in random order."""
    whole, rest = divmod(round(count * ratio), count)
    rows = np.tile(np.arange(count), whole)
    return rng.permutation(
        np.concatenate([rows, rng.choice(count, rest, replace=False)])
    )


def _spans(places: Intervals, contig: str) -> Spans:
    some = places.contigs == contig
    return _merged(np.stack([places.starts[some], places.ends[some]], axis=1))


def _merged(spans: Spans) -> Spans:
    """Spans of which none overlaps another."""
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    if not len(spans):
        return spans
    reach = np.maximum.accumulate(spans[:, 1])
    first = np.concatenate([[True], spans[1:, 0] > reach[:-1]])
    begins = np.flatnonzero(first)
    last = np.concatenate([begins[1:] - 1, [len(spans) - 1]])
    return np.stack([spans[begins, 0], reach[last]], axis=1)


def _draw(
    contig: str,
    rows: Int64[np.ndarray, "m"],
    shares: Float64[np.ndarray, "n 2"],
    taken: Spans,
    genome: Reference,
    length: int,
    rng: np.random.Generator,
) -> tuple[list[tuple[int, int]], Float64[np.ndarray, "found 2"]]:
    """Places on a contig for some windows, each with the window that it is like."""
    from scipy.spatial import KDTree

    size = genome.lengths[contig]
    if size < length:
        return [], np.zeros((0, 2))
    whole = genome.windows([contig], [0], size, upper=False)[0]
    views = np.lib.stride_tricks.sliding_window_view(whole, length)
    used: list[int] = []  # starts, in order
    found: list[tuple[int, int]] = []
    like: list[np.ndarray] = []
    hopeless = 0.0  # the tolerance at which a round found hardly any place
    for tolerance in _TOLERANCES:
        if not rows.size:
            break
        if tolerance == hopeless:
            continue
        count = max(_DRAWN * len(rows), min(_AT_LEAST // length, _MOST))
        places = _candidates(size, count, taken, length, rng)
        own, clean = _shares(
            lambda some, at=places: views[at[some]], len(places), length
        )
        places, own = places[clean], own[clean]
        if not places.size:
            break
        weights = np.array([1.0, _REPEATS])
        tree = KDTree(own * weights)
        near = min(_NEIGHBOURS, len(places))
        far, which = tree.query(shares[rows] * weights, near)
        far, which = far.reshape(len(rows), near), which.reshape(len(rows), near)
        left = []
        for at, row in enumerate(rows.tolist()):
            place = -1
            for distance, candidate in zip(far[at], which[at], strict=True):
                if distance > tolerance:
                    break
                if _clear(int(places[candidate]), length, used):
                    place = int(candidate)
                    break
            if place < 0:
                left.append(row)
                continue
            start = int(places[place])
            bisect.insort(used, start)
            found.append((start, row))
            like.append(own[place])
        if len(rows) - len(left) < _WORTH * len(rows):
            hopeless = tolerance
        rows = np.array(left, np.int64)
    return found, np.array(like).reshape(-1, 2)


def _clear(start: int, length: int, used: list[int]) -> bool:
    """Check that no place of the same length that is taken overlaps this one."""
    at = bisect.bisect_left(used, start)
    before = at == 0 or used[at - 1] + length <= start
    return before and (at == len(used) or start + length <= used[at])


def _candidates(
    size: int, count: int, taken: Spans, length: int, rng: np.random.Generator
) -> Int64[np.ndarray, "m"]:
    """Random places that overlap no span, each once."""
    gaps = np.stack(
        [np.append(0, taken[:, 1]), np.append(taken[:, 0], size) - length + 1], axis=1
    )
    gaps = gaps[gaps[:, 1] > gaps[:, 0]]
    room = np.cumsum(gaps[:, 1] - gaps[:, 0]) if len(gaps) else np.zeros(1, np.int64)
    if not room[-1]:
        return np.zeros(0, np.int64)
    drawn = np.unique(rng.integers(0, room[-1], count))
    gap = np.searchsorted(room, drawn, side="right")
    return rng.permutation(gaps[gap, 1] - (room[gap] - drawn))


def _shares(
    letters: Callable[[slice], UInt8[np.ndarray, "some length"]],
    count: int,
    length: int,
) -> tuple[Float64[np.ndarray, "m 2"], Bool[np.ndarray, "m"]]:
    """Shares of G and C, and of small letters, and which have no N."""
    shares = np.empty((count, 2))
    clean = np.empty(count, bool)
    step = max(_BASES // length, 1)
    for begin in range(0, count, step):
        some = slice(begin, min(begin + step, count))
        shares[some], clean[some] = _of_letters(letters(some))
    return shares, clean


def _of_letters(
    letters: UInt8[np.ndarray, "m length"],
) -> tuple[Float64[np.ndarray, "m 2"], Bool[np.ndarray, "m"]]:
    small = letters >= ord("a")
    upper = letters & 0xDF
    strong = (upper == ord("G")) | (upper == ord("C"))
    unknown = upper == ord("N")
    known = np.maximum((~unknown).sum(axis=1), 1)
    shares = np.stack([strong.sum(axis=1) / known, small.mean(axis=1)], axis=1)
    return shares, ~unknown.any(axis=1)
