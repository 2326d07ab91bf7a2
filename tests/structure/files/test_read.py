import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from tests.proteins import (
    ALPHA,
    HELIX,
    NAMES,
    build,
    helix,
    mmcif,
    pdb_chain,
    seqres,
)


def test_a_whole_chain(write):
    coordinates = helix()
    (chain,) = read_chains(write(pdb_chain(HELIX, coordinates)))
    assert (chain.name, chain.id, chain.sequence) == ("x_A", "A", HELIX)
    assert chain.numbers == tuple(str(at + 1) for at in range(11))
    assert chain.resolved.all() and not chain.notes
    # Gly 7 has a CB, too, where it would be.
    np.testing.assert_allclose(chain.coordinates, coordinates[:, :5], atol=0.1)
    others = np.arange(11) != 6
    expected = coordinates[others, :5]
    np.testing.assert_allclose(chain.coordinates[others], expected, atol=6e-4)
    assert chain.ss8 == "CHHHHHHHHHC" and chain.ss3 == "CHHHHHHHHHC"
    np.testing.assert_allclose(np.rad2deg(chain.phi[1:]), -57, atol=0.2)
    np.testing.assert_allclose(np.rad2deg(chain.psi[:-1]), -47, atol=0.2)
    np.testing.assert_allclose(abs(np.rad2deg(chain.omega[:-1])), 180, atol=0.2)
    assert np.isnan([chain.phi[0], chain.psi[-1], chain.omega[-1]]).all()


@pytest.mark.parametrize("name", ["x.cif", "x.cif.gz", "misnamed.pdb"])
def test_mmcif_and_pdb_give_the_same(write, name):
    (pdb,) = read_chains(write(pdb_chain(HELIX, helix()), "y.pdb.gz"))
    (cif,) = read_chains(write(mmcif(HELIX, helix()), name))
    assert cif.sequence == pdb.sequence and cif.ss8 == pdb.ss8
    np.testing.assert_array_equal(cif.coordinates, pdb.coordinates)
    np.testing.assert_array_equal(cif.asa, pdb.asa)
    assert cif.numbers[0] == "101"


def test_residues_that_are_not_resolved(write):
    coordinates = helix()
    shown = [0, 1, 2, 6, 7, 8, 9]
    letters = "".join(HELIX[at] for at in shown)
    names = [NAMES[letter] for letter in HELIX]
    numbers = [str(at + 1) for at in shown]
    text = seqres(names) + pdb_chain(letters, coordinates[shown], numbers=numbers)
    (pdb,) = read_chains(write(text))
    (cif,) = read_chains(write(mmcif(HELIX, coordinates, shown=shown), "x.cif"))
    for chain in (pdb, cif):
        assert chain.sequence == HELIX
        assert np.flatnonzero(chain.resolved).tolist() == shown
        assert chain.notes == ("residues not resolved: 4",)
        assert "".join(np.where(chain.resolved, ".", "?")) == "...???....?"
        assert [s == "?" for s in chain.ss8] == (~chain.resolved).tolist()
        missing = ~chain.resolved
        assert np.isnan(chain.coordinates[missing]).all()
        assert (chain.contacts()[missing] == -1).all()
        assert (chain.contacts()[~missing][:, ~missing] >= 0).all()
        assert np.isnan(chain.rsa[missing]).all()
        assert np.isfinite(chain.rsa[~missing]).all()
        assert np.isnan(chain.psi[2]) and np.isnan(chain.phi[6])
    assert pdb.numbers == ("1", "2", "3", "", "", "", "7", "8", "9", "10", "")


def test_gaps_are_placed_by_number_where_letters_leave_it_open(write):
    """Of nine alanines the middle three are missing."""
    coordinates = build([ALPHA] * 9)
    shown = [0, 1, 2, 6, 7, 8]
    numbers = [str(at + 30) for at in shown]
    text = seqres(["ALA"] * 9)
    text += pdb_chain("A" * 6, coordinates[shown], numbers=numbers)
    (chain,) = read_chains(write(text))
    assert np.flatnonzero(chain.resolved).tolist() == shown


def test_breaks_without_a_sequence_in_the_file(write):
    shown = [0, 1, 2, 6, 7, 8]
    letters = "".join(HELIX[at] for at in shown)
    (chain,) = read_chains(write(pdb_chain(letters, helix()[shown])))
    assert chain.sequence == letters
    assert np.flatnonzero(chain.breaks).tolist() == [0, 3]
    assert chain.notes == ("breaks, where residues may lack from the sequence: 1",)


def test_a_sequence_that_does_not_fit(write):
    text = seqres(["TRP"] * 20) + pdb_chain(HELIX, helix())
    (chain,) = read_chains(write(text))
    assert chain.sequence == HELIX
    assert "does not fit" in chain.notes[0]


def test_several_chains(write):
    text = pdb_chain("AAAA", helix("AAAA"), chain="A")
    text += pdb_chain("GGGGG", helix("GGGGG") + 30, chain="B")
    path = write(text)
    assert [chain.sequence for chain in read_chains(path)] == ["AAAA", "GGGGG"]
    assert [chain.id for chain in read_chains(path, ["B", "A", "B"])] == ["B", "A"]
    with pytest.raises(DataError, match=r"no chain 'C': .*Known: A, B"):
        read_chains(path, "C")


def test_chain_without_an_id(write):
    (chain,) = read_chains(write(pdb_chain("AAA", helix("AAA"), chain=" ")))
    assert (chain.id, chain.name) == ("_", "x")


@pytest.mark.data
def test_entries_of_the_protein_data_bank(real_data):
    folder = real_data("protein/ddg_monomers") / "pdb"
    # 1ROP: 63 residues in SEQRES, of which the last seven are not resolved.
    (rop,) = read_chains(folder / "1ROP.pdb")
    assert (len(rop), int(rop.resolved.sum())) == (63, 56)
    assert rop.resolved[:56].all() and rop.ss3.count("H") == 50
    # 2CI2: 18 residues before the first that is resolved, Asn 19 of the file.
    (ci2,) = read_chains(folder / "2CI2.pdb", "I")
    assert (len(ci2), ci2.numbers[18]) == (83, "19")
    assert np.flatnonzero(ci2.resolved).tolist() == list(range(18, 83))
    # 1BF4: a protein on DNA; 1YEA: trimethyl-lysine; 1SHF: two chains.
    (protein,) = read_chains(folder / "1BF4.pdb")
    assert "nucleic acid left out: chain B, C" in protein.notes
    (yea,) = read_chains(folder / "1YEA.pdb")
    assert "modified residues: M3L as K (1)" in yea.notes
    assert [chain.id for chain in read_chains(folder / "1SHF.pdb")] == ["A", "B"]
