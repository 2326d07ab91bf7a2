import numpy as np

from jaxbio.data.columns.images import Images, ImageSpec


def test_taken_images_keep_what_is_known_of_their_size():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 2, 2, 1)
    column = Images(pixels, resized=True)
    taken = column.take(np.array([2, 0, 2]))
    assert (len(column), len(taken), taken.kind, taken.resized) == (3, 3, "image", True)
    np.testing.assert_array_equal(taken.values, pixels[[2, 0, 2]])


def test_a_linear_baseline_sees_squares_of_large_pictures():
    spec = ImageSpec("scan", "image", (64, 2, 1))
    pixels = np.zeros((1, 64, 2, 1), np.uint8)
    pixels[0, :2] = 255
    features = spec.linear_features(pixels)
    assert features.shape == (1, 32) and features[0, :2].tolist() == [1, -1]


def test_further_images_are_brought_to_the_size():
    assert ImageSpec("scan", "image", (8, 9, 1), True).reading_kind == "image=8x9x1"
    assert ImageSpec("scan", "image", (8, 9, 1)).reading_kind == "image"
