import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, remedies_as_flags
from jaxbio.predict.survival_columns import survival_columns

SPEC = TargetSpec(
    "days,died", "survival", columns=("days", "died"), times=(2.0, 4.0), hazards=(1, 1)
)


def test_columns_of_curves():
    curves = np.array([[0.5, 0.25], [0.9, 0.8], [np.nan, np.nan]])
    columns = survival_columns(SPEC, curves, at=[0, 3.5])
    assert list(columns) == [
        *("days_risk", "days_median", "days_rmst", "days_at_0", "days_at_3.5"),
    ]
    np.testing.assert_allclose(columns["days_median"], [2, np.nan, np.nan])
    assert columns["days_at_0"][:2].tolist() == [1, 1]
    assert all(np.isnan(column[2]) for column in columns.values())


def test_times_beyond_the_follow_up():
    with remedies_as_flags(), pytest.raises(DataError, match=r"--at 5: days,died is"):
        survival_columns(SPEC, np.ones((1, 2)), at=[5])
