import jax.numpy as jnp
import numpy as np

from jaxbio.data.specs import TargetSpec
from jaxbio.tasks import Regression
from jaxbio.tasks.by_copy import ByCopy
from jaxbio.tasks.objective import Objective, total

SPEC = TargetSpec("y", "number", columns=("y",), mean=(0.0,), scale=(1.0,))
OBJECTIVE = Objective({"y": Regression()}, {"y": SPEC})


class Copies:
    """Two copies that err by 1 to either side, and whose mean is right."""

    def by_copy(self, inputs, *, rngs=None):
        return {"y": jnp.stack([inputs + 1, inputs - 1])}

    def __call__(self, inputs, *, rngs=None):
        return {"y": inputs}


def batch(weights):
    x = jnp.array([[0.0], [2.0]])
    return {"inputs": x, "targets": {"y": x}, "weights": jnp.asarray(weights)}


def test_training_takes_the_loss_of_each_copy_and_validation_that_of_the_mean():
    objective = ByCopy.around(OBJECTIVE)
    sums = objective(Copies(), batch([1.0, 1.0]))
    expected = OBJECTIVE.sums({"y": jnp.array([[1.0], [3.0]])}, batch([1.0, 1.0]))
    np.testing.assert_allclose(total(sums), total(expected))
    assert float(total(sums)) > 0
    judged, predictions = objective.evaluate(Copies(), batch([1.0, 1.0]))
    assert float(total(judged)) == 0
    np.testing.assert_allclose(predictions["y"], [[0.0], [2.0]])


def test_weights_count_once():
    _, weight = ByCopy.around(OBJECTIVE)(Copies(), batch([1.0, 0.5]))["y"]
    assert float(weight) == 1.5
