"""Tables of intervals, and the rules that all files obey."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.intervals import read_intervals


def test_a_table_by_any_usual_names(tmp_path):
    table = pd.DataFrame(
        {"chr": ["a", "b"], "chromStart": [0, 5], "stop": [3, 5], "signal": [1.5, 2.0]}
    )
    for given in (table, tmp_path / "x.csv", tmp_path / "x.tsv.gz"):
        if given is not table:
            separator = "," if given.suffix == ".csv" else "\t"
            table.to_csv(given, index=False, sep=separator)
        found = read_intervals(given)
        assert found.contigs.tolist() == ["a", "b"]
        assert found.starts.tolist() == [0, 5] and found.ends.tolist() == [3, 5]
        assert found.strands.tolist() == [".", "."]
        assert found.columns["signal"].tolist() == [1.5, 2.0]


def test_places_as_people_write_them():
    table = {"chrom": ["a"], "start": [4], "end": [9], "strand": ["-"], "k": ["z"]}
    found = read_intervals(pd.DataFrame(table))
    assert found.place(0) == "a:5-9(-)"
    assert found.take(np.array([0])).columns["k"].tolist() == ["z"]
    assert read_intervals(found) is found


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("start", "x", "row 0: start 'x' is no whole number"),
        ("start", "9", "start 9 and end 5: places count from 0"),
        ("start", "-1", "start -1 and end 5"),
        ("strand", "forward", "strand 'forward' is none of"),
    ],
)
def test_rows_that_are_no_intervals(column, value, message):
    row = {"chrom": "a", "start": "1", "end": "5", "strand": "+", column: value}
    with pytest.raises(DataError, match=message):
        read_intervals(pd.DataFrame([row]))


def test_columns_that_are_missing():
    with pytest.raises(DataError, match="it has no end: did you mean 'ending'"):
        read_intervals(pd.DataFrame({"chrom": ["a"], "start": [1], "ending": [2]}))
    with pytest.raises(DataError, match="has no intervals"):
        read_intervals(pd.DataFrame({"chrom": [], "start": [], "end": []}))
