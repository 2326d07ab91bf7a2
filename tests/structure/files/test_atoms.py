import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from tests.proteins import (
    HELIX,
    build,
    helix,
    mmcif,
    pdb_chain,
    pdb_line,
)


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


CIF = mmcif("AAAA", helix("AAAA"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.pdb", "", "the file is empty"),
        ("x.cif", "\n\n", "the file is empty"),
        ("x.pdb", "HEADER    NOTHING\nEND\n", "neither a PDB nor an mmCIF file"),
        ("x.pdb", b"\x00\x01\x02", "binary"),
        (
            "x.pdb",
            pdb_line(1, "CA", "ALA", "A", 1, (1, 2, 3))[:40],
            "line 1: not as",
        ),
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


def test_numbers_beyond_9999(write):
    """Hybrid-36 goes on with A000; other programs write five digits."""
    numbers = ["9998", "9999", "A000", "A001"]
    (chain,) = read_chains(write(pdb_chain("MKLA", helix("MKLA"), numbers=numbers)))
    assert chain.numbers == ("9998", "9999", "10000", "10001")
    assert chain.sequence == "MKLA" and not chain.notes
    text = pdb_chain("MK", helix("MK"), numbers=["9999", "1000"])
    (chain,) = read_chains(write(text.replace("A1000 ", "A10000")))
    assert chain.numbers == ("9999", "10000")
    for number in ("A0b0", "A-00"):
        text = pdb_chain("M", helix("M"), numbers=["9999"]).replace(
            "A9999", f"A{number}"
        )
        with pytest.raises(DataError, match=r"line 1: .*the number of a residue"):
            read_chains(write(text))


def test_conformers_without_occupancies(write):
    lines = pdb_chain("AA", helix("AA")).splitlines()
    for at, letter in ((0, "A"), (1, "B")):
        lines[at] = lines[at][:16] + letter + lines[at][17:54] + " " * 6
    (chain,) = read_chains(write("\n".join(lines)))
    assert chain.sequence == "AA"


def test_atoms_after_end_are_further_models(write):
    first, second = helix("AAAA"), helix("AAAA") + 9
    text = "END\n".join(pdb_chain("AAAA", xyz) for xyz in (first, second)) + "END\n"
    for model, expected in enumerate((first, second)):
        (chain,) = read_chains(write(text), model=model)
        np.testing.assert_allclose(chain.coordinates, expected[:, :5], atol=6e-4)
        assert chain.notes == (f"model {model} of 2, the first being 0",)


def test_atoms_without_coordinates_are_counted(write):
    text = pdb_chain("AA", helix("AA"))
    text += pdb_line(9, "SD", "ALA", "A", 2, [np.nan] * 3)
    (chain,) = read_chains(write(text))
    assert "atoms without coordinates left out: 1" in chain.notes


@pytest.mark.parametrize(
    "dropped",
    ["label_entity_id", "label_seq_id", "group", "auth_asym_id", "_entity_poly_seq"],
)
def test_mmcif_without_a_column(write, dropped):
    lines = CIF.splitlines()
    names = [x for x in lines if x.startswith("_atom_site.")]
    at = next((at for at, x in enumerate(names) if dropped in x), None)
    kept = []
    for line in lines:
        cells = line.split()
        if line.startswith("ATOM") and at is not None:
            line = " ".join(cells[:at] + cells[at + 1 :])
        elif dropped in line or (at is None and line.startswith("1 ")):
            continue
        kept.append(line)
    text = "\n".join(kept) + "\n"
    if dropped == "group":
        with pytest.raises(DataError, match=r"no _atom_site.group_PDB"):
            read_chains(write(text, "x.cif"))
        return
    (chain,) = read_chains(write(text, "x.cif"))
    assert chain.sequence == "AAAA" and chain.id == "A"


def test_a_sequence_without_its_entity(write):
    text = CIF.replace("_entity_poly_seq.entity_id\n", "").replace("\n1 ", "\n")
    (chain,) = read_chains(write(text, "x.cif"))
    assert chain.sequence == "AAAA"
