import numpy as np

from jaxbio.plot import beeswarm, importance_bars, waterfall


def labels(axes):
    return [text.get_text() for text in axes.get_yticklabels()]


def test_bars_are_sorted_and_cut():
    values = np.array([0.1, -0.5, 0.3])
    page = importance_bars(
        ["a", "b", "c"], values, low=values - 1, high=values, limit=2
    )
    (axes,) = page.axes
    assert labels(axes) == ["b", "c"]
    assert [round(bar.get_width(), 3) for bar in axes.patches] == [-0.5, 0.3]


def test_a_waterfall_ends_at_the_prediction():
    parts = np.array([0.5, -2.0, 0.25, 0.125, 0.125])
    page = waterfall(list("abcde"), parts, 1.0, texts=list("12345"), limit=2, unit="m")
    (axes,) = page.axes
    assert labels(axes) == ["b = 2", "a = 1", "3 others"]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    starts = [bar.get_x() for bar in axes.patches]
    assert starts[0] == 1.0 and ends[-1] == parts.sum() + 1.0
    np.testing.assert_allclose(starts[1:], ends[:-1])
    assert axes.get_xlabel() == "m: 1 to 0"


def test_a_swarm_has_a_point_a_row_and_grey_ones_for_no_number():
    parts = np.array([[0.1, 1.0], [0.1, -1.0], [0.2, 0.5]])
    values = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, np.nan]])
    page = beeswarm(["a", "x" * 40], parts, values)
    axes = page.axes[0]
    assert labels(axes) == ["x" * 27 + "…", "a"]
    points = [len(each.get_offsets()) for each in axes.collections]
    assert sum(points) == 6
    assert len(page.axes) == 2  # with what colours mean
    assert len(beeswarm(["a", "b"], parts).axes) == 1


def test_of_a_long_name_the_value_stays():
    page = waterfall(["x" * 40, "drug"], np.array([2.0, 1.0]), 0.0, texts=["12.5", ""])
    texts = [text.get_text() for text in page.axes[0].get_yticklabels()]
    assert texts == ["x" * 20 + "… = 12.5", "drug"]
