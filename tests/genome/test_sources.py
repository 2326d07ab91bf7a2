import pandas as pd
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.sources import TableSource
from jaxbio.genome.transcripts import Transcript, Transcripts
from tests.genome.genomes import genome_of


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return genome_of(tmp_path_factory.mktemp("g"), chr1="ACGTTGCAAGCTTACGGA")


def table(path, **columns):
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def test_rows_are_records_and_other_columns_go_along(genome, tmp_path):
    path = table(tmp_path / "v.csv", variant=["chr1:5:T:G", "1:g.6_7del"], y=["a", "b"])
    source = TableSource(path, genome)
    first, second = source.records()
    assert (first.position, first.reference, first.alternatives) == (5, "T", ("G",))
    assert (second.contig, second.alternatives) == ("1", ("-",))
    assert source.columns([first, second]) == {
        "chrom": ["chr1", "1"], "pos": [5, 6], "ref": ["T", "GC"], "alt": ["G", "-"],
        "variant": ["chr1:5:T:G", "1:g.6_7del"], "y": ["a", "b"],
    }  # fmt: skip
    own = TableSource(
        table(tmp_path / "w.csv", snp=["1:5:T:G"], pos=[7]), genome, "snp"
    )
    assert own.columns(list(own.records()))["pos"] == ["7"]  # as the table has it


def test_columns_and_cells_that_are_none(genome, tmp_path):
    path = table(tmp_path / "v.csv", snp=["chr1:5:T:G", "chr1:5"])
    with pytest.raises(DataError, match=r"column='snp'. There are snp"):
        TableSource(path, genome)
    with pytest.raises(DataError, match="no column 'snps': did you mean 'snp'"):
        TableSource(path, genome, "snps")
    with pytest.raises(DataError, match=r"v\.csv, row 3, column snp: 'chr1:5' is no"):
        list(TableSource(path, genome, "snp").records())


def test_places_in_transcripts_are_read_with_genes(tmp_path):
    bases = "GGATGATATAAGG"
    genome = genome_of(tmp_path, chr1=bases)
    part = ((2, 11),)
    genes = Transcripts([Transcript("NM_1.2", "GENE", "1", "+", "x", part, part)])
    path = table(tmp_path / "c.csv", variant=["NM_1:c.4A>C", "GENE:c.4A>C", "1:3:A:G"])
    found = list(TableSource(path, genome, genes=genes).records())
    expected = [(6, "A", ("C",))] * 2 + [(3, "A", ("G",))]
    assert [(x.position, x.reference, x.alternatives) for x in found] == expected
    for text, message in (
        ("NM_2:c.4A>C", "no transcript of the name 'NM_2'"),
        ("NM_1:c.4T>C", r"row 2, column variant: .*c\.4T>C"),
    ):
        path = table(tmp_path / "d.csv", variant=[text])
        with pytest.raises(DataError, match=message):
            list(TableSource(path, genome, genes=genes).records())
    with pytest.raises(DataError, match=r"genes='genes\.gff3'"):
        list(TableSource(path, genome).records())
