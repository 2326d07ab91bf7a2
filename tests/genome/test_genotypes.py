"""Genotypes of VCF files: what becomes of each call, and what is refused."""

import bz2
import gzip
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import jaxbio as jb
from jaxbio.data.io.write import write_table
from jaxbio.errors import DataError
from jaxbio.genome.genotypes import read_genotypes
from jaxbio.genome.vcf import FIXED, parse_region

SAMPLES = ["ann", "bob", "cid"]
COLUMNS = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]


def text(rows, samples=SAMPLES):
    """A VCF file; cells of a row are separated by spaces."""
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=1>", "\t".join(COLUMNS + samples)]
    return "\n".join([*lines, *("\t".join(row.split()) for row in rows), ""])


def row(calls, *, place="1 10", name=".", alleles="A C", fields="GT"):
    return f"{place} {name} {alleles} . PASS . {fields} {calls}"


def read(tmp_path, rows, name="x.vcf", **options):
    path = tmp_path / name
    pack = {".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, bytes)
    path.write_bytes(pack(text(rows).encode()))
    return read_genotypes(path, **options)


def test_calls_by_hand(tmp_path):
    rows = [
        row("0/0 0|1 1/1"),
        row("0 1 .", place="X 11"),
        row("./1 ./. 1|0", place="1 12"),
        row("7:1/1:3 . 8", place="1 13", fields="DP:GT:GQ"),
        row("0/1:9 1/1 /1/0:2", place="1 14", fields="GT:DP"),
    ]
    found = read(tmp_path, rows)
    assert found.samples == ("ann", "bob", "cid")
    assert found.variants == (
        "1:10:A:C",
        "X:11:A:C",
        "1:12:A:C",
        "1:13:A:C",
        "1:14:A:C",
    )
    assert found.dosages.dtype == np.int8
    assert found.dosages.T.tolist() == [
        [0, 1, 2],
        [0, 1, -1],
        [-1, -1, 1],
        [2, -1, -1],
        [1, 2, 1],
    ]
    np.testing.assert_allclose(found.frequencies, [3 / 6, 1 / 2, 1 / 2, 1, 4 / 6])
    assert found.missing == 5 / 15


def test_each_alternative_is_a_column(tmp_path):
    rows = [row("0/1 1/2 2|3", name="rs1", alleles="A C,G,<DEL>"),
            row("0/1 1/2 2/2", place="1 20", alleles="AT A,*"),
            row("0/0 0/0 0/0", place="1 30", alleles="A .")]  # fmt: skip
    found = read(tmp_path, rows)
    assert found.variants == ("1:10:A:C", "1:10:A:G", "1:10:A:<DEL>", "1:20:AT:A")
    assert found.dosages.T.tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 1], [1, 1, 0]]
    assert found.notes == ("left out: 1 without an alternative allele",)


def test_names_are_ids_where_those_are_unique(tmp_path):
    rows = [
        row("0/0 0/1 1/1", name="rs7"),
        row("0/0 0/1 1/1", place="1 11", name="rs8"),
        row("0/0 0/1 1/1", place="1 12", name="rs8"),
        row("0/0 0/1 1/1", place="1 13", name="id"),
    ]
    names = ("rs7", "1:11:A:C", "1:12:A:C", "1:13:A:C")
    assert read(tmp_path, rows).variants == names


@pytest.mark.parametrize("name", ["x.vcf.gz", "x.vcf.bz2", "bgzip.vcf.gz", "dos.vcf"])
def test_packed_files(tmp_path, name):
    rows = [row("0/0 0|1 1/1"), row("./. 1/1 0/0", place="2 5")]
    content = text(rows).encode()
    if name == "dos.vcf":
        (tmp_path / name).write_bytes(content.replace(b"\n", b"\r\n"))
        found = read_genotypes(tmp_path / name)
    elif name.startswith("bgzip"):  # many members and an empty one at the end
        parts = [content[at : at + 50] for at in range(0, len(content), 50)]
        (tmp_path / name).write_bytes(b"".join(map(gzip.compress, [*parts, b""])))
        found = read_genotypes(tmp_path / name)
    else:
        found = read(tmp_path, rows, name)
    assert found.dosages.tolist() == [[0, -1], [1, 2], [2, 0]]
    assert found.source.endswith(name)


