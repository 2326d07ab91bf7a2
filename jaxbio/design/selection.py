"""Selection: which of the scored sequences become proposals."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from jaxbio.errors import DataError, option

_POOL = 20  # sequences that are looked at for each that is taken
_SMALLEST_POOL = 1000
_LETTERS = 2.0  # in which sequences differ when they tell e times less of each other
_NUGGET = 1e-6


class Scored(NamedTuple):
    """A sequence that a model has scored.

    Attributes:
        score: What it is worth.
        codes: Its uint8 codes `[len]`.
        start: The name of the sequence from which it was made.
        name: Its own name, if it has one.
    """

    score: float
    codes: UInt8[np.ndarray, "len"]
    start: str = ""
    name: str = ""


def select(
    opinions: Sequence[Sequence[Scored]],
    n: int,
    *,
    min_distance: int = 1,
    diversity: float = 0.0,
) -> list[Scored]:
    """Take the best sequences that differ enough, from each opinion in turn.

    With some diversity the next sequence is the one with the largest sum of its score,
    in standard deviations over those that are looked at, and `diversity` times the
    logarithm of what those taken before leave open about it: its variance given them,
    where the covariance of two sequences falls by e for every 2 letters that differ.
    That is the greedy way to a likely sample of a determinantal point process.

    Args:
        opinions: Sequences by some scores, each the best first.
        n: The most that are taken.
        min_distance: Letters in which those of one length differ at least.
        diversity: How much it counts, 0 for nothing.

    Raises:
        DataError: For a diversity below 0.

    Source:
        Chen, Zhang and Zhou 2018, Fast greedy MAP inference for determinantal point
        process to improve recommendation diversity, NeurIPS.

    Example:
        >>> rows = [(3.0, b"AAAA"), (2.9, b"AAAT"), (2.0, b"TTTT"), (0.0, b"GGGG")]
        >>> scored = [Scored(s, np.frombuffer(x, np.uint8)) for s, x in rows]
        >>> [each.codes.tobytes() for each in select([scored], 2)]
        [b'AAAA', b'AAAT']
        >>> [each.codes.tobytes() for each in select([scored], 2, diversity=2.0)]
        [b'AAAA', b'TTTT']
    """
    if not diversity >= 0:
        raise DataError(f"{option('diversity', diversity)}: give 0 or more")
    if diversity > 0:
        most = max(_POOL * n, _SMALLEST_POOL)
        tops = [list(each[:most]) for each in opinions]
        return _diverse(tops, n, min_distance, diversity)
    held: list[Scored] = []
    waiting = [iter(each) for each in opinions]
    while len(held) < n and waiting:
        for ranking in tuple(waiting):
            found = _next(ranking, held, min_distance)
            if found is None:
                waiting.remove(ranking)
            elif len(held) < n:
                held.append(found)
    return held


def distances(
    codes: UInt8[np.ndarray, "len"], rows: Sequence[UInt8[np.ndarray, "_"]]
) -> Float[np.ndarray, "n"]:
    """Letters in which sequences differ from one; infinite for another length."""
    found = np.full(len(rows), np.inf)
    same = [at for at, row in enumerate(rows) if len(row) == len(codes)]
    if same:
        found[same] = (np.stack([rows[at] for at in same]) != codes).sum(axis=1)
    return found


def _next(
    ranking: Iterator[Scored], held: Sequence[Scored], least: int
) -> Scored | None:
    """The next sequence that is far enough from those taken."""
    taken = {each.codes.tobytes() for each in held}
    others = [each.codes for each in held]
    for each in ranking:
        if each.codes.tobytes() in taken:
            continue
        if least < 2 or (distances(each.codes, others) >= least).all():
            return each
    return None


def _diverse(
    opinions: Sequence[Sequence[Scored]], n: int, least: int, diversity: float
) -> list[Scored]:
    """Sequences that are good and unlike those taken before."""
    places: dict[bytes, int] = {}
    rows: list[np.ndarray] = []
    for each in (each for opinion in opinions for each in opinion):
        if each.codes.tobytes() not in places:
            places[each.codes.tobytes()] = len(rows)
            rows.append(each.codes)
    views = []
    for opinion in opinions:
        scores = np.array([each.score for each in opinion])
        at = np.array([places[each.codes.tobytes()] for each in opinion], int)
        views.append((opinion, at, scores / (scores.std() or 1.0)))
    variance, apart = np.ones(len(rows)), np.full(len(rows), np.inf)
    factor = np.zeros((0, len(rows)))  # of the covariances with those taken
    held: list[Scored] = []
    live = list(range(len(views)))
    while len(held) < n and live:
        for number in tuple(live):
            opinion, at, scores = views[number]
            open_ = (apart[at] >= least) & (variance[at] > _NUGGET)
            if not open_.any():
                live.remove(number)
                continue
            gain = scores + diversity * np.log(np.maximum(variance[at], _NUGGET))
            best = int(np.where(open_, gain, -np.inf).argmax())
            held.append(opinion[best])
            if len(held) == n:
                break
            own = int(at[best])
            away = distances(rows[own], rows)
            row = np.exp(-away / _LETTERS) - factor[:, own] @ factor
            row /= np.sqrt(variance[own])
            factor = np.concatenate([factor, row[None]])
            variance = np.maximum(variance - row**2, 0)
            apart = np.minimum(apart, away)
    return held
