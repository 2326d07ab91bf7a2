import numpy as np

from jaxbio.baselines.entity_index import entity_inputs
from jaxbio.baselines.random_effects import fit_random_effects
from jaxbio.data.specs import TargetSpec
from tests.helpers import numbered, rows_of

NUMBER = TargetSpec("y", "number", columns=("y",))


def test_which_inputs_are_entities():
    n = 40
    drug, cell = np.arange(n) // 8, np.arange(n) % 8
    rows = rows_of(np.zeros((n, 1), np.float32), drug=drug, cell=cell, copy=7 - cell)
    rows.inputs["all_different"] = numbered(np.arange(n))
    rows.inputs["numbers"] = np.zeros((n, 2), np.float32)
    assert entity_inputs(rows) == ("drug", "cell")
    titles = ["drug mean", "cell mean", "drug + cell means"]
    assert list(fit_random_effects(NUMBER, rows)) == titles
    points = TargetSpec("y", "points", per_position=True)
    assert fit_random_effects(points, rows) == {}
