"""Greedy and beam search."""

import numpy as np

from jaxbio import DNA
from jaxbio.design import Archive, BeamSearch, Constraints


def test_rules_are_kept(keeps_rules):
    keeps_rules(BeamSearch(width=3))


def test_greedy_climbs_to_the_optimum(best):
    score, used = best(BeamSearch(width=1))
    assert score == 8 and used < 24 * 6  # 24 single edits, at most 5 steps and a last


def test_a_beam_gets_past_where_one_sequence_is_led_astray():
    values = {"AA": 0, "TA": 2, "CA": 1, "CC": 5}  # all others are worse

    def score(rows):
        return np.array([float(values.get(DNA.decode(row), -1)) for row in rows])

    def find(width):
        rules = Constraints()
        space = rules.space(DNA.encode("AA"), DNA)
        archive = Archive(space, DNA, rules, score, calls=100)
        BeamSearch(width)(archive, np.random.default_rng(0))
        return archive.ranked()[1][0]

    assert find(1) == 2 and find(2) == 5
