import numpy as np
import pytest

from jaxbio.data import read
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.images import Images, ImageSpec
from jaxbio.errors import DataError


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


ORIGIN = Origin("x.csv", np.array(["a", "b"]))


def _deep(*values):
    return Images(np.array(values, np.uint16).reshape(-1, 1, 1, 1))


def test_sixteen_bits_reach_the_network_by_the_range_of_training_rows():
    spec = _deep(100, 4195, 101).learn("scan", ORIGIN)
    assert spec.range == (100, 4195)
    seen = _deep(100, 101, 4195).encode(spec, ORIGIN)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen.ravel() * 4095, [0, 1, 4095])
    assert spec.example(2, 0).dtype == np.float32
    assert spec.linear_features(seen[2:])[0, 0] == pytest.approx(1)


def test_eight_bits_stay_as_they_are():
    pixels = np.arange(4, dtype=np.uint8).reshape(2, 1, 2, 1)
    column = Images(pixels)
    spec = column.learn("scan", ORIGIN)
    assert spec.range == () and column.encode(spec, ORIGIN) is pixels
    assert column.check(spec, ORIGIN, "error") == ()


def test_values_outside_the_range_of_training_are_said():
    spec = _deep(100, 4195).learn("scan", ORIGIN)
    assert _deep(100, 2000).check(spec, ORIGIN, "error") == ()
    (note,) = _deep(99, 5000).check(spec, ORIGIN, "error")
    assert "2 of 2 images have values outside those of training (100 to 4195)" in note
    shallow = Images(np.zeros((2, 1, 1, 1), np.uint8))
    with pytest.raises(DataError, match=r"8 bits .* learned from 16 bits"):
        shallow.encode(spec, ORIGIN)
    (note,) = _deep(0, 65535).check(shallow.learn("scan", ORIGIN), ORIGIN, "error")
    assert "scaled to the 8 bits" in note
    with pytest.raises(DataError, match="8 and 16 bits"):
        Images.concatenate([shallow, _deep(1)])


def test_levels_are_not_equal_rows():
    column = _deep(256, 257, 256)
    first, second, third = column.hashes()
    assert first == third != second


def test_pictures_of_several_sizes_are_answered_with_the_option(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    for name, side in (("a", 3), ("b", 4)):
        pixels = np.zeros((side, 5), np.uint8)
        image.fromarray(pixels).save(tmp_path / f"{name}.png")
    table = tmp_path / "t.csv"
    table.write_text("scan,y\na.png,1.5\nb.png,2.5\n")
    with pytest.raises(DataError, match=r"inputs=\{'scan': 'image=3x5'\}"):
        read(table, inputs={"scan": "image"}, targets={"y": "number"})
    sized = read(table, inputs={"scan": "image=3x5"}, targets=["y"])
    assert sized.inputs["scan"].values.shape == (2, 3, 5, 1)
