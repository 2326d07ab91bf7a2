import pytest

from jaxbio.errors import DataError
from jaxbio.plot.degradation import degradation_curves
from jaxbio.plot.page import save

NETWORKS = {0.4: 0.8, 0.0: 0.9, 0.2: 0.85}
BOOSTING = {0.0: 0.88, 0.2: 0.8, 0.4: 0.7}


def test_curves_run_from_whole_tables_to_those_with_gaps(tmp_path):
    curves = {"networks": NETWORKS, "boosting": BOOSTING}
    page = degradation_curves({"heart": curves, "pima": {"boosting": BOOSTING}})
    heart, pima = page.axes
    assert [axes.get_title(loc="left") for axes in page.axes] == ["heart", "pima"]
    assert list(heart.lines[0].get_xdata()) == [0.0, 0.2, 0.4]
    assert list(heart.lines[0].get_ydata()) == [0.9, 0.85, 0.8]
    assert heart.get_ylim() == pima.get_ylim()
    # A model looks the same in every panel.
    assert heart.lines[1].get_color() == pima.lines[0].get_color()
    assert heart.lines[0].get_color() != heart.lines[1].get_color()
    save(page, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 5000


def test_ticks_are_the_shares_in_per_cent():
    page = degradation_curves({"x": {"a": {0.0: 0.9, 0.35: 0.8}}})
    page.draw_without_rendering()
    labels = [each.get_text() for each in page.axes[0].get_xticklabels()]
    assert labels == ["0 %", "35 %"]


def test_the_score_of_a_guess_is_a_line_without_a_name():
    page = degradation_curves({"x": {"a": NETWORKS}}, least=0.5)
    line = page.axes[0].lines[1]
    assert list(line.get_ydata()) == [0.5, 0.5]
    assert [t.get_text() for t in page.axes[0].get_legend().get_texts()] == ["a"]


@pytest.mark.parametrize("panels", [{}, {"x": {}}, {"x": {"a": {}}}])
def test_nothing_to_draw_is_refused(panels):
    with pytest.raises(DataError, match="no scores to draw"):
        degradation_curves(panels)


def test_more_models_than_can_be_told_apart_are_refused():
    with pytest.raises(DataError, match="6 models: at most 5"):
        degradation_curves({"x": {str(at): NETWORKS for at in range(6)}})
