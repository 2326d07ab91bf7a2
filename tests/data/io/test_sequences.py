"""Sequence records, with Biopython as the oracle."""

import io
import sys

import pytest
from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from hypothesis import given, settings, strategies as st

from jaxbio.data.formats import read_frames
from jaxbio.data.io.files import text_blocks
from jaxbio.data.io.sequences import (
    _fasta_records,
    read_fasta,
    read_fastq,
    read_genbank,
)
from jaxbio.errors import DataError


def rows(reader, raw: bytes, **options) -> list[list[str]]:
    frames = reader(io.BytesIO(raw), "x", **options)
    return [row for frame in frames for row in frame.table.values.tolist()]


def test_fasta_by_hand():
    raw = b"\n>a first one\nAC\nGT\n\n>b\r\nAC GT\r\n>>c > d\nNA\n>\nT*"
    assert rows(read_fasta, raw) == [
        ["a", "a first one", "ACGT"],
        ["b", "b", "ACGT"],
        [">c", ">c > d", "NA"],
        ["4", "", "T*"],
    ]


records = st.lists(
    st.tuples(
        st.text("ab |=1", min_size=1, max_size=9).map(str.strip).filter(bool),
        st.text("ACGTN", min_size=1, max_size=30),
        st.integers(1, 12),
    ),
    min_size=1,
    max_size=6,
)


@given(records=records, size=st.integers(1, 50))
@settings(max_examples=80, deadline=None)
def test_fasta_as_biopython_reads_it(records, size):
    text = ""
    for header, sequence, width in records:
        lines = [sequence[at : at + width] for at in range(0, len(sequence), width)]
        text += f">{header}\n" + "\n".join(lines) + "\n"
    blocks = text_blocks(io.BytesIO(text.encode()), "x", size=size)
    parts = _fasta_records(blocks, "x")
    found = [record for part in parts for record in zip(*part, strict=True)]
    expected = [
        (record.id, record.description, str(record.seq))
        for record in SeqIO.parse(io.StringIO(text), "fasta")
    ]
    assert found == expected


def test_frames_have_a_number_of_rows_and_of_symbols(monkeypatch):
    raw = b"".join(b">r%d\nACGT\n" % at for at in range(5))
    parts = list(read_fasta(io.BytesIO(raw), "x", rows=2))
    assert [part.rows.tolist() for part in parts] == [[1, 2], [3, 4], [5]]
    assert all(part.records for part in parts)
    monkeypatch.setattr("jaxbio.data.io.sequences._MOST_SYMBOLS", 9)
    assert [len(part) for part in read_fasta(io.BytesIO(raw), "x")] == [3, 2]


def test_fastq_as_biopython_reads_it():
    raw = b"@r1 x\nACGT\n+\nIII@\n@r2\nAC\nGT\n+r2\n@@\n@@\n"
    assert rows(read_fastq, raw) == [
        ["r1", "r1 x", "ACGT", "III@"],
        ["r2", "r2", "ACGT", "@@@@"],
    ]


def genbank(name: str, sequence: str | None = "ACGTACGTACGT") -> bytes:
    organism = {"organism": "Escherichia coli", "molecule_type": "DNA"}
    record = SeqRecord(
        Seq(sequence, 12), f"{name}.1", name, "A test", annotations=organism
    )
    return record.format("genbank").encode()


def test_genbank():
    found = rows(read_genbank, genbank("TEST1") + genbank("TEST2"))
    organism = "Escherichia coli"
    assert found == [
        ["TEST1.1", "A test", "ACGTACGTACGT", organism],
        ["TEST2.1", "A test", "ACGTACGTACGT", organism],
    ]


@pytest.mark.parametrize(
    ("reader", "raw", "message"),
    [
        (read_fasta, b"seq,label\nACGT,1\n", "begins with 'seq,label"),
        (read_fasta, b">a\nAC\n>b x\n>c\nGT\n", r"row 2 \(b\): the record has no seq"),
        (read_fasta, b">\n", r"row 1 \(without a name\)"),
        (read_fasta, b"", "the file is empty"),
        (read_fasta, b"\x7fELF\x00\x00", "binary, not text"),
        (read_fastq, b"@a\nAC\n+\nI\n", "row 1: not a FASTQ record .*Lengths"),
        (read_fastq, b"@a\nAC\n+\nII\n@b\nAC\n", "row 2: not a FASTQ record"),
        (read_fastq, b">a\nAC\n", "row 1: not a FASTQ record"),
        (read_fastq, b"", "the file is empty"),
        (read_genbank, genbank("A") + genbank("B")[:40], "row 2: not a GenBank"),
        (
            read_genbank,
            genbank("A") + genbank("B")[:-5],
            "row 2: .*Premature end of file",
        ),
        (read_genbank, b">a\nACGT\n", "holds no records"),
        (
            read_genbank,
            genbank("A", None),
            r"row 1 \(A.1\): the record has no sequence",
        ),
    ],
)
def test_bad_records(reader, raw, message):
    with pytest.raises(DataError, match=f"^x.*{message}"):
        rows(reader, raw)


@pytest.mark.parametrize(
    ("raw", "columns"),
    [
        (b">a\nAC\n", ["id", "description", "sequence"]),
        (b"\xef\xbb\xbf\n>a\nAC\n", ["id", "description", "sequence"]),
        (b"@a\nAC\n+\nII\n", ["id", "description", "sequence", "quality"]),
        (b"seq,label\nAC,1\n", ["seq", "label"]),
        (b"seq\tlabel\nAC\t1\n", ["seq", "label"]),
    ],
)
def test_standard_input(monkeypatch, raw, columns):
    for buffer in (io.BytesIO(raw), io.BufferedReader(io.BytesIO(raw))):
        stream = io.TextIOWrapper(buffer)
        monkeypatch.setattr(sys, "stdin", stream)
        (frame,) = read_frames("-")
        assert list(frame.table.columns) == columns
        assert frame.source == "standard input"


def test_reading_leaves_standard_input_open(monkeypatch):
    buffer = io.BufferedReader(io.BytesIO(b"@a\nAC\n+\nII\n"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
    list(read_frames("-"))
    assert not buffer.closed
