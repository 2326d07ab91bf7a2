"""Transcripts: coding sequences, introns, and which touch a place."""

import pytest

from jaxbio.errors import DataError
from jaxbio.genome.transcripts import (
    Transcript,
    Transcripts,
    genetic_code,
    reverse_complement,
)


def transcript(exons, strand="+", *, coding=None, contig="1", name="t", phase=0):
    coding = exons if coding is None else coding
    return Transcript(name, "g", contig, strand, "x", exons, coding, phase)


def fetcher(bases):
    return lambda contig, start, end: bases[start:end]


def test_reverse_complement_knows_ambiguous_bases():
    assert reverse_complement("ACGTRYKMN") == "NKMRYACGT"


def test_coding_sequence_of_both_strands():
    #        0123456789
    bases = "TTATGcGGTAATT"
    plus = transcript(((2, 5), (6, 11)))
    assert plus.coding_sequence(fetcher(bases)) == "ATGGGTAA"
    minus = transcript(((6, 11), (2, 5)), "-")
    assert minus.coding_sequence(fetcher(bases)) == "TTACCCAT"


def test_phase_is_left_out_of_the_coding_sequence():
    assert (
        transcript(((0, 8),), phase=2).coding_sequence(fetcher("ccATGTAA")) == "ATGTAA"
    )


def test_slippage_uses_a_base_twice_and_is_no_intron():
    slipped = transcript(((0, 4), (3, 8)))
    assert slipped.coding_sequence(fetcher("ATGAACTG")) == "ATGAAACTG"
    assert slipped.introns == []


@pytest.mark.parametrize("strand", "+-")
def test_introns_in_the_order_of_the_contig(strand):
    exons = ((0, 4), (9, 12), (12, 15), (20, 22))
    exons = exons if strand == "+" else exons[::-1]
    assert transcript(exons, strand).introns == [(4, 9), (15, 20)]


def test_genes_across_the_origin_have_no_intron_there():
    assert transcript(((90, 100), (0, 8))).introns == []


def test_overlapping_at_the_edges():
    genes = Transcripts([transcript(((10, 20),))])
    spans = ((9, 10), (10, 11), (19, 20), (20, 21), (10, 10), (11, 11), (20, 20))
    found = [bool(genes.overlapping("1", *span)) for span in spans]
    assert found == [False, True, True, False, False, True, False]
    assert genes.overlapping("2", 10, 11) == []


def test_overlapping_across_bins_finds_each_once_in_order():
    size = 1 << 14
    long = transcript(((0, 5 * size),), name="long")
    late = transcript(((3 * size - 5, 3 * size + 5),), name="late")
    genes = Transcripts([late, long])
    found = genes.overlapping("1", 3 * size - 1, 3 * size + 1)
    assert [item.name for item in found] == ["late", "long"]
    assert [item.name for item in genes.overlapping("1", size, size + 1)] == ["long"]


def test_placed_leaves_out_other_contigs_and_says_so():
    genes = Transcripts([transcript(((0, 5),)), transcript(((0, 5),), contig="chrX")])
    placed = genes.placed({"1": 10}, lambda name: name if name == "1" else None)
    assert [item.contig for item in placed] == ["1"]
    assert placed.notes == [
        "1 transcripts are left out, their contigs are not in the genome: chrX"
    ]


def test_placed_takes_the_names_of_the_genome():
    genes = Transcripts([transcript(((0, 5),))])
    placed = genes.placed({"chr1": 10}, lambda name: "chr" + name)
    assert placed.items[0].contig == "chr1"
    assert placed.notes == ["contig 1 of the genes is chr1 of the genome"]


def test_placed_refuses_another_genome():
    with pytest.raises(
        DataError, match=r"none of the contigs of the genes \(1\).*chr7"
    ):
        Transcripts([transcript(((0, 5),))]).placed({"chr7": 9}, lambda name: None)


@pytest.mark.parametrize("strand", "+-")
def test_parts_past_the_end_go_on_at_the_beginning(strand):
    genes = Transcripts([transcript(((90, 106),), strand)])
    item = genes.placed({"1": 100}, lambda name: name).items[0]
    parts = ((90, 100), (0, 6))
    assert item.exons == item.coding == (parts if strand == "+" else parts[::-1])


def test_transcripts_far_past_the_end_are_listed():
    genes = Transcripts([transcript(((0, 5),)), transcript(((300, 305),), name="far")])
    placed = genes.placed({"1": 100}, lambda name: name)
    assert len(placed) == 1
    assert "run past the end of their contig: far" in placed.notes[0]


def test_genetic_codes():
    codons = "ATGTGAATACTG"
    assert genetic_code(1).translate(codons) == "M*IL"
    assert genetic_code(2).translate(codons) == "MWML"
    assert genetic_code(1).starts == {"ATG"}
    assert {"GTG", "TTG"} <= genetic_code(11).starts
    with pytest.raises(
        DataError, match=r"genetic code 7: there are 1, 2, 3, 4, 5, 6, 9"
    ):
        genetic_code(7)
