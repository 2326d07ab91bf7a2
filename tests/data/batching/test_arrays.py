import numpy as np

from jaxbio.alphabet import DNA
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import Dictionary, DictionaryArray, Ragged

PAD = DNA.pad


def some_rows():
    """Three rows; the second refers to the item of the first, the third to none."""
    items = Ragged(DNA.encode("ACGTT"), np.array([0, 3, 5]), PAD)
    return Arrays(
        {
            "gene": DictionaryArray(items, np.array([1, 1, -1], np.int32)),
            "x": np.array([[1.0], [2.0], [3.0]], np.float32),
        },
        {"track": Ragged(np.array([5, 6, 7], "f4"), np.array([0, 2, 2, 3]), np.nan)},
        np.array([1, 2, 3], np.float32),
        np.array([2, 2, 0]),
    )


def test_a_batch_by_hand():
    batch = some_rows().batch(np.array([2, 0]), 3, counted=1)
    assert batch["inputs"]["x"].tolist() == [[3], [1]]
    gene = batch["inputs"]["gene"]
    assert isinstance(gene, Dictionary)
    assert gene.values.tolist() == [[3, 3, PAD], [PAD] * 3]
    assert gene.indices.tolist() == [-1, 0]
    nan = np.nan
    track = batch["targets"]["track"]
    np.testing.assert_array_equal(track, [[7, nan, nan], [5, 6, nan]])
    assert batch["weights"].tolist() == [3, 0] and batch["index"].tolist() == [2, 0]


def test_taken_rows_are_rows_of_the_same_values():
    rows = some_rows()
    taken = rows.take(np.array([2, 1]))
    assert len(taken) == 2 and taken.weights.tolist() == [3, 2]
    assert taken.inputs["gene"].values is rows.inputs["gene"].values
    assert taken.inputs["gene"].indices.tolist() == [-1, 1]
    assert taken.targets["track"].lengths.tolist() == [1, 0]
    assert rows.weights.tolist() == [1, 2, 3]


def test_expanded_rows_have_copies_of_what_they_share():
    items = np.array([[1.0], [2.0]], np.float32)
    column = DictionaryArray(items, np.array([1, 0, 1], np.int32))
    rows = Arrays({"x": column}, {}, np.ones(3, "f"), np.zeros(3, np.int64)).expanded()
    assert rows.inputs["x"].tolist() == [[2.0], [1.0], [2.0]]
    assert rows.expanded().inputs["x"] is rows.inputs["x"]
