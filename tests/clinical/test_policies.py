import numpy as np
import pytest

from jaxbio.clinical.policies import (
    best_arm,
    compare_policies,
    policy_value,
    weighted_value,
)
from jaxbio.errors import DataError


def test_values_of_a_known_rule():
    rng = np.random.default_rng(0)
    x = rng.normal(size=20_000)
    arm = rng.integers(0, 2, 20_000)
    values = arm * x + rng.normal(size=20_000)
    half = np.full((20_000, 2), 0.5)
    scores = np.stack([np.zeros_like(x), x], axis=1)
    rule = (x > 0).astype(np.int64)
    expected = np.maximum(x, 0).mean()
    value, low, high = policy_value(rule, scores)
    assert value == pytest.approx(expected) and low < 0.399 < high
    assert weighted_value(rule, arm, values, half) == pytest.approx(0.4, abs=0.05)
    found = compare_policies(
        {"rule": rule}, scores, half, arm, values, arms=("none", "drug"), best=0
    )
    assert [each.policy for each in found] == [
        "rule",
        "everybody none",
        "everybody drug",
    ]
    assert found[0].gain == pytest.approx(expected) and found[0].gain_low > 0.3
    assert found[1].gain == 0 and found[1].shares == {"none": 1.0, "drug": 0.0}


def test_lower_can_be_better():
    scores = np.array([[1.0, 3.0], [1.0, 2.0]])
    assert best_arm(scores, 1) == 1 and best_arm(scores, -1) == 0
    found = compare_policies(
        {}, scores, np.full((2, 2), 0.5), np.array([0, 1]), np.array([1.0, 2.0]),
        arms=("a", "b"), best=0, sign=-1,
    )  # fmt: skip
    assert found[1].gain == -1.5


def test_a_rule_that_nobody_followed_has_no_weighted_value():
    half = np.full((2, 2), 0.5)
    nobody = weighted_value(np.ones(2, int), np.zeros(2, int), np.ones(2), half)
    assert np.isnan(nobody)
    with pytest.raises(DataError, match="no patient"):
        policy_value(np.zeros(0, int), np.zeros((0, 2)))
