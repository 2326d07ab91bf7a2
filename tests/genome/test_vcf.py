import io

import pytest

from jaxbio.errors import DataError
from jaxbio.genome.vcf import (
    FIXED,
    Region,
    alleles_of,
    lines_of,
    parse_region,
    readings,
    row_of,
    samples_of,
)

HEADER = "##fileformat=VCFv4.2\n##source=x\n"
NAMES = "\t".join(FIXED)


def line(**changes):
    cells = dict(zip(FIXED, ("1", "10", *".AC...", "GT"), strict=True))
    return "\t".join([*{**cells, **changes}.values(), "0/1", "1|1"])


def samples(text):
    return samples_of(lines_of(io.BytesIO(text.encode()), "x.vcf"), "x.vcf")


def test_regions_hold_both_of_their_ends():
    row = row_of(line(), "x.vcf, row 3", 2)
    for text, inside in (
        ("1", True), ("1:10", True), ("1:5-10", True), ("1:10-", True),
        ("1:11-", False), ("1:1-9", False), ("2:10", False),
    ):  # fmt: skip
        assert parse_region(text).has(row) is inside
    assert parse_region("HLA:A:1,000-2,000") == Region("HLA:A", 1000, 2000)


@pytest.mark.parametrize("text", ["", "1:x", "1:0", "1:9-8", "1:9 8", ":5"])
def test_what_is_no_region(text):
    with pytest.raises(DataError, match="region "):
        parse_region(text)


def test_the_header_ends_with_the_names_of_the_samples():
    assert samples(f"{HEADER}{NAMES}\tann\tbob\n") == ["ann", "bob"]
    for text, message in (
        ("#CHROM\n", r"x\.vcf, row 1: a VCF file begins"),
        (HEADER + "1\t2\n", "row 3: the line that names the columns"),
        (HEADER, "row 3: the line that names the columns"),
        (f"{HEADER}{NAMES}\n", "the file has no samples"),
        (f"{HEADER}{NAMES}\tann\tann\n", "the sample 'ann' stands there twice"),
    ):
        with pytest.raises(DataError, match=message):
            samples(text)


def test_the_parts_of_a_row():
    row = row_of(line(ALT="C,<DEL>", FORMAT="DP:GT").replace("0/1", "8:0/1"), "x", 2)
    assert (row.position, row.alternatives) == (10, ["C", "<DEL>"])
    assert row.calls == ["0/1", "."]  # the second has fewer fields than FORMAT names
    assert row.own_name(1) == "1:10:A:C"
    assert row_of(line(ALT="."), "x", 2).alternatives == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (line() + "\t0/0", "x: 12 columns, the header has 11"),
        (line(POS="ten"), "column POS: 'ten' is no number"),
        (line(REF=""), "CHROM, REF or ALT is empty"),
        (line(FORMAT="DP"), "no GT in 'DP'"),
    ],
)
def test_rows_that_are_damaged(text, message):
    with pytest.raises(DataError, match=message):
        row_of(text, "x", 2)


def test_alleles_of_calls():
    row = row_of(line(), "x", 2)
    calls = ["0/1", "1|0", "./.", "2", "0/1/1", "|0|1"]
    assert [alleles_of(call, row, ["ann", "bob"]) for call in calls] == [
        (0, 1), (1, 0), (None, None), (2,), (0, 1, 1), (0, 1),
    ]  # fmt: skip
    bad = row._replace(calls=["0/1", "0/x"])
    with pytest.raises(DataError, match="x, column bob: '0/x' is no genotype"):
        alleles_of("0/x", bad, ["ann", "bob"])


def test_contigs_may_have_colons_in_their_names():
    whole = row_of(line(**{"#CHROM": "HLA-A*01:01"}), "x", 2)
    part = row_of(line(**{"#CHROM": "HLA-A*01", "POS": "1"}), "x", 2)
    name, range_of = readings("HLA-A*01:01")
    assert name.has(whole) and not name.has(part)
    assert range_of.has(part) and not range_of.has(whole)
    assert readings("HLA-DRB1*15:01N") == (Region("HLA-DRB1*15:01N", 1, None),)
    assert readings("{HLA-A*01:01}") == (Region("HLA-A*01:01", 1, None),)
    assert readings("{HLA-A*01:01}:5") == (Region("HLA-A*01:01", 5, 5),)
    with pytest.raises(DataError, match="region "):
        readings("chr1:9-8")


def test_symbolic_alleles_are_told_by_where_they_end():
    names = [
        row_of(line(ALT="<DEL>", INFO=info), "x", 2).own_name(1)
        for info in ("SVTYPE=DEL;END=200", "END=900", "SVLEN=-50", "IMPRECISE", ".")
    ]
    assert names == [
        "1:10:A:<DEL>:END=200",
        "1:10:A:<DEL>:END=900",
        "1:10:A:<DEL>:SVLEN=-50",
        *["1:10:A:<DEL>"] * 2,
    ]
    row = row_of(line(ALT="<DEL>,<DUP>,T", INFO="SVLEN=5,7"), "x", 2)
    assert [row.own_name(at) for at in (1, 2, 3)] == [
        "1:10:A:<DEL>:SVLEN=5",
        "1:10:A:<DUP>:SVLEN=7",
        "1:10:A:T",
    ]


def test_numbers_of_thousands_of_digits():
    with pytest.raises(DataError, match=r"column POS: '9{40}…' is no number"):
        row_of(line(POS="9" * 5000), "x.vcf, row 3", 2)
    row = row_of(line(), "x.vcf, row 3", 2)
    long = "0/" + "1" * 5000
    with pytest.raises(DataError, match="is no genotype") as caught:
        alleles_of(long, row._replace(calls=[long, "0/1"]), ["ann", "bob"])
    assert len(str(caught.value)) < 300
