import numpy as np

from jaxbio.plot import advised_shares, effect_calibration, qini_lines


def test_a_qini_curve_stands_beside_chance():
    shares, gains = np.array([0.0, 0.5, 1.0]), np.array([0.0, 3.0, 1.0])
    page = qini_lines(shares, gains, title="drug against none", unit="mean days")
    (axes,) = page.axes
    chance, curve = axes.lines
    assert chance.get_ydata().tolist() == [0, 1]
    assert curve.get_xdata().tolist() == [0, 0.5, 1]
    assert axes.get_ylabel() == "mean gain, mean days"
    assert axes.get_title(loc="right") == "drug against none"


def test_groups_of_effects_have_intervals():
    page = effect_calibration(
        np.array([-1.0, 2.0]), np.array([-0.5, 1.0]), np.array([0.1, 0.2])
    )
    (axes,) = page.axes
    diagonal = axes.lines[0]
    assert diagonal.get_xdata().tolist() == [-1, 2] == diagonal.get_ydata().tolist()
    ((first, second),) = [x.get_segments() for x in axes.collections]
    np.testing.assert_allclose(first[:, 1], [-0.5 - 0.196, -0.5 + 0.196])
    np.testing.assert_allclose(second[:, 1], [1 - 0.392, 1 + 0.392])


def test_shares_are_bars_with_their_numbers():
    page = advised_shares({"none": 0.2, "drug": 0.5, "abstain": 0.3})
    (axes,) = page.axes
    assert [bar.get_width() for bar in axes.patches] == [0.2, 0.5, 0.3]
    assert [x.get_text() for x in axes.get_yticklabels()] == ["none", "drug", "abstain"]
    assert [x.get_text() for x in axes.texts] == ["20%", "50%", "30%"]
