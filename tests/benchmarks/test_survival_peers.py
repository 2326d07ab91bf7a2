import types

import numpy as np
import pytest

import jaxbio as jb
from benchmarks.accuracy import survival_peers as peers
from jaxbio.data.learn import learn_schema
from tests.helpers import survival_data


def mixed(values, labels):
    return jb.Dataset(
        {
            "x": jb.data.Numeric(np.array(values, np.float32)[:, None], ("x",)),
            "c": jb.data.Category.from_values(labels),
        },
        survival_data(len(labels)).targets,
    )


def test_gaps_are_filled_by_medians_of_training_rows():
    train = mixed([0.0, 2, 2, np.nan], ["a", "b", "a", "b"])
    test = mixed([np.nan, 100], ["b", "new"])
    schema = learn_schema(train, {"days,died": ("survival", False)})
    first, second = peers.features(schema, schema.encode(train), schema.encode(test))
    x = np.array([0.0, 2, 2, 2])
    gap, a = np.array([0.0, 0, 0, 1]), np.array([1.0, 0, 1, 0])
    columns = np.stack([x, gap, a, 1 - a], axis=1)
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    assert first == pytest.approx((columns - mean) / spread, abs=1e-6)
    expected = np.array([[2.0, 1, 0, 1], [100, 0, 0, 0]])
    assert second == pytest.approx((expected - mean) / spread, abs=1e-5)


def test_coarse_times_keep_the_order_of_events():
    time, event = np.array([1.0, 2, 3, 4, 5, 0.5]), np.array([1, 0, 1, 1, 0, 0])
    assert peers.coarse_times(time, event, 2).tolist() == [1, 1, 4, 4, 4, 0.5]
    assert peers.coarse_times(time, event, 3).tolist() == time.tolist()


@pytest.fixture(scope="module")
def scores():
    pytest.importorskip("sksurv")
    data = survival_data(160, 2)
    parts = {"train": data.take(np.arange(110)), "test": data.take(np.arange(110, 160))}
    schema = learn_schema(parts["train"], {"days,died": ("survival", False)})
    count = len(schema.target("days,died").times)

    class Predictor:
        objective = types.SimpleNamespace(tasks=["days,died"])

        def __init__(self):
            self.schema = schema

        def __call__(self, rows):
            predicted = np.full((len(rows), count), 0.5)
            return types.SimpleNamespace(by_target={"days,died": predicted})

    run = types.SimpleNamespace(predictor=Predictor())
    return peers.score_peers(run, parts, 0)


def test_each_model_learns_the_order_and_the_curves(scores):
    assert tuple(scores) == peers.NAMES
    for each in scores.values():
        assert each["concordance"] > 0.65 and each["n"] == 50
        assert each["antolini"] == pytest.approx(each["concordance"], abs=0.08)
        assert 0 < each["ibs"] < 0.25


def test_other_inputs_than_tables_have_no_peers():
    train = survival_data(20, 1)
    schema = types.SimpleNamespace(inputs=["a sequence"], encode=lambda rows: rows)
    predictor = types.SimpleNamespace(
        schema=schema, objective=types.SimpleNamespace(tasks=["days,died"])
    )
    run = types.SimpleNamespace(predictor=predictor)
    assert peers.score_peers(run, {"train": train, "test": train}, 0) == {}
