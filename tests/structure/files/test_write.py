"""Written structures read back: by this library, Biopython and biotite."""

import gzip
import io

import numpy as np
import pytest
from Bio.PDB.MMCIF2Dict import MMCIF2Dict
from Bio.PDB.MMCIFParser import MMCIFParser
from Bio.PDB.PDBParser import PDBParser

from jaxbio.errors import DataError, JaxbioError
from jaxbio.metrics.contacts import ATOMS
from jaxbio.structure import read_chains
from jaxbio.structure.files.write import mmcif_text, pdb_text, write_structure
from tests.proteins import build

SEQUENCE = "MKVGAEHGLX"
CONFIDENCE = np.array([0, 1.5, 33.33, 50, 66.6, 70, 80, 90, 99.99, 100])
ENDINGS = [".pdb", ".ent", ".cif", ".mmcif", ".pdb.gz", ".cif.gz", ".PDB"]


def backbone():
    """A chain that begins somewhere, also below 0."""
    return build([(-60, -45)] * 10)[:, :5] - np.array([12.3456, 0, 5])


def without_glycine_cb(coordinates, sequence=SEQUENCE):
    kept = coordinates.copy()
    kept[[letter == "G" for letter in sequence], 4] = np.nan
    return kept


def by_biopython(path):
    """Coordinates [len 5 3], residue names, B-factors [len 5]."""
    parser = (PDBParser if ".pdb" in path.name.lower() else MMCIFParser)(QUIET=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt") as file:
        (chain,) = parser.get_structure("x", file)[0]
    residues = list(chain)
    places = np.full((len(residues), 5, 3), np.nan)
    factors = np.full((len(residues), 5), np.nan)
    for at, residue in enumerate(residues):
        for atom in residue:
            places[at, ATOMS.index(atom.name)] = atom.coord
            factors[at, ATOMS.index(atom.name)] = atom.bfactor
            assert atom.element == atom.name[0] and atom.occupancy == 1.0
    return chain.id, places, [residue.resname for residue in residues], factors


@pytest.mark.parametrize("ending", ENDINGS)
def test_read_back(tmp_path, ending):
    path = tmp_path / f"x{ending}"
    coordinates = backbone()
    write_structure(path, coordinates, sequence=SEQUENCE, confidence=CONFIDENCE)
    (chain,) = read_chains(path)
    assert (chain.sequence, chain.id) == (SEQUENCE, "A")
    expected = without_glycine_cb(coordinates)
    shown = without_glycine_cb(chain.coordinates)
    assert np.isnan(shown).sum() == np.isnan(expected).sum() == 2 * 3
    np.testing.assert_allclose(shown, expected, atol=5.1e-4)
    assert chain.numbers == tuple(str(at) for at in range(1, 11))


@pytest.mark.parametrize("ending", [".pdb", ".cif", ".pdb.gz", ".cif.gz"])
def test_biopython_reads_it(tmp_path, ending):
    path = tmp_path / f"x{ending}"
    coordinates = backbone()
    write_structure(
        path, coordinates, sequence=SEQUENCE, confidence=CONFIDENCE, chain="B"
    )
    id, places, names, factors = by_biopython(path)
    assert id == "B"
    assert (names[0], names[3], names[9]) == ("MET", "GLY", "UNK")
    expected = without_glycine_cb(coordinates)
    np.testing.assert_allclose(places, expected, atol=5.1e-4)
    there = np.isfinite(expected[..., 0])
    wanted = np.broadcast_to(CONFIDENCE[:, None], (10, 5))
    np.testing.assert_allclose(factors[there], wanted[there], atol=5.1e-3)


@pytest.mark.parametrize("ending", [".pdb", ".cif"])
def test_biotite_reads_it(tmp_path, ending):
    pytest.importorskip("biotite", reason="biotite is not installed")
    from biotite.structure.io import pdb, pdbx

    path = tmp_path / f"x{ending}"
    coordinates = backbone()
    write_structure(path, coordinates, sequence=SEQUENCE, confidence=CONFIDENCE)
    if ending == ".pdb":
        file = pdb.PDBFile.read(path)
        atoms = pdb.get_structure(file, model=1, extra_fields=["b_factor"])
    else:
        file = pdbx.CIFFile.read(path)
        atoms = pdbx.get_structure(file, model=1, extra_fields=["b_factor"])
        assert file.block["entry"]["id"].as_item() == "model"
    expected = without_glycine_cb(coordinates)
    residues, columns = np.nonzero(np.isfinite(expected[..., 0]))
    np.testing.assert_allclose(atoms.coord, expected[residues, columns], atol=5.1e-4)
    assert atoms.atom_name.tolist() == [ATOMS[column] for column in columns]
    assert atoms.element.tolist() == [ATOMS[column][0] for column in columns]
    assert atoms.res_id.tolist() == (residues + 1).tolist()
    np.testing.assert_allclose(atoms.b_factor, CONFIDENCE[residues], atol=5.1e-3)
    assert set(atoms.chain_id) == {"A"} and not atoms.hetero.any()


@pytest.mark.parametrize("ending", [".pdb", ".cif"])
def test_residues_without_coordinates_stay_in_the_sequence(tmp_path, ending):
    path = tmp_path / f"x{ending}"
    coordinates = backbone()
    coordinates[[0, 4, 5, 9]] = np.nan
    coordinates[2, 3] = np.nan  # O alone
    write_structure(path, coordinates, sequence=SEQUENCE)
    (chain,) = read_chains(path)
    assert chain.sequence == SEQUENCE
    assert np.flatnonzero(~chain.resolved).tolist() == [0, 4, 5, 9]
    assert np.isnan(chain.coordinates[2, 3]).all()
    assert chain.numbers[1] == "2" and chain.numbers[6] == "7"


@pytest.mark.parametrize("ending", [".pdb", ".cif"])
def test_only_ca(tmp_path, ending):
    path = tmp_path / f"x{ending}"
    coordinates = np.full((10, 2, 3), np.nan)
    coordinates[:, 1] = backbone()[:, 1]
    write_structure(path, coordinates.astype(np.float32), sequence=SEQUENCE.lower())
    (chain,) = read_chains(path)
    assert chain.pair_atom == "CA" and chain.sequence == SEQUENCE
    np.testing.assert_allclose(chain.coordinates[:, 1], coordinates[:, 1], atol=6e-4)


def test_the_columns_of_a_pdb_file():
    text = pdb_text(
        backbone(), sequence=SEQUENCE, confidence=CONFIDENCE, name="fold 1: α"
    )
    lines = text.splitlines()
    assert {len(line) for line in lines} == {80}
    kinds = [line[:6].strip() for line in lines]
    assert kinds == [
        "TITLE",
        "REMARK",
        "REMARK",
        "SEQRES",
        *["ATOM"] * 48,
        "TER",
        "END",
    ]
    assert lines[0].rstrip() == "TITLE     fold_1___"
    assert lines[3].rstrip() == (
        "SEQRES   1 A   10  MET LYS VAL GLY ALA GLU HIS GLY LEU UNK"
    )
    place = "".join(f"{value:8.3f}" for value in backbone()[1, 1])
    assert lines[10].rstrip() == (
        f"ATOM      7  CA  LYS A   2    {place}  1.00  1.50           C"
    )
    assert lines[-2].rstrip() == "TER      49      UNK A  10"
    plain = pdb_text(backbone(), sequence=SEQUENCE)
    assert "REMARK" not in plain and "CONFIDENCE" not in plain


def test_long_chains(tmp_path):
    length = 10_000
    coordinates = np.random.default_rng(0).normal(size=(length, 1, 3)) * 100
    sequence = "A" * length
    with pytest.raises(DataError, match=r"10000 residues .* write mmCIF \(.cif\)"):
        pdb_text(coordinates, sequence=sequence)
    path = tmp_path / "x.cif"
    write_structure(path, coordinates, sequence=sequence, chain="AB")
    (chain,) = read_chains(path)
    assert (len(chain), chain.id) == (length, "AB")
    far = np.full((1, 1, 3), 1234.5)
    with pytest.raises(DataError, match="coordinates up to 1234"):
        pdb_text(far, sequence="A")
    assert "1234.500" in mmcif_text(far, sequence="A")


def test_names_that_would_break_a_cif_file():
    from Bio.PDB.MMCIF2Dict import MMCIF2Dict

    for name in ("loop_", "_x", "data_", "a 'b'", "α", "", "# 1"):
        text = mmcif_text(backbone(), sequence=SEQUENCE, name=name)
        table = MMCIF2Dict(io.StringIO(text))
        assert len(table["_atom_site.id"]) == 48
        assert len(table["_entity_poly_seq.mon_id"]) == 10


def test_a_file_is_the_same_every_time(tmp_path):
    for name in ("x.cif.gz", "x.pdb.gz"):
        contents = []
        for folder in ("a", "b"):
            path = tmp_path / folder / name
            write_structure(path, backbone(), sequence=SEQUENCE)
            contents.append(path.read_bytes())
        assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sequence": "MKV"}, r"shape \(10, 5, 3\) for 3 residues"),
        ({"coordinates": np.zeros((10, 6, 3))}, "first atoms of N, CA, C, O, CB"),
        ({"coordinates": np.zeros((10, 3))}, r"shape \(10, 3\)"),
        ({"coordinates": np.full((10, 5, 3), np.nan)}, "nothing to write"),
        ({"coordinates": np.zeros((0, 5, 3)), "sequence": ""}, "nothing to write"),
        ({"sequence": "MKVGAEHG*X"}, r"has '\*' at 9: .* without stops"),
        ({"sequence": "MKVGA-HGLX"}, "has '-' at 6"),
        ({"confidence": np.ones(9)}, r"confidence has shape \(9,\)"),
        ({"confidence": np.arange(10) + 92.0}, "residue 10 is 101.0: give 0 to 100"),
        ({"confidence": np.full(10, np.nan)}, "residue 1 is nan"),
        ({"chain": ""}, "chain id is ''"),
        ({"chain": "?"}, r"chain id is '\?'"),
    ],
)
def test_bad_input(tmp_path, change, message):
    given = {"coordinates": backbone(), "sequence": SEQUENCE} | change
    coordinates = given.pop("coordinates")
    for ending in (".pdb", ".cif"):
        path = tmp_path / f"x{ending}"
        with pytest.raises(DataError, match=message):
            write_structure(path, coordinates, **given)
        assert not path.exists()


