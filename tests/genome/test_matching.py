import pytest

from jaxbio.errors import DataError, JaxbioError
from jaxbio.genome.alleles import Edit
from jaxbio.genome.matching import Rule, Tally, blocks, match
from jaxbio.genome.records import Record
from tests.genome.genomes import genome_of

CONTIG = "ACGTTGCAAGCTTACGGANRacgtacgtacgt"


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return genome_of(tmp_path_factory.mktemp("g"), chr1=CONTIG, chr2="ACGT")


def record(position, reference, *alternatives, contig="chr1", line=1):
    text = f"{contig}\t{position}"
    return Record(line, text, contig, position, ".", reference, alternatives)


def reasons(genome, *records, rule=None):
    return [x.reason for x in match(records, genome, rule or Rule(8))]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (record(5, "T", "G"), ""),
        (record(5, "t", "g"), ""),
        (record(21, "A", "G"), ""),  # of the genome in lower case
        (record(5, "TGC", "T"), ""),
        (record(5, "TGC", "-"), ""),
        (record(5, "T", "G", contig="1"), ""),  # called otherwise
        (record(5, "T", "G", contig="chrX"), "NO_CONTIG"),
        (record(0, "N", "G"), "OUTSIDE"),
        (record(33, "T", "G"), "OUTSIDE"),
        (record(32, "TA", "T"), "OUTSIDE"),
        (record(2, "C", "G", contig="chr2"), "SHORT_CONTIG"),
        (record(5, "A", "G"), "REF_MISMATCH"),
        (record(5, "N", "G"), "AMBIGUOUS"),
        (record(19, "N", "G"), "AMBIGUOUS"),
        (record(20, "A", "G"), "AMBIGUOUS"),  # the genome has R
        (record(5, "T", "N"), "AMBIGUOUS"),
        (record(5, "T", ""), "AMBIGUOUS"),
        (record(5, "T", "*"), "OVERLAPPED"),
        (record(5, "T", "<NON_REF>"), "OVERLAPPED"),
        (record(5, "T", "<DEL>"), "SYMBOLIC"),
        (record(5, "T", "]chr2:3]T"), "BREAKEND"),
        (record(5, "T", ".TA"), "BREAKEND"),
        (record(5, "T", "T"), "SAME"),
        (record(5, "T", "TACGTA"), "TOO_LONG"),
        (record(5, "TGCAAG", "T"), "TOO_LONG"),
        (record(5, "T", "TACGT"), ""),
    ],
)
def test_each_allele_has_an_edit_or_a_reason(genome, case, reason):
    assert reasons(genome, case) == [reason]


def test_alleles_of_one_record_are_looked_at_each_by_itself(genome):
    found = match([record(5, "T", "G", "*", "TA")], genome, Rule(8))
    assert [(x.row, x.number, x.reason) for x in found] == [
        (0, 0, ""), (0, 1, "OVERLAPPED"), (0, 2, "")
    ]  # fmt: skip
    assert [found[0].edit, found[2].edit] == [Edit(4, "T", "G"), Edit(5, "", "A")]
    assert match([record(5, "T")], genome, Rule(8)) == []  # ALT is .


def test_substitutions_only(genome):
    rule = Rule(8, substitutions=True)
    cases = record(5, "T", "G"), record(5, "TG", "CA"), record(5, "T", "TA")
    assert reasons(genome, *cases, rule=rule) == ["", "", "INDEL"]


def test_both_alleles_of_the_file_may_be_put_into_the_genome(genome):
    (found,) = match([record(5, "AC", "AT")], genome, Rule(8, mismatch="both"))
    assert found.reason == "" and found.given == (4, "AC")
    assert found.edit == Edit(5, "C", "T")
    with pytest.raises(JaxbioError, match="mismatch='bot': did you mean 'both'"):
        Rule(8, mismatch="bot")


def tally_of(genome, records, rule=None):
    tally = Tally("x.vcf")
    tally.add(records, match(records, genome, rule or Rule(8)), genome)
    return tally


def test_a_tally_counts_and_lists(genome):
    records = [
        record(5, "T", "G", "*", contig="1", line=7),
        record(7, "C", "<DEL>", contig="1", line=8),
        record(6, "G", "A", contig="1", line=9),
        record(1, "G", "A", contig="chrQ", line=10),
    ]
    tally = tally_of(genome, records)
    assert (tally.records, tally.alleles, tally.scored) == (4, 5, 2)
    assert tally.reasons == {"OVERLAPPED": 1, "SYMBOLIC": 1, "NO_CONTIG": 1}
    assert tally.contigs == {"1": "chr1", "chrQ": None} and not tally.in_order
    notes = "; ".join(tally.notes())
    assert "called otherwise in the genome: 1 is chr1" in notes
    assert (
        "(SYMBOLIC): 1, as ALT is a symbol" in notes and "row 8 (1:7:C:<DEL>)" in notes
    )
    tally.check("error")


@pytest.mark.parametrize(
    ("order", "sorted_"),
    [
        ([("chr1", 5), ("chr1", 5), ("chr2", 1)], True),
        ([("chr2", 1), ("chr1", 5)], True),
        ([("chr1", 5), ("chr1", 4)], False),
        ([("chr1", 5), ("chr2", 1), ("chr1", 6)], False),
    ],
)
def test_the_order_that_an_index_needs(genome, order, sorted_):
    records = [record(at, "A", contig=contig) for contig, at in order]
    assert tally_of(genome, records).in_order is sorted_


def test_mismatches_are_counted_and_their_cause_is_told(genome):
    # REF is the base one to the left of POS, as if POS counted from 0.
    records = [
        record(at + 1, CONTIG[at - 1], "T" if CONTIG[at - 1] != "T" else "A", line=at)
        for at in (1, 2, 3, 5, 6, 7)
    ]
    tally = tally_of(genome, records)
    with pytest.raises(DataError, match=r"6 of 6 records have another REF") as error:
        tally.check("error")
    assert "fit one base to the left: positions are off by one" in str(error.value)
    assert "mismatch='skip'" in str(error.value)
    tally.check("skip")
    assert tally.scored == 0 and "6 of 6" in tally.notes()[0]
    both = tally_of(genome, records, Rule(8, mismatch="both"))
    assert both.scored == 6 and both.mismatches == 6


def test_files_of_another_genome_are_refused(genome):
    with pytest.raises(DataError, match=r"none of its contigs \(chrX\)"):
        tally_of(genome, [record(5, "T", "G", contig="chrX")]).check("skip")
    with pytest.raises(DataError, match="no records"):
        tally_of(genome, []).check("skip")


def test_blocks_lose_nothing():
    records = [record(at, "A") for at in range(5)]
    assert [len(block) for block in blocks(records, 2)] == [2, 2, 1]
    assert [x for block in blocks(records, 2) for x in block] == records
    assert list(blocks([], 2)) == []
