import gzip
import time
import tracemalloc

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure import assemble, read_chains
from jaxbio.structure.chain import Chain
from tests.proteins import (
    ALPHA,
    ATOMS,
    NAMES,
    build,
    hairpin,
    mmcif,
    pdb_chain,
    pdb_line,
    seqres,
)

HELIX = "MKALEDGAWRF"


@pytest.fixture
def write(tmp_path):
    """Write a file and give its name."""

    def written(text, name="x.pdb"):
        path = tmp_path / name
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return written


def helix(sequence=HELIX):
    return build([ALPHA] * len(sequence))


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


def test_atoms_that_are_there_twice(write):
    text = pdb_chain(HELIX, helix())
    cif = mmcif(HELIX, helix())
    (chain,) = read_chains(write(text))
    lines = cif.splitlines()
    twice = [line for line in lines for _ in range(1 + line.startswith("ATOM"))]
    (other,) = read_chains(write("\n".join(twice) + "\n", "x.cif"))
    np.testing.assert_array_equal(chain.asa, other.asa)


def test_hydrogens_do_not_count(write):
    text = pdb_chain(HELIX, helix())
    (plain,) = read_chains(write(text))
    text += pdb_line(99, "HA", "MET", "A", 1, np.full(3, 0.5), element="H")
    (chain,) = read_chains(write(text))
    np.testing.assert_array_equal(chain.asa, plain.asa)


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


def test_several_models(write):
    first, second = helix("AAAA"), build([(-139, 135)] * 4)
    text = "".join(
        f"MODEL     {at:>4}\n{pdb_chain('AAAA', xyz)}ENDMDL\n"
        for at, xyz in enumerate((first, second), start=1)
    )
    path = write(text)
    for model, expected in enumerate((first, second)):
        (chain,) = read_chains(path, model=model)
        np.testing.assert_allclose(chain.coordinates, expected[:, :5], atol=6e-4)
        assert chain.notes == (f"model {model} of 2, the first being 0",)
    with pytest.raises(DataError, match="no model 2: the file has 2 models"):
        read_chains(path, model=2)


def test_models_of_mmcif(write):
    first = mmcif("AAAA", helix("AAAA"))
    second = [line for line in first.splitlines() if line.startswith("ATOM")]
    second = [line.removesuffix(" 1") + " 7" for line in second]
    path = write(first.rstrip("#\n") + "\n" + "\n".join(second) + "\n#\n", "x.cif")
    (chain,) = read_chains(path, model=1)
    assert chain.resolved.all()
    assert chain.notes == ("model 1 of 2, the first being 0",)


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


@pytest.mark.parametrize("length", [1, 2, 3])
def test_short_chains(write, length):
    (chain,) = read_chains(write(pdb_chain("A" * length, helix("A" * length))))
    assert chain.ss8 == "C" * length
    assert chain.distances().shape == (length, length)
    assert np.isfinite(chain.rsa).all()


CIF = mmcif("AAAA", helix("AAAA"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.pdb", "", "the file is empty"),
        ("x.cif", "\n\n", "the file is empty"),
        ("x.pdb", "HEADER    NOTHING\nEND\n", "neither a PDB nor an mmCIF file"),
        ("x.pdb", b"\x00\x01\x02", "binary"),
        ("x.pdb", pdb_line(1, "CA", "ALA", "A", 1, (1, 2, 3))[:40], "at line 1"),
        ("x.pdb", pdb_line(1, "CA", "ALA", "A", "x", (1, 2, 3)), "PDB format"),
        ("x.pdb", pdb_line(1, "P", "DA", "A", 1, (1, 2, 3)), "holds nucleic acid"),
        ("x.pdb", pdb_line(1, "O", "HOH", "A", 1, (1, 2, 3)), "holds water"),
        ("x.pdb", pdb_line(1, "CA", "ALA", "A", 1, [np.nan] * 3), "no atoms with co"),
        ("x.cif", "data_X\n_entry.id X\n", "no _atom_site.group_PDB"),
        ("x.cif", CIF[: len(CIF) * 2 // 3], "damaged or cut off"),
        ("x.cif", CIF.replace("ALA", "'ALA", 1), "mmCIF format"),
        ("x.cif", CIF + ";text\n", "mmCIF format"),
        ("x.cif", CIF.replace("0.000", "abc", 1), "_atom_site.Cartn_"),
        ("x.cif", "data_X\nloop_\n_atom_site.id\n", "no _atom_site"),
    ],
)
def test_bad_files(write, name, content, message):
    path = write(content, name)
    with pytest.raises(DataError, match=message) as error:
        read_chains(path)
    assert name in str(error.value)


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_chains(tmp_path / "x.pdb")


def test_mmcif_without_the_optional_columns(write):
    """Neither sequence nor author's ids, as some programs write."""
    drop = ("_entity_poly_seq", "auth_seq_id", "auth_asym_id")
    lines = [line for line in CIF.splitlines() if not any(d in line for d in drop)]
    lines = [
        " ".join(line.split()[:-3] + line.split()[-1:])
        if line.startswith("ATOM")
        else line
        for line in lines
        if not line.endswith("ALA")
    ]
    del lines[lines.index("loop_")]
    (chain,) = read_chains(write("\n".join(lines) + "\n", "x.cif"))
    assert (chain.sequence, chain.id, chain.numbers) == ("AAAA", "A", tuple("1234"))


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
    """In seconds, and without a table of all pairs of atoms."""
    rng = np.random.default_rng(0)
    length = 5000
    turns = rng.random(length) < 0.08
    pairs = [(-80, 120) if turn else ALPHA for turn in turns]
    sequence = "".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), length))
    path = write(mmcif(sequence, build(pairs)), "x.cif")
    start = time.perf_counter()
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
    assert time.perf_counter() - start < 60


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
