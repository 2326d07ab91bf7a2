"""Which scored sequences become proposals."""

import numpy as np
import pytest

from jaxbio.design.selection import Scored, distances, select
from jaxbio.errors import DataError


def scored(*pairs):
    return [Scored(s, np.frombuffer(text.encode(), np.uint8)) for text, s in pairs]


def texts(held):
    return [each.codes.tobytes().decode() for each in held]


BEST = scored(("AAAA", 3.0), ("AAAT", 2.9), ("AATT", 2.8), ("GGGG", 1.0), ("C", 0.5))


def test_distances_are_of_one_length():
    rows = [each.codes for each in BEST]
    assert distances(rows[0], rows).tolist() == [0, 1, 2, 4, np.inf]


@pytest.mark.parametrize("diversity", [0.0, 1e-6])
def test_the_best_that_are_apart(diversity):
    how = {"diversity": diversity}
    assert texts(select([BEST], 3, **how)) == ["AAAA", "AAAT", "AATT"]
    assert texts(select([BEST], 3, min_distance=2, **how)) == ["AAAA", "AATT", "GGGG"]
    assert texts(select([BEST], 9, min_distance=5, **how)) == ["AAAA", "C"]


@pytest.mark.parametrize("diversity", [0.0, 1e-6])
def test_opinions_take_turns_and_no_sequence_twice(diversity):
    other = scored(("GGGG", 5.0), ("AAAA", 4.0), ("TTTT", 1.0))
    held = select([BEST, other], 4, diversity=diversity)
    assert texts(held) == ["AAAA", "GGGG", "AAAT", "TTTT"]
    assert [each.score for each in held] == [3.0, 5.0, 2.9, 1.0]
    assert len(select([BEST, other], 99, diversity=diversity)) == 6


def test_diversity_is_the_greedy_determinant():
    diversity, rng = 0.7, np.random.default_rng(0)
    rows = np.unique(rng.integers(0, 3, (30, 4)).astype(np.uint8), axis=0)
    scores = rng.normal(size=len(rows))
    order = np.argsort(-scores)
    pool = [Scored(float(scores[at]), rows[at]) for at in order]
    rows, scores = rows[order], scores[order]
    kernel = np.exp(-(rows[:, None] != rows[None]).sum(axis=2) / 2)
    taken: list[int] = []
    for _ in range(6):  # the determinant itself, of all that could come next
        gains = [
            -np.inf
            if at in taken
            else scores[at] / scores.std()
            + diversity
            * np.linalg.slogdet(kernel[np.ix_([*taken, at], [*taken, at])])[1]
            for at in range(len(rows))
        ]
        taken.append(int(np.argmax(gains)))
    held = select([pool], 6, diversity=diversity)
    assert [each.codes.tobytes() for each in held] == [
        rows[at].tobytes() for at in taken
    ]


def test_no_diversity_below_nothing():
    with pytest.raises(DataError, match="diversity=-1: give 0 or more"):
        select([BEST], 2, diversity=-1)
