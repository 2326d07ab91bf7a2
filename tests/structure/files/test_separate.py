"""Chains of one id: no atom is lost, and none is counted twice."""

import numpy as np
import pytest

from jaxbio.structure import read_chains
from tests.proteins import HELIX, helix, mmcif, pdb_chain, pdb_line

OTHER = "WYFHC"
NOTE = "2 chains have the id A in the file: they are called A and A-2"


def _far(sequence):
    return helix(sequence) + 30


@pytest.mark.parametrize("ter", [True, False])
@pytest.mark.parametrize("start", [1, 301])
def test_chains_parted_by_ter_or_by_their_numbers(write, ter, start):
    numbers = [str(at) for at in range(start, start + len(OTHER))]
    text = pdb_chain(HELIX, helix()) + pdb_chain(OTHER, _far(OTHER), numbers=numbers)
    if not ter:
        text = "".join(x for x in text.splitlines(True) if not x.startswith("TER"))
    if not ter and start == 301:
        (chain,) = read_chains(write(text))  # one chain with a gap, for all we know
        assert chain.sequence == HELIX + OTHER
        return
    first, second = read_chains(write(text))
    assert (first.id, first.sequence) == ("A", HELIX)
    assert (second.id, second.sequence) == ("A-2", OTHER)
    assert second.numbers == tuple(numbers)
    assert NOTE in first.notes and NOTE in second.notes
    np.testing.assert_allclose(second.coordinates, _far(OTHER)[:, :5], atol=6e-4)
    (alone,) = read_chains(write(text), "A-2")
    assert alone.sequence == OTHER


def test_ligands_and_waters_after_ter_are_no_chains(write):
    text = pdb_chain(HELIX, helix()) + pdb_chain("AA", _far("AA"), chain="B")
    for number, name in ((1, "HOH"), (2, "GLY"), (3, "ZN")):
        atom = {"HOH": "O", "GLY": "CA", "ZN": "ZN"}[name]
        text += pdb_line(
            9, atom, name, "A", number, (90, 9, 9 + number), record="HETATM"
        )
    first, second = read_chains(write(text))
    assert (first.sequence, second.sequence) == (HELIX, "AA")
    assert "left out: water (1), GLY (1), ZN (1)" in first.notes


def test_a_chain_goes_on_after_ter_where_it_is_bound(write):
    coordinates = helix()
    text = pdb_chain(HELIX[:4], coordinates[:4])
    numbers = [str(at) for at in range(5, len(HELIX) + 1)]
    text += pdb_chain(HELIX[4:], coordinates[4:], numbers=numbers)
    (chain,) = read_chains(write(text))
    assert chain.sequence == HELIX and not chain.notes


def test_chains_of_one_author_id(write):
    first = mmcif(HELIX, helix())
    second = mmcif(OTHER, _far(OTHER), asym="B", entity="2")
    rows = [x for x in second.splitlines() if x.startswith(("ATOM", "2 "))]
    lines = first.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("1 11"))
    lines[at + 1 : at + 1] = [row for row in rows if row.startswith("2 ")]
    lines[-1:-1] = [row for row in rows if row.startswith("ATOM")]
    chains = read_chains(write("\n".join(lines) + "\n", "x.cif"))
    assert [(chain.id, chain.sequence) for chain in chains] == [
        ("A", HELIX),
        ("A-2", OTHER),
    ]
    assert NOTE in chains[0].notes and chains[1].resolved.all()


def test_an_id_that_is_taken_is_not_given_again(write):
    first = mmcif("AAA", helix("AAA")).splitlines()
    more = [
        line
        for asym, chain in (("B", "A"), ("C", "A-2"))
        for line in mmcif("AAA", _far("AAA"), asym=asym, chain=chain).splitlines()
        if line.startswith("ATOM")
    ]
    first[-1:-1] = more
    chains = read_chains(write("\n".join(first) + "\n", "x.cif"))
    assert [chain.id for chain in chains] == ["A", "A-3", "A-2"]


def test_atoms_that_are_defined_twice_are_told(write):
    text = pdb_chain("AA", helix("AA"))
    lines = text.splitlines(keepends=True)
    (chain,) = read_chains(write("".join([*lines[:5], lines[2], *lines[5:]])))
    assert chain.sequence == "AA"
    assert "atoms defined twice, the likeliest taken: 1" in chain.notes


def test_two_residues_of_one_number_are_both_kept(write):
    text = pdb_chain("AGS", helix("AGS"), numbers=["51", "52", "52"])
    (chain,) = read_chains(write(text))
    assert chain.sequence == "AGS" and chain.numbers == ("51", "52", "52")
