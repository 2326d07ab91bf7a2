"""BED and its kin, GFF3, GTF and GenBank."""

import gzip

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.interval_files import ending
from jaxbio.genome.intervals import read_intervals

PEAK = "chr1\t10\t20\tp1\t900\t.\t5.5\t3.2\t-1\t4"


def bed(folder, text, name="x.bed"):
    path = folder / name
    path.write_text(text)
    return path


def test_bed_of_any_number_of_columns(tmp_path):
    whole = "chr1\t10\t30\ta\t5\t-\t12\t28\t255,0,0\t2\t5,5,\t0,15,"
    names = "name score thickStart thickEnd itemRgb blockCount blockSizes blockStarts"
    for count in range(3, 13):
        text = "\t".join(whole.split("\t")[:count]) + "\n"
        found = read_intervals(bed(tmp_path, text))
        assert (found.starts[0], found.ends[0]) == (10, 30)
        assert found.strands[0] == ("-" if count > 5 else ".")
        if count != 10:  # ten columns are those of narrowPeak
            own = names.split()[: max(count - 3 - (count > 5), 0)]
            assert list(found.columns) == own
    assert found.columns["score"].tolist() == [5.0]
    assert found.columns["itemRgb"].tolist() == ["255,0,0"]


def test_lines_that_are_no_rows_and_windows_line_ends(tmp_path):
    head = "browser position x\r\ntrack name=y\r\n# words\r\n"
    text = f"{head}chr1 1 5 a\r\n\r\nchr2 0 2 b\r\n"
    found = read_intervals(bed(tmp_path, text))
    assert found.contigs.tolist() == ["chr1", "chr2"]
    assert found.rows.tolist() == [4, 6]
    assert found.columns["name"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "first", ["#chrom\tstart\tend\tactivity", "chr\tstart\tend\tx"]
)
def test_columns_that_the_file_names(tmp_path, first):
    found = read_intervals(bed(tmp_path, f"{first}\nchr1\t1\t5\t0.5\nchr1\t2\t6\t.\n"))
    (name,) = found.columns
    assert name == first.split("\t")[3]
    assert found.columns[name][0] == 0.5 and np.isnan(found.columns[name][1])


def test_narrow_and_broad_peaks(tmp_path):
    found = read_intervals(bed(tmp_path, PEAK, "x.narrowPeak"))
    assert found.columns["peak"].tolist() == [4.0] and not found.notes
    assert found.columns["qValue"].tolist() == [-1.0]
    found = read_intervals(bed(tmp_path, PEAK))  # as ENCODE calls them
    assert found.columns["signalValue"].tolist() == [5.5]
    assert "read as those of narrowPeak" in found.notes[0]
    broad = PEAK.rsplit("\t", 1)[0]
    for name in ("x.broadPeak", "y.bed"):
        found = read_intervals(bed(tmp_path, broad, name))
        assert found.columns["pValue"].tolist() == [3.2]


def test_packed_files(tmp_path):
    path = tmp_path / "x.narrowPeak.gz"
    path.write_bytes(gzip.compress(PEAK.encode()))
    assert ending(path) == "bed"
    assert read_intervals(path).columns["peak"].tolist() == [4.0]
    path.write_bytes(gzip.compress(PEAK.encode() * 50)[:-20])
    with pytest.raises(DataError, match="cut off or damaged"):
        read_intervals(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chr1\t1\n", "row 1: 2 columns instead of at least 3"),
        ("chr1\t1\t5\nchr1\t1\t5\tx\n", "row 2: 4 columns instead of 3 as above"),
        ("chr1\t1\t5\nchr1\tone\t5\n", "row 2: start 'one' is no whole number"),
        ("# a\nchr1\t7\t5\n", "row 2: start 7 and end 5"),
        ("track x\n", "has no intervals"),
    ],
)
def test_rows_of_bed_that_are_none(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_intervals(bed(tmp_path, text))


GFF = (
    "##gff-version 3\n"
    "c\tx\tgene\t11\t20\t.\t-\t.\tID=g1;Name=abc%3B;biotype=coding\n"
    "c\tx\tCDS\t11\t16\t0.5\t-\t0\tID=c1;Parent=g1\n"
    "##FASTA\n>c\nACGT\n"
)


def test_features_of_gff3_by_type(tmp_path):
    path = bed(tmp_path, GFF, "x.gff3")
    found = read_intervals(path, feature="gene")
    assert (found.starts[0], found.ends[0], found.strands[0]) == (10, 20, "-")
    assert found.columns["name"].tolist() == ["abc;"]
    assert found.columns["biotype"].tolist() == ["coding"]
    assert read_intervals(path, feature="CDS").columns["score"].tolist() == [0.5]
    with pytest.raises(DataError, match=r"gene \(1\), CDS \(1\): choose one, as in f"):
        read_intervals(path)
    with pytest.raises(DataError, match="no features of type 'genes': did you mean"):
        read_intervals(path, feature="genes")


def test_features_of_gtf(tmp_path):
    row = 'c\tx\texon\t5\t9\t.\t+\t.\tgene_id "g"; transcript_id "t 1";\n'
    found = read_intervals(bed(tmp_path, row, "x.gtf"))  # of one type: none to choose
    assert found.columns["transcript_id"].tolist() == ["t 1"]
    assert found.columns["name"].tolist() == ["g"]
    with pytest.raises(DataError, match="row 1: start '0' and end '9': positions"):
        read_intervals(bed(tmp_path, row.replace("\t5\t", "\t0\t"), "x.gtf"))
    with pytest.raises(DataError, match="row 1: 3 columns instead of the 9"):
        read_intervals(bed(tmp_path, "c\t1\t5\n", "x.gff"))


@pytest.mark.data
def test_real_files_agree(real_data):
    folder = real_data("genomics/genome_sarscov2")
    gff = read_intervals(folder / "NC_045512_Hu-1.gff", feature="gene")
    gb = read_intervals(folder / "MN908947_reference_seq.gb", feature="CDS")
    spans = set(zip(gff.starts.tolist(), gff.ends.tolist(), strict=True))
    own = set(zip(gb.starts.tolist(), gb.ends.tolist(), strict=True))
    assert len(gff) == 11 and len(spans & own) >= 9
    genes = real_data("genomics/genome_ecoli_k12") / "U00096.2_genes.bed"
    found = read_intervals(genes)
    assert len(found) == 4439 and (found.strands == "-").sum() == 2248
    primers = read_intervals(folder / "ARTIC_V4-1.bed")
    assert len(primers) == 209 and primers.columns["column_7"][0].startswith("AACAAACC")


@pytest.mark.data
def test_features_over_the_origin_are_named(real_data):
    path = real_data("genomics/genome_small") / "NC_001422.gbk"  # circular
    found = read_intervals(path, feature="CDS")
    assert (
        len(found) == 8 and "3 features are left out, which go over" in found.notes[0]
    )
    with pytest.raises(DataError, match="choose one"):
        read_intervals(real_data("genomics/genome_small") / "NC_000932.gb.gz")
