"""The best of listed sequences."""

import numpy as np
import pytest

from jaxbio import DNA
from jaxbio.design import Constraints, Known, Term, choose
from jaxbio.errors import DataError

LIBRARY = {"a": "ACTTAC", "b": "GGGTAC", "c": "GGGGGG", "d": "GGGGGC", "e": "GG"}
TERMS = [Term("y")]


def test_the_best_come_first_with_their_names(dna):
    found = choose(dna, LIBRARY, TERMS, n=2)
    assert found.table["id"].tolist() == ["c", "d"] and found.calls == 5
    assert "start" not in found.table and found.table["y"][0] > found.table["y"][1]


def test_known_sequences_are_not_proposed(dna):
    known = Known(["x"], [DNA.encode("GGGGGG")], np.array([9.0]))
    found = choose(dna, LIBRARY, TERMS, n=9, known=known)
    assert "c" not in found.table["id"] and found.table["id"][0] == "d"
    assert found.table["training_distance"][0] == 1


def test_rules_about_the_start(dna):
    how = {"starts": {"wild": "ACTTAC"}, "n": 9}
    rules = Constraints(max_edits=3)
    found = choose(dna, LIBRARY, TERMS, constraints=rules, **how)
    assert found.table["id"].tolist() == ["b"] and found.table["edits"].tolist() == [3]
    assert found.table["mutations"].tolist() == ["A1G:C2G:T3G"]
    rules = Constraints(fixed=(6,), max_homopolymer=5)
    found = choose(dna, LIBRARY, TERMS, constraints=rules, **how)
    assert found.table["id"].tolist() == ["d", "b"]


@pytest.mark.parametrize("optimism", ["ucb", "ei", "thompson"])
def test_optimism_and_diversity(dna, optimism):
    found = choose(dna, LIBRARY, TERMS, n=3, optimism=optimism, diversity=0.1)
    assert len(set(found.sequences)) == 3 and "c" in found.table["id"][:2]


def test_several_wishes_have_a_front(dna):
    terms = [Term("y"), Term("y", "target", 3.0)]
    library = {name: text for name, text in LIBRARY.items() if name != "e"}
    found = choose(dna, library, terms, n=5, pareto=True)
    assert found.table["front"][0] == 1
    first = set(found.table["id"][found.table["front"] == 1])
    assert {"c", "b"} <= first and "a" not in first


def test_mistakes_are_told(dna):
    for library, how, message in [
        ({}, {}, "there is no candidate"),
        (
            LIBRARY,
            {"constraints": Constraints(max_edits=1)},
            "there is none: give start",
        ),
        ({"a": "ACXT"}, {}, "candidate a"),
        ({"a": "TTTT"}, {"constraints": Constraints(forbid=("TTT",))}, "none of the 1"),
        (LIBRARY, {"pareto": True}, "two or more"),
    ]:
        with pytest.raises(DataError, match=message):
            choose(dna, library, TERMS, **how)
