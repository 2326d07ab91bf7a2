import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import (
    Binary,
    MultiClass,
    MultiLabel,
)

TWO = TargetSpec("y", "class", classes=("a", "b"), frequencies=(3, 1))
THREE = TargetSpec("y", "class", classes=("a", "b", "c"), frequencies=(2, 1, 1))
NAN = float("nan")


def test_binary_cross_entropy_by_hand():
    outputs, targets = jnp.array([[0.0], [2.0], [1.0]]), jnp.array([0, 1, -1])
    loss, known = Binary().loss(outputs, targets, TWO)
    expected = [math.log(2), math.log(1 + math.exp(-2)), 0]
    np.testing.assert_allclose(loss, expected, rtol=1e-6)
    np.testing.assert_array_equal(known, [1, 1, 0])
    np.testing.assert_allclose(
        Binary().predict(outputs, TWO), 1 / (1 + np.exp([0.0, -2.0, -1.0])), rtol=1e-6
    )


def test_balanced_classes_have_equal_total_weight():
    targets = jnp.array([0, 0, 0, 1])
    plain, _ = Binary().loss(jnp.zeros((4, 1)), targets, TWO)
    balanced, _ = Binary(balanced=True).loss(jnp.zeros((4, 1)), targets, TWO)
    weights = balanced / plain
    assert float(weights[:3].sum()) == pytest.approx(float(weights[3]))
    assert float(weights.sum()) == pytest.approx(4.0)


def test_binary_refuses_three_classes():
    with pytest.raises(JaxbioError, match=r"has 3 classes .* 'multiclass'"):
        Binary().width(THREE)


def test_softmax_cross_entropy_agrees_with_optax():
    outputs = jnp.array([[1.0, 2.0, 0.5], [0.0, 0.0, 0.0]])
    loss, _ = MultiClass().loss(outputs, jnp.array([1, 2]), THREE)
    expected = optax.softmax_cross_entropy_with_integer_labels(
        outputs, jnp.array([1, 2])
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-6)
    np.testing.assert_allclose(MultiClass().predict(outputs, THREE).sum(axis=1), [1, 1])


def test_label_smoothing_spreads_the_label():
    outputs = jnp.array([[1.0, 2.0, 0.5]])
    loss, _ = MultiClass(label_smoothing=0.3).loss(outputs, jnp.array([1]), THREE)
    labels = np.array([0.1, 0.8, 0.1])
    expected = -(labels * np.log(jax.nn.softmax(outputs)[0])).sum()
    np.testing.assert_allclose(loss, [expected], rtol=1e-6)


def test_multilabel_masks_single_cells():
    spec = TargetSpec("y", "labels", columns=("u", "v"), mean=(0.5, 0.5), scale=(1, 1))
    loss, known = MultiLabel().loss(
        jnp.array([[0.0, 3.0]]), jnp.array([[1.0, NAN]]), spec
    )
    np.testing.assert_allclose(loss, [math.log(2)], rtol=1e-6)
    np.testing.assert_array_equal(known, [1])


def test_classes_per_position_leave_out_padding():
    task = MultiClass(per_position=True)
    outputs = jnp.zeros((1, 3, 3)).at[0, 1, 2].set(1.0)
    targets = jnp.array([[0.0, 2.0, NAN]])  # the last position is padding
    loss, _ = task.loss(outputs, targets, THREE)
    second = -math.log(math.e / (math.e + 2))
    np.testing.assert_allclose(loss, [(math.log(3) + second) / 2], rtol=1e-6)
