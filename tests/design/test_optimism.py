"""Opinions of the networks of an ensemble."""

import numpy as np
import pytest
from scipy.stats import norm

from jaxbio import DNA
from jaxbio.design import Term, expected_improvement, optimistic, scorer
from jaxbio.design.optimism import Optimism
from jaxbio.errors import DataError

ROWS = np.stack([DNA.encode(x) for x in ("ACTTAC", "GGGGGG", "ACGTAG")])


def test_opinions_are_those_of_the_networks(dna):
    terms = [Term("y")]
    each = [score(ROWS) for score in optimistic(dna, terms, "thompson")]
    assert len(each) == 2 and not np.allclose(*each)
    mean, spread = np.mean(each, axis=0), np.std(each, axis=0)
    (plain,) = optimistic(dna, terms)
    np.testing.assert_allclose(plain(ROWS), scorer(dna, terms)(ROWS))
    np.testing.assert_allclose(plain(ROWS), mean, atol=1e-5)
    (bound,) = optimistic(dna, terms, "ucb:2")
    np.testing.assert_allclose(bound(ROWS), mean + 2 * spread, atol=1e-5)
    (hope,) = optimistic(dna, terms, "ei", best=lambda: 1.0)
    expected = expected_improvement(mean, spread, 1.0)
    np.testing.assert_allclose(hope(ROWS), expected, atol=1e-5)


def test_expected_improvement_is_the_mean_of_what_is_above():
    mean, spread, best = 0.3, 0.8, 0.5
    grid = np.linspace(-8, 8, 200_001)
    above = np.maximum(mean + spread * grid - best, 0) * norm.pdf(grid)
    found = expected_improvement(np.array([mean]), np.array([spread]), best)
    assert found[0] == pytest.approx(np.trapezoid(above, grid), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [("ucp", "did you mean 'ucb'"), ("ucb:x", "only ucb takes"), ("ei:1", "only ucb")],
)
def test_mistakes_are_told(text, message):
    with pytest.raises(DataError, match=message):
        Optimism.parse(text)


def test_one_network_has_no_second_opinion(dna):
    (one, _) = dna.alone()
    with pytest.raises(DataError, match="train it with members=5"):
        optimistic(one, [Term("y")], "ucb")
