"""Fronts of sequences that none is better than."""

import numpy as np

from jaxbio.design import Scored, Term, crowding, fronts
from jaxbio.design.pareto import select_fronts, weighted


def test_fronts_are_what_comparing_all_pairs_gives():
    values = np.random.default_rng(0).integers(0, 6, (60, 3)).astype(float)
    found = fronts(values)
    left, number = set(range(60)), 1
    while left:
        best = {
            a
            for a in left
            if not any(
                (values[b] >= values[a]).all() and (values[b] > values[a]).any()
                for b in left
            )
        }
        assert best == set(np.flatnonzero(found == number).tolist())
        left, number = left - best, number + 1


def test_crowding_is_the_distance_of_neighbours():
    found = crowding(np.array([[0.0, 9.0], [4.0, 1.0], [1.0, 5.0], [5.0, 0.0]]))
    assert found.tolist() == [np.inf, 4 / 5 + 5 / 9, 4 / 5 + 8 / 9, np.inf]
    assert crowding(np.ones((3, 1)))[1] == 0


def test_the_first_front_comes_first_and_its_ends(dna):
    values = np.array([[0.0, 4.0], [1.0, 3.0], [1.1, 2.9], [4.0, 0.0], [0.0, 0.0]])
    rows = [np.full(4, at, np.uint8) for at in range(5)]
    scored = [Scored(0.0, row) for row in rows]
    held, front = select_fronts(
        scored, 4, lambda some: values[[int(x[0]) for x in some]]
    )
    assert {int(each.codes[0]) for each in held[:2]} == {0, 3}
    assert front.tolist() == [1, 1, 1, 1]


def test_weightings_look_at_each_term_and_at_all(dna):
    rng = np.random.default_rng(0)
    terms = [Term("y"), Term("y", "lower")]
    scores = weighted(dna, terms, rng)
    rows = np.zeros((2, 6), np.uint8) + np.array([[0], [2]], np.uint8)
    assert len(scores) == 5
    up, down, even = (score(rows) for score in scores[:3])
    assert up[1] > up[0] and down[1] < down[0]
    np.testing.assert_allclose(even, 0, atol=1e-6)
