"""Transcripts of drafts: what can be used, and what is said of the rest."""

import pytest

from jaxbio.errors import DataError
from jaxbio.genome.gene_drafts import Draft, finish_drafts


def draft(name="t", strand="+", coding=(((0, 9), "0"),), **more):
    return Draft(name, "1", strand, 7, coding=list(coding), **more)


def test_parts_that_are_told_twice_count_once():
    one = draft(coding=[((20, 29), "0"), ((0, 9), "0"), ((0, 9), "0")])
    (item,) = finish_drafts([one], [], None, "x")
    assert item.coding == item.exons == ((0, 9), (20, 29))


def test_an_order_that_is_told_is_kept():
    one = draft(coding=[((20, 29), "0"), ((0, 9), ".")], ordered=True)
    (item,) = finish_drafts([one], [], None, "x")
    assert item.coding == ((20, 29), (0, 9))


def test_exons_that_do_not_hold_the_coding_parts_are_not_believed():
    (item,) = finish_drafts([draft(exons=[(3, 9)])], [], None, "x")
    assert item.exons == ((0, 9),)


def test_biotypes_that_are_not_told():
    both = finish_drafts([draft(), draft(coding=(), exons=[(0, 9)])], [], None, "x")
    assert [item.biotype for item in both] == ["protein_coding", "non_coding"]


def test_drafts_of_one_transcript_are_merged():
    one, other = draft(), draft(coding=[((20, 29), "0")], code="4", exons=[(0, 30)])
    one.merge(other)
    (item,) = finish_drafts([one], [], None, "x")
    assert (item.coding, item.exons, item.code) == (((0, 9), (20, 29)), ((0, 30),), 4)
    one.merge(draft(strand="-"))
    assert one.mixed


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (draft(strand="?"), "they have no strand"),
        (draft(mixed=True), "several strands or contigs"),
        (draft(coding=[((0, 9), "3")]), "a phase of their CDS is not 0, 1 or 2"),
        (draft(coding=[((0, 9), "1"), ((20, 29), "0")]), "do not fit its lengths"),
    ],
)
def test_what_is_left_out(one, reason):
    found = finish_drafts([draft("kept"), one], ["first"], None, "x")
    assert [item.name for item in found] == ["kept"]
    assert found.notes[0] == "first"
    assert reason in found.notes[1] and found.notes[1].endswith(": t (row 7)")
    with pytest.raises(DataError, match=r"x: no transcript can be used: 1 transcripts"):
        finish_drafts([one], [], None, "x")


def test_long_lists_are_cut():
    bad = [draft(f"t{at}", strand="?") for at in range(10)]
    found = finish_drafts([draft(), *bad], [], None, "x")
    assert found.notes[0].startswith("10 transcripts are left out")
    assert "t7 (row 7), …" in found.notes[0] and "t8" not in found.notes[0]
