import math

import jax.numpy as jnp
import pytest

from jaxbio.nn.gated import Weights
from jaxbio.nn.gru import gru


def test_the_update_gate_keeps_and_the_reset_gate_hides_the_state():
    # Gates reset, update, new: a half of the state stays at each position.
    kernel, bias = jnp.array([[0.0, 0.0, 1.0]]), jnp.array([-50.0, 0.0, 0.0])
    hidden = Weights(kernel, bias, jnp.array([[0.0, 0.0, 3.0]]))
    (states,) = gru([hidden], [jnp.ones((2, 1, 1))])
    new = math.tanh(1.0)
    assert states[:, 0, 0].tolist() == pytest.approx([new / 2, 0.75 * new], abs=1e-6)
    shown = hidden._replace(bias=jnp.array([50.0, 0.0, 0.0]))
    (states,) = gru([shown], [jnp.ones((2, 1, 1))])
    second = math.tanh(1 + 1.5 * new) / 2 + new / 4
    assert float(states[1, 0, 0]) == pytest.approx(second, abs=1e-6)
