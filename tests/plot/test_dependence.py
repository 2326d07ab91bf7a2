import numpy as np

from jaxbio.plot import dependence_curves


def test_numbers_are_curves_and_names_stand_side_by_side():
    curves = [np.arange(9.0).reshape(3, 3), np.zeros((3, 2))]
    values = [[1.0, 2.0, "missing"], ["f", "m"]]
    page = dependence_curves(["age", "sex"], values, curves)
    first, second = page.axes
    thick = first.lines[3]
    assert thick.get_xdata().tolist() == [1, 2] and thick.get_ydata().tolist() == [3, 4]
    assert first.get_legend().get_texts()[0].get_text() == "missing"
    assert [x.get_text() for x in second.get_xticklabels()] == ["f", "m"]
