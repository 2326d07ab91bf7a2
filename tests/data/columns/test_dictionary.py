import numpy as np
import pytest
from scipy import sparse

from jaxbio.alphabet import DNA
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track

NAN = np.nan
ROWS = np.array([1, -1, 0, 1], np.int32)
ITEMS = {
    "sequences": (Sequences.from_strings(["AC", "G"], DNA), ["G", "", "AC", "G"]),
    "numeric": (
        Numeric(np.array([[1], [2]], np.float32), ("x",)),
        [[2], [NAN], [1], [2]],
    ),
    "category": (Category.from_values("ab"), ["b", None, "a", "b"]),
    "images": (
        Images(np.array([[[[3]]], [[[4]]]], np.uint8)),
        [[[[4]]], [[[0]]], [[[3]]], [[[4]]]],
    ),
    "counts": (
        SparseCounts(sparse.csr_matrix(np.array([[5, 0], [0, 6]], "f4")), ("a", "b")),
        [[0, 6], [0, 0], [5, 0], [0, 6]],
    ),
}


def plain(column):
    if isinstance(column, Sequences):
        return column.strings()
    if isinstance(column, SparseCounts):
        return column.matrix.toarray().tolist()
    return column.values.tolist()


@pytest.mark.parametrize("kind", ITEMS)
def test_rows_expand_to_their_items_and_missing_ones_to_nothing(kind):
    items, expected = ITEMS[kind]
    column = DictionaryColumn(items, ROWS)
    assert (column.kind, len(column)) == (items.kind, 4)
    np.testing.assert_array_equal(plain(column.expanded()), expected)
    taken = column.take(np.array([3, 2]))
    assert taken.values is items
    np.testing.assert_array_equal(plain(taken.expanded()), [expected[3], expected[2]])


def test_rows_that_have_nothing():
    texts = Sequences.from_strings(["AC", "G"], DNA).take(np.array([0, 1]))
    assert DictionaryColumn(texts, ROWS).missing().tolist() == [0, 1, 0, 0]
    gone = Numeric(np.array([[1, NAN], [NAN, NAN]], np.float32), ("a", "b"))
    assert gone.missing().tolist() == [0, 1]
    # A row may refer to an item that has nothing itself.
    assert DictionaryColumn(gone, ROWS).missing().tolist() == [1, 1, 0, 1]
    assert Category.from_values(["a", None]).missing().tolist() == [0, 1]
    track = Track(np.zeros(1, np.float32), np.array([0, 0, 1]))
    assert track.missing().tolist() == [0, 0]
