import gzip

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure.files.atoms import read_atoms
from jaxbio.structure.files.bfactors import with_bfactors
from jaxbio.structure.files.write import write_structure

LINES = """\
REMARK   1 KEPT AS IT IS
ATOM      1  CA  GLY A   7      11.104   6.134  -6.504  1.00 20.00           C
ATOM      2  CA  ALA A   7A     12.104   6.134  -6.504  1.00 30.00           C
HETATM    3  O   HOH A 101      15.104   6.134  -6.504  1.00 40.00           O
END
"""


def test_only_the_b_factors_of_a_pdb_file_change(tmp_path):
    path = tmp_path / "x.pdb.gz"
    path.write_bytes(gzip.compress(LINES.encode()))
    text, ending = with_bfactors(path, {("A", "7"): -1.5, ("A", "7A"): 99.0})
    assert ending == ".pdb"
    want = LINES.replace(" 20.00", " -1.50").replace(" 30.00", " 99.00")
    assert text == want.replace(" 40.00", "  0.00")


def test_an_mmcif_file(tmp_path):
    path = tmp_path / "x.cif"
    coordinates = np.arange(30.0).reshape(2, 5, 3)
    write_structure(path, coordinates, sequence="AK", chain="BC")
    text, ending = with_bfactors(path, {("BC", "2"): 12.25})
    assert ending == ".cif"
    out = tmp_path / "out.cif"
    out.write_text(text)
    before, after = read_atoms(path), read_atoms(out)
    np.testing.assert_array_equal(before.coordinates, after.coordinates)
    assert before.numbers.tolist() == after.numbers.tolist()
    assert before.sequences == after.sequences
    from Bio.PDB.MMCIF2Dict import MMCIF2Dict

    items = MMCIF2Dict(str(out))
    assert items["_atom_site.B_iso_or_equiv"] == ["0.00"] * 5 + ["12.25"] * 5


def test_what_has_no_room_or_is_not_there(tmp_path):
    path = tmp_path / "x.pdb"
    path.write_text(LINES)
    with pytest.raises(DataError, match=r"from -99\.99 to 99\.99"):
        with_bfactors(path, {("A", "7"): 150.0})
    with pytest.raises(DataError, match="no residue 8 in chain A"):
        with_bfactors(path, {("A", "8"): 1.0})
