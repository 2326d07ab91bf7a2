"""Symbols that a model did not expect: scores, rates, and what is left out."""

import numpy as np
import pytest

from jaxbio.errors import DataError, JaxbioError
from jaxbio.predict.detection import detect, false_discovery_rates, surprises


class After:
    """A model of the cycle ACGT: it expects the next letter after the one before."""

    symbols = "ACGT"

    def __init__(self, sure=0.97):
        self.sure, self.asked = sure, []

    def __call__(self, questions):
        tables = []
        for question in questions:
            assert question.hidden == question.asked or not question.hidden
            if "!" in question.text:
                raise DataError("symbol '!' is not in the alphabet")
            self.asked.append(question)
            rows = []
            for at in question.asked:
                row = np.full(4, (1 - self.sure) / 3)
                row[at % 4] = self.sure
                rows.append(np.log(row))
            tables.append(np.array(rows))
        return tables


def test_a_planted_mutation_is_found_with_its_rate():
    reads = {"a": "ACGTACGTACGT", "b": "acgtacuTACGT".replace("u", "A"), "c": "ACGNAC"}
    model = After()
    found = detect(model, reads, fdr=1.0)
    assert found.ids.tolist() == ["b"] and found.positions.tolist() == [7]
    assert (found.symbols[0], found.expected[0]) == ("A", "G")
    assert found.scores[0] == pytest.approx(np.log(0.97 / 0.01))
    # 29 places, each wrong in 3 of 100 draws, and one that is.
    assert found.tested == 29 and found.fdr[0] == pytest.approx(29 * 0.03)
    assert len(detect(model, reads, fdr=0.5)) == 0
    table = found.frame()
    assert list(table) == ["id", "position", "symbol", "expected", "score", "fdr"]


def test_a_background_counts_false_discoveries():
    reads, clean = ["ACGTACGA"], ["ACGTACGT"] * 9 + ["ACGTACGA"]
    found = detect(After(), reads, background=clean, fdr=1.0)
    assert found.ids.tolist() == ["1"]
    assert found.fdr[0] == pytest.approx((1 / 80) * 8 / 1)


def test_every_symbol_is_hidden_once():
    for passes, count in ((4, 4), (None, 8)):
        model = After()
        found = surprises(model, ["ACGTACGT"], passes=passes)
        hidden = [at for question in model.asked for at in question.hidden]
        assert len(model.asked) == count and sorted(hidden) == list(range(8))
        assert found.place.tolist() == list(range(8))
        np.testing.assert_allclose(np.exp(found.log_probabilities).sum(axis=1), 1)
        np.testing.assert_allclose(found.scores, 0, atol=1e-12)


def test_rates_are_those_of_counting():
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 9, 30).astype(float)
    null, weights = rng.integers(0, 7, 50).astype(float), rng.random(50)

    def at(limit):
        return min(weights[null >= limit].sum() / (scores >= limit).sum(), 1.0)

    expected = [min(at(t) for t in set(scores) if t <= score) for score in scores]
    found = false_discovery_rates(scores, null, weights)
    np.testing.assert_allclose(found, expected)


def test_bad_input():
    with pytest.raises(DataError, match="b: symbol '!'"):
        detect(After(), {"a": "ACGT", "b": "AC!T"})
    for values, message in (
        ({"fdr": 0.0}, "above 0 and at most 1"),
        ({"passes": 1}, "give at least 2"),
        ({"background": ["NNN"]}, "no place that could be looked at"),
    ):
        with pytest.raises(JaxbioError, match=message):
            detect(After(), ["ACGT"], **values)
