import numpy as np
import pytest

from jaxbio.clinical.treatment_pictures import treatment_pages
from jaxbio.clinical.treatment_runs import Scored
from jaxbio.clinical.trial import Outcome


def scored(effects, scores):
    errors = np.full(effects.shape, 0.1)
    return Scored(effects, errors, scores, np.ones(scores.shape), True)


def two(better="higher"):
    """Effects that hold, and two patients of whom something is not known."""
    effects = np.linspace(-1, 1, 60)[:, None]
    scores = np.concatenate([np.zeros((60, 1)), effects], axis=1)
    effects[0], scores[1] = np.nan, np.nan
    outcome = Outcome(("y",), "number", better)
    return treatment_pages(scored(effects, scores), ("none", "drug"), outcome)


def test_pages_of_two_arms():
    pages = two()
    assert list(pages) == ["qini", "effects", "advice"]
    gains = pages["qini"].axes[0].lines[1].get_ydata()
    assert gains.max() > 0.2 > abs(gains[-1])
    groups = pages["effects"].axes[0].lines[-1]
    np.testing.assert_allclose(groups.get_xdata(), groups.get_ydata())
    shares = [bar.get_width() for bar in pages["advice"].axes[0].patches]
    assert sum(shares) == pytest.approx(1) and min(shares) > 0.05


def test_lower_is_better_turns_the_curve():
    assert two("lower")["qini"].axes[0].lines[1].get_ydata().max() > 0.2


def test_each_arm_has_pages_of_its_own():
    rng = np.random.default_rng(0)
    rows = scored(rng.normal(size=(50, 2)), rng.normal(size=(50, 3)))
    pages = treatment_pages(rows, ("none", "a", "b"), Outcome(("y",), "number"))
    assert list(pages) == ["a_qini", "a_effects", "b_qini", "b_effects", "advice"]
    assert pages["b_qini"].axes[0].get_title(loc="right") == "b against none"
