import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
import training
import twins

SHORT = dataclasses.replace(
    twins.DEEPSTARR, length=39, channels=(8, 6, 6, 5), dense=(7, 7)
)
DILATED = dataclasses.replace(
    twins.BPNET,
    length=40,
    channels=(8,) * 3,
    kernel_sizes=(21, 3, 3),
    dilations=(1, 2, 16),
)
RESIDUAL = dataclasses.replace(
    twins.WIDE, length=30, channels=(8,) * 3, kernel_sizes=(15, 5, 5)
)
POOLED = dataclasses.replace(twins.SMALL, length=31, channels=(8, 8))


@pytest.mark.parametrize("shape", [SHORT, DILATED, RESIDUAL, POOLED])
def test_convolutional_twins_agree(shape):
    pytest.importorskip("torch")
    assert training.agreement(shape, size=4) < 1e-5


def test_the_perceptrons_agree():
    torch = pytest.importorskip("torch")
    module = twins.perceptron(20, (6, 5))
    x = np.random.default_rng(0).normal(size=(4, 20)).astype(np.float32)
    with torch.no_grad():
        theirs = twins.torch_perceptron(module)(torch.tensor(x)).numpy()
    np.testing.assert_allclose(module(jnp.asarray(x)), theirs, atol=1e-5)


def test_operations_are_counted():
    # Two gradients and the forward pass; the first layer has one gradient.
    assert twins.perceptron_flops(10, (4,)) == 2 * 2 * 10 * 4 + 3 * 2 * 4 * 1
    shape = twins.Shape(
        length=5, channels=(3, 2), kernel_sizes=(7, 3), pool_windows=(2, 1), outputs=1
    )
    stem, second, head = 5 * 7 * 4 * 3, 3 * 3 * 3 * 2, 2 * 3
    assert shape.flops == 2 * (2 * stem + 3 * second + 3 * head)
