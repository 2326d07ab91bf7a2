import math

import jax.numpy as jnp
import pytest

from jaxbio.nn.gated import Weights
from jaxbio.nn.lstm import lstm


def test_an_open_forget_gate_adds_up_and_a_shut_one_forgets():
    # Gates in, forget, new, out; nothing of the hidden state.
    for forget, second in ((50.0, 2.0), (-50.0, 1.0)):
        bias = jnp.array([50.0, forget, 0.0, 50.0])
        kernel = jnp.array([[0.0, 0.0, 50.0, 0.0]])
        weights = Weights(kernel, bias, jnp.zeros((1, 4)))
        (states,) = lstm([weights], [jnp.ones((2, 1, 1))])
        expected = [math.tanh(1.0), math.tanh(second)]
        assert states[:, 0, 0].tolist() == pytest.approx(expected, abs=1e-6)
