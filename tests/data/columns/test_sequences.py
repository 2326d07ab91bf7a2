import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA, SMILES
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.sequences import Sequences
from jaxbio.errors import DataError

ORIGIN = Origin("x.fa", np.array(["a", "b"]))

quick = settings(max_examples=40, deadline=None)


texts = st.lists(st.text("ACGT", min_size=1, max_size=6), min_size=1, max_size=8)


@given(texts=texts, data=st.data())
@quick
def test_sequences_take_and_pad_as_lists_do(texts, data):
    column = Sequences.from_strings(texts, DNA)
    rows = data.draw(st.lists(st.integers(-len(texts), len(texts) - 1), max_size=6))
    chosen = [texts[row] for row in rows]
    indices = np.array(rows, np.int64)
    assert column.strings() == texts
    assert column.lengths.tolist() == [len(text) for text in texts]
    assert column.take(indices).strings() == chosen
    padded = column.padded(indices, 6)
    assert padded.shape == (len(rows), 6)
    assert [DNA.decode(row) for row in padded] == chosen
    assert [(row == DNA.pad).sum() for row in padded] == [6 - len(t) for t in chosen]


def test_sequences_by_hand():
    column = Sequences.from_strings(["ACG", "T"], DNA)
    assert column.codes.tolist() == [0, 1, 2, 3]
    assert column.offsets.tolist() == [0, 3, 4]
    assert column.padded(np.array([1, 0]), 4).tolist() == [
        [3, 16, 16, 16],
        [0, 1, 2, 16],
    ]
    assert (len(column), column.kind) == (2, "dna")


def test_sequence_errors_name_row_position_and_symbol():
    where = {"where": "x.csv, column seq"}
    with pytest.raises(
        DataError, match=r"x\.csv, column seq, row 2: symbol 'E' at pos"
    ):
        Sequences.from_strings(["AC", "GE", "EE"], DNA, **where)
    with pytest.raises(DataError, match="row 7: symbol 'E' at position 1 "):
        Sequences.from_strings(["AC", "E"], DNA, rows=np.array([3, 7]))
    with pytest.raises(
        DataError, match=r"row 3: the sequence is missing \(2 of 4 rows\)"
    ):
        Sequences.from_strings(["A", "C", "", ""], DNA)
    with pytest.raises(DataError, match=r"row 1: symbol '\?'"):
        Sequences.from_strings(["?"], SMILES, unknown="any")
    assert Sequences.from_strings(["AE"], DNA, unknown="any").strings() == ["AN"]


def test_sequences_far_beyond_those_of_training_are_refused():
    spec = Sequences.from_strings(["ACGT" * 25, "AC"], DNA).learn("seq", ORIGIN)
    some = Sequences.from_strings(["ACGT" * 25_000, "A" * 100_001], DNA)
    assert some.take(np.array([0])).check(spec, ORIGIN, "error") == ()
    with pytest.raises(DataError, match=r"row b: seq has 100,001 .* at most 100"):
        some.check(spec, ORIGIN, "error")
