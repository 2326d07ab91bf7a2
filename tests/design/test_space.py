"""The choices at sites: what decodes to what, and how many edits they are."""

import numpy as np

from jaxbio import PROTEIN
from jaxbio.design import Space

START = np.array([0, 1, 2, 3], np.uint8)


def test_edits_are_letters_that_differ():
    space = Space.of_letters(START, 4, fixed={0}, max_edits=2)
    choices = np.array([[0, 1, 2, 3], [0, 0, 2, 3], [0, 0, 0, 0]])
    assert space.edits(choices).tolist() == [0, 1, 3]
    assert space.within(choices).tolist() == [True, True, False]
    assert space.decode(space.origin[None]).tolist() == [START.tolist()]
    assert space.size == 64


def test_neighbours_are_all_single_edits_once():
    space = Space.of_letters(START, 4, fixed={0})
    found = space.neighbours(space.origin)
    assert len(np.unique(found, axis=0)) == len(found) == 9
    assert set(space.edits(found)) == {1}


def test_mutants_keep_what_is_fixed_and_the_most_edits():
    space = Space.of_letters(START, 4, fixed={1}, max_edits=2)
    rng = np.random.default_rng(0)
    now = np.repeat(space.origin[None], 50, 0)
    for _ in range(3):
        after = space.mutate(now, rng.integers(1, 4, 50), rng)
        assert space.within(after).all() and (space.decode(after)[:, 1] == 1).all()
        assert (after != now).any(axis=1).all()
        now = after


def test_a_stop_codon_of_a_protein_stays():
    space = Space.of_letters(PROTEIN.encode("MA*"), 20)
    assert space.counts.tolist() == [20, 20, 1]
    assert PROTEIN.decode(space.decode(space.origin[None])[0]) == "MA*"
