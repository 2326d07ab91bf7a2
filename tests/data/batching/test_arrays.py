import numpy as np

from jaxbio.alphabet import DNA
from jaxbio.data.batching.arrays import Arrays, Repeated
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track

PAD = DNA.pad


def some_rows():
    """Three rows; the second refers to the item of the first, the third to none."""
    items = Sequences.from_strings(["ACG", "TT"], DNA)
    return Arrays(
        {
            "gene": Repeated(items, np.array([1, 1, -1], np.int32)),
            "x": np.array([[1.0], [2.0], [3.0]], np.float32),
        },
        {"track": Track(np.array([5, 6, 7], np.float32), np.array([0, 2, 2, 3]))},
        np.array([1, 2, 3], np.float32),
        np.array([2, 2, 0]),
    )


def test_a_batch_by_hand():
    batch = some_rows().batch(np.array([2, 0]), 3, counted=1)
    assert batch["inputs"]["x"].tolist() == [[3], [1]]
    assert batch["inputs"]["gene"]["items"].tolist() == [[3, 3, PAD], [PAD] * 3]
    assert batch["inputs"]["gene"]["rows"].tolist() == [-1, 0]
    nan = np.nan
    track = batch["targets"]["track"]
    np.testing.assert_array_equal(track, [[7, nan, nan], [5, 6, nan]])
    assert batch["weights"].tolist() == [3, 0] and batch["index"].tolist() == [2, 0]


def test_taken_rows_are_rows_of_the_same_items():
    rows = some_rows()
    taken = rows.take(np.array([2, 1]))
    assert len(taken) == 2 and taken.weights.tolist() == [3, 2]
    assert taken.inputs["gene"].items is rows.inputs["gene"].items
    assert taken.inputs["gene"].rows.tolist() == [-1, 1]
    assert taken.targets["track"].lengths.tolist() == [1, 0]
    assert rows.weights.tolist() == [1, 2, 3]


def test_different_items_of_some_rows_and_their_places():
    rows = np.array([4, 2, 4, -1, 7], np.int32)
    column = Repeated(np.zeros((8, 1), np.float32), rows, {10: 3})
    items, place = column.among(np.array([0, 1, 2, 3]))
    assert items.tolist() == [2, 4] and place.tolist() == [1, 0, 1, -1]
    # At most as many as rows, as the length allows, as there are items; at least one.
    assert [column.most(10, n) for n in (2, 64)] == [2, 3]
    assert [column.most(20, n) for n in (0, 64)] == [1, 8]


def test_missing_items_expand_to_nothing():
    rows = np.array([1, -1], np.int32)
    for items, nothing in (
        (np.array([[1], [2]], np.float32), [[2], [np.nan]]),
        (np.array([3, 4], np.int32), [4, -1]),
        (np.array([[5], [6]], np.uint8), [[6], [0]]),
    ):
        np.testing.assert_array_equal(Repeated(items, rows).expanded(), nothing)
    texts = some_rows().inputs["gene"].expanded()
    assert texts.strings() == ["TT", "TT", ""]
