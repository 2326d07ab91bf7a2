import numpy as np
import pytest

from jaxbio.clinical.advice import advise


def test_the_best_of_three_beside_the_next_best():
    effects = np.array([[1.0, 3.0], [-1.0, -2.0], [0.2, 0.1]])
    errors = np.full((3, 2), 0.5)
    found = advise(effects, errors, level=0.9)
    assert found.best.tolist() == [2, 0, 1]
    np.testing.assert_allclose(found.gain, [2, 1, 0.1])
    half = 1.645 * np.hypot(0.5, 0.5)
    assert found.low[0] == pytest.approx(2 - half, abs=1e-3)
    assert found.high[1] == pytest.approx(1 + 1.645 * 0.5, abs=1e-3)
    names = found.named(("a", "b", "c")).tolist()
    assert names == ["c", "a", "abstain"]
    assert found.policy(1).tolist() == [2, 0, 1]


def test_lower_can_be_better_and_no_answer_is_no_advice():
    found = advise(np.array([[-1.0], [np.nan]]), np.array([[0.1], [0.1]]), sign=-1)
    assert found.named(("none", "drug")).tolist() == ["drug", None]
