"""Scores of pairs: what memory of drugs raises, and what it does not."""

import numpy as np
import pytest

from jaxbio.metrics import concordance_index, pair_metrics, r_m_squared


def test_the_mean_of_each_drug_says_nothing_within_drugs():
    rng = np.random.default_rng(0)
    drug, protein = np.divmod(np.arange(400), 20)
    level = 3 * rng.normal(size=20)[drug]
    inside = rng.normal(size=20)[protein]
    truth = level + inside
    entities = {"drug": drug, "protein": protein}
    by_heart = pair_metrics(truth, level, entities)
    assert by_heart["within_drug_pearson"] is None  # constant within each drug
    assert by_heart["concordance_index"] > 0.85
    assert by_heart["concordance_index"] == concordance_index(truth, level)
    assert by_heart["r_m2"] == r_m_squared(truth, level)
    assert by_heart["within_protein_pearson"] == pytest.approx(1)
    blind = pair_metrics(truth, inside, entities)
    assert blind["within_drug_pearson"] == pytest.approx(1)
    assert blind["within_protein_pearson"] is None


def test_rows_without_an_entity_do_not_count_within_it():
    truth = np.array([1.0, 2, 3, 4, 5, 6])
    prediction = np.array([1.0, 2, 3, 6, 5, 4])
    found = pair_metrics(truth, prediction, {"drug": np.array([0, 0, 0, -1, -1, -1])})
    assert found["within_drug_pearson"] == pytest.approx(1)
    assert found["concordance_index"] == 12 / 15  # the last three are in wrong order
