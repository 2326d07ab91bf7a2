"""Training anew on old and new rows."""

import dataclasses

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import TrainingError
from jaxbio.run import retrain
from tests.helpers import linear_data


@pytest.fixture(scope="module")
def run():
    rows = linear_data(n=40, columns=2)
    how = {"epochs": 2, "members": 1, "batch_size": 8, "baselines": False}
    return jb.fit(jb.Network(jb.MLP(hidden=()), hidden=()), None, rows, **how), rows


def test_a_network_is_built_and_trained_as_it_was(run):
    first, rows = run
    new = linear_data(n=20, columns=2, seed=1)
    both = retrain(first, rows, new, rows.take(range(5)), baselines=False)
    assert both.model == first.model
    assert dataclasses.replace(both.training, augment=first.training.augment) == (
        first.training
    )
    assert len(both.trained_on) == 60
    more = retrain(first, rows, new, baselines=False, members=2)
    assert len(more.predictor.members) == 2


def test_a_new_row_takes_the_place_of_an_old_one(run):
    first, rows = run
    (name,) = rows.targets
    again = rows.take(range(10))
    values = dataclasses.replace(
        again.targets[name], values=np.asarray(again.targets[name].values) + 100
    )
    again = dataclasses.replace(again, targets={name: values})
    seen = {}

    class Told(jb.Callback):
        def on_start(self, model, training):
            seen["start"] = training.batch_size

    both = retrain(
        first, rows, again, rows.take(range(35, 40)), callbacks=[Told()],
        baselines=False,
    )  # fmt: skip
    assert len(both.trained_on) == 40 and seen["start"] == 8
    mean = both.predictor.schema.target(name).mean[0]
    old = np.asarray(rows.targets[name].values)
    assert mean == pytest.approx(old.mean() + 25, rel=1e-4)


def test_rows_without_weights_weigh_one(run):
    first, rows = run
    new = linear_data(n=4, columns=2, seed=2)
    heavy = dataclasses.replace(new, weights=np.full(4, 3, np.float32))
    assert (
        retrain(first, rows, heavy, rows.take(range(5)), baselines=False).path is None
    )


def test_what_was_learned_without_labels_is_refused(run):
    first, rows = run
    objective = dataclasses.replace(first.predictor.objective, tasks={})
    predictor = first.predictor.alone()[0]
    predictor.objective = objective
    other = dataclasses.replace(first, predictor=predictor)
    with pytest.raises(TrainingError, match="learned without labels"):
        retrain(other, rows, rows)
