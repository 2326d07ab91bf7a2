"""Real files, with counts and values known from their sources."""

import numpy as np
import pytest
from Bio import SeqIO

from jaxbio.data import describe_kinds, read, read_frames

pytestmark = pytest.mark.data


def test_gue_promoters(real_data):
    data = read(real_data("genomics/gue") / "tf_0_dev.csv.gz")
    assert len(data) == 1000
    header, *rows = (line.split(maxsplit=2) for line in describe_kinds(data))
    assert header[:2] == ["column", "kind"]
    assert [row[:2] for row in rows] == [["sequence", "dna"], ["label", "category"]]


def test_crispr_guides(real_data):
    data = read(real_data("genomics/crispr_guides") / "WT_SpCas9.csv.gz")
    assert len(data) == 55_603
    assert data.inputs["sgRNA"].strings()[0] == "AAAAAAAAACTCCAAAACCCTGG"
    assert data.targets["indel"].values[0, 0] == np.float32(0.168570118)
    assert (data.inputs["sgRNA"].lengths == 23).all()


def test_unnamed_first_column(real_data):
    path = real_data("genomics/crispr_guides")
    path = path / "azimuth_FC_plus_RES_withPredictions.csv.gz"
    data = read(path, inputs={"30mer": None}, targets=["score_drug_gene_rank"])
    assert data.inputs["30mer"].kind == "dna"
    assert next(read_frames(path)).table.columns[0] == "column_1"


def test_genomes_as_biopython_reads_them(real_data):
    folder = real_data("genomics/genome_small")
    for name, kind in (("NC_005816.fna", "fasta"), ("NC_005816.gb", "genbank")):
        with (folder / name).open() as handle:
            record = SeqIO.read(handle, kind)
        data = read(folder / name)
        assert data.inputs["sequence"].strings() == [str(record.seq)]
        assert data.ids.tolist() == [record.id]
    both = [read(folder / f"NC_005816.{e}").inputs["sequence"] for e in ("fna", "gb")]
    np.testing.assert_array_equal(both[0].codes, both[1].codes)
    (frame,) = read_frames(folder / "NC_000932.gb.gz")
    assert frame.table["organism"].tolist() == ["Arabidopsis thaliana"]
    assert len(frame.table["sequence"][0]) == 154_478


def test_whole_bacterial_genome(real_data):
    data = read(real_data("genomics/genome_ecoli_k12") / "U00096.2.fa.gz")
    assert data.inputs["sequence"].lengths.tolist() == [4_639_675]
    counts = np.bincount(data.inputs["sequence"].codes, minlength=4)
    assert counts[:4].sum() == 4_639_675
    assert (counts[1] + counts[2]) / counts.sum() == pytest.approx(0.508, abs=1e-3)


def test_virus_in_two_formats(real_data):
    folder = real_data("genomics/genome_sarscov2")
    fasta = read(folder / "NC_045512_Hu-1.fasta")
    genbank = read(folder / "MN908947_reference_seq.gb")
    assert fasta.inputs["sequence"].lengths.tolist() == [29_903]
    np.testing.assert_array_equal(
        fasta.inputs["sequence"].codes, genbank.inputs["sequence"].codes
    )


def test_fluorescence_table(real_data):
    folder = real_data("protein/gfp_fluorescence")
    path = folder / "amino_acid_genotypes_to_brightness.tsv.gz"
    data = read(path, inputs={"uniqueBarcodes": None}, targets=["medianBrightness"])
    assert len(data) == 54_025
    assert data.targets["medianBrightness"].values[0, 0] == np.float32(3.7192121319)
    frame = next(read_frames(path, rows=3))
    variant = "SA108D:SN144D:SI186V:SM231T:SL234P"
    assert frame.table["aaMutations"].tolist() == ["", "SA108D", variant]


def test_fitness_table(real_data):
    data = read(real_data("protein/flip_gb1") / "low_vs_high.csv.gz")
    assert len(data) == 8733
    uses = {row.split()[0]: row for row in describe_kinds(data)[1:5]}
    assert "protein" in uses["sequence"] and uses["sequence"].endswith("input")
    assert "numeric" in uses["target"] and uses["target"].endswith("target")
    assert "names parts" in uses["set"] and "names parts" in uses["validation"]


def test_no_header_is_noticed(real_data):
    path = real_data("genomics/ecoli_promoter_mpra") / "tss_test_genome_split.tsv.gz"
    with pytest.raises(ValueError, match=r"row 1: .* looks like data"):
        read(path)
