import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.metrics.contacts import distances
from jaxbio.structure.geometry import (
    breaks,
    dihedral,
    neighbours,
    torsions,
    virtual_cb,
    virtual_o,
)
from tests.proteins import ALPHA, build

angle = st.floats(-179, 179)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(angle, angle), min_size=2, max_size=12), angle)
def test_torsions_are_those_of_which_the_chain_was_built(pairs, omega):
    found = np.rad2deg(torsions(build(pairs, omega)))
    expected = np.array([(phi, psi, omega) for phi, psi in pairs], float)
    expected[0, 0] = expected[-1, 1:] = np.nan
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    apart = (found - expected + 180) % 360 - 180
    assert np.nanmax(np.abs(apart)) < 1e-3


def test_dihedral_as_biopython_has_it():
    from Bio.PDB.vectors import Vector, calc_dihedral

    points = np.random.default_rng(0).normal(size=(4, 20, 3))
    expected = [calc_dihedral(*map(Vector, each)) for each in points.transpose(1, 0, 2)]
    np.testing.assert_allclose(dihedral(*points), expected, atol=1e-9)


def test_a_torsion_across_a_break_is_missing():
    chain = build([ALPHA] * 6)
    chain[3:] += 5.0
    assert np.flatnonzero(breaks(chain)).tolist() == [0, 3]
    missing = np.isnan(torsions(chain))
    assert np.argwhere(missing).tolist() == [
        [0, 0],
        [2, 1],
        [2, 2],
        [3, 0],
        [5, 1],
        [5, 2],
    ]


def test_breaks_by_ca_where_c_or_n_are_missing():
    chain = build([ALPHA] * 6)
    chain[:, [0, 2]] = np.nan
    assert np.flatnonzero(breaks(chain)).tolist() == [0]
    chain[4:] += 5.0
    assert np.flatnonzero(breaks(chain)).tolist() == [0, 4]
    chain[1] = np.nan
    assert np.flatnonzero(breaks(chain)).tolist() == [0, 1, 2, 4]


def test_virtual_atoms_are_where_the_atoms_are():
    n, ca, c, o, cb, _ = build([ALPHA] * 5 + [(-120, 130)] * 5).transpose(1, 0, 2)
    assert np.linalg.norm(virtual_cb(n, ca, c) - cb, axis=1).max() < 0.1
    assert np.linalg.norm(virtual_o(ca, c, n) - o, axis=1)[:-1].max() < 0.05
    assert np.isnan(virtual_o(ca, c, n)[-1]).all()


def test_virtual_cb_has_the_hand_of_l_amino_acids():
    n, ca, c, *_ = build([ALPHA]).transpose(1, 0, 2)
    cb = virtual_cb(n, ca, c)
    # Seen from H, the "CORN law": CO, R and N go clockwise.
    assert np.cross(c - ca, cb - ca)[0] @ (n - ca)[0] > 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 700), st.integers(0, 2**31))
def test_distances_and_neighbours_are_those_of_all_pairs(count, seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(scale=8, size=(count, 3))
    points[rng.random(count) < 0.1] = np.nan
    expected = np.linalg.norm(points[:, None] - points, axis=-1)
    np.testing.assert_allclose(distances(points), expected, rtol=1e-5, atol=1e-5)
    pairs = neighbours(points, 5.0)
    near = np.argwhere(np.triu(expected <= 5.0, 1))
    np.testing.assert_array_equal(pairs, near)


@pytest.mark.parametrize("length", [1, 2])
def test_short_chains(length):
    found = torsions(build([ALPHA] * length))
    assert np.isfinite(found).sum() == 3 * (length - 1)
