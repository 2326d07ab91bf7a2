"""Shares of sound residues, of ideal, mirrored, stretched and knotted chains."""

import numpy as np

from jaxbio.structure.folding.plausibility import plausibility
from tests.proteins import ALPHA, EXTENDED, build

HELIX = build([ALPHA] * 16)[:, :3]


def test_ideal_chains_are_sound():
    for angles in (ALPHA, EXTENDED):
        chain = build([angles] * 16)[:, :3]
        np.testing.assert_array_equal(plausibility(chain, "A" * 16), np.ones(16))


def test_left_handed_turns_count_around_themselves():
    chain = build([ALPHA] * 8 + [(90, -150)] + [ALPHA] * 8)[:, :3]
    share = plausibility(chain, "A" * 17)
    assert share[8] == np.float32(6 / 7)
    assert share[0] == share[-1] == 1
    mirrored = plausibility(build([(75, -65)] * 12)[:, :3], "A" * 12)
    assert mirrored.max() < 0.5


def test_stretched_bonds_and_knots_are_not_sound():
    assert plausibility(HELIX * 1.2, "A" * 16).max() <= 0.25
    knot = np.concatenate([HELIX, HELIX + 0.5])
    assert plausibility(knot, "A" * 32).max() < 0.2


def test_a_broken_chain_is_two_sound_ones():
    broken = np.concatenate([HELIX, HELIX + np.array([0, 30.0, 0])])
    share = plausibility(broken, "A" * 32)
    assert share.min() > 0.85  # phi and psi at the break are of no consequence
