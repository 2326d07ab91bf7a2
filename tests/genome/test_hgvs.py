"""Names of variants by transcripts: worked by hand, and by what they make of one."""

import random

import pytest

from jaxbio.errors import DataError
from jaxbio.genome.consequence_terms import Variant
from jaxbio.genome.gene_files import read_genes
from jaxbio.genome.hgvs import parse_hgvs
from tests.genomes import genome, gff, sequence


@pytest.fixture(scope="module")
def transcripts(tmp_path_factory):
    path = tmp_path_factory.mktemp("genes") / "x.gff3"
    made = {}
    for strand in "+-":
        path.write_text(gff(strand))
        (made[strand],) = read_genes(path)
    return made


@pytest.fixture
def parse(transcripts):
    def one(text, strand="+"):
        return parse_hgvs(text, transcripts[strand], genome(strand).fetch)

    return one


# Exons are 101-150, 201-230 and 301-360; 121-330 is translated: c.30 is base 150, c.31
# is 201, c.61 is 301, c.90 is 330. c.25-30 are GCT GCT (9A, 10A), c.31-33 CAC (11H).
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c.25G>A", (145, "G", "A")),
        ("T:c.25G>A", (145, "G", "A")),
        ("T.3(GENE):c.25G>A", (145, "G", "A")),
        ("c.31C>T", (201, "C", "T")),
        ("c.90A>G", (330, "A", "G")),
        ("c.25_26delinsAA", (145, "GC", "AA")),
        ("c.25_27inv", (145, "GCT", "AGC")),
        ("c.4del", (122, "TG", "T")),  # of GG the left one goes
        ("c.4_6delGCT", (123, "GGCT", "G")),
        ("c.6_7insA", (126, "T", "TA")),
        ("c.25dup", (143, "T", "TG")),
        ("c.28_30dup", (144, "G", "GGCT")),  # GCTGCT: as far left as it can be
        ("c.30_30+1insA", (150, "T", "TA")),
    ],
)
def test_by_hand(parse, name, expected):
    assert parse(name) == Variant(*expected)


PLACES = """
    c.1    +121 -330    c.-1   +120 -331    c.-20   +101 -350   c.*1   +331 -120
    c.*20  +350 -101    c.30   +150 -301    c.30+1  +151 -300   c.30+2 +152 -299
    c.31   +201 -230    c.31-1 +200 -231    c.31-50 +151 -280   c.60+1 +231 -200
    n.1    +101 -360    n.50   +150 -311    n.61    +211 -230   n.50+3 +153
"""


def places():
    name = ""
    for word in PLACES.split():
        if word[0] in "cn":
            name = word
        else:
            yield name, word[0], int(word[1:])


@pytest.mark.parametrize(("name", "strand", "position"), list(places()))
def test_places(parse, name, strand, position):
    base = sequence(strand)[position - 1]
    complement = dict(zip("ACGT", "TGCA", strict=True))
    new = "ACGT".replace(base, "")[0]
    told = (base, new) if strand == "+" else (complement[base], complement[new])
    assert parse(f"{name}{told[0]}>{told[1]}", strand) == Variant(position, base, new)


@pytest.mark.parametrize("strand", "+-")
def test_the_coding_sequence_is_changed_as_the_name_says(transcripts, strand):
    item, bases, rng = transcripts[strand], sequence(strand), random.Random(0)
    coding = item.coding_sequence(genome(strand).fetch)
    for _ in range(200):
        first = rng.choice([rng.randrange(6, 25), rng.randrange(37, 55)])
        last = min(first + rng.randrange(4), 30 if first <= 30 else 60)
        new = "".join(rng.choices("ACGT", k=rng.randrange(1, 4)))
        kind = rng.choice(["del", "dup", "ins", "delins", "inv"])
        old = coding[first - 1 : last]
        name, changed = f"c.{first}_{last}{kind}", ""
        if kind == "dup":
            changed = old + old
        elif kind == "delins":
            name, changed = name + new, new
        elif kind == "inv":
            changed = old[::-1].translate(str.maketrans("ACGT", "TGCA"))
        expected = coding[: first - 1] + changed + coding[last:]
        if kind == "ins":
            name = f"c.{first}_{first + 1}ins{new}"
            expected = coding[:first] + new + coding[first:]
        found = parse_hgvs(name, item, genome(strand).fetch)
        at = found.position - 1
        assert bases[at : at + len(found.reference)] == found.reference
        whole = bases[:at] + found.alternative + bases[at + len(found.reference) :]
        grown = len(whole) - len(bases)
        parts = [(a + grown * (a > at), b + grown * (b > at)) for a, b in item.coding]
        spliced = "".join(whole[a:b] for a, b in sorted(parts))
        if strand == "-":
            spliced = spliced[::-1].translate(str.maketrans("ACGT", "TGCA"))
        assert spliced == expected, name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("25G>A", "is no name of a variant: write c.76A>G"),
        ("c.25G", "'G' is no change"),
        ("c.25T>A", r"T does not stand there but G \(1:145\)"),
        ("c.26T>A", "the next is T, so the number may be off by one"),
        ("c.25T>A", "does not stand there but G"),
        ("c.27G>A", "the next is G, so the number may be off by one"),
        ("c.26G>A", "the one before is G, so the number may be off by one"),
        ("c.25_26delGCT", "GCT are 3 bases, the places 2"),
        ("c.25_27insA", "an insertion stands between two neighbours"),
        ("c.30_31insA", "an intron lies between the two places"),
        ("c.26_25del", "the first place comes after the second"),
        ("c.0A>G", "there is no base 0"),
        ("c.91A>G", "T has no base c.91; its coding sequence has 90 bases"),
        ("c.-21A>G", "T has no base c.-21"),
        ("c.*31A>G", r"T has no base c.\*31"),
        ("c.29+2A>G", "base 29 is not the last of an exon of T"),
        ("c.30-2A>G", "base 30 is not the first of an exon"),
        ("c.30+51A>G", "the intron has 50 bases, fewer than 51"),
        ("NM_7.1:c.25G>A", "is of NM_7.1, the transcript is T"),
        ("n.-3A>G", "n. counts bases from 1"),
    ],
)
def test_names_that_are_wrong(parse, name, message):
    with pytest.raises(DataError, match=message):
        parse(name)


def test_transcripts_that_are_not_translated(tmp_path):
    path = tmp_path / "x.gff3"
    path.write_text(gff(coding=(), biotype="lncRNA"))
    (item,) = read_genes(path)
    with pytest.raises(DataError, match=r"T is not translated \(lncRNA\): count its"):
        parse_hgvs("c.1A>G", item, genome().fetch)


def test_a_contig_that_begins_with_the_change(tmp_path):
    path = tmp_path / "x.gff3"
    path.write_text(gff(exons=((0, 9),), coding=((0, 9),)))
    (item,) = read_genes(path)
    found = parse_hgvs("c.1_2del", item, lambda _, a, b: "ATGAAATAA"[a:b])
    assert found == Variant(1, "ATG", "G")
