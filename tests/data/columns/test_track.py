import numpy as np

from jaxbio.data.columns.track import Track


def test_track():
    column = Track(np.array([1, 2, 3], np.float32), np.array([0, 2, 2, 3]))
    assert column.lengths.tolist() == [2, 0, 1]
    taken = column.take(np.array([2, 0]))
    assert (taken.values.tolist(), taken.offsets.tolist()) == ([3, 1, 2], [0, 1, 3])
    padded = column.padded(np.array([0, 1]), 3)
    np.testing.assert_array_equal(padded, [[1, 2, np.nan], [np.nan] * 3])
