"""What variants do by their place: splicing, untranslated regions, introns."""

import pytest

from jaxbio.genome.coding import Model
from jaxbio.genome.consequence_terms import Variant
from jaxbio.genome.gene_files import read_genes
from tests.genomes import gff, sequence


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The gene of tests/genomes.py on both strands."""
    made = {}
    for strand in "+-":
        path = tmp_path_factory.mktemp("genes") / "x.gff3"
        path.write_text(gff(strand))
        bases = sequence(strand)
        (item,) = read_genes(path)
        made[strand] = Model(item, lambda _, a, b, bases=bases: bases[a:b])
    return made


def places(model, position, reference, alternative):
    """Types of consequences that need no translation, and whether a protein changes."""
    found, edits = model.effects(Variant(position, reference, alternative))
    return [each.type for each in found], bool(edits)


# Exons are 101-150 and 201-230 and 301-360, counted from 1; 121-330 is translated.
SUBSTITUTIONS = """
    100  nothing          nothing
    101  5_prime_utr      3_prime_utr
    120  5_prime_utr      3_prime_utr
    147  +                +
    148  +,splice_region  +,splice_region
    150  +,splice_region  +,splice_region
    151  splice_donor     splice_acceptor
    152  splice_donor     splice_acceptor
    153  splice_region    splice_region
    158  splice_region    splice_region
    159  intron           intron
    192  intron           intron
    193  splice_region    splice_region
    198  splice_region    splice_region
    199  splice_acceptor  splice_donor
    200  splice_acceptor  splice_donor
    201  +,splice_region  +,splice_region
    203  +,splice_region  +,splice_region
    204  +                +
    330  +                +
    331  3_prime_utr      5_prime_utr
    360  3_prime_utr      5_prime_utr
    361  nothing          nothing
"""


@pytest.mark.parametrize("strand", "+-")
@pytest.mark.parametrize("line", SUBSTITUTIONS.strip().split("\n"))
def test_substitutions(models, strand, line):
    position, *expected = line.split()
    types, coding = places(models[strand], int(position), "A", "C")
    found = ",".join(["+"] * coding + types) or "nothing"
    assert found == expected[strand == "-"]


# An insertion stands behind its position.
INSERTIONS = {
    100: "", 101: "5_prime_utr", 120: "5_prime_utr", 121: "+", 147: "+",
    148: "+ splice_region", 149: "+ splice_region", 150: "splice_donor",
    151: "splice_donor", 152: "splice_region", 157: "splice_region", 158: "intron",
    192: "intron", 193: "splice_region", 198: "splice_region", 199: "splice_acceptor",
    200: "+ splice_region", 203: "+ splice_region", 204: "+", 329: "+",
    330: "3_prime_utr", 359: "3_prime_utr", 360: "",
}  # fmt: skip


@pytest.mark.parametrize("position", INSERTIONS)
def test_insertions(models, position):
    types, coding = places(models["+"], position, "N", "NGATT")
    assert (["+"] * coding + types) == INSERTIONS[position].split()


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [  # the bases that are deleted
        (148, 150, "+ splice_region"),
        (149, 151, "frameshift&splice_donor"),
        (148, 151, "inframe_deletion&splice_donor"),
        (151, 153, "splice_donor"),
        (153, 160, "splice_region"),
        (159, 192, "intron"),
        (159, 193, "splice_region"),
        (199, 201, "frameshift&splice_acceptor"),
        (140, 210, "inframe_deletion&splice_acceptor&splice_donor"),
        (119, 122, "start_lost 5_prime_utr"),
        (330, 332, "stop_lost&frameshift 3_prime_utr"),
        (328, 331, "stop_lost&inframe_deletion 3_prime_utr"),
        (90, 110, "5_prime_utr"),
    ],
)
def test_deletions(models, first, last, expected):
    size = last - first + 1
    removed = "".join("ACGTT"[at % 5] for at in range(size))
    types, coding = places(models["+"], first - 1, "N" + removed, "N")
    assert (["+"] * coding + types) == expected.split()


def test_the_leftmost_reading_within_the_record_counts(models):
    # Of ACA either AC or CA can go: the region of splicing ends with base 158.
    assert places(models["+"], 158, "ACA", "A") == (["splice_region"], False)
    assert places(models["+"], 159, "ACA", "A") == (["intron"], False)


def test_a_part_of_a_codon_that_is_not_whole(tmp_path):
    path = tmp_path / "x.gff3"
    exons = ((100, 150), (200, 231))
    path.write_text(gff(exons=exons, coding=((120, 150), (200, 231))))
    (item,) = read_genes(path)
    bases = sequence()
    model = Model(item, lambda _, a, b: bases[a:b])
    assert len(model.protein) == 20
    _, (edit,) = model.effects(Variant(231, "A", "C"))
    assert edit.first == 20
