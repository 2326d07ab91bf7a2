import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.plot.mutation_maps import mutation_map
from jaxbio.plot.page import save


def test_long_sequences_go_on_in_further_rows(tmp_path):
    wild = "ACGT" * 60
    scores = np.random.default_rng(0).normal(size=(4, 240))
    page = mutation_map(scores, "ACGT", wild, first=11, title="x", name="change")
    rows = page.axes[:3]
    limits = {axes.images[0].get_clim() for axes in rows}
    assert limits == {(-np.abs(scores).max(), np.abs(scores).max())}
    np.testing.assert_array_equal(rows[2].images[0].get_array(), scores[:, 200:])
    assert rows[0].get_xticklabels()[0].get_text() == "20"
    assert all(axes.get_xlim() == (-0.5, 99.5) for axes in rows)
    # The wild type's own letters have dots.
    dots = rows[0].collections[0].get_offsets()
    assert dots[:5].tolist() == [[0, 0], [1, 1], [2, 2], [3, 3], [4, 0]]
    save(page, tmp_path / "m.png")
    assert (tmp_path / "m.png").stat().st_size > 1000


def test_letters_stand_below_short_ones():
    page = mutation_map(np.full((2, 3), np.nan), "AC", "ACN")
    assert [text.get_text() for text in page.axes[0].texts] == ["A", "C", "N"]


@pytest.mark.parametrize(
    ("shape", "wild"), [((4, 3), "ACGT"), ((3, 4), "ACGT"), ((4, 0), "")]
)
def test_scores_of_another_shape(shape, wild):
    with pytest.raises(DataError, match="a row a symbol"):
        mutation_map(np.zeros(shape), "ACGT", wild)


def test_too_many_places():
    with pytest.raises(DataError, match="3,001 places are too many"):
        mutation_map(np.zeros((4, 3001)), "ACGT", "A" * 3001)
