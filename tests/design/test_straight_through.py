"""Search along the slopes of the model."""

import numpy as np
import pytest

from jaxbio import DNA
from jaxbio.design import Archive, Constraints, StraightThrough
from jaxbio.design.objective import Term, scorer, slopes_of
from jaxbio.errors import DataError
from tests.design.conftest import OPTIMUM


def slopes(rows):
    hot = np.eye(4)[DNA.encode(OPTIMUM)]
    return np.repeat(hot[None], len(rows), 0)


def test_it_finds_the_optimum_and_keeps_rules(make_archive, keeps_rules):
    archive = make_archive(calls=300)
    archive.slopes = slopes
    StraightThrough()(archive, np.random.default_rng(0))
    rows, scores = archive.ranked()
    assert scores[0] == 8 and DNA.decode(rows[0]) == OPTIMUM

    def method(archive, rng):
        archive.slopes = slopes
        StraightThrough()(archive, rng)

    keeps_rules(method)


def test_codons_have_the_slopes_of_their_letters():
    rules = Constraints(synonymous=True)
    start = DNA.encode("GCTATG")  # Ala, of four codons, and Met
    space = rules.space(start, DNA)
    steep = np.zeros((1, 6, 4))
    steep[0, 2] = [1.0, 2.0, 3.0, 4.0]
    archive = Archive(
        space, DNA, rules, lambda rows: np.zeros(len(rows)), calls=9,
        slopes=lambda rows: steep,
    )  # fmt: skip
    found = archive.site_slopes(space.origin[None])[0]
    letters = space.options[0][:4, 2]
    assert found[0].tolist() == [1.0 + code for code in letters]
    assert (found[1] == 0).all()


def test_slopes_of_a_network_are_its_differences(dna):
    # This network is linear in its input.
    row = DNA.encode("ACTTAC")[None]
    found = slopes_of(dna, [Term("y")])(row)[0]
    score = scorer(dna, [Term("y")])
    other = row.copy()
    other[0, 2] = 2
    change = score(other)[0] - score(row)[0]
    assert found[2, 2] - found[2, 3] == pytest.approx(change, abs=1e-4)


def test_a_score_without_slopes_is_told(make_archive):
    with pytest.raises(DataError, match="use another method"):
        StraightThrough()(make_archive(), np.random.default_rng(0))
