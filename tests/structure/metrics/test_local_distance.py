"""lDDT: by hand, beside biotite, and what must not change it."""

from importlib import import_module

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from jaxbio.structure.metrics import BACKBONE, lddt
from tests.proteins import ALPHA, build, hairpin


def chain(length=30):
    return build([ALPHA] * length)[:, :5]


def noisy(coordinates, size=1.0, seed=0):
    random = np.random.default_rng(seed)
    return coordinates + size * random.normal(size=coordinates.shape)


def test_by_hand():
    # Two CA 3.8 apart, in the model 5.2: off by 1.4, within 2 and 4 of four thresholds.
    near = np.array([[0.0, 0, 0], [3.8, 0, 0]])
    assert lddt(near, near * 5.2 / 3.8).score == pytest.approx(0.5)
    # A third that is 20 away from the others counts for nothing.
    far = np.vstack([near, [[23.8, 0, 0]]])
    model = np.vstack([near * 5.2 / 3.8, [[0.0, 0, 0]]])
    result = lddt(far, model)
    assert result.score == pytest.approx(0.5)
    assert result.residues[:2] == pytest.approx([0.5, 0.5])
    assert np.isnan(result.residues[2])
    # Nearer than 21 it does, and those two distances (20 and 23.8) are lost.
    assert lddt(far, model, radius=21).score == pytest.approx((0.5 + 0) / 2)
    # Atoms of the same residue do not count.
    two = near[None].repeat(1, 0)
    assert lddt(two, two).score is None


def test_what_changes_nothing():
    reference, model = chain(), noisy(chain())
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    expected = lddt(reference, model)
    assert lddt(reference, reference).score == 1.0
    assert (lddt(reference, reference).residues == 1.0).all()
    assert 0.2 < expected.score < 0.9
    assert lddt(reference, model @ rotation + 9).score == pytest.approx(expected.score)
    # Nor does a mirror: distances are the same.
    assert lddt(reference, reference * np.array([1, 1, -1])).score == 1.0


def test_atoms():
    reference, model = chain(), noisy(chain())
    ca = lddt(reference[:, 1], model[:, 1])
    assert lddt(reference, model, atoms=("CA",)).score == ca.score
    backbone = lddt(reference[:, :4], model[:, :4])
    assert lddt(reference, model, atoms=BACKBONE).score == backbone.score
    assert lddt(reference[:, 1:2], model[:, 1:2]).score == ca.score


def test_a_domain_that_moves():
    reference = np.concatenate([chain(60)[:30, 1], chain(30)[:, 1] + 30])
    model = reference.copy()
    model[30:] += 100.0
    between = np.linalg.norm(reference[:30, None] - reference[30:], axis=-1) <= 15
    assert not between.any()
    assert lddt(reference, model).score == 1.0


def test_missing_residues():
    reference, model = chain(), noisy(chain())
    holes = np.isin(np.arange(30), [3, 4, 20])
    cut = lddt(reference[~holes], model[~holes])
    gone = reference.copy()
    gone[holes] = np.nan
    for result in (lddt(gone, model), lddt(reference, model, mask=~holes)):
        assert result.score == pytest.approx(cut.score)
        assert result.residues[~holes] == pytest.approx(cut.residues)
        assert np.isnan(result.residues[holes]).all()
    # Those that only the model lacks are wrong, as if they were far away.
    lost, far = model.copy(), model.copy()
    lost[holes], far[holes] = np.nan, 1e4 * np.arange(3)[:, None, None] + 1e4
    far[holes] += np.array([0, 1e3, 2e3, 3e3, 4e3])[:, None]
    missing = lddt(reference, lost)
    assert missing.score == pytest.approx(lddt(reference, far).score)
    assert (missing.residues[holes] == 0).all()
    nothing = lddt(np.full((4, 3), np.nan), np.zeros((4, 3)))
    assert nothing.score is None and np.isnan(nothing.residues).all()


def test_in_parts(monkeypatch):
    reference, model = chain(), noisy(chain())
    expected = lddt(reference, model)
    # The package has the function under the name of the module.
    monkeypatch.setattr(
        import_module("jaxbio.structure.metrics.local_distance"), "_CHUNK", 1000
    )
    assert lddt(reference, model).score == pytest.approx(expected.score)
    assert lddt(reference, model).residues == pytest.approx(expected.residues)


@pytest.mark.parametrize(
    ("reference", "model", "options", "message"),
    [
        (np.zeros((4, 3)), np.zeros((5, 3)), {}, r"shape \(4, 3\).* model \(5, 3\)"),
        (np.zeros((4, 2)), np.zeros((4, 2)), {}, r"coordinates have shape \(4, 2\)"),
        (np.zeros((4, 3)), np.zeros((4, 3)), {"mask": np.ones(3, bool)}, "mask"),
        (np.zeros((4, 3)), np.zeros((4, 3)), {"atoms": ("CA",)}, "no atoms 'CA'"),
        (np.zeros((4, 3, 3)), np.zeros((4, 3, 3)), {"atoms": ("CB",)}, "N, CA, C$"),
    ],
)
def test_bad_input(reference, model, options, message):
    with pytest.raises(DataError, match=message):
        lddt(reference, model, **options)


def peer(reference, model, level):
    """lDDT by biotite, of all atoms or by residue."""
    structure = pytest.importorskip(
        "biotite.structure", reason="biotite is not installed"
    )
    arrays = []
    for coordinates in (reference, model):
        array = structure.AtomArray(coordinates.shape[0] * coordinates.shape[1])
        array.coord = coordinates.reshape(-1, 3).astype(np.float32)
        array.res_id = np.repeat(np.arange(len(reference)), reference.shape[1])
        array.res_name[:] = "ALA"
        array.chain_id[:] = "A"
        arrays.append(array)
    return structure.lddt(*arrays, aggregation=level)


@pytest.mark.parametrize("size", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("atoms", [slice(1, 2), slice(0, 4), slice(0, 5)])
def test_beside_biotite(size, atoms):
    coordinates = hairpin()[:, atoms]
    model = noisy(coordinates, size)
    ours = lddt(coordinates, model)
    assert ours.score == pytest.approx(peer(coordinates, model, "all"), abs=1e-6)
    theirs = peer(coordinates, model, "residue")
    assert ours.residues == pytest.approx(theirs, abs=1e-6)


@pytest.mark.data
def test_a_real_chain_beside_biotite(real_data):
    path = sorted((real_data("protein/pfam40_pdb") / "pdb").glob("*.pdb"))[0]
    (real,) = read_chains(path)
    coordinates = real.coordinates[np.isfinite(real.coordinates).all(axis=(1, 2))]
    model = noisy(coordinates).astype(np.float32)
    for atoms in (("CA",), BACKBONE):
        columns = [0, 1, 2, 3] if len(atoms) > 1 else [1]
        ours = lddt(coordinates, model, atoms=atoms)
        theirs = peer(coordinates[:, columns], model[:, columns], "residue")
        # A distance that falls on a threshold may be counted either way.
        assert np.abs(ours.residues - theirs).max() < 0.01
        assert 0.4 < ours.score < 0.9
