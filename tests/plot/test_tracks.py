import numpy as np

from jaxbio.plot import contribution_track


def test_bars_of_long_sequences_are_sums_of_neighbours():
    page = contribution_track(np.ones(4500), unit="")
    (axes,) = page.axes
    assert len(axes.patches) == 1500
    assert axes.patches[0].get_height() == 3
    assert axes.get_xlabel() == "position, sums of 3"
    assert axes.get_ylabel() == "contribution"
