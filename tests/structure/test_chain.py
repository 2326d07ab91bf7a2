import tracemalloc

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure import assemble, read_chains
from jaxbio.structure.chain import Chain
from tests.proteins import (
    ALPHA,
    HELIX,
    build,
    hairpin,
    helix,
    mmcif,
    pdb_chain,
)


def test_distances_and_contacts(write):
    coordinates = hairpin()
    (chain,) = read_chains(write(pdb_chain("A" * 14, coordinates)))
    cb = coordinates[:, 4]
    expected = np.linalg.norm(cb[:, None] - cb, axis=-1)
    np.testing.assert_allclose(chain.distances(), expected, atol=2e-3)
    np.testing.assert_array_equal(chain.contacts(), expected < 8)
    assert chain.contacts(5.0, "CA")[0, :3].tolist() == [1, 1, 0]
    with pytest.raises(DataError, match="choose one of N, CA, C, O, CB"):
        chain.distances("CG")


@pytest.mark.parametrize("length", [1, 2, 3])
def test_short_chains(write, length):
    (chain,) = read_chains(write(pdb_chain("A" * length, helix("A" * length))))
    assert chain.ss8 == "C" * length
    assert chain.distances().shape == (length, length)
    assert np.isfinite(chain.rsa).all()


def test_labels_in_company(write):
    """Two strands pair, and cover each other, only if they are labelled together."""
    coordinates = hairpin()
    text = pdb_chain("A" * 6, coordinates[:6], chain="A")
    text += pdb_chain("A" * 6, coordinates[8:], chain="B")
    alone = read_chains(write(text))
    together = assemble(alone)
    assert [chain.ss8 for chain in alone] == ["CCCCCC", "CCCCCC"]
    assert [chain.ss8 for chain in together] == ["CCCEEC", "CEECCC"]
    assert (together[0].asa <= alone[0].asa).all()
    assert together[0].asa.sum() < alone[0].asa.sum() - 50


def test_chains_of_ones_own(write):
    coordinates = hairpin()[:, :5].astype(np.float32)
    chain = Chain("mine", "A" * 14, coordinates)
    assert chain.ss3.count("E") == 6
    assert np.isnan(chain.rsa).all()
    with pytest.raises(DataError, match="mine: coordinates of shape"):
        Chain("mine", "AAA", coordinates)
    with pytest.raises(DataError, match="without residues"):
        Chain("mine", "", coordinates[:0])
    with pytest.raises(DataError, match="different names"):
        assemble([chain, chain])


def test_five_thousand_residues(write):
    """Without a table of all pairs of atoms."""
    rng = np.random.default_rng(0)
    length = 5000
    turns = rng.random(length) < 0.08
    pairs = [(-80, 120) if turn else ALPHA for turn in turns]
    sequence = "".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), length))
    path = write(mmcif(sequence, build(pairs)), "x.cif")
    (chain,) = read_chains(path)
    assert len(chain) == length
    tracemalloc.start()
    states = chain.ss8
    assert tracemalloc.get_traced_memory()[1] < 100e6
    assert states.count("H") > 2000
    assert np.isfinite(chain.rsa).all()
    assert tracemalloc.get_traced_memory()[1] < 150e6
    assert chain.distances().nbytes == 100e6
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()


@pytest.mark.filterwarnings("ignore:Attribute:UserWarning")
def test_as_biotite_reads(write):
    biotite = pytest.importorskip("biotite", reason="biotite is not installed")
    import biotite.structure as struc
    from biotite.structure.io import load_structure

    assert biotite
    path = write(mmcif(HELIX, helix()), "x.cif")
    (chain,) = read_chains(path)
    atoms = load_structure(path)
    phi, psi, omega = struc.dihedral_backbone(atoms)
    for found, expected in zip(chain.torsions.T, (phi, psi, omega), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4)
    ca = atoms[atoms.atom_name == "CA"].coord
    np.testing.assert_array_equal(chain.coordinates[:, 1], ca)
