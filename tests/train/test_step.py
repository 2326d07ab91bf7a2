import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.tasks import Binary, Regression
from jaxbio.train import make_train_step


class Tiny(nnx.Module):
    """A linear layer with dropout and batch statistics, to see keys and state."""

    def __init__(self, *, rngs):
        self.linear = nnx.Linear(3, 1, rngs=rngs)
        self.norm = nnx.BatchNorm(3, rngs=rngs)
        self.dropout = nnx.Dropout(0.5)

    def __call__(self, inputs, *, rngs=None):
        return self.linear(self.dropout(self.norm(inputs), rngs=rngs))


def batch(seed=0):
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(8, 3)).astype(np.float32)
    return {
        "inputs": jnp.asarray(inputs),
        "targets": jnp.asarray(inputs[:, :1] * 2),
        "weights": jnp.ones(8),
    }


def start(key=0):
    module = Tiny(rngs=nnx.Rngs(0))
    return make_train_step(
        module, Regression(), optax.adam(0.05), key=jax.random.key(key)
    )


def test_the_step_is_pure_and_follows_from_key_and_step():
    state, step = start()
    one, first = step(state, batch())
    again, second = step(state, batch())
    assert float(first["loss"]) == float(second["loss"])
    jax.tree.map(np.testing.assert_array_equal, one.params, again.params)
    # Another step number means other dropout.
    later = type(state)(**{**vars(state), "step": jnp.array(5)})
    assert float(step(later, batch())[1]["loss"]) != float(first["loss"])
    assert int(one.step) == 1


def test_statistics_change_and_stay_in_the_state():
    state, step = start()
    new, _ = jax.jit(step)(state, batch())
    before, after = (jax.tree.leaves(s.model_state) for s in (state, new))
    assert any(
        (np.asarray(a) != np.asarray(b)).any()
        for a, b in zip(before, after, strict=True)
    )
    for leaf in after:
        assert isinstance(leaf, jax.Array)


def test_it_jits_scans_and_vmaps():
    state, step = start()
    batches = jax.tree.map(lambda *x: jnp.stack(x), *(batch(i) for i in range(4)))
    scanned, metrics = jax.jit(lambda s: jax.lax.scan(step, s, batches))(state)
    looped = state
    for i in range(4):
        looped, last = jax.jit(step)(looped, batch(i))
    assert float(metrics["loss"][-1]) == pytest.approx(float(last["loss"]), rel=1e-5)
    members = jax.tree.map(lambda x: jnp.stack([x, x]), state)
    both, _ = jax.vmap(step, in_axes=(0, None))(members, batch())
    alone, _ = step(state, batch())
    kernel = both.params["linear"]["kernel"]
    np.testing.assert_allclose(kernel[1], alone.params["linear"]["kernel"], rtol=1e-5)
    assert int(scanned.step) == 4


def test_rows_of_weight_zero_change_nothing():
    module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    state, step = make_train_step(
        module, Regression(), optax.sgd(0.1), key=jax.random.key(0)
    )
    some = batch()
    more = {
        "inputs": jnp.concatenate([some["inputs"], jnp.full((4, 3), 99.0)]),
        "targets": jnp.concatenate([some["targets"], jnp.full((4, 1), 7.0)]),
        "weights": jnp.concatenate([some["weights"], jnp.zeros(4)]),
    }
    one, _ = step(state, some)
    two, _ = step(state, more)
    np.testing.assert_allclose(one.params["kernel"], two.params["kernel"], rtol=1e-6)


def test_training_lowers_the_loss_and_a_single_task_will_do():
    module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    state, step = make_train_step(
        module, Binary(), optax.adam(0.1), key=jax.random.key(0)
    )
    some = batch()
    some["targets"] = (some["inputs"][:, 0] > 0).astype(np.int32)
    step = jax.jit(step)
    losses = []
    for _ in range(40):
        state, metrics = step(state, some)
        losses.append(float(metrics["loss"]))
    assert losses[-1] < 0.3 * losses[0]


def test_the_rate_scale_scales_updates():
    module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    state, step = make_train_step(
        module, Regression(), optax.sgd(0.1), key=jax.random.key(0)
    )
    half = type(state)(**{**vars(state), "rate_scale": jnp.array(0.5)})
    whole_change = step(state, batch())[0].params["kernel"] - state.params["kernel"]
    half_change = step(half, batch())[0].params["kernel"] - state.params["kernel"]
    np.testing.assert_allclose(half_change, 0.5 * whole_change, rtol=1e-5)
