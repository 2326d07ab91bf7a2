"""Where rows come from, part by part."""

import io
import sys

import pandas as pd
import pytest

from jaxbio.data.io.frames import Frame
from jaxbio.data.joined import join
from jaxbio.data.sources import frames_of, held
from jaxbio.errors import DataError


def test_frames_that_are_made_as_they_are_asked_for_are_not_made_before():
    table = pd.DataFrame({"x": range(3)})
    frames = [Frame.from_table(table)] * 2
    assert [len(frame) for frame in frames_of(frames)] == [3, 3]


def test_a_file_for_each_class_has_the_column_label(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.fa").write_text(f">{name}1\nACGT\n")
    files = {name: tmp_path / f"{name}.fa" for name in ("a", "b")}
    labels = [frame.columns["label"].tolist() for frame in frames_of(files)]
    assert labels == [["a"], ["b"]]


def test_standard_input_is_held_also_where_files_are_joined(monkeypatch):
    class Standard:
        buffer = io.BytesIO(b"id\ty\na\t1\n")

    monkeypatch.setattr(sys, "stdin", Standard)
    other = pd.DataFrame({"id": ["a"], "x": [2]})
    source = held(join("-", other))
    for _ in range(2):
        (frame,) = frames_of(source)
        assert frame.columns["x"].tolist() == [2]


def test_what_is_no_source_is_refused():
    for data in (3, {}, [3]):
        with pytest.raises(DataError, match="cannot be read: give a file"):
            next(frames_of(data))