def test_bad_places(tmp_path):
    with pytest.raises(DataError, match=r"end in .pdb, .ent, .cif, .mmcif"):
        write_structure(tmp_path / "x.txt", backbone(), sequence=SEQUENCE)
    with pytest.raises(DataError, match="one letter of the chain id 'AB'"):
        write_structure(tmp_path / "x.pdb", backbone(), sequence=SEQUENCE, chain="AB")
    (tmp_path / "file").write_text("")
    with pytest.raises(JaxbioError, match="cannot write"):
        write_structure(tmp_path / "file" / "x.pdb", backbone(), sequence=SEQUENCE)


@pytest.mark.data
@pytest.mark.parametrize("ending", [".pdb", ".cif.gz"])
def test_real_chains(tmp_path, real_data, ending):
    folder = real_data("protein/pfam40_pdb") / "pdb"
    for number, source in enumerate(sorted(folder.glob("*.pdb"))[::8]):
        (chain,) = read_chains(source)
        path = tmp_path / f"{number}{ending}"
        confidence = np.linspace(0, 100, len(chain))
        write_structure(
            path, chain.coordinates, sequence=chain.sequence, confidence=confidence
        )
        (again,) = read_chains(path)
        assert again.sequence == chain.sequence
        mine, theirs = (
            without_glycine_cb(one.coordinates, chain.sequence)
            for one in (chain, again)
        )
        np.testing.assert_allclose(theirs, mine, atol=6e-4)
        assert again.ss8 == chain.ss8


