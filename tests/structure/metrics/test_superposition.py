"""Superposition and RMSD: by hand and beside biotite."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.spatial.transform import Rotation

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from jaxbio.structure.metrics import GDT_HA, gdt_ts, rmsd, superpose, tm_score
from tests.proteins import hairpin, long_helix, noisy, turned, walk

MEASURES = (rmsd, tm_score, gdt_ts)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([(12, 3), (12, 4, 3)]))
def test_a_move_is_found_again(seed, shape):
    model = np.random.default_rng(seed).normal(size=shape) * 10
    rotation = Rotation.random(random_state=seed).as_matrix()
    reference = model @ rotation + np.array([1.0, -2, 3])
    found = superpose(reference, model)
    assert found.coordinates.shape == shape
    assert found.rmsd == pytest.approx(0, abs=1e-6)
    assert found.rotation == pytest.approx(rotation, abs=1e-6)
    assert found.translation == pytest.approx([1, -2, 3], abs=1e-5)
    assert found.coordinates == pytest.approx(reference, abs=1e-6)


def test_rmsd_by_hand():
    # Two points on each axis at 1; in the model those of z are at 2. Centres and axes
    # are the same, so that only those two are off, by 1: the root of 2 / 6.
    axes = np.vstack([np.eye(3), -np.eye(3)])
    assert rmsd(axes, axes * np.array([1, 1, 2])) == pytest.approx(np.sqrt(1 / 3))


def test_a_mirror_image_is_another_structure():
    reference = long_helix()[:, 1]
    mirror = reference * np.array([1, 1, -1])
    assert np.linalg.det(superpose(reference, mirror).rotation) == pytest.approx(1)
    assert rmsd(reference, mirror) > 2
    assert tm_score(reference, mirror) < 0.5
    assert gdt_ts(reference, mirror) < 60


@pytest.mark.parametrize("measure", MEASURES)
def test_what_changes_nothing(measure):
    reference, model = walk(50), noisy(walk(50), 2.0)
    expected = measure(reference, model)
    for seed in range(3):
        assert measure(reference, turned(model, seed)) == pytest.approx(expected)
        assert measure(turned(reference, seed), model) == pytest.approx(expected)
    assert measure(reference[::-1], model[::-1]) == pytest.approx(expected)


def test_a_structure_and_itself():
    reference = walk(50)
    assert rmsd(reference, turned(reference)) == pytest.approx(0, abs=1e-6)
    assert tm_score(reference, turned(reference)) == pytest.approx(1)
    assert gdt_ts(reference, turned(reference)) == 100
    assert gdt_ts(reference, turned(reference), thresholds=GDT_HA) == 100


def test_missing_residues():
    reference, model = walk(60), noisy(walk(60), 1.5)
    holes = np.isin(np.arange(60), [0, 7, 30, 31])
    gone = reference.copy()
    gone[holes] = np.nan
    for measure in MEASURES:
        expected = measure(reference[~holes], model[~holes])
        assert measure(gone, model) == pytest.approx(expected)
        assert measure(reference, model, mask=~holes) == pytest.approx(expected)
    # What only the model lacks counts as wrong, but not in the RMSD.
    lost = reference.copy()
    lost[:30] = np.nan
    assert tm_score(reference, lost) == pytest.approx(0.5)
    assert gdt_ts(reference, lost) == 50
    assert rmsd(reference, lost) == pytest.approx(0, abs=1e-6)
    assert np.isnan(superpose(reference, lost).coordinates[:30]).all()


def test_of_several_atoms_ca_counts():
    reference, model = long_helix(), noisy(long_helix())
    for measure in (tm_score, gdt_ts):
        assert measure(reference, model) == measure(reference[:, 1], model[:, 1])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("reference", "model", "mask", "message"),
    [
        (np.zeros((4, 3)), np.zeros((5, 3)), None, r"shape \(4, 3\).* model \(5, 3\)"),
        (np.zeros((4, 2)), np.zeros((4, 2)), None, r"coordinates have shape \(4, 2\)"),
        (np.zeros((4, 3)), np.zeros((4, 3)), np.ones(3, bool), "mask has shape"),
        (np.zeros((0, 3)), np.zeros((0, 3)), None, "only 0"),
    ],
)
def test_bad_input(measure, reference, model, mask, message):
    with pytest.raises(DataError, match=message):
        measure(reference, model, mask=mask)


def array(structure, coordinates):
    """CA atoms for biotite."""
    made = structure.AtomArray(len(coordinates))
    made.coord = coordinates.astype(np.float32)
    made.res_id = np.arange(1, len(coordinates) + 1)
    made.res_name[:], made.atom_name[:], made.element[:] = "ALA", "CA", "C"
    made.chain_id[:] = "A"
    return made


@pytest.fixture
def biotite():
    return pytest.importorskip("biotite.structure", reason="biotite is not installed")


@pytest.mark.parametrize("size", [0.1, 1.0, 4.0])
def test_rmsd_beside_biotite(biotite, size):
    reference = hairpin()[:, :4].reshape(-1, 3)
    model = turned(noisy(reference, size))
    moved, _ = biotite.superimpose(reference, model)
    ours = superpose(reference, model)
    assert ours.rmsd == pytest.approx(biotite.rmsd(reference, moved), rel=1e-5)
    assert ours.coordinates == pytest.approx(moved, abs=1e-3)
    mirror = model * np.array([1, 1, -1])
    moved, _ = biotite.superimpose(reference, mirror)
    assert rmsd(reference, mirror) == pytest.approx(biotite.rmsd(reference, moved))


@pytest.mark.data
def test_real_chains_and_themselves_with_noise(real_data, biotite):
    folder = real_data("protein/pfam40_pdb") / "pdb"
    chains = [read_chains(path)[0] for path in sorted(folder.glob("*.pdb"))[:6]]
    for chain in chains:
        ca = chain.coordinates[:, 1][chain.resolved].astype(np.float64)
        scores = []
        for size in (0.5, 2.0, 8.0):
            model = turned(noisy(ca, size))
            scores.append((tm_score(ca, model), gdt_ts(ca, model)))
            moved, _ = biotite.superimpose(ca, model)
            assert rmsd(ca, model) == pytest.approx(biotite.rmsd(ca, moved), rel=1e-4)
        assert np.all(np.diff(scores, axis=0) < 0)
        assert scores[0][0] > 0.9 and scores[0][1] > 90 and scores[2][0] < 0.45
        assert tm_score(ca, ca * np.array([1, 1, -1])) < 0.5
    # Chains of different folds: their first 60 residues, row by row.
    random = [
        tm_score(one.coordinates[:60, 1], other.coordinates[:60, 1])
        for one, other in pairwise(chains)
    ]
    assert 0.05 < np.mean(random) < 0.35
