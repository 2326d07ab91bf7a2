"""Starting backbones: scaling, and ways round what is unknown."""

import numpy as np

from jaxbio.metrics.contacts import distances
from jaxbio.structure.folding.initial import completed, scaled, starting_backbones
from jaxbio.structure.metrics.superposition import rmsd
from tests.proteins import ALPHA, build

HELIX = build([ALPHA] * 24)[:, :5]


def test_scaling_finds_points_again():
    points = np.random.default_rng(0).normal(size=(20, 3)) * 10
    found = scaled(distances(points).astype(float), 3)
    np.testing.assert_allclose(distances(found), distances(points), atol=1e-3)
    mirrored = found * [-1, 1, 1]
    assert min(rmsd(points, found), rmsd(points, mirrored)) < 1e-3


def test_scaling_pads_dimensions_that_do_not_exist():
    assert scaled(np.array([[0, 2.0], [2, 0]]), 4).shape == (2, 4)


def test_parts_of_which_nothing_is_known_hang_on_the_chain():
    table = np.full((4, 4), np.nan)
    np.testing.assert_allclose(completed(table)[0], [0, 5.4, 10.8, 16.2])


def test_ways_are_no_longer_than_known_distances():
    table = distances(HELIX[:, 4]).astype(float)
    far = np.where(table > 15, np.nan, table)
    whole = completed(far)
    near = ~np.isnan(far)
    np.testing.assert_allclose(whole[near], table[near], atol=1e-4)
    assert (whole[~near] >= table[~near] - 1e-4).all()


def test_starts_are_near_and_repeat():
    table = distances(HELIX[:, 4]).astype(float)
    weights, apart = np.ones_like(table), np.zeros_like(table)
    found, again = (
        starting_backbones(
            table, weights, apart, starts=3, batch=2, seed=0, bucket=bucket
        )
        for bucket in (24, 32)
    )
    assert found.shape == (3, 24, 3, 3)
    off = [rmsd(HELIX[:, 1], one[:, 1].astype(float)) for one in found]
    assert min(off) < 1.5
    near = [rmsd(HELIX[:, 1], one[:, 1].astype(float)) for one in again]
    assert abs(min(off) - min(near)) < 0.3