LONG = (SEQUENCE + "UBZJO") * 20  # several lines, and letters of more than one amino


def _long(tmp_path):
    path = tmp_path / "long.cif"
    write_structure(path, np.zeros((len(LONG), 2, 3)), sequence=LONG, chain="AB")
    return path, LONG


def test_the_sequence_is_read_by_biotite(tmp_path):
    pdbx = pytest.importorskip("biotite.structure.io.pdbx", reason="no biotite")
    path, expected = _long(tmp_path)
    file = pdbx.CIFFile.read(path)
    category = file.block["entity_poly"]
    code = category["pdbx_seq_one_letter_code_can"].as_item().replace("\n", "")
    assert code == expected
    plain = tmp_path / "x.cif"
    write_structure(plain, backbone(), sequence=SEQUENCE)
    (found,) = pdbx.get_sequence(pdbx.CIFFile.read(plain)).values()
    assert str(found) == SEQUENCE


def test_the_sequence_is_read_by_biopython(tmp_path):
    path, expected = _long(tmp_path)
    parsed = MMCIF2Dict(str(path))
    for item, text in (("", expected.replace("X", "(UNK)")), ("_can", expected)):
        (code,) = parsed[f"_entity_poly.pdbx_seq_one_letter_code{item}"]
        assert code.replace("\n", "") == text


def test_the_sequence_is_read_by_gemmi(tmp_path):
    gemmi = pytest.importorskip("gemmi", reason="gemmi is not installed")
    path, expected = _long(tmp_path)
    structure = gemmi.read_structure(str(path))
    (entity,) = structure.entities
    code = gemmi.one_letter_code(entity.full_sequence).upper()
    assert code == expected.replace("J", "X")  # which it does not know
    assert [chain.name for chain in structure[0]] == ["AB"]
    assert entity.subchains == ["AB"]