def test_filters(tmp_path):
    rows = [
        row("0/0 0/0 0/1", place="chr1 100"),  # 1 of 6
        row("1/1 1/1 0/1", place="chr1 200"),  # 5 of 6
        row("0/1 1/1 ./.", place="chr1 300"),  # 3 of 4
        row("./. ./. ./.", place="chr2 300"),
    ]
    assert len(read(tmp_path, rows).variants) == 4
    found = read(tmp_path, rows, min_maf=0.25, max_missing=0.34)
    assert found.variants == ("chr1:300:A:C",)
    assert found.notes == ("left out: 2 rarer, 1 with more calls missing",)
    assert len(read(tmp_path, rows, min_maf=1 / 6, max_missing=0).variants) == 2
    for region, positions in [
        ("chr1", [100, 200, 300]),
        ("chr1:100-200", [100, 200]),
        ("chr1:101-", [200, 300]),
        ("chr1:200", [200]),
        ("chr2:1-1,000", [300]),
    ]:
        found = read(tmp_path, rows, region=region)
        assert [int(name.split(":")[1]) for name in found.variants] == positions


def test_bad_regions():
    assert parse_region("HLA:A:5-6") == ("HLA:A", 5, 6)
    for wrong in ("", ":1-2", "1:2-1", "1:0-5", "1:a-b", "1:-5"):
        with pytest.raises(DataError, match="region"):
            parse_region(wrong)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("0/0 0/1")], "row 4: 11 columns, the header has 12"),
        ([row("0/0 0/1 0/2")], "row 4, column cid: '0/2' names an allele beyond the 1"),
        ([row("0/0 0/ 0/1")], "row 4, column bob: '0/' is no genotype"),
        ([row("0/0 a 0/1")], "row 4, column bob: 'a' is no genotype"),
        ([row("0/0 -1 0/1")], "row 4, column bob: '-1' is no genotype"),
        ([row("9 9 9", fields="DP")], "row 4, column FORMAT: no GT in 'DP'"),
        ([row("0 0 1", place="1 x")], "row 4, column POS: 'x' is no number"),
        ([row("0 0 1"), row("0 1 1")], "2 rows .*'1:10:A:C'"),
        ([], "there is a header but no variants"),
    ],
)
def test_rows_that_cannot_be_read(tmp_path, rows, message):
    with pytest.raises(DataError, match=message) as error:
        read(tmp_path, rows)
    assert "x.vcf" in str(error.value)


def test_files_that_cannot_be_read(tmp_path):
    whole = text([row("0/0 0/1 1/1")])
    sites = whole.replace("\tFORMAT\tann\tbob\tcid", "")
    cases = {
        "table.vcf": ("id,snp\na,1\n", "row 1: a VCF file begins with"),
        "only.vcf": ("##fileformat=VCFv4.2\n", "row 2: the line that names"),
        "spaces.vcf": (whole.replace("\t", " "), "the line that names the columns"),
        "sites.vcf": (sites, "row 3: the file has no samples"),
        "format.vcf": (whole.replace("\tann\tbob\tcid", ""), "has no samples"),
        "twice.vcf": (whole.replace("bob", "ann"), "the sample 'ann' stands"),
        "empty.vcf": ("", "the file is empty"),
    }  # fmt: skip
    for name, (content, message) in cases.items():
        (tmp_path / name).write_text(content)
        with pytest.raises(DataError, match=f"{re.escape(name)}.*{message}"):
            read_genotypes(tmp_path / name)
    (tmp_path / "cut.vcf.gz").write_bytes(gzip.compress(whole.encode())[:-20])
    with pytest.raises(DataError, match="cut off or damaged"):
        read_genotypes(tmp_path / "cut.vcf.gz")
    (tmp_path / "x.vcf").write_text(whole)
    for options, message in [
        ({"region": "2:1-5"}, "no variant in the region 2:1-5: .*Known: 1"),
        ({"region": "1:1-5"}, "no variant in the region 1:1-5: widen"),
        ({"min_maf": 0.6}, "least frequency 0.6: give a share from 0 to 0.5"),
        ({"max_missing": -1}, "most missing -1"),
    ]:
        with pytest.raises(DataError, match=message):
            read_genotypes(tmp_path / "x.vcf", **options)
    with pytest.raises(DataError, match=r"no variant is left \(1 rarer\)"):
        read(tmp_path, [row("0/0 0/0 0/1")], min_maf=0.4)


