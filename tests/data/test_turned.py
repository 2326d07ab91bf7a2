import numpy as np
import pytest

from jaxbio.data.io.frames import Frame
from jaxbio.data.turned import named_by, turned
from jaxbio.errors import DataError

GENES = {
    "symbol": ["TP53", "TP53", ""],
    "entrez": [7157, 9999, 4609],
    "s1": [1.5, 2.5, 3.5],
    "s2": [4.5, 5.5, 6.5],
}


def _frame(**columns):
    arrays = {name: np.array(values) for name, values in columns.items()}
    return Frame(arrays, "genes.tsv", np.arange(2, 5))


def test_rows_are_named_by_what_tells_them_apart():
    frame = turned(_frame(**GENES), ["s1", "s2"], "who")
    assert frame.columns["who"].tolist() == ["s1", "s2"]
    assert frame.columns["9999"].tolist() == [2.5, 5.5]
    (note,) = frame.notes
    assert note.endswith(
        "(7157, 9999, 4609); columns that name no who are not used (symbol)"
    )


def test_samples_that_come_later_are_kept():
    columns = {"gene": ["A", "B", "C"], "note": ["x", "y", "z"], "s1": ["1", "2", "3"]}
    frame = turned(_frame(**columns, s2=["4", "5", "6"]), ["s1"], "who")
    assert frame.columns["who"].tolist() == ["note", "s1", "s2"]
    assert frame.columns["B"].tolist() == ["y", "2", "5"]


def test_a_gene_that_occurs_twice_is_told():
    columns = {name: GENES[name] for name in ("symbol", "s1", "s2")}
    with pytest.raises(DataError, match=r"rows 2 and 3: symbol 'TP53' occurs twice"):
        turned(_frame(**columns), ["s1", "s2"], "who")


def test_a_gene_without_a_name_is_left_out():
    columns = {**GENES, "symbol": ["TP53", "MYC", ""]}
    del columns["entrez"]
    frame = turned(_frame(**columns), ["s1", "s2"], "who")
    assert list(frame.columns) == ["who", "TP53", "MYC"]


def test_one_name_in_common_is_chance():
    other = Frame({"gene": np.array(["s1", "x"])}, "x.csv", np.arange(2))
    assert named_by(_frame(**GENES), other) == ""
