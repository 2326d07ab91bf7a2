"""Regions of phi and psi, and draws from them together with what is expected."""

import numpy as np
import pytest
from scipy.special import iv

from jaxbio.structure.folding.ramachandran import (
    SURE,
    UNLIKELY,
    draw,
    log_i0,
    ramachandran,
)


def energy(degrees, glycine=0.0):
    angles = np.deg2rad(np.array([degrees], float))
    return float(ramachandran(np.cos(angles), np.sin(angles), np.full(1, glycine))[0])


def test_likelihood_adds_up_to_one():
    grid = np.deg2rad(np.arange(-180.0, 180.0, 5.0))
    phi, psi = (each.ravel() for each in np.meshgrid(grid, grid))
    angles = np.stack([phi, psi], axis=1)
    for glycine in (0.0, 1.0):
        each = ramachandran(
            np.cos(angles), np.sin(angles), np.full(len(angles), glycine)
        )
        total = np.exp(-np.asarray(each, np.float64)).sum() * np.deg2rad(5.0) ** 2
        assert total == pytest.approx(1, abs=0.04)  # shares are rounded


def test_only_glycine_likes_positive_phi():
    assert energy((-65, -38)) < 1 < 3 < energy((65, 38))
    assert energy((85, 4), glycine=1.0) < 1
    assert energy((90, -150)) > UNLIKELY > energy((90, 180), glycine=1.0)


def test_draws_are_in_the_regions_where_nothing_is_expected():
    nothing = np.zeros((4000, 2))
    plain = np.zeros(4000)
    angles = draw(nothing, nothing, plain, rng=np.random.default_rng(0))
    assert 0.01 < (angles[:, 0] > 0).mean() < 0.05  # shares .017 and .003, and tails
    helix = (np.abs(np.rad2deg(angles) - [-65, -38]) < 40).all(axis=1).mean()
    assert 0.45 < helix < 0.65


def test_draws_follow_what_is_sure():
    left = np.tile(np.deg2rad([60.0, 40.0]), (500, 1))
    rng = np.random.default_rng(0)
    sure = draw(left, np.full((500, 2), SURE), np.zeros(500), rng=rng)
    assert np.abs(np.rad2deg(sure.mean(axis=0)) - [60, 40]).max() < 3
    diffuse = draw(left, np.full((500, 2), 0.05), np.zeros(500), rng=rng)
    assert (diffuse[:, 0] > 0).mean() < 0.1


def test_logarithm_of_bessel_function():
    small = np.array([0.0, 0.5, 3.0, 20.0])
    np.testing.assert_allclose(log_i0(small), np.log(iv(0, small)), rtol=1e-10)
    assert np.isfinite(log_i0(np.array([1e6])))
