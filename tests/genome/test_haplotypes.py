"""Records held back until their transcripts are passed, and calls of samples."""

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.consequence_terms import Variant
from jaxbio.genome.consequences import Models
from jaxbio.genome.gene_files import read_genes
from jaxbio.genome.haplotypes import HaplotypeStream, read_calls
from tests.genomes import genome, gff, sequence


@pytest.fixture
def make(tmp_path):
    def stream(samples=1, genes=None, **options):
        path = tmp_path / "g.gff3"
        path.write_text(genes or gff())
        models = Models(genome().fetch)
        return HaplotypeStream(read_genes(path), models, samples, **options)

    return stream


BASES = sequence()


def feed(stream, rows):
    """Names of records in order, each with its consequences."""
    given = []
    for row in rows:
        position, alternatives, *calls = row.split()
        at = int(position)
        variants = [
            Variant(at, BASES[at - 1], each) for each in alternatives.split(",")
        ]
        read = read_calls(calls, "x.vcf, row 1") if calls else None
        given += stream.add(row, "1", variants, read, f"row of {position}")
    given += stream.finish()
    return given


def types(given):
    return [[str(each).split("|")[0] for each in found] for _, found in given]


def test_calls_that_are_none():
    with pytest.raises(DataError, match=r"x\.vcf, row 3: '0/a' is no genotype"):
        read_calls(["0|1", "0/a"], "x.vcf, row 3")


def test_calls_of_more_copies_are_told_apart():
    calls = read_calls(["0|1|2", "/0/1", "./1", ".|1", "./."], "row")
    assert calls.more == {1, 2}
    assert calls.copies.tolist() == [[-1, -1], [0, 1], [-1, 1], [-1, 1], [-1, -1]]
    assert calls.phased.tolist() == [True, False, False, True, True]


def test_neighbours_by_sample_and_copy(make):
    rows = ["145 A 0|1 1|0", "147 C 1|1 0|1", "150 A 0|0 1|1"]
    (_, first), (_, second), (_, third) = feed(make(2), rows)
    assert [str(each) for each in first] == [
        "missense|GENE|T|protein_coding|+|9A>9T|145G>A",
        "missense|GENE|T|protein_coding|+|9A>9T|145G>A+147T>C",
    ]
    both = [each for each in first if "147" in str(each)]
    assert both[0].carriers is not None
    assert both[0].carriers.tolist() == [[False, True], [False, False]]
    carriers = {str(each).split("|")[0]: each.carriers for each in second}
    assert np.array_equal(carriers["@145"], [[False, True], [False, False]])
    assert np.array_equal(carriers["synonymous"], [[True, False], [False, True]])
    assert types([(0, third)]) == [["synonymous", "splice_region"]]


def test_records_come_in_their_order_once_transcripts_are_passed(make):
    stream = make()
    rows = ["90 A 0|1", "145 A 0|1", "170 A 0|1", "361 A 0|1"]
    seen = []
    for row in rows:
        at, new, call = row.split()
        variants = [Variant(int(at), BASES[int(at) - 1], new)]
        ready = stream.add(row, "1", variants, read_calls([call], row), row)
        seen.append([name for name, _ in ready])
    assert seen == [rows[:1], [], [], rows[1:]]
    assert list(stream.finish()) == []


def test_alleles_that_no_sample_has_are_looked_at_alone(make):
    ((_, found),) = feed(make(), ["145 A,C 0|1"])
    assert [(each.number, str(each).split("|")[5]) for each in found] == [
        (0, "9A>9T"),
        (1, "9A>9P"),
    ]
    assert [int(each.carriers.sum()) for each in found] == [1, 0]


@pytest.mark.parametrize(
    ("unphased", "expected"),
    [("alone", [["missense"], ["synonymous"]]), ("phased", [["missense"], ["@145"]])],
)
def test_calls_without_a_phase(make, unphased, expected):
    stream = make(unphased=unphased)
    assert types(feed(stream, ["145 A 0/1", "147 C 0/1"])) == expected
    assert stream.counts["unphased"] == (2 if unphased == "alone" else 0)


def test_calls_without_a_phase_may_be_refused(make):
    with pytest.raises(DataError, match="row of 145: 1 calls are heterozygous without"):
        feed(make(unphased="error"), ["145 A 0/1"])
    with pytest.raises(DataError, match="unphased='x': Known: alone, phased, error"):
        make(unphased="x")


def test_homozygous_calls_need_no_phase(make):
    assert types(feed(make(), ["145 A 1/1", "147 C 1|0"])) == [
        ["missense", "missense"],
        ["@145"],
    ]


def test_alleles_that_overlap_are_looked_at_alone(make):
    stream = make()
    at = 126  # T of 2A
    rows = [
        ("one", Variant(at, BASES[at - 1 : at + 3], BASES[at - 1])),
        ("two", Variant(at + 1, BASES[at], "A")),
    ]
    given = []
    for name, variant in rows:
        given += stream.add(name, "1", [variant], read_calls(["1|0"], ""), "")
    given += stream.finish()
    assert types(given) == [["inframe_deletion"], ["missense"]]
    assert stream.counts["overlapping"] == 1


def test_a_record_that_is_there_twice_is_found_twice(make):
    stream = make()
    given = feed(stream, ["145 A 1|0", "145 A 1|0"])
    assert types(given) == [["missense"], ["missense"]]
    assert stream.counts["overlapping"] == 1


def test_records_that_are_not_sorted(make):
    with pytest.raises(DataError, match=r"row of 140: position 140 comes after 145"):
        feed(make(), ["145 A 0|1", "140 A 0|1"])
    assert types(feed(make(0), ["145 A", "140 A"])) == [["missense"], ["missense"]]


def test_records_without_variants_keep_their_place(make):
    stream = make()
    given = [*stream.add("a", "1", [Variant(145, "G", "A")], read_calls(["1|0"], ""))]
    given += stream.add("b", "", [None])
    given += stream.finish()
    assert [name for name, _ in given] == ["a", "b"]
    assert given[1][1] == []
