"""Agreement with DSSP on the chains of TS50, and other real structures."""

from collections import Counter

import numpy as np
import pytest

from jaxbio.structure import read_chains
from jaxbio.structure.dssp import three_states

pytestmark = pytest.mark.data


def dssp(path):
    """Number, state (C for blank), accessible area, phi and psi of each residue."""
    body = path.read_text().split("\n  #  RESIDUE")[1].split("\n")[1:]
    rows = [line for line in body if line and line[13] != "!"]
    return (
        tuple(line[5:11].strip() for line in rows),
        "".join(line[16] for line in rows).replace(" ", "C"),
        np.array([float(line[34:38]) for line in rows]),
        np.array([[line[103:109], line[109:115]] for line in rows], float),
    )


def doubled(path):
    """Numbers of residues of which the file has an atom twice."""
    atoms = [
        line[12:27] for line in path.read_text().splitlines() if line[:4] == "ATOM"
    ]
    return {atom[10:].strip() for atom, count in Counter(atoms).items() if count > 1}


def test_agreement_with_dssp(real_data):
    """Every state of every residue; the targets are 99 % of 3 and 97 % of 8 states."""
    folder = real_data("protein/ts50_pdb_dssp")
    paths = sorted((folder / "pdb").glob("*.pdb"))
    assert len(paths) == 50
    right3 = right8 = total = 0
    for path in paths:
        (chain,) = read_chains(path)
        numbers, states, _, angles = dssp(folder / "dssp" / f"{path.stem}.dssp")
        assert chain.numbers == numbers
        right8 += sum(a == b for a, b in zip(chain.ss8, states, strict=True))
        pairs = zip(chain.ss3, three_states(states), strict=True)
        right3 += sum(a == b for a, b in pairs)
        total += len(states)
        ours = np.rad2deg(chain.torsions[:, :2])
        ours[np.isnan(ours)] = 360
        assert np.abs((ours - angles + 180) % 360 - 180).max() < 0.1
    assert (right3, right8, total) == (6860, 6860, 6860)


def test_accessibility_beside_dssp(real_data):
    """Of residues without doubled atoms, whose surfaces DSSP counts twice."""
    folder = real_data("protein/ts50_pdb_dssp")
    ours, theirs = [], []
    for path in sorted((folder / "pdb").glob("*.pdb"))[::5]:
        (chain,) = read_chains(path)
        numbers, _, areas, _ = dssp(folder / "dssp" / f"{path.stem}.dssp")
        single = ~np.isin(numbers, list(doubled(path)))
        ours.append(chain.asa[single])
        theirs.append(areas[single])
    ours, theirs = np.concatenate(ours), np.concatenate(theirs)
    assert len(ours) > 1000
    assert np.corrcoef(ours, theirs)[0, 1] > 0.998
    assert np.abs(ours - theirs).mean() < 2


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
