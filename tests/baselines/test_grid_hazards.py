import numpy as np

from jaxbio.baselines.grid_hazards import (
    breslow_offsets,
    cumulative_hazards,
    martingale_residuals,
)
from jaxbio.data.columns.time_to_event import event_grid, grid_hazards
from jaxbio.data.specs import TargetSpec
from tests.baselines.test_cox import cohort


def spec_of(rows):
    times = event_grid(rows[:, 0], rows[:, 1])
    found = tuple(times.tolist()), tuple(grid_hazards(rows, times).tolist())
    return TargetSpec("t,e", "survival", times=found[0], hazards=found[1])


def test_residuals_of_a_cohort_add_up_to_zero():
    _, rows = cohort()
    assert abs(martingale_residuals(spec_of(rows), rows).sum()) < 1e-9


def test_levels_make_as_many_events_as_were_seen():
    x, rows = cohort()
    spec, ratio, weights = spec_of(rows), x[:, 0].astype(float), np.full(len(x), 2.0)
    levels = breslow_offsets(spec, rows, ratio, weights)
    expected = np.exp(ratio[:, None] + levels) * cumulative_hazards(spec, rows)
    place = np.searchsorted(spec.times, rows[rows[:, 1] > 0, 0])
    np.testing.assert_allclose(expected.sum(axis=0), np.bincount(place))
    assert np.isfinite(breslow_offsets(spec, rows * [1, 0, 1], ratio, weights)).all()
