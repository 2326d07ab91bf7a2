"""The window rule, by cases worked out by hand."""

import numpy as np
import pytest

from jaxbio.genome.alleles import Edit, edit_of, edited_windows, fits, window_start

#          0         1
#          012345678901234567
GENOME = "ACGTTGCAAGCTTACGGA"


def windows(position, reference, alternative, length, shift=0):
    """The windows of REF and ALT, by strings and the words of the rule."""
    edit = edit_of(position, reference, alternative)
    start = window_start(edit, length, shift)
    wide = f"{'N' * 50}{GENOME}{'N' * 50}"[50 + start :][: length + 10]
    segments = np.frombuffer(wide.encode(), np.uint8)[None]
    at, removed = np.array([edit.start - start]), np.array([len(edit.removed)])
    made = edited_windows(segments, at, removed, [edit.inserted], length)
    return wide[:length], made.tobytes().decode()


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ((5, "T", "G"), Edit(4, "T", "G")),
        ((5, "TGC", "TAC"), Edit(5, "G", "A")),  # padded on both sides
        ((5, "TG", "CA"), Edit(4, "TG", "CA")),
        ((7, "CAA", "CA"), Edit(7, "A", "")),  # the left one of two that are alike
        ((7, "CA", "CAA"), Edit(7, "", "A")),
        ((7, "C", "CTT"), Edit(7, "", "TT")),
        ((7, "CAAG", "CT"), Edit(7, "AAG", "T")),
        ((1, "A", "A"), Edit(0, "", "")),
        ((2, "CG", ""), Edit(1, "CG", "")),
    ],
)
def test_edits_are_what_alleles_do_not_share(record, expected):
    assert edit_of(*record) == expected


def test_kinds_of_edits():
    kinds = [
        edit_of(1, *alleles).kind
        for alleles in (
            ("A", "C"), ("AC", "GT"), ("A", "AT"),
            ("AT", "A"), ("AT", "CGG"), ("A", "A"),
        )
    ]  # fmt: skip
    assert kinds == ["snv", "mnv", "insertion", "deletion", "complex", "none"]


# Windows of 8 bases: the edit begins at index 4, the fifth base.
@pytest.mark.parametrize(
    ("record", "reference", "alternative"),
    [
        # The changed base in the middle, all others alike.
        ((8, "A", "T"), "TTGCAAGC", "TTGCTAGC"),
        # A deletion: from the right one more base of the genome comes in.
        ((7, "CA", "C"), "TTGCAAGC", "TTGCAGCT"),
        # An insertion: on the right two bases fall off.
        ((7, "C", "CGG"), "TTGCAAGC", "TTGCGGAA"),
        # Two for two, and three for one.
        ((7, "CAA", "CGT"), "TTGCAAGC", "TTGCGTGC"),
        ((7, "CAAG", "CT"), "TTGCAAGC", "TTGCTCTT"),
    ],
)
def test_what_stands_where(record, reference, alternative):
    assert windows(*record, 8) == (reference, alternative)


def test_of_an_odd_length_as_many_bases_are_on_both_sides():
    assert windows(8, "A", "T", 7) == ("TGCAAGC", "TGCTAGC")


def test_beyond_the_ends_of_a_contig_stands_n():
    assert windows(2, "C", "T", 8) == ("NNNACGTT", "NNNATGTT")
    assert windows(17, "G", "T", 8) == ("TACGGANN", "TACGTANN")
    # A deletion at the right end draws in what is not there.
    assert windows(16, "GGA", "G", 8) == ("TACGGANN", "TACGNNNN")


def test_shifted_windows_move_and_the_edit_stays_where_it_is():
    assert windows(8, "A", "T", 8, shift=1) == ("TGCAAGCT", "TGCTAGCT")
    assert windows(8, "A", "T", 8, shift=-2) == ("CGTTGCAA", "CGTTGCTA")


def test_an_allele_fits_if_the_right_half_holds_it():
    assert fits(Edit(9, "", "ACGT"), 8) and not fits(Edit(9, "", "ACGTA"), 8)
    assert fits(Edit(9, "ACGT", ""), 8) and not fits(Edit(9, "ACGTA", ""), 8)
    assert not fits(Edit(9, "", "ACGT"), 8, shift=1)
    # Just as long as there is room for: nothing of the right side is left.
    assert windows(7, "C", "CGGGG", 8)[1] == "TTGCGGGG"


def test_many_windows_at_once_are_those_of_each():
    random = np.random.default_rng(0)
    segments = random.choice(np.frombuffer(b"ACGT", np.uint8), (60, 30))
    at = random.integers(0, 20, 60)
    removed = random.integers(0, 5, 60)
    inserted = ["ACGTACGT"[: random.integers(0, 5)] for _ in range(60)]
    made = edited_windows(segments, at, removed, inserted, 20)
    for row in range(60):
        text = segments[row].tobytes().decode()
        start, end = at[row], at[row] + removed[row]
        assert (
            made[row].tobytes().decode()
            == ((text[:start] + inserted[row] + text[end:])[:20])
        )
