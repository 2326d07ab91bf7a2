import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.tasks.base import Task, known_numbers

SPEC = TargetSpec("y", "number", columns=("u", "v"))


@dataclasses.dataclass(frozen=True)
class Absolute(Task):
    """The least that a task has to define for a loss."""

    name = "absolute"
    sharpness: float = 1.0

    def _cells(self, outputs, targets, spec):
        targets, mask = known_numbers(targets)
        return self.sharpness * jnp.abs(outputs - targets), mask


def test_the_loss_is_the_mean_over_what_is_known():
    targets = jnp.array([[1.0, jnp.nan], [2.0, 4.0], [jnp.nan, jnp.nan]])
    loss, known = Absolute(sharpness=2.0).loss(jnp.zeros((3, 2)), targets, SPEC)
    assert loss.tolist() == [2, 6, 0] and known.tolist() == [1, 1, 0]
    gradient = jax.grad(lambda x: Absolute().loss(x, targets, SPEC)[0].sum())(
        jnp.zeros((3, 2))
    )
    np.testing.assert_allclose(gradient, [[-1, 0], [-0.5, -0.5], [0, 0]])


def test_a_task_says_what_its_values_are_of_and_goes_to_json():
    task = Absolute(per_position=True, weight=0.5)
    assert (task.over, Absolute().over) == ("position", "row")
    assert task.to_dict() == {
        "task": "absolute", "per_position": True, "weight": 0.5, "sharpness": 1.0,
    }  # fmt: skip


def test_the_rest_is_for_each_task_to_define():
    with pytest.raises(NotImplementedError):
        Absolute().width(SPEC)
    with pytest.raises(NotImplementedError):
        Absolute().predict(jnp.zeros((1, 2)), SPEC)
