import pytest

from jaxbio.clinical.confounding import e_value, e_value_of_difference
from jaxbio.errors import DataError


def test_published_examples():
    """VanderWeele and Ding 2017: 3.9 (1.8 to 8.7), and 0.80 (0.71 to 0.91)."""
    found = e_value(3.9, 1.8, 8.7)
    assert found.estimate == pytest.approx(7.26, abs=0.01)
    assert found.limit == pytest.approx(3.0, abs=0.01)
    less = e_value(0.80, 0.71, 0.91)
    assert less.estimate == pytest.approx(1.81, abs=0.01)
    assert less.limit == pytest.approx(1.43, abs=0.01)


def test_no_effect_needs_no_confounder():
    assert e_value(1.0, 0.8, 1.2) == (1.0, 1.0)
    assert e_value_of_difference(0.1, -0.1, 0.3, 2.0).limit == 1.0
    one, other = (e_value_of_difference(x, x / 2, x * 2, 1.0) for x in (0.4, -0.4))
    assert one.estimate == pytest.approx(other.estimate)


def test_what_is_no_ratio_is_refused():
    with pytest.raises(DataError, match="above 0"):
        e_value(0.0, 0.0, 1.0)
    with pytest.raises(DataError, match="all outcomes are the same"):
        e_value_of_difference(1.0, 0.5, 1.5, 0.0)
