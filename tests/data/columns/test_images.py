import numpy as np

from jaxbio.data.columns.images import Images


def test_taken_images_keep_what_is_known_of_their_size():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 2, 2, 1)
    column = Images(pixels, resized=True)
    taken = column.take(np.array([2, 0, 2]))
    assert (len(column), len(taken), taken.kind, taken.resized) == (3, 3, "image", True)
    np.testing.assert_array_equal(taken.values, pixels[[2, 0, 2]])
