import io

import pytest

from jaxbio.errors import DataError
from jaxbio.genome.vcf import (
    FIXED,
    Region,
    alleles_of,
    lines_of,
    parse_region,
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
    assert row.own_name("C") == "1:10:A:C"
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
