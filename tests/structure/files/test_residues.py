import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from tests.proteins import (
    ATOMS,
    HELIX,
    helix,
    pdb_chain,
    pdb_line,
)


def test_alternate_locations(write):
    """The conformer of a residue is chosen as a whole."""
    coordinates = helix("AAA")
    lines = pdb_chain("A", coordinates[:1])
    for number in (2, 3):
        for at, atom in enumerate(ATOMS[:5]):
            xyz = coordinates[number - 1, at]
            several = atom in ("CB", "O") and number == 2
            for altloc, moved, occupancy in (("A", 0, 0.3), ("B", 1, 0.5)):
                if several:
                    share = 0.55 if atom == "O" and altloc == "A" else occupancy
                    lines += pdb_line(
                        9, atom, "ALA", "A", number, xyz + moved,
                        altloc=altloc, occupancy=share,
                    )  # fmt: skip
            if not several:
                lines += pdb_line(9, atom, "ALA", "A", number, xyz)
    (chain,) = read_chains(write(lines))
    moved = chain.coordinates[1] - coordinates[1, :5]
    np.testing.assert_allclose(moved[:3], 0, atol=6e-4)
    np.testing.assert_allclose(moved[3:], 1, atol=6e-4)
    assert chain.notes == ("residues with conformers, the likeliest taken: 1",)


def test_two_residues_in_one_place(write):
    coordinates = helix("AAA")
    lines = pdb_chain("A", coordinates[:1])
    for name, altloc, occupancy in (("SER", "A", 0.3), ("THR", "B", 0.7)):
        for at, atom in enumerate(ATOMS[:5]):
            lines += pdb_line(
                9, atom, name, "A", 2, coordinates[1, at],
                altloc=altloc, occupancy=occupancy,
            )  # fmt: skip
    (chain,) = read_chains(write(lines))
    assert chain.sequence == "AT"


def test_insertion_codes(write):
    numbers = ["50", "51", "52", "52A", "52B", "53", "-1", "0", "1", "2", "3"]
    (chain,) = read_chains(write(pdb_chain(HELIX, helix(), numbers=numbers)))
    assert chain.numbers == tuple(numbers)
    assert chain.sequence == HELIX and not chain.breaks[1:].any()


def test_modified_and_unknown_residues(write):
    letters = ["MSE", "K", "SEP", "L", "ZZZ", "X", "G"]
    text = pdb_chain(letters, helix(letters), hetero=("MSE", "SEP", "ZZZ"))
    (chain,) = read_chains(write(text))
    assert chain.sequence == "MKSLXXG"
    assert chain.notes == (
        "modified residues: MSE as M (1), SEP as S (1)",
        "unknown residues as X: ZZZ (1), UNK (1)",
    )
    assert np.isnan(chain.rsa[4:6]).all() and np.isfinite(chain.asa).all()


def test_what_is_no_protein_is_left_out(write):
    text = pdb_chain(HELIX, helix())
    for number in range(1, 4):
        text += pdb_line(900, "P", "DA", "B", number, np.full(3, 4.0 * number))
    place = np.full(3, 50.0)
    text += pdb_line(901, "O", "HOH", "A", 301, place, record="HETATM")
    text += pdb_line(902, "CA", "CA", "A", 201, place, record="HETATM", element="CA")
    # A free amino acid, as ligand; it is not bound to the chain.
    text += pdb_chain("E", helix("E") + 40, numbers=["202"], hetero=("GLU",))
    (chain,) = read_chains(write(text))
    assert chain.sequence == HELIX
    assert chain.notes == (
        "left out: water (1), CA (1), GLU (1)",
        "nucleic acid left out: chain B",
    )
    with pytest.raises(DataError, match=r"chain B holds nucleic acid, no protein"):
        read_chains(write(text), "B")


def test_a_ligand_with_the_number_of_a_residue(write):
    text = pdb_chain(HELIX, helix())
    for at in range(20):
        place = np.array([60.0, 0, 1.5 * at])
        text += pdb_line(900, f"C{at}", "LIG", "A", 3, place, record="HETATM")
    text += pdb_line(990, "O", "HOH", "A", 4, place + 9, record="HETATM")
    (chain,) = read_chains(write(text))
    assert chain.sequence == HELIX
    assert chain.notes == ("left out: LIG (1), water (1)",)
