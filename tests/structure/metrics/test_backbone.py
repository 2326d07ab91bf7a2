"""Checks of backbones: ideal ones, broken ones, mirror images, crystal structures."""

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from jaxbio.structure.metrics import check_backbone, clashes
from tests.proteins import ALPHA, build, hairpin


def helix(length=20, omega=180.0):
    return build([ALPHA] * length, omega)[:, :5]


def test_an_ideal_helix():
    result = check_backbone(helix())
    assert result["bond_error"] == pytest.approx(0, abs=1e-6)
    assert result["omega_error"] == pytest.approx(0, abs=1e-3)
    whole = {"cis": 0, "right_handed": 1.0, "d_residues": 0}
    whole |= {"positive_phi": 0.0, "clashes": 0}
    assert {key: result[key] for key in whole} == whole


def test_its_mirror_image():
    result = check_backbone(helix() * np.array([1, 1, -1]))
    assert result["bond_error"] == pytest.approx(0, abs=1e-6)
    assert (result["right_handed"], result["d_residues"]) == (0.0, 20)
    assert (result["positive_phi"], result["clashes"]) == (1.0, 0)


def test_a_hairpin():
    result = check_backbone(hairpin()[:, :5])
    # Of 13 residues with a phi the two of the turn are above 0.
    assert result["positive_phi"] == pytest.approx(2 / 13)
    assert (result["cis"], result["d_residues"]) == (0, 0)


def test_peptides_that_are_cis_or_bent():
    assert check_backbone(helix(6, 0.0))["cis"] == 5
    assert check_backbone(helix(6, 0.0))["omega_error"] == pytest.approx(0, abs=1e-3)
    bent = check_backbone(helix(6, 160.0))
    assert (bent["cis"], bent["omega_error"]) == (0, pytest.approx(20, abs=1e-3))


def test_bonds():
    broken = helix()
    broken[10:] += np.array([0.0, 0, 0.5])
    link = np.linalg.norm(broken[10, 0] - broken[9, 2])
    expected = abs(link - 1.329)
    assert expected > 0.1
    assert check_backbone(broken)["bond_error"] == pytest.approx(expected)
    # 20 angstrom away it is a break, unless the chain is said to be one.
    broken[10:] += np.array([0, 0, 20.0])
    assert check_backbone(broken)["bond_error"] == pytest.approx(0, abs=1e-6)
    one = np.arange(20) == 0
    assert check_backbone(broken, breaks=one)["bond_error"] > 15


def test_clashes_by_hand():
    apart = np.concatenate([helix(5), helix(5) + 100])
    assert len(clashes(apart)) == 0
    # O of the second residue comes to lie 2.0 from the N of the eighth.
    apart[1, 3] = apart[7, 0] + np.array([2.0, 0, 0])
    found = clashes(apart)
    pair = [1 * 5 + 3, 7 * 5 + 0, 2.0]
    assert np.isclose(found, pair).all(axis=1).any()
    assert check_backbone(apart)["clashes"] == len(found)
    # A hydrogen bond of 2.9 is none.
    bonded = np.full((6, 5, 3), np.nan)
    bonded[0, 3], bonded[5, 0] = 0.0, [2.9, 0, 0]
    assert len(clashes(bonded)) == 0
    # Neighbours are bound to each other: they do not count.
    assert len(clashes(helix(2) * 0.1)) == 0


def test_glycine_has_no_cb():
    near = np.full((5, 5, 3), np.nan)
    near[0, 4], near[4, 3] = 0.0, [2.0, 0, 0]
    assert len(clashes(near)) == 1
    assert len(clashes(near, sequence="GAAAA")) == 0
    assert len(clashes(near, sequence="AAAAG")) == 1
    mirror = helix(5) * np.array([1, 1, -1])
    assert check_backbone(mirror, sequence="GAAgA")["d_residues"] == 3


def test_missing_atoms():
    chain = helix()
    chain[[4, 5, 12]] = np.nan
    chain[15, 4] = np.nan
    result = check_backbone(chain)
    assert (result["right_handed"], result["d_residues"]) == (1.0, 0)
    assert result["bond_error"] == pytest.approx(0, abs=1e-6)
    nothing = {"bond_error": None, "omega_error": None, "cis": 0, "right_handed": None}
    nothing |= {"d_residues": 0, "positive_phi": None, "clashes": 0}
    assert check_backbone(np.full((6, 5, 3), np.nan)) == nothing
    assert check_backbone(np.zeros((0, 5, 3))) == nothing
    assert check_backbone(helix(1))["clashes"] == 0


def test_bad_input():
    with pytest.raises(DataError, match=r"coordinates have shape \(4, 3\)"):
        check_backbone(np.zeros((4, 3)))
    with pytest.raises(DataError, match=r"breaks have shape \(3,\) for 4"):
        check_backbone(np.zeros((4, 5, 3)), breaks=np.ones(3, bool))
    for measure in (check_backbone, clashes):
        with pytest.raises(DataError, match="a sequence of 3 for 4 residues"):
            measure(np.zeros((4, 5, 3)), sequence="AAA")


@pytest.mark.data
def test_crystal_structures(real_data):
    folder = real_data("protein/pfam40_pdb") / "pdb"
    residues = wrong = near = 0
    for path in sorted(folder.glob("*.pdb")):
        (chain,) = read_chains(path)
        result = check_backbone(chain.coordinates, sequence=chain.sequence)
        residues += len(chain)
        wrong += result["d_residues"]
        near += result["clashes"]
        assert result["bond_error"] < 0.3
        assert result["cis"] <= 2 and result["positive_phi"] < 0.15
        assert result["right_handed"] > 0.5
        mirror = check_backbone(-chain.coordinates, sequence=chain.sequence)
        assert mirror["right_handed"] == pytest.approx(1 - result["right_handed"])
    assert (residues, near) == (3984, 3)
    assert wrong <= 1
