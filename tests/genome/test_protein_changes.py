"""Proteins changed by the variants of one haplotype, worked out by hand."""

import pytest

from jaxbio.genome.coding import Model
from jaxbio.genome.consequence_terms import Variant
from jaxbio.genome.protein_changes import translated
from jaxbio.genome.transcripts import Transcript

#        M  A  K  E  L  G  *
BASES = "ATGGCTAAAGAACTGGGCTAA"
SIZE = len(BASES)


def model(bases=BASES, *, code=1, phase=0, biotype="x"):
    part = ((5, 5 + len(bases)),)
    exons = ((0, 10 + len(bases)),)
    item = Transcript("t", "g", "1", "+", biotype, exons, part, phase, code)
    whole = "NNNNN" + bases + "NNNNN"
    return Model(item, lambda _, start, end: whole[start:end])


def change(made, *variants):
    """Consequences of variants whose positions count coding bases from 1."""
    moved = [Variant(5 + position, old, new) for position, old, new in variants]
    edits = [edit for each in moved for edit in made.effects(each)[1]]
    groups, conflicting = translated(made, edits)
    found = [
        f"{each.consequence.type} {each.consequence.protein}".strip() for each in groups
    ]
    return found, len(conflicting)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ((6, "T", "C"), "synonymous 2A"),
        ((4, "G", "A"), "missense 2A>2T"),
        ((7, "A", "T"), "stop_gained 3K>3*"),
        ((3, "G", "A"), "start_lost 1M>1I"),
        ((20, "A", "C"), "stop_lost 7*>7S"),
        ((20, "A", "G"), "stop_retained 7*"),
        ((5, "CTAA", "GTCC"), "missense 2AK>2GP"),
        ((6, "T", "TGGA"), "inframe_insertion 2A>2AG"),
        ((6, "T", "TTAA"), "stop_gained&inframe_insertion 2A>2A*"),
        ((6, "TAAA", "T"), "inframe_deletion 2AK>2A"),
        ((5, "CTAA", "C"), "inframe_deletion 2AK>2A"),
        ((1, "ATGG", "A"), "inframe_deletion&start_lost 1MA>1T"),
        ((16, "GGCT", "G"), "stop_lost&inframe_deletion 6G*>6E"),
        ((4, "GC", "G"), "frameshift 2AKELG*>2VKNWA"),
        ((4, "G", "GT"), "frameshift 2AKELG*>2V*"),
        ((1, "AT", "A"), "start_lost"),
        ((19, "T", "TC"), "stop_lost&frameshift 7*>7S"),
        ((19, "TA", "T"), "stop_lost&frameshift 7*>7?"),
        ((4, "GCT", "A"), "frameshift 2AKELG*>2KRTGL"),  # ATG AAA AGA ACT GGG CTA A
    ],
)
def test_single_variants(variant, expected):
    found, conflicting = change(model(), variant)
    assert (found, conflicting) == ([expected], 0)


def test_neighbours_in_one_codon_are_one_change():
    assert change(model(), (4, "G", "T"), (5, "C", "G"))[0] == ["missense 2A>2C"]
    assert change(model(), (4, "G", "T"), (7, "A", "G"))[0] == [
        "missense 2A>2S",
        "missense 3K>3E",
    ]


def test_a_frame_that_is_found_again():
    # ATG G^TA AAG AAC TGT GGC TAA: one base out, one in.
    found, _ = change(model(), (4, "GC", "G"), (14, "T", "TG"))
    assert found == ["missense&inframe_altering 2AKEL>2VKNW"]
    found, _ = change(model(), (4, "GC", "G"), (13, "C", "CAGAG"), (16, "G", "T"))
    assert found == ["inframe_insertion 2AKEL>2VKNRV", "missense 6G>7C"]


def test_all_behind_a_lost_frame_belongs_to_it():
    # ATG GTA AAG AAA TGG GCT AA
    found, _ = change(model(), (4, "GC", "G"), (13, "C", "A"))
    assert found == ["frameshift 2AKELG*>2VKKWA"]


def test_numbers_behind_an_insertion_are_those_of_both_proteins():
    found, _ = change(model(), (6, "T", "TGGA"), (10, "G", "C"))
    assert found == ["inframe_insertion 2A>2AG", "missense 4E>5Q"]


def test_changes_after_a_stop_have_a_star():
    found, _ = change(model(), (7, "A", "T"), (10, "G", "C"), (15, "G", "A"))
    assert found == ["stop_gained 3K>3*", "*missense 4E>4Q", "*synonymous 5L"]


def test_contradictions_are_given_back():
    found, conflicting = change(model(), (6, "TAAA", "T"), (8, "A", "C"))
    assert (found, conflicting) == (["inframe_deletion 2AK>2A"], 1)


def test_an_insertion_may_stand_beside_a_substitution():
    found, conflicting = change(model(), (6, "T", "C"), (6, "T", "TGGA"))
    assert (found, conflicting) == (["inframe_insertion 2A>2AG"], 0)
    found, conflicting = change(model(), (6, "T", "TGGA"), (6, "T", "TCAC"))
    assert (found, conflicting) == (["inframe_insertion 2A>2AH"], 1)


def test_bacteria_begin_with_other_codons():
    made = model("GTG" + BASES[3:], code=11)
    assert made.protein == "MAKELG*"
    assert change(made, (1, "G", "T"))[0] == ["start_retained 1M"]
    assert change(made, (2, "T", "C"))[0] == ["start_lost 1M>1A"]


def test_a_protein_whose_start_is_not_known_has_no_start_to_lose():
    made = model("GG" + BASES, phase=2)
    assert made.protein == "MAKELG*"
    assert change(made, (5, "G", "A"))[0] == ["missense 1M>1I"]
    assert change(made, (1, "G", "A"))[0] == ["coding_sequence"]


def test_mitochondria_read_other_codons():
    made = model(BASES.replace("AAA", "TGA"), code=2)
    assert made.protein == "MAWELG*"
    assert change(made, (9, "A", "G"))[0] == ["synonymous 3W"]


def test_inner_stops_are_no_ends():
    made = model(BASES.replace("AAA", "TGA"))  # as of selenocysteine
    assert change(made, (7, "TGAG", "TGAC"))[0] == ["missense 4E>4Q"]
    assert change(made, (8, "G", "A"))[0] == ["synonymous 3*"]
    assert change(made, (9, "A", "G"))[0] == ["stop_lost 3*>3W"]


def test_transcripts_bound_to_decay_are_marked():
    found, _ = change(model(biotype="nonsense_mediated_decay"), (4, "G", "A"))
    assert found == ["missense&NMD_transcript 2A>2T"]


def test_what_ambiguous_bases_do_is_not_known():
    assert change(model(), (4, "G", "N"))[0] == ["coding_sequence 2A>2X"]
    unknown = model(BASES.replace("GCT", "GNT"))
    assert change(unknown, (4, "G", "A"))[0] == ["coding_sequence 2X"]
    assert change(unknown, (7, "A", "G"))[0] == ["missense 3K>3E"]
