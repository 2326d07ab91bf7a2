import numpy as np
import pytest

from jaxbio.structure.plot.trace import from_above, principal_axes, smooth


def with_gap(values, *places):
    values = np.array(values, copy=True)
    values[list(places)] = np.nan
    return values


def test_principal_axes_are_a_rotation_to_the_longest_first():
    points = np.random.default_rng(0).normal(size=(60, 3)) * [1.0, 9.0, 3.0]
    turn = principal_axes(with_gap(points, 4))
    np.testing.assert_allclose(turn.T @ turn, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)
    spread = ((points - points.mean(axis=0)) @ turn).std(axis=0)
    assert spread[0] > spread[1] > spread[2]


def test_both_views_show_a_molecule_and_not_its_mirror_image():
    assert np.linalg.det(from_above(np.eye(3))) == pytest.approx(1)
    top = from_above(np.array([[0.0, 5, 0]]))
    assert top.tolist() == [[0, 0, 5]]  # what was uppermost is nearest


def test_three_points_on_a_line_have_principal_axes():
    turn = principal_axes(np.arange(3.0)[:, None] * [[1.0, 0, 0]])
    assert np.linalg.det(turn) == pytest.approx(1)


def test_a_smooth_trace_goes_through_all_residues_and_stops_at_gaps():
    points = np.random.default_rng(1).normal(size=(7, 3))
    whole = smooth(points, 4)
    np.testing.assert_allclose(whole.ends[1:, 0], whole.ends[:-1, 1], atol=1e-12)
    np.testing.assert_allclose(whole.ends[::4, 0], points[:-1])
    np.testing.assert_allclose(whole.ends[-1, 1], points[-1])
    assert whole.residues[:4].tolist() == [0.125, 0.375, 0.625, 0.875]
    broken = smooth(with_gap(points, 3), 4)  # 0-1-2 and 4-5-6
    assert len(broken.ends) == 16
    assert np.isfinite(broken.ends).all()
    np.testing.assert_allclose(broken.ends[8, 0], points[4])
    assert len(smooth(with_gap(points, 1, 3, 5), 4).ends) == 0
