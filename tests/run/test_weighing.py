import numpy as np

from jaxbio.run.planning import make_plan
from jaxbio.run.weighing import choose_weights
from tests.helpers import linear_data, normal


def test_weights_are_those_that_make_the_loss_small():
    data = linear_data(80, columns=2)
    plan = make_plan(None, None, {"train": data, "valid": data})
    valid = plan.schema.encode(data)
    spec = plan.schema.target("y")
    truth = (valid.targets["y"] - spec.mean) / np.asarray(spec.scale)
    truth, noise = np.float32(truth), np.asarray(normal(80, 1), np.float32)
    outputs = [{"y": truth + noise}, {}, {"y": truth - noise}, {"y": 0 * truth}]
    weights = choose_weights(plan.objective, outputs, valid, seed=0)["y"]
    np.testing.assert_allclose(weights, [0.5, 0, 0.5, 0], atol=0.06)
    wrong = [{"y": truth * np.nan}, {"y": truth}]
    assert choose_weights(plan.objective, wrong, valid, seed=0)["y"].tolist() == [0, 1]
    # Five rows of twenty choose a quarter; the rest is equal among what has answers.
    clear = [{"y": truth[:5]}, {"y": 0 * truth[:5]}, {"y": truth[:5] * np.nan}]
    few = valid.take(np.arange(5))
    weights = choose_weights(plan.objective, clear, few, seed=0)["y"]
    np.testing.assert_allclose(weights, [0.25 + 0.375, 0.375, 0], atol=1e-6)
