import numpy as np

from jaxbio.plot import risk_groups, survival_calibration_points, survival_curves

TIMES = np.array([1.0, 2.0])


def test_rows_stand_beside_their_cohort():
    cohort = np.array([1.0, 3.0]), np.array([0.8, 0.4])
    curves = np.array([[0.9, 0.7], [0.5, 0.1]])
    page = survival_curves(TIMES, curves, ["a", "b"], cohort=cohort, unit="days")
    (axes,) = page.axes
    first, own, other = axes.lines
    assert first.get_xdata().tolist() == [0, 1, 3]
    assert own.get_ydata().tolist() == [1, 0.9, 0.7]
    assert other.get_label() == "b" and axes.get_xlabel() == "days"


def test_groups_have_the_p_value_of_their_test():
    steps = {
        name: (TIMES, np.array([0.9, end]))
        for name, end in zip("ab", (0.8, 0.1), strict=True)
    }
    means = {"a": np.array([0.9, 0.8]), "b": np.array([0.5, 0.2])}
    for p, text in ((1e-9, "log-rank p < 0.001"), (0.04, "log-rank p = 0.040")):
        page = risk_groups(steps, means, TIMES, p=p)
        assert page.axes[0].get_title(loc="right") == text
    solid, dotted = page.axes[0].lines[:2]
    assert solid.get_color() == dotted.get_color() and dotted.get_linestyle() == ":"
    assert risk_groups(steps, means, TIMES).axes[0].get_title(loc="right") == ""


def test_points_of_calibration():
    page = survival_calibration_points(
        np.array([0.2, 0.8]), np.array([0.3, 0.7]), np.array([1, 2]), at="days 5"
    )
    (axes,) = page.axes
    assert axes.collections[0].get_offsets().tolist() == [[0.2, 0.3], [0.8, 0.7]]
    assert axes.get_title(loc="right") == "days 5"


def test_incidences_begin_at_zero():
    steps = {"relapse": (TIMES, np.array([0.1, 0.4]))}
    page = risk_groups(steps, {"relapse": TIMES / 10}, TIMES, incidence=True)
    solid, dotted = page.axes[0].lines
    assert solid.get_ydata().tolist() == [0, 0.1, 0.4]
    assert dotted.get_ydata()[0] == 0
    assert page.axes[0].get_ylabel().startswith("cumulative incidence")
