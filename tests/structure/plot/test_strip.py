import numpy as np
import pytest

from jaxbio.structure.plot.strip import curves, strip_height
from jaxbio.structure.plot.strip_layout import (
    bands,
)


def test_strips_grow_by_rows():
    one, two = (strip_height(length, True, True) for length in (80, 81))
    assert two - one == pytest.approx(0.14 * bands(True, True).height)


def test_curves_are_in_percent_and_the_confidence_as_given():
    found = curves(np.array([90.0]), np.array([0.5]), np.array([np.nan]))
    assert [curve.name for curve in found] == ["true", "accessibility", "confidence"]
    assert found[1].values.tolist() == [50.0]
    assert found[2].values.tolist() == [90.0]
