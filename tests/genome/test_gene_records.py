"""GenBank records: the transcripts of their features."""

import io

import pytest
from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqFeature import CompoundLocation, SeqFeature, SimpleLocation
from Bio.SeqRecord import SeqRecord

from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError
from jaxbio.genome.gene_files import read_genes
from jaxbio.genome.transcripts import genetic_code


def write(tmp_path, features, length=300):
    record = SeqRecord(Seq("ACGTA" * (length // 5)), "R.1", "R", "made")
    record.annotations["molecule_type"] = "DNA"
    record.features = features
    path = tmp_path / "x.gb"
    SeqIO.write([record], path, "genbank")
    return path


def feature(kind, *parts, strand=1, **told):
    pieces = [SimpleLocation(start, end, strand) for start, end in parts]
    location = pieces[0] if len(pieces) == 1 else CompoundLocation(pieces)
    told = {key: [value] for key, value in told.items()}
    return SeqFeature(location, kind, qualifiers=told)


def test_exons_of_the_messenger_that_holds_the_coding_parts(tmp_path):
    genes = read_genes(write(tmp_path, [
        feature("mRNA", (0, 50), (80, 120), gene="a"),
        feature("mRNA", (0, 40), (80, 120), gene="a"),
        feature("CDS", (10, 40), (80, 100), gene="a", protein_id="P", transl_table="4"),
        feature("CDS", (200, 230), strand=-1, locus_tag="b", codon_start="3"),
        feature("tRNA", (240, 260), gene="t"),
    ]))  # fmt: skip
    first, second, third = genes
    assert (first.name, first.gene, first.contig, first.code) == ("P", "a", "R.1", 4)
    assert first.exons == ((0, 40), (80, 120))
    assert first.coding == ((10, 40), (80, 100))
    assert (second.strand, second.phase, second.exons) == ("-", 2, ((200, 230),))
    assert (third.gene, third.biotype, third.coding) == ("t", "tRNA", ())


def test_parts_of_the_reverse_strand_in_the_order_of_translation(tmp_path):
    parts = (feature("CDS", (80, 100), (10, 40), strand=-1, gene="a"),)
    assert read_genes(write(tmp_path, parts)).items[0].coding == ((80, 100), (10, 40))


def test_genes_across_the_origin(tmp_path):
    parts = (feature("CDS", (280, 300), (0, 10), gene="a"),)
    (item,) = read_genes(write(tmp_path, parts))
    assert item.coding == ((280, 300), (0, 10))


def test_a_code_of_one_contig(tmp_path):
    path = write(tmp_path, [feature("CDS", (0, 30), gene="a", transl_table="11")])
    assert read_genes(path, code={"R.1": 2}).items[0].code == 2
    assert read_genes(path).items[0].code == 11


def test_records_without_genes(tmp_path):
    with pytest.raises(DataError, match=r"no CDS and no RNA.*hold misc_feature \(1\)"):
        read_genes(write(tmp_path, [feature("misc_feature", (0, 9))]))


def test_damaged_records(tmp_path):
    path = tmp_path / "x.gb"
    path.write_text(
        "LOCUS       R  12 bp\nFEATURES             Location\n     CDS\n//x\n"
    )
    with pytest.raises(DataError, match=r"x\.gb"):
        read_genes(path)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "count", "left"),
    [("NC_000932.gb.gz", 84, 1), ("NC_001422.gbk", 11, 0), ("NC_005816.gb", 10, 0)],
)
def test_real_genes_are_translated_into_their_proteins(real_data, name, count, left):
    path = real_data("genomics/genome_small") / name
    genes = read_genes(path)
    with open_bytes(path) as handle:
        record = SeqIO.read(io.TextIOWrapper(handle), "genbank")
    stored = {
        each.qualifiers["protein_id"][0]: each.qualifiers["translation"][0]
        for each in record.features
        if "translation" in each.qualifiers
    }
    coding = [item for item in genes if item.coding]
    for item in coding:
        bases = item.coding_sequence(lambda _, start, end: str(record.seq[start:end]))
        protein = genetic_code(item.code).translate(bases)
        assert protein[1:].rstrip("*") == stored[item.name][1:], item.name
    assert len(coding) == count
    assert len(genes.notes) == left  # rps12 is spliced from both strands
