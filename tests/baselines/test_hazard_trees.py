import numpy as np

from jaxbio.baselines.hazard_trees import fit_hazard_trees
from tests.baselines.test_cox import cohort
from tests.baselines.test_grid_hazards import spec_of


def test_trees_find_a_risk_that_is_no_line():
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 2)).astype(np.float32)
    time = random.exponential(np.exp(-2.0 * (np.abs(x[:, 0]) > 0.7)))
    rows = np.stack([time, np.ones(300), np.zeros(300)], axis=1)
    nodes = fit_hazard_trees(spec_of(rows), x, rows, np.ones(300))
    assert len(nodes) > 3
    assert nodes[0]["feature_idx"][0] == 0
    assert abs(abs(nodes[0]["num_threshold"][0]) - 0.7) < 0.1


def test_few_events_or_no_feature_make_no_trees():
    x, rows = cohort(30)
    few = rows.copy()
    few[3:, 1] = 0
    few[:3, 1] = 1
    assert fit_hazard_trees(spec_of(few), x, few, np.ones(30)) == []
    assert fit_hazard_trees(spec_of(rows), x[:, :0], rows, np.ones(30)) == []
