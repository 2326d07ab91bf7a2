import dataclasses

import numpy as np
import pytest

from jaxbio.errors import TrainingError
from jaxbio.run.planning import make_plan
from tests.helpers import linear_data


def test_folds_are_for_rows_of_which_nothing_else_decides():
    data = linear_data(60, columns=2)

    def count(rows=data, **how):
        parts = {"train": rows} | how.pop("parts", {})
        return len(make_plan(None, None, parts, settings=how).folds)

    assert count() == 5 and count(members=4) == 4
    assert count(members=2) == 0 and count(data.take(np.arange(20))) == 0
    assert count(parts={"valid": data}) == 0
    assert make_plan(None, None, {"train": data}, quick=True).folds == ()
    grouped = dataclasses.replace(data, groups=np.repeat(["a", "b", "c"], 20))
    plan = make_plan(None, None, {"train": grouped})
    assert [len(held) for _, held in plan.folds] == [20, 20, 20]
    groups = np.asarray(grouped.groups)
    assert all(not set(groups[x]) & set(groups[y]) for x, y in plan.folds)


def test_folds_that_are_given_hold_each_row_out_once():
    data = linear_data(60, columns=2)
    rows = np.arange(60)
    pairs = [(rows[20:], rows[:20]), (rows[:40], rows[40:])]
    with pytest.raises(TrainingError, match="hold 40 rows out: each of the 60 train"):
        make_plan(None, None, {"train": data}, folds=pairs)
    pairs.append((np.r_[rows[:20], rows[40:]], rows[20:40]))
    plan = make_plan(None, None, {"train": data}, folds=pairs)
    assert plan.cross_fitted and plan.training.members == 3
    with pytest.raises(TrainingError, match="without validation rows"):
        make_plan(None, None, {"train": data, "valid": data}, folds=pairs)
