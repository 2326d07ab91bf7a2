import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.structure.files.seqres import place


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_residues_are_found_again(data):
    """Any residues left out: letters agree, and the order is kept."""
    letters = st.text("ACDEFG", min_size=1, max_size=40)
    whole = data.draw(letters)
    kept = data.draw(st.sets(st.integers(0, len(whole) - 1), min_size=1))
    kept = np.array(sorted(kept))
    shown = "".join(whole[at] for at in kept)
    begins = np.diff(kept, prepend=-9) != 1
    places = place(shown, whole, begins, kept + 7)
    assert places is not None and (np.diff(places) > 0).all()
    assert "".join(whole[at] for at in places) == shown
    # Gaps as long as the numbers say are worth most: all is where it was, but for
    # a shift of the whole.
    inside = np.diff(places)
    np.testing.assert_array_equal(inside, np.diff(kept))


def test_one_different_letter_in_twenty_is_forgiven():
    whole = "ACDEFGHIKLMNPQRSTVWY"
    shown = "ACDEFGHIKLMNPQRSTVWA"
    begins = np.arange(20) == 0
    numbers = np.arange(20)
    assert place(shown, whole, begins, numbers).tolist() == list(range(20))
    assert place("W" * 20, whole, begins, numbers) is None
    assert place("ACD", "AC", begins[:3], numbers[:3]) is None
    assert place("AC", "", begins[:2], numbers[:2]) is None


def test_numbers_that_jump_in_a_bound_chain():
    """An antibody numbering leaves numbers out where no residue is missing."""
    whole = "ACDEFGHIK"
    numbers = np.array([1, 2, 3, 8, 9, 10, 11, 12, 13])
    begins = np.arange(9) == 0
    assert place(whole, whole, begins, numbers).tolist() == list(range(9))


def test_pieces_that_do_not_fit_in():
    begins = np.array([True, False, True, False])
    assert place("ACAC", "CAAC", begins, np.arange(4)) is None
