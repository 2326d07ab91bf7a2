import math

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.nn import RecurrentStack
from jaxbio.nn.gated import Weights
from jaxbio.nn.gru import gru
from tests.helpers import normal


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


def test_a_gru_is_that_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    stack = RecurrentStack("gru", 3, (5,), rngs=nnx.Rngs(0))
    twin = torch.nn.GRU(3, 5, bidirectional=True, batch_first=True)
    layers = [*stack.forward, *stack.backward]
    for layer, suffix in zip(layers, ("", "_reverse"), strict=True):
        copied = {
            "weight_ih_l0": layer.project.kernel[...].T,
            "weight_hh_l0": layer.recur[...].T,
            "bias_ih_l0": layer.project.bias[...],
            "bias_hh_l0": jnp.zeros(15),
        }
        for name, values in copied.items():
            with torch.no_grad():
                getattr(twin, name + suffix).copy_(torch.tensor(np.array(values)))
    x = normal(4, 12, 3)
    mine = stack(x, jnp.ones((4, 12), bool))
    theirs = twin(torch.tensor(np.array(x)))[0].detach().numpy()
    np.testing.assert_allclose(mine, theirs, atol=1e-6)
