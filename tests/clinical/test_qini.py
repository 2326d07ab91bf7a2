import numpy as np
import pytest

from jaxbio.clinical.qini import qini_curve


def test_the_coefficient_is_the_area_above_chance():
    rng = np.random.default_rng(0)
    effects = rng.normal(size=3000)
    curve = qini_curve(effects, effects + rng.normal(size=3000), points=3001)
    chance = curve.shares * curve.gains[-1]
    area = np.trapezoid(curve.gains - chance, curve.shares)
    assert curve.coefficient == pytest.approx(area, abs=1e-3)
    assert curve.coefficient > 10 * curve.error


def test_effects_that_say_nothing_are_worth_nothing():
    rng = np.random.default_rng(1)
    curve = qini_curve(rng.normal(size=3000), 1 + rng.normal(size=3000))
    assert abs(curve.coefficient) < 3 * curve.error
    backwards = qini_curve(np.arange(10.0), -np.arange(10.0))
    assert backwards.coefficient < 0
