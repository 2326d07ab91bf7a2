import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, remedies_as_flags
from jaxbio.predict.survival_columns import (
    competing_columns,
    event_free,
    incidence_columns,
    survival_columns,
)

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


def test_incidence_needs_several_causes():
    causes = [
        TargetSpec(f"d,s={x}", "survival", columns=(f"d_{x}", "s"), times=(2.0,))
        for x in "12"
    ]
    curves = {spec.name: np.exp([[-0.5]]) for spec in (*causes, SPEC)}
    columns = incidence_columns([*causes, SPEC], curves, [1, 2])
    names = [f"d_{x}_incidence_at_{at}" for x in "12" for at in (1, 2)]
    assert list(columns) == names
    np.testing.assert_allclose(columns["d_1_incidence_at_2"], (1 - np.exp(-1)) / 2)
    assert incidence_columns(causes[:1], curves, [1]) == {}
    assert incidence_columns(causes, curves, []) == {}


def test_columns_of_competing_risks_sum_to_one():
    spec = TargetSpec(
        "d,c", "competing", columns=("d", "c"), times=(2.0, 4.0),
        hazards=(0.1, 0.1, 0.2, 0.2), causes=("a", "b"),
    )  # fmt: skip
    given = np.array([[[0.1, 0.3], [0.2, 0.4]], [[np.nan] * 2] * 2])
    columns = competing_columns(spec, given, at=[1, 4])
    assert list(columns)[:2] == ["d_a_risk", "d_b_risk"]
    for time in (1, 4):
        parts = [columns[f"d_{x}_incidence_at_{time}"][0] for x in "ab"]
        assert sum(parts) + columns[f"d_at_{time}"][0] == pytest.approx(1)
    assert columns["d_b_incidence_at_4"][0] == pytest.approx(0.4)
    np.testing.assert_allclose(event_free(spec, given)[0], [0.7, 0.3])
    assert all(np.isnan(column[1]) for column in columns.values())
    with pytest.raises(DataError, match="is known from 0 to 4"):
        competing_columns(spec, given, at=[5])
