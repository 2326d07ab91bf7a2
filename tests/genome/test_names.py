import pytest

from jaxbio.errors import DataError
from jaxbio.genome.names import parse_variant
from tests.genome.genomes import genome_of


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return genome_of(tmp_path_factory.mktemp("g"), chr1="ACGTTGCAAGCTTACGGA")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chr1:5:T:G", ("chr1", 5, "T", "G")),
        ("1-5-T-G", ("1", 5, "T", "G")),
        ("chr1_5_T_G", ("chr1", 5, "T", "G")),
        ("chr1:5:T>G", ("chr1", 5, "T", "G")),
        ("chr1:5T>G", ("chr1", 5, "T", "G")),
        ("chr1:1,005:TG:T", ("chr1", 1005, "TG", "T")),
        ("chr1:5:TG:-", ("chr1", 5, "TG", "-")),
        ("HLA-A*01:01:5:T:G", ("HLA-A*01:01", 5, "T", "G")),
        ("chr1:g.5T>G", ("chr1", 5, "T", "G")),
        ("NC_000001.11:g.5T>G", ("NC_000001.11", 5, "T", "G")),
        ("chr1:g.5del", ("chr1", 5, "T", "-")),
        ("chr1:g.5_7delTGC", ("chr1", 5, "TGC", "-")),
        ("chr1:g.5_6insAA", ("chr1", 5, "T", "TAA")),
        ("chr1:g.5_7dup", ("chr1", 5, "TGC", "TGCTGC")),
        ("chr1:g.5_7delinsA", ("chr1", 5, "TGC", "A")),
        ("chr1:g.5_7inv", ("chr1", 5, "TGC", "GCA")),
        ("chrX:g.5_7del", ("chrX", 5, "N", "-")),  # a contig that is told later
    ],
)
def test_forms_of_variants(genome, text, expected):
    assert parse_variant(f" {text}", genome) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A42G", "write CHROM:POS:REF:ALT"),
        ("chr1:5", "'chr1:5' is no variant"),
        ("NM_000.1:c.76A>T", "places in a transcript are read with its genes"),
        ("chr1:g.5_9T>G", "a substitution has one position"),
        ("chr1:g.17_20del", "has the positions 1 to 18"),
        ("chr1:g.7_5del", "the start comes before the end"),
        ("chr1:g.5_7insA", "stands between two neighbours"),
        ("chr1:g.5_6ins", "names its bases"),
        ("chr1:g.5_7delins", "no bases after delins"),
        ("chr1:g.5_7delTGG", "the genome has TGC there, not TGG"),
    ],
)
def test_what_is_no_variant(genome, text, message):
    with pytest.raises(DataError, match=rf"v\.csv, row 3: .*{message}"):
        parse_variant(text, genome, "v.csv, row 3")


def test_names_that_need_a_genome():
    assert parse_variant("chr1:g.5T>G").position == 5
    with pytest.raises(DataError, match="beside a genome only"):
        parse_variant("chr1:g.5del")
