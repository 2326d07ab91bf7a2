import sys

import numpy as np
import pytest
from PIL import Image

from jaxbio.errors import DataError
from jaxbio.plot.heatmaps import blend, overlay, overlays
from jaxbio.plot.page import save


def pixels(*shape):
    values = np.random.default_rng(0).integers(0, 256, shape)
    return values.astype(np.uint8)


def test_where_it_is_cold_the_image_is_seen():
    image = pixels(4, 5, 3)
    cold = np.zeros((4, 5), np.float32)
    np.testing.assert_allclose(blend(image, cold), image / 255)
    grey = blend(image[..., :1], cold)
    assert grey.shape == (4, 5, 3)
    np.testing.assert_allclose(grey[..., 2], image[..., 0] / 255)


def test_heat_covers_by_its_strength():
    image = np.full((1, 2, 1), 255, np.uint8)
    heat = np.array([[0.0, 1.0]], np.float32)
    assert blend(image, heat, strength=0.0).min() == 1
    whole = blend(image, heat, strength=1.0)
    assert whole[0, 0].tolist() == [1, 1, 1]
    np.testing.assert_allclose(whole[0, 1], [0.988, 0.998, 0.645], atol=0.01)


@pytest.mark.parametrize("shapes", [((4, 5, 1), (5, 4)), ((4, 5, 2), (4, 5))])
def test_an_image_of_another_shape_is_refused(shapes):
    image, heat = pixels(*shapes[0]), np.zeros(shapes[1], np.float32)
    with pytest.raises(DataError, match="shape"):
        blend(image, heat)


def test_an_overlay_is_written(tmp_path):
    page = overlay(pixels(28, 28, 1), np.eye(28, dtype=np.float32), title="sick")
    save(page, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert min(image.size) > 200
    assert page.get_suptitle() == "sick"


def test_many_have_their_titles_and_no_empty_axes():
    images, heats = pixels(5, 8, 10, 3), np.zeros((5, 8, 10), np.float32)
    page = overlays(images, heats, titles=[f"row {i}" for i in range(5)])
    assert len(page.axes) == 10
    titles = [axes.get_title(loc="left") for axes in page.axes[::2]]
    assert titles == [f"row {i}" for i in range(5)]


def test_no_images_or_too_few_heats_and_titles_are_refused():
    images, heats = pixels(2, 4, 4, 1), np.zeros((2, 4, 4), np.float32)
    for arguments in ((images[:0], heats[:0], ""), (images, heats[:1], "")):
        with pytest.raises(DataError, match="give at least one image"):
            overlays(*arguments[:2])
    with pytest.raises(DataError, match="1 titles"):
        overlays(images, heats, titles="a")


def test_no_window_and_no_global_figure():
    before = "matplotlib.pyplot" in sys.modules
    overlay(pixels(4, 4, 1), np.zeros((4, 4), np.float32))
    assert ("matplotlib.pyplot" in sys.modules) == before
