"""Pareto fronts: sequences that no other is better than in everything wanted."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int64

from jaxbio.design.archive import Score
from jaxbio.design.objective import Term, scorer
from jaxbio.design.selection import Scored, distances
from jaxbio.predict.predictor import Predictor

_EVEN = 2  # weightings of several wishes at once, beside one that looks at each alone


def weighted(
    predictor: Predictor, terms: Sequence[Term], rng: np.random.Generator
) -> list[Score]:
    """Weightings of the terms, from which searches come to all of a front.

    Each term by itself, all alike, and a random weighting for every term (as of
    ParEGO).

    Source:
        Knowles 2006, ParEGO, IEEE Transactions on Evolutionary Computation 10.
    """
    each = [scorer(predictor, [term]) for term in terms]
    shares = np.concatenate(
        [
            np.eye(len(terms)),
            np.full((1, len(terms)), 1 / len(terms)),
            rng.dirichlet(np.ones(len(terms)), len(terms)),
        ]
    )

    def weighing(weights: np.ndarray) -> Score:
        # A little of everything, so that no search is blind to a term.
        weights = 0.9 * weights + 0.1 / len(weights)
        return lambda codes: sum(
            (w * score(codes) for w, score in zip(weights, each, strict=True)),
            np.zeros(len(codes)),
        )

    return [weighing(row) for row in shares]


def fronts(values: Float[np.ndarray, "n terms"]) -> Int64[np.ndarray, "n"]:
    """The front of each row, from 1: no row of the same front or a later one is better.

    A row is better than another if it is as good in everything and better in something.

    Args:
        values: How good each row is in each respect; larger is better.

    Source:
        Deb et al. 2002, A fast and elitist multiobjective genetic algorithm: NSGA-II,
        IEEE Transactions on Evolutionary Computation 6.

    Example:
        >>> fronts(np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 0.0], [2.0, 0.0]])).tolist()
        [1, 1, 2, 1]
    """
    found = np.zeros(len(values), np.int64)
    left = np.arange(len(values))
    number = 1
    while left.size:
        some = values[left]
        # Only what comes before in the order of the first term can be better.
        order = np.lexsort(some.T[::-1])[::-1]
        best: list[int] = []
        for at in order.tolist():
            held = some[best]
            better = (held >= some[at]).all(axis=1) & (held > some[at]).any(axis=1)
            if not better.any():
                best.append(at)
        found[left[best]] = number
        left = np.delete(left, best)
        number += 1
    return found


def crowding(values: Float[np.ndarray, "n terms"]) -> Float[np.ndarray, "n"]:
    """How far the neighbours of each row are on its front; infinite at its ends.

    Args:
        values: Rows of one front.

    Source:
        Deb et al. 2002, as `fronts`.

    Example:
        >>> crowding(np.array([[0.0, 3.0], [1.0, 2.0], [3.0, 0.0]])).tolist()
        [inf, 2.0, inf]
    """
    found = np.zeros(len(values))
    for column in values.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        found[order[[0, -1]]] = np.inf
        if span > 0 and len(order) > 2:
            found[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return found


def select_fronts(
    scored: Sequence[Scored],
    n: int,
    values: Callable[[Sequence[np.ndarray]], Float[np.ndarray, "n terms"]],
    *,
    min_distance: int = 1,
) -> tuple[list[Scored], Int64[np.ndarray, "n"]]:
    """Take sequences front by front, of a front the least crowded ones first.

    Args:
        scored: Distinct sequences.
        n: The most that are taken.
        values: How good sequences are in each respect.
        min_distance: Letters in which those of one length differ at least.

    Returns:
        The sequences and the front of each.
    """
    table = values([each.codes for each in scored])
    number = fronts(table)
    room = np.zeros(len(scored))
    for front in np.unique(number):
        room[number == front] = crowding(table[number == front])
    held: list[int] = []
    for at in np.lexsort((-room, number)).tolist():
        others = [scored[other].codes for other in held]
        if (
            min_distance < 2
            or (distances(scored[at].codes, others) >= min_distance).all()
        ):
            held.append(at)
        if len(held) == n:
            break
    return [scored[at] for at in held], number[held]
