import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from jaxbio.structure.dssp import (
    HydrogenBonds,
    _bridges,
    _ladders,
    hydrogen_bonds,
    secondary_structure,
    three_states,
)
from tests.proteins import ALPHA, EXTENDED, PI, THREE_TEN, build, hairpin


@pytest.mark.parametrize(
    ("torsions", "letter"), [(ALPHA, "H"), (THREE_TEN, "G"), (PI, "I"), (EXTENDED, "C")]
)
def test_ideal_structures(torsions, letter):
    """A helix of 12 begins after the first of two turns and ends before the last."""
    states = secondary_structure(build([torsions] * 12), "A" * 12)
    assert states == "C" + letter * 10 + "C"


def test_hairpin():
    states = secondary_structure(hairpin(), "A" * 14)
    assert states == "CCCEEETTEEECCC"
    assert three_states(states) == "CCCEEECCEEECCC"


def test_single_turn_is_no_helix():
    # One bond from 4 to 0: the three residues inside are a turn.
    assert secondary_structure(build([ALPHA] * 5), "A" * 5) == "CTTTC"
    assert secondary_structure(build([ALPHA] * 6), "A" * 6) == "CHHHHC"


def test_helix_with_both_kinds_of_turn_depends_on_the_version():
    between = build([(-57, -63)] * 12)
    assert secondary_structure(between, "A" * 12) == "CHHHHHHHHHHC"
    assert secondary_structure(between, "A" * 12, prefer_pi=True) == "CIIIIIIIIIIC"


def test_proline_gives_no_bond():
    chain = build([ALPHA] * 9)
    bonds = hydrogen_bonds(chain, "AAAAAAPAA")
    assert bonds.acceptors[:, 0].tolist() == [-1, -1, -1, -1, 0, 1, -1, 3, 4]


def test_the_first_residue_after_a_break_has_no_hydrogen():
    chain = build([ALPHA] * 12)
    whole = hydrogen_bonds(chain, "A" * 12).acceptors[:, 0]
    assert (whole[4:] == np.arange(8)).all()
    chain[6] = np.nan
    bonds = hydrogen_bonds(chain, "A" * 12).acceptors[:, 0]
    assert bonds.tolist() == [-1, -1, -1, -1, 0, 1, -1, -1, 4, 5, -1, 7]
    # Turns over the gap do not count, though the bonds are there.
    assert secondary_structure(chain, "A" * 12) == "CHHHHC?CTTTC"


def test_energy_by_hand():
    """N-H and C=O in one line, H to O 1.9 angstrom."""
    chain = np.full((6, 4, 3), np.nan)
    # Residue 1 is bound to residue 0, whose C=O puts H at (1, 0, 0).
    chain[0] = [[-1.5, 2.4, 0], [-1.5, 1.5, 0], [-1.2, 0, 0], [-2.4, 0, 0]]
    chain[1] = [[0, 0, 0], [0.3, -1.4, 0], [0.3, -2.0, 1.4], [0.3, -3.2, 1.6]]
    chain[5] = [[5.5, 2.0, 0], [5.0, 1.4, 0], [4.13, 0, 0], [2.9, 0, 0]]
    bonds = hydrogen_bonds(chain, "AAAAAA")
    energy = 27.888 * (1 / 2.9 + 1 / 3.13 - 1 / 1.9 - 1 / 4.13)
    assert bonds.acceptors[1].tolist() == [5, -1]
    assert bonds.energies[1, 0] == pytest.approx(energy, abs=6e-4)
    assert energy == pytest.approx(-2.90, abs=0.01)


def bonds_of(pairs, length):
    """Hydrogen bonds given as (donor, acceptor)."""
    acceptors = np.full((length, 2), -1, np.int32)
    for donor, acceptor in pairs:
        acceptors[donor, int(acceptors[donor, 0] >= 0)] = acceptor
    energies = np.where(acceptors >= 0, -2.0, 0.0).astype(np.float32)
    return HydrogenBonds(acceptors, energies)


def bridges_by_definition(pairs, run):
    """Kabsch and Sander's four patterns, residue by residue."""
    found = []
    bound = set(pairs)
    length = len(run)
    for i, j in itertools.combinations(range(1, length - 1), 2):
        if j - i < 3 or run[i - 1] != run[i + 1] or run[j - 1] != run[j + 1]:
            continue
        if {(i + 1, j), (j, i - 1)} <= bound or {(j + 1, i), (i, j - 1)} <= bound:
            found.append([i, j, 1])
        elif {(i, j), (j, i)} <= bound or {(i + 1, j - 1), (j + 1, i - 1)} <= bound:
            found.append([i, j, 0])
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_bridges_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    length = 14
    chosen = [rng.permutation(length)[:2] for _ in range(length)]
    pairs = [(d, int(a)) for d in range(length) for a in chosen[d] if a != d]
    run = np.cumsum(rng.random(length) < 0.1)
    bonds = bonds_of(pairs, length)
    found = _bridges(bonds, run).tolist()
    assert found == bridges_by_definition(pairs, run)


def ladders(pairs, length, breaks=()):
    run = np.cumsum(np.isin(np.arange(length), breaks))
    made = _ladders(bonds_of(pairs, length), run)
    return [(ladder.parallel, ladder.first, ladder.second) for ladder in made]


def test_ladders_and_bulges():
    # Antiparallel: narrow pairs 3-20 and 5-18, with the wide pair 4-19 between.
    pairs = [(3, 20), (20, 3), (5, 18), (18, 5)]
    one = (False, [3, 4, 5], [20, 19, 18])
    assert ladders(pairs, 24) == [one]
    # A second ladder, one residue further here and four further there: a bulge.
    more = [(7, 13), (13, 7)]
    assert ladders(pairs + more, 24) == [(False, [3, 4, 5, 7], [20, 19, 18, 13])]
    # Not with five, nor with two on both sides, nor across a break.
    assert len(ladders([*pairs, (7, 12), (12, 7)], 24)) == 2
    assert len(ladders([*pairs, (8, 15), (15, 8)], 24)) == 2
    assert len(ladders(pairs + more, 24, breaks=[15])) == 2


def test_parallel_ladder():
    # 3-13 and 5-15 by the bonds of residues 4 and 14.
    pairs = [(4, 13), (13, 2), (6, 15), (15, 4)]
    assert ladders(pairs, 20) == [(True, [3, 4, 5], [13, 14, 15])]


def test_only_complete_residues_have_a_state():
    chain = build([ALPHA] * 8)
    chain[0, 3] = np.nan
    assert secondary_structure(chain, "A" * 8)[0] == "?"
    assert secondary_structure(chain[:0], "") == ""


def test_letters_must_fit():
    with pytest.raises(DataError, match="3 residues with coordinates, but 2 letters"):
        secondary_structure(np.zeros((3, 4, 3)), "AA")


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_turning_and_moving_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn *= np.linalg.det(turn)
    moved = hairpin() @ turn.T + rng.normal(scale=20, size=3)
    assert secondary_structure(moved, "A" * 14) == "CCCEEETTEEECCC"


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


@pytest.mark.data
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


@pytest.mark.data
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