calls = st.lists(
    st.lists(st.sampled_from(".012"), min_size=1, max_size=3), min_size=3, max_size=3
)


@settings(max_examples=50, deadline=None)
@given(calls=calls, phased=st.booleans())
def test_dosages_are_counts_of_alleles(tmp_path_factory, calls, phased):
    folder = tmp_path_factory.mktemp("vcf")
    cells = " ".join("/|"[phased].join(call) for call in calls)
    found = read(folder, [row(cells, alleles="A C,G")])
    for column, allele in zip(found.dosages.T, "12", strict=True):
        expected = [-1 if "." in call else call.count(allele) for call in calls]
        assert column.tolist() == expected


def test_the_table_is_read_back_and_by_jaxbio(tmp_path):
    rows = [row("0/0 ./. 1/1"), row("0/1 1/1 .", place="1 20", name="rs2")]
    found = read(tmp_path, rows)
    table = found.table()
    assert table["id"].tolist() == SAMPLES and table["1:10:A:C"].dtype == np.float32
    for name in ("x.tsv", "x.csv.gz"):
        write_table(found.parts(rows=2), tmp_path / name)
        again = pd.read_csv(tmp_path / name, sep="\t" if "tsv" in name else ",")
        pd.testing.assert_frame_equal(again, table, check_dtype=False)
    assert (tmp_path / "x.tsv").read_text().splitlines()[2] == "bob\t\t2"
    for source in (table, tmp_path / "x.tsv"):
        data = jb.read(source, inputs={"*:*": "numeric", "rs*": "numeric"}, targets=[])
        assert data.ids.tolist() == SAMPLES
        values = data.inputs["*:*"].values
        np.testing.assert_array_equal(values, [[0], [np.nan], [2]])


@pytest.mark.data
def test_the_real_file_of_one_and_two_copies(real_data):
    folder = real_data("genomics/csq_cases")
    path = folder / "ENST00000381157.haploid-diploid.vcf"
    found = read_genotypes(path)
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    body = [line for line in lines if not line[0].startswith("#")]
    assert found.samples == ("SAMPLE1", "SAMPLE2")
    assert len(found.variants) == len(body)
    for line, dosages in zip(body, found.dosages.T.tolist(), strict=True):
        assert dosages == [-1 if "." in call else call.count("1") for call in line[9:]]
    with pytest.raises(DataError, match="has no samples"):
        read_genotypes(folder / "ENST00000256452.intron.vcf")


