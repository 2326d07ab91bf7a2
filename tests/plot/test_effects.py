import numpy as np

from jaxbio.plot import effect_curves


def test_means_in_bands_of_two_standard_errors():
    page = effect_curves(
        ["a", "b"], [5, 7], [np.array([[0.0, 2.0], [3.0, 3.0]]), np.ones((2, 1))]
    )
    (axes,) = page.axes
    _, first, second = axes.lines
    assert first.get_xdata().tolist() == [5, 7] and first.get_ydata().tolist() == [1, 3]
    assert second.get_ydata().tolist() == [1, 1]
    (band,) = axes.collections  # one background has no error
    heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
    # the two differ by 2, so that the standard error of their mean is 1
    assert heights.min() == -1 and heights.max() == 3
    assert axes.get_legend_handles_labels()[1] == ["a", "b"]


def test_only_ten_have_a_colour():
    page = effect_curves([str(at) for at in range(12)], [1], [np.ones((1, 1))] * 12)
    (axes,) = page.axes
    assert len(axes.get_legend_handles_labels()[1]) == 10
    assert axes.lines[-1].get_color() == "0.75"
