import gzip

import pytest

from jaxbio.errors import DataError, JaxbioError
from jaxbio.genome.records import (
    InfoField,
    Record,
    VariantFile,
    annotated,
    check_out,
    write_records,
)
from tests.genome.genomes import vcf_of

ROWS = [("chr1", 5, "T", "G,*"), ("chr1", 9, "A", ".")]
HEADER = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=40>\n"


@pytest.fixture
def pysam():
    return pytest.importorskip("pysam", reason="pysam is not installed")


def test_records_of_plain_and_packed_files(tmp_path):
    plain = vcf_of(tmp_path / "a.vcf", *ROWS)
    packed = tmp_path / "a.vcf.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    windows = tmp_path / "w.vcf"
    windows.write_bytes(plain.read_bytes().replace(b"\n", b"\r\n"))
    for path in (plain, packed, windows):
        file = VariantFile(path)
        assert file.header[0] == "##fileformat=VCFv4.2"
        first, second = file.records()
        assert first[2:] == ("chr1", 5, ".", "T", ("G", "*"))
        assert (first.line, second.line, second.alternatives) == (3, 4, ())
        assert list(file.records()) == [first, second]


def test_bcf_files_have_the_same_records(tmp_path, pysam):
    plain = vcf_of(tmp_path / "a.vcf", *ROWS, header=HEADER + "##INFO=<ID=DP,Number=1,"
                   'Type=Integer,Description="x">\n')  # fmt: skip
    with pysam.VariantFile(str(plain)) as source:
        binary = tmp_path / "a.bcf"
        with pysam.VariantFile(str(binary), "wb", header=source.header) as out:
            for record in source:
                out.write(record)
    found = VariantFile(binary)
    assert found.declared("contig") == {"chr1"} and found.declared("INFO") == {"DP"}
    expected = [record[1:] for record in VariantFile(plain).records()]
    assert [record[1:] for record in found.records()] == expected
    binary.write_bytes(binary.read_bytes()[:-60])
    with pytest.raises(DataError, match=r"a\.bcf"):
        list(VariantFile(binary).records())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chr1\t5\t.\tT", "row 3: 4 columns, the header has 8: the row is cut off"),
        ("chr1\tx\t.\tT\tG\t.\t.\t.", "row 3, column POS: 'x' is no number"),
        ("chr1\t5\t.\t\tG\t.\t.\t.", "row 3: CHROM, REF or ALT is empty"),
    ],
)
def test_what_is_no_record(tmp_path, text, message):
    path = vcf_of(tmp_path / "a.vcf", text)
    with pytest.raises(DataError, match=message):
        list(VariantFile(path).records())


def test_files_that_are_cut_off_or_something_else(tmp_path):
    packed = tmp_path / "a.vcf.gz"
    rows = [("chr1", at + 1, "ACGT"[at % 4], "ACGT"[at % 3]) for at in range(2000)]
    plain = vcf_of(tmp_path / "a.vcf", *rows)
    packed.write_bytes(gzip.compress(plain.read_bytes())[:-400])
    with pytest.raises(DataError, match="cut off or damaged"):
        list(VariantFile(packed).records())
    (tmp_path / "b.vcf").write_text("chr1\t5\n")
    with pytest.raises(DataError, match="a VCF file begins with"):
        VariantFile(tmp_path / "b.vcf")
    with pytest.raises(DataError, match="no such file"):
        VariantFile(tmp_path / "c.vcf")


def test_only_the_end_of_info_changes():
    row = "chr1\t5\trs1\tT\tG\t3.50\tPASS\tDP=3;X\tGT:AD\t0/1:1,2\t./.:."
    record = Record(9, row, "chr1", 5, "rs1", "T", ("G",))
    new = annotated(record, {"A": "1,2", "B": "", "C": "x"})
    assert new == row.replace("DP=3;X", "DP=3;X;A=1,2;C=x")
    assert annotated(record, {"B": ""}) == row
    bare = record._replace(text="1\t5\t.\tT\tG\t.\t.\t.")
    assert annotated(bare, {"A": "1"}) == "1\t5\t.\tT\tG\t.\t.\tA=1"


def test_lines_of_the_header_escape_what_has_to_be():
    field = InfoField("A", "Float", 'the "x" of a\\b')
    assert field.line == (
        '##INFO=<ID=A,Number=A,Type=Float,Description="the \\"x\\" of a\\\\b">'
    )


def header_and_lines(path):
    file = VariantFile(path)
    return file.header, [record.text for record in file.records()]


def test_files_are_written_as_their_names_say(tmp_path, pysam):
    header = HEADER + '##INFO=<ID=DP,Number=1,Type=Integer,Description="x">\n'
    source = vcf_of(tmp_path / "a.vcf", *ROWS, header=header)
    given = header_and_lines(source)
    for name, index in (("b.vcf", None), ("b.vcf.gz", ".tbi"), ("b.bcf", ".csi")):
        path = tmp_path / name
        found = write_records(path, *given, longest=40)
        assert found == (None if index is None else f"{path}{index}")
        with pysam.VariantFile(str(path)) as handle:
            assert [(x.pos, x.ref, x.alts) for x in handle] == [
                (5, "T", ("G", "*")), (9, "A", None)
            ]  # fmt: skip
            if index:
                assert [x.pos for x in handle.fetch("chr1", 7, 20)] == [9]
    assert header_and_lines(tmp_path / "b.vcf.gz") == given
    large = write_records(tmp_path / "c.vcf.gz", *given, longest=1 << 30)
    assert large == f"{tmp_path / 'c.vcf.gz'}.csi"
    assert write_records(tmp_path / "b.vcf.gz", *given, indexed=False) is None
    assert not (tmp_path / "b.vcf.gz.tbi").exists()  # it would be of another file
    assert {x.name for x in tmp_path.iterdir()} == {
        "a.vcf", "b.vcf", "b.vcf.gz", "b.bcf", "b.bcf.csi", "c.vcf.gz", "c.vcf.gz.csi"
    }  # fmt: skip


def test_nothing_half_written_stays(tmp_path, pysam):
    def broken():
        yield "chr1\t5\t.\tT\tG\t.\t.\t."
        raise DataError("the middle")

    for name in ("b.vcf", "b.vcf.gz", "b.bcf"):
        with pytest.raises(DataError, match="the middle"):
            write_records(tmp_path / name, (HEADER + "#CHROM").split("\n"), broken())
    assert list(tmp_path.iterdir()) == []


def test_without_pysam_plain_text_is_left(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pysam", None)
    assert check_out("x.vcf") == ".vcf"
    with pytest.raises(JaxbioError, match=r"pip install 'jaxbio\[genomics\]'"):
        check_out("x.vcf.gz")
    with pytest.raises(JaxbioError, match=r"x\.bcf: BCF files needs? pysam"):
        VariantFile("x.bcf")
    with pytest.raises(JaxbioError, match=r"written to \.vcf, \.vcf\.gz, \.bcf"):
        check_out("x.maf")
