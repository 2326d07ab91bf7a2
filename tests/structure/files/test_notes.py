import numpy as np

from jaxbio.structure import read_chains
from tests.proteins import (
    ATOMS,
    HELIX,
    helix,
    pdb_chain,
)


def test_only_ca_atoms(write):
    """Sequence, CA and distances between CA are there; the rest is missing."""
    (chain,) = read_chains(write(pdb_chain(HELIX, helix(), atoms=("CA",))))
    assert chain.sequence == HELIX and chain.resolved.all()
    assert not chain.breaks[1:].any()
    assert chain.ss8 == "?" * 11
    assert np.isnan(chain.torsions).all() and np.isnan(chain.rsa).all()
    expected = np.linalg.norm(helix()[:, None, 1] - helix()[:, 1], axis=-1)
    np.testing.assert_allclose(chain.distances(), expected, atol=2e-3)
    assert chain.notes[0].startswith("only CA atoms: distances are between CA")


def test_no_side_chains(write):
    (chain,) = read_chains(write(pdb_chain(HELIX, helix(), atoms=ATOMS[:4])))
    assert chain.ss8 == "CHHHHHHHHHC"
    assert np.isnan(chain.rsa).all()
    assert np.isfinite(chain.distances()).all()
    assert chain.notes == ("no side chains: accessibility is missing",)
