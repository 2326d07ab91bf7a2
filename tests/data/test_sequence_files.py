"""Sequences of files by name, and the only one of a file."""

import pytest

from jaxbio.data.sequence_files import read_sequence, read_sequences
from jaxbio.errors import DataError, remedies_as_flags


def test_names_and_letters_of_records_and_tables(tmp_path):
    (tmp_path / "a.fa").write_text(">x one\nAC\nGT\n>y\nGG\n")
    assert dict(read_sequences(tmp_path / "a.fa")) == {"x": "ACGT", "y": "GG"}
    (tmp_path / "a.csv").write_text("seq,y\nAC GT,1\nGGCA,2\n")
    assert list(read_sequences(tmp_path / "a.csv")) == [("2", "ACGT"), ("3", "GGCA")]


def test_of_several_one_is_named(tmp_path):
    (tmp_path / "a.fa").write_text(">x\nAC\n>y\nGG\n")
    assert read_sequence(tmp_path / "a.fa", "y") == ("y", "GG")
    with remedies_as_flags(), pytest.raises(DataError, match="say which, as in --id x"):
        read_sequence(tmp_path / "a.fa")
    with pytest.raises(DataError, match="has no sequence 'z'"):
        read_sequence(tmp_path / "a.fa", "z")
    (tmp_path / "b.csv").write_text("name,y\na,1\n")
    with pytest.raises(DataError, match="no column 'sequence'"):
        read_sequence(tmp_path / "b.csv")
