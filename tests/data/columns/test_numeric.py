import numpy as np
import pytest

from jaxbio.data.columns.numeric import Numeric
from tests.helpers import numeric


def test_numeric_take():
    column = Numeric(np.array([[1, np.nan], [3, 4]], np.float32), ("a", "b"))
    assert column.take(np.array([1, 1])).values.tolist() == [[3, 4], [3, 4]]
    assert len(column) == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *[(name, True) for name in ("kd_nM", "IC50", "Ki", "drug ec50", "ic50_um")],
        *[(name, False) for name in ("pIC50", "pKd", "kidney", "weight", "age")],
    ],
)
def test_concentrations_ask_for_a_logarithm(name, told):
    column = numeric([0.5], [900.0], [10_000.0], names=(name,))
    (note,) = column.notice("x") or ("",)
    assert ("over 4 orders of magnitude" in note) == told
    assert not numeric([1.0], [90.0], names=(name,)).notice("x")  # too few orders
    assert not numeric([0.0], [1e6], names=(name,)).notice("x")  # no logarithm
