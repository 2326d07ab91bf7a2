import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.plot import attention_page


def test_what_is_drawn():
    rng = np.random.default_rng(0)
    page = attention_page(
        {"pooling of seq": rng.random(5)},
        {f"layer {at}": rng.random((5, 5)) for at in range(1, 5)},
        {"gate": {"drug": 0.25, "protein": 0.75}},
        symbols={"pooling of seq": "ACGTA"},
        title="a row",
    )
    titles = [axes.get_title(loc="left") for axes in page.axes]
    assert [name for name in titles if name] == [
        "pooling of seq", "gate", "layer 1", "layer 2", "layer 3", "layer 4",
    ]  # fmt: skip
    bars = page.axes[1].patches
    assert [bar.get_width() for bar in bars] == [0.25, 0.75]


def test_of_many_positions_the_greatest_stay():
    weights = np.zeros(2001)
    weights[[1200, 2000]] = 0.5, 0.25
    pairs = np.zeros((1001, 1001))
    pairs[600, 1000] = 0.75
    page = attention_page({"long": weights}, {"layer": pairs})
    track, layer = page.axes[:2]
    heights = [bar.get_height() for bar in track.patches]
    assert len(heights) == 667 and sorted(heights)[-2:] == [0.25, 0.5]
    assert "greatest of 3" in track.get_title(loc="left")
    cells = layer.images[0].get_array()
    assert cells.shape == (334, 334) and cells[200, 333] == 0.75


def test_nothing_to_draw():
    with pytest.raises(DataError, match="no weights"):
        attention_page({})
