import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.errors import DataError
from jaxbio.plot import (
    attribution_logo,
    contribution_logo,
    contributions,
    figure,
    save,
)

EFFECTS = np.zeros((12, 4), np.float32)
EFFECTS[3:7] = -1.0
SEQUENCE = "ACGTACGTACGT"


def test_the_logo_is_a_picture(tmp_path):
    assert contributions(EFFECTS)[3] == pytest.approx(4 / 3)
    logo = contribution_logo(EFFECTS, SEQUENCE, DNA, title="t", marked=(3, 7))
    (axes,) = logo.axes
    assert axes.get_title(loc="left") == "t" and len(axes.patches) == 5
    save(logo, tmp_path / "logo.png")
    assert (tmp_path / "logo.png").read_bytes().startswith(b"\x89PNG")
    assert [item.name for item in tmp_path.iterdir()] == ["logo.png"]


def test_positions_are_those_of_the_table():
    (axes,) = contribution_logo(EFFECTS, SEQUENCE, DNA, marked=(3, 7)).axes
    (span,) = [patch for patch in axes.patches if hasattr(patch, "get_width")]
    assert (span.get_x(), span.get_x() + span.get_width()) == (3.5, 7.5)
    letters = [patch.get_path().vertices for patch in axes.patches if patch is not span]
    places = [(each[:, 0].min() + each[:, 0].max()) / 2 for each in letters]
    assert sorted(map(round, places)) == [4, 5, 6, 7]


def test_logos_stand_in_axes_of_a_figure_or_of_a_part_of_it():
    page = figure(8, 5)
    upper, lower = page.subfigures(2, 1)
    for part in (upper, lower):
        axes = part.subplots()
        assert contribution_logo(EFFECTS, SEQUENCE, DNA, ax=axes) is page
        assert axes.get_ylabel() == "contribution (log-odds)"
    assert len(page.axes) == 2


def test_long_sequences_stand_in_rows():
    heights = np.zeros(230)
    heights[[0, 150, 229]] = 1, -2, 0.5
    page = attribution_logo(heights, "ACGTA" * 46, DNA, marked=(90, 110), title="t")
    assert len(page.axes) == 3
    assert [axes.get_xlim() for axes in page.axes] == [
        (0.5, 100.5), (100.5, 200.5), (200.5, 300.5),
    ]  # fmt: skip
    assert {axes.get_ylim() for axes in page.axes} == {(-2.0, 1.0)}
    spans = [
        (patch.get_x(), patch.get_x() + patch.get_width())
        for axes in page.axes
        for patch in axes.patches
        if hasattr(patch, "get_width")
    ]
    assert spans == [(90.5, 100.5), (100.5, 110.5)]
    assert page.get_supylabel() == "contribution (log-odds)"


def test_letters_that_cannot_be_drawn():
    with pytest.raises(DataError, match="5,001 letters are too many"):
        attribution_logo(np.ones(5001), "A" * 5001, DNA)
    with pytest.raises(DataError, match="3 heights for a sequence of 2"):
        attribution_logo(np.ones(3), "AC", DNA)
