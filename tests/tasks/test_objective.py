import math

import jax.numpy as jnp
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.tasks import (
    Binary,
    Objective,
    Regression,
)
from jaxbio.tasks.objective import total

NUMBER = TargetSpec("y", "number", columns=("y",), mean=(4.0,), scale=(2.0,))
TWO = TargetSpec("y", "class", classes=("a", "b"), frequencies=(3, 1))
NAN = float("nan")


def test_objective_is_the_weighted_mean_over_labelled_examples():
    objective = Objective(
        {"a": Regression(standardize=False), "b": Binary(weight=0.5)},
        {"a": NUMBER, "b": TWO},
    )
    batch = {
        "targets": {
            "a": jnp.array([[1.0], [NAN], [5.0]]),
            "b": jnp.array([-1, 1, 0]),
        },
        "weights": jnp.array([2.0, 1.0, 0.0]),
    }
    outputs = {"a": jnp.zeros((3, 1)), "b": jnp.zeros((3, 1))}
    loss = total(objective.sums(outputs, batch))
    assert float(loss) == pytest.approx(1.0 + 0.5 * math.log(2), rel=1e-6)