def test_against_pysam(tmp_path):
    pysam = pytest.importorskip("pysam", reason="pysam is not installed")
    rng = np.random.default_rng(0)
    rows = [
        row(
            " ".join("/|"[rng.integers(2)].join(rng.choice(list("012."), 2)) + ":3"
                     for _ in SAMPLES),
            place=f"1 {at}", alleles="A C,G", fields="GT:DP",
        )
        for at in range(1, 60)
    ]  # fmt: skip
    head = '##FORMAT=<ID={},Number=1,Type={},Description="">'
    defined = head.format("GT", "String") + "\n" + head.format("DP", "Integer")
    content = text(rows).replace("##contig", defined + "\n##contig")
    path = tmp_path / "x.vcf.gz"
    (tmp_path / "x.vcf").write_text(content)
    pysam.tabix_compress(str(tmp_path / "x.vcf"), str(path))  # a real bgzip file
    found = read_genotypes(path).dosages
    at = 0
    with pysam.VariantFile(str(path)) as file:
        for record in file:
            each = [record.samples[name]["GT"] for name in SAMPLES]
            for allele in (1, 2):
                expected = [-1 if None in gt else gt.count(allele) for gt in each]
                assert found[:, at].tolist() == expected
                at += 1
    assert at == found.shape[1]


def test_a_cohort_stands_beside_the_genotypes(tmp_path):
    found = read(tmp_path, [row("0/0 0|1 ./.")])
    table = pd.DataFrame({"IID": ["eve", "bob", "ann"], "age": [40, 51.5, None]})
    joined = found.join(table)
    assert found.about == {} and joined.notes == (
        "DataFrame: 2 of 3 samples found by column IID, empty cells for the others; 1 "
        f"of its rows are not in {tmp_path / 'x.vcf'}",
    )
    frame = joined.table()
    assert list(frame.columns) == ["id", "age", "1:10:A:C"]
    assert frame["age"].fillna("").tolist() == ["", "51.5", ""]
    (part,) = joined.parts()
    assert {name: values.tolist() for name, values in part.items()} == {
        "id": SAMPLES, "age": [None, "51.5", None], "1:10:A:C": [0, 1, None]
    }  # fmt: skip
    (tmp_path / "y.csv").write_text("who,ill\nann,yes\nbob,no\ncid,yes\n")
    data = jb.read(
        joined.join(tmp_path / "y.csv", "who").table(), inputs={"1:10:A:C": "numeric"},
        targets=["ill"],
    )  # fmt: skip
    assert data.targets["ill"].values.tolist() == ["yes", "no", "yes"]
    with pytest.raises(DataError, match="column 'age' has the name of a column"):
        joined.join(table)


def test_symbolic_alleles_of_one_place(tmp_path):
    lines = [
        "\t".join(["1", "100", ".", "N", "<DEL>", ".", ".", f"END={end}", "GT", call])
        for end, call in ((200, "0/1"), (900, "1/1"))
    ]
    head = "##fileformat=VCFv4.2\n" + "\t".join([*FIXED, "ann"])
    path = tmp_path / "x.vcf"
    path.write_text("\n".join([head, *lines]) + "\n")
    found = read_genotypes(path)
    assert found.variants == ("1:100:N:<DEL>:END=200", "1:100:N:<DEL>:END=900")
    path.write_text("\n".join([head, lines[0], lines[0]]) + "\n")
    with pytest.raises(DataError, match="INFO/END") as caught:
        read_genotypes(path)
    assert "bcftools" not in str(caught.value)


def test_a_region_of_a_contig_with_colons(tmp_path):
    head = "##fileformat=VCFv4.2\n" + "\t".join([*FIXED, "ann"])
    rows = [
        f"{contig}\t{at}\t.\tA\tC\t.\t.\t.\tGT\t0/1"
        for contig, at in (("HLA-A*01:01:01", 9), ("HLA-A*01:01", 7), ("HLA-A*01", 1))
    ]
    path = tmp_path / "x.vcf"
    path.write_text("\n".join([head, *rows]) + "\n")
    for region in ("HLA-A*01:01:01", "{HLA-A*01:01:01}:5-10"):
        assert read_genotypes(path, region=region).variants == ("HLA-A*01:01:01:9:A:C",)
    with pytest.raises(DataError, match=r"both there: .*\{HLA-A\*01:01\}"):
        read_genotypes(path, region="HLA-A*01:01")
    found = read_genotypes(path, region="{HLA-A*01:01}")
    assert found.variants == ("HLA-A*01:01:7:A:C",)
