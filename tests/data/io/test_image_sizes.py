import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data.io.image_sizes import Size, fitting_size, sizes_of

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


@pytest.mark.parametrize(
    ("sizes", "count", "expected"),
    [
        ([Size(28, 28, True)], 10_000, ""),  # as it is
        ([Size(1024, 768, False)], 3, ""),  # few
        ([Size(1024, 1024, False)], 500, "64x64"),  # would take long
        ([Size(200, 300, True), Size(300, 200, True)], 10, "64x64"),
        ([Size(200, 300, True), Size(300, 200, False)], 4000, "32x32x3"),
        ([Size(28, 28, True), Size(28, 28, False)], 9, "28x28x3"),
        ([Size(20, 21, True), Size(21, 20, True)], 9, "16x16"),
        ([Size(5, 4, True), Size(4, 5, True)], 9, "5x5"),
        ([], 9, ""),
    ],
)
def test_a_size_fits_the_images_and_their_number(sizes, count, expected):
    assert fitting_size(sizes, count) == expected


def test_sizes_are_read_of_files_that_can_be_read(tmp_path):
    Image.new("RGB", (3, 2)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"none")
    assert sizes_of([tmp_path / "a.png", tmp_path / "b.png"]) == [Size(2, 3, False)]


def test_images_of_several_sizes_are_brought_to_one_with_a_note(tmp_path):
    for at, (name, size) in enumerate((("a", (90, 70)), ("b", (70, 80)))):
        (tmp_path / name).mkdir()
        for copy in range(3):
            pixels = np.full((*size, 3), 50 * at + copy, np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{copy}.jpg")
    data = jb.read(tmp_path)
    assert data.inputs["image"].values.shape == (6, 64, 64, 3)
    assert any("images are brought to 64 x 64 pixels;" in note for note in data.notes)
