import numpy as np

from jaxbio.plot import contribution_track, figure


def test_bars_of_long_sequences_are_sums_of_neighbours_in_rows():
    page = contribution_track(np.ones(4500), unit="")
    assert [len(axes.patches) for axes in page.axes] == [500, 500, 500]
    assert page.axes[0].patches[0].get_height() == 3
    assert page.axes[2].get_xlabel() == "position, sums of 3"
    assert page.get_supylabel() == "contribution"
    assert page.axes[1].get_xlim() == (1500, 3001)
    assert page.axes[1].patches[0].get_x() == 1500.5


def test_axes_that_are_given_have_one_row():
    axes = figure(4, 2).subplots()
    contribution_track(np.ones(600), title="t", ax=axes)
    assert len(axes.patches) == 600 and axes.get_title(loc="left") == "t"
    assert axes.get_ylabel() == "contribution (log-odds)"
