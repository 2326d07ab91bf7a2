"""Which reader reads what: the same two rows in each format."""

import gzip
import io
import sys

import numpy as np
import pandas as pd
import pytest

from jaxbio.data.formats import read_frames
from jaxbio.errors import DataError

TABLE = "name\tseq\na\tACGT\nb\tGG\n"
FASTA = ">a\nACGT\n>b\nGG\n"
FASTQ = "@a\nACGT\n+\nIIII\n@b\nGG\n+\nII\n"
TEXTS = {
    "x.tsv": TABLE,
    "x.csv": TABLE.replace("\t", ","),
    "x.csv.gz": TABLE.replace("\t", ","),
    "x.fasta": FASTA,
    "x.fq": FASTQ,
}


def sequences(path, **options):
    frames = list(read_frames(path, **options))
    columns = [frame.table for frame in frames]
    name = "seq" if "seq" in columns[0] else "sequence"
    return [text for table in columns for text in list(table[name])], frames


@pytest.mark.parametrize("name", TEXTS)
def test_the_ending_says_how_a_file_is_read(tmp_path, name):
    raw = TEXTS[name].encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name[-2:] == "gz" else raw)
    found, frames = sequences(tmp_path / name, rows=1)
    assert found == ["ACGT", "GG"] and len(frames) == 2
    assert {frame.source for frame in frames} == {str(tmp_path / name)}


def test_formats_that_are_not_read_in_order_may_be_compressed(tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = pd.DataFrame({"seq": ["ACGT", "GG"]})
    table.to_parquet(tmp_path / "x.parquet")
    packed = gzip.compress((tmp_path / "x.parquet").read_bytes())
    (tmp_path / "x.parquet.gz").write_bytes(packed)
    for name in ("x.parquet", "x.parquet.gz"):
        assert sequences(tmp_path / name)[0] == ["ACGT", "GG"]
    np.savez(tmp_path / "x.npz", x=np.eye(2, dtype=np.float32))
    (frame,) = read_frames(tmp_path / "x.npz")
    assert frame.vectors["x"] == ("x_0", "x_1")


@pytest.mark.parametrize("text", [TABLE, "\ufeff\n" + FASTA, FASTQ])
def test_standard_input_is_told_by_its_first_letter(monkeypatch, text):
    buffer = io.BufferedReader(io.BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
    found, (frame,) = sequences("-")
    assert found == ["ACGT", "GG"] and frame.source == "standard input"


def test_an_unknown_ending_is_named(tmp_path):
    with pytest.raises(DataError, match=r"\.doc' are not known"):
        list(read_frames(tmp_path / "x.doc"))
