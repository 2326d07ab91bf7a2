import numpy as np

from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.track import Track
from jaxbio.data.specs import TargetSpec


def test_track():
    column = Track(np.array([1, 2, 3], np.float32), np.array([0, 2, 2, 3]))
    assert column.lengths.tolist() == [2, 0, 1]
    taken = column.take(np.array([2, 0]))
    assert (taken.values.tolist(), taken.offsets.tolist()) == ([3, 1, 2], [0, 1, 3])
    spec = TargetSpec("y", "number", per_position=True)
    encoded = column.encode_target(spec, Origin("x.csv", np.arange(3)), [])
    padded = encoded.padded(np.array([0, 1]), 3)
    np.testing.assert_array_equal(padded, [[1, 2, np.nan], [np.nan] * 3])


def test_hashes_are_equal_where_tracks_are():
    values = np.array([1, 2, 1, 2, 2, 1], np.float32)
    hashes = Track(values, np.array([0, 2, 4, 6])).hashes()
    assert hashes[0] == hashes[1] != hashes[2]
    points = np.array([[[0, 0, 1], [0, 1, 0]], [[0, 0, 1], [0, 1, 0]]], np.float32)
    hashes = Track(points.reshape(4, 3), np.array([0, 2, 4])).hashes()
    assert hashes[0] == hashes[1] != 0
