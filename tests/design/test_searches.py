"""Proposals of a network that counts G."""

import numpy as np
import pytest

from jaxbio import DNA
from jaxbio.design import METHODS, Constraints, Known, Term, design
from jaxbio.errors import DataError

START = {"wild": "ACTTAC"}


@pytest.mark.parametrize("method", [name for name in METHODS if name != "random"])
def test_all_methods_find_what_the_network_likes(dna, method):
    found = design(dna, START, [Term("y")], method=method, n=3, calls=700)
    assert found.sequences[0].count("G") >= 5 and found.calls <= 700
    scores = found.table["score"]
    assert (np.diff(scores) <= 0).all() and len(set(found.sequences)) == 3


def test_the_table_says_what_was_changed_and_predicted(dna):
    rules = Constraints(max_edits=1, fixed=(2,))
    found = design(dna, START, [Term("y")], constraints=rules, method="greedy", n=2,
                   judge=dna)  # fmt: skip
    table = found.table
    assert table["edits"].tolist() == [1, 1] and found.calls == 16
    for text, change in zip(found.sequences, table["mutations"], strict=True):
        at = int(change[1:-1]) - 1
        assert START["wild"][at] == change[0] and text[at] == change[-1] == "G"
    np.testing.assert_allclose(table["y"], dna(found.sequences).values[:, 0], 1e-5)
    wild = dna(START["wild"]).values[0, 0]
    np.testing.assert_allclose(table["y_start"], wild, 1e-5)
    assert (table["y"] > wild).all() and (table["y_spread"] >= 0).all()
    np.testing.assert_array_equal(table["judge_y"], table["y"])


def test_of_several_starts_the_one_that_cannot_be_is_named(dna):
    rules = Constraints(synonymous=True)
    starts = {"whole": "ATGCTT", "cut": "ATGC"}
    with pytest.raises(DataError, match="start cut: a start of 4 letters"):
        design(dna, starts, [Term("y")], constraints=rules)
    with pytest.raises(DataError, match=r"^a start of 4 letters"):
        design(dna, {"cut": "ATGC"}, [Term("y")], constraints=rules)


def test_lower_and_a_value(dna):
    gs = {"wild": "GGGGGG"}
    assert "G" not in design(dna, gs, [Term("y", "lower")], n=1).sequences[0]
    found = design(dna, gs, [Term("y", "target", 3.0)], n=1, calls=500)
    assert found.table["y"][0] == pytest.approx(3, abs=0.3)


def test_proposals_are_apart_and_repeatable(dna):
    how = {"n": 5, "calls": 300, "min_distance": 3, "seed": 4}
    found = design(dna, START, [Term("y")], **how)
    rows = np.array([list(text) for text in found.sequences])
    apart = (rows[:, None] != rows[None]).sum(axis=2) + 9 * np.eye(len(rows), dtype=int)
    assert apart.min() >= 3
    assert design(dna, START, [Term("y")], **how).sequences == found.sequences


def test_several_starts_share_the_calls_and_are_never_proposed(dna):
    starts = {"a": "ACTTAC", "b": "GGGGGG", "c": "ACT"}
    found = design(dna, starts, [Term("y")], method="random", n=50, calls=90)
    assert found.calls <= 90 and not set(found.sequences) & set(starts.values())
    lengths = {len(starts[name]) == len(text) for name, text in
               zip(found.table["start"], found.sequences, strict=True)}  # fmt: skip
    assert lengths == {True}


@pytest.mark.parametrize("optimism", ["ucb:1", "thompson"])
def test_calls_are_counted_for_every_opinion(dna, optimism):
    found = design(dna, START, [Term("y")], optimism=optimism, calls=300, n=4,
                   diversity=0.2)  # fmt: skip
    assert found.calls <= 300 and len(set(found.sequences)) == 4
    assert found.sequences[0].count("G") >= 4


def test_several_wishes_have_a_front(dna):
    terms = [Term("y"), Term("y", "target", 2.0)]
    found = design(dna, START, terms, pareto=True, calls=400, n=6)
    table = found.table
    up, near = table["y"], -abs(table["y"] - 2.0)
    assert (table["front"] == 1).sum() >= 2
    first = table["front"] == 1
    for a in range(len(found)):
        better = (up > up[a] + 1e-6) & (near > near[a] + 1e-6)
        assert not (better & first).any() or not first[a]


def test_what_is_known_is_not_proposed_again(dna):
    known = Known(["x"], [DNA.encode("GGGGGG")], np.array([5.0]))
    found = design(dna, START, [Term("y")], known=known, n=3, calls=400)
    assert "GGGGGG" not in found.sequences
    assert found.table["training_distance"].min() >= 1


def test_mistakes_are_told(dna):
    terms = [Term("y")]
    for how, message in [
        ({"method": "evolve"}, "did you mean 'evolution'"),
        ({"n": 0}, "n=0: give at least 1"),
        ({"calls": 1}, "1 starts need 2 calls"),
    ]:
        with pytest.raises(DataError, match=message):
            design(dna, START, terms, **how)
    with pytest.raises(DataError, match="there is no start"):
        design(dna, {}, terms)
