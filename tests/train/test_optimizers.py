import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxbio.errors import TrainingError
from jaxbio.train import OPTIMIZERS, Training, make_optimizer, make_schedule
from jaxbio.train.optimizers import fingerprint


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_downhill(name):
    optimizer = make_optimizer(Training(optimizer=name, learning_rate=0.05), steps=60)
    params = {"kernel": jnp.full((2, 2), 2.0), "bias": jnp.full((2,), -2.0)}
    state = optimizer.init(params)

    def loss(params):
        return sum(jnp.sum(value**2) for value in params.values())

    @jax.jit
    def step(params, state):
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        return optax.apply_updates(params, updates), state

    before = float(loss(params))
    for _ in range(60):
        params, state = step(params, state)
    assert float(loss(params)) < 0.8 * before


def test_weight_decay_spares_vectors():
    training = Training(weight_decay=0.5, warmup=0, schedule="constant", clip=0)
    optimizer = make_optimizer(training, steps=10)
    params = {"kernel": jnp.ones((2, 2)), "bias": jnp.ones(2)}
    zero = jax.tree.map(jnp.zeros_like, params)
    updates, _ = optimizer.update(zero, optimizer.init(params), params)
    np.testing.assert_allclose(updates["kernel"], -0.5 * 1e-3 * np.ones((2, 2)))
    np.testing.assert_allclose(updates["bias"], np.zeros(2))


def test_accumulated_gradients_make_one_update():
    training = Training(
        optimizer="sgd", accumulate=2, warmup=0, schedule="constant", clip=0
    )
    optimizer = make_optimizer(training, steps=4)
    params = {"kernel": jnp.zeros((1, 1))}
    state = optimizer.init(params)
    first, state = optimizer.update({"kernel": jnp.full((1, 1), 1.0)}, state, params)
    second, state = optimizer.update({"kernel": jnp.full((1, 1), 3.0)}, state, params)
    assert float(first["kernel"][0, 0]) == 0.0
    assert float(second["kernel"][0, 0]) == pytest.approx(-2e-3)


def test_clipping_bounds_the_global_norm():
    training = Training(
        optimizer="sgd", learning_rate=1.0, warmup=0, schedule="constant", clip=1.0
    )
    optimizer = make_optimizer(training, steps=1)
    params = {"a": jnp.zeros(1), "b": jnp.zeros(1)}
    gradients = {"a": jnp.array([30.0]), "b": jnp.array([40.0])}
    updates, _ = optimizer.update(gradients, optimizer.init(params), params)
    assert float(optax.tree.norm(updates)) == pytest.approx(1.0, rel=1e-5)


def test_cosine_schedule_by_hand():
    rate = make_schedule(Training(learning_rate=0.1, warmup=0.2), steps=100)
    assert float(rate(10)) == pytest.approx(0.05)
    assert float(rate(60)) == pytest.approx(0.05)
    assert float(rate(100)) == pytest.approx(0.0, abs=1e-8)


def test_unknown_optimizer_has_a_hint():
    with pytest.raises(TrainingError, match="did you mean 'adamw'"):
        make_optimizer(Training(optimizer="adamww"), steps=1)


RATE = 0.1


class Rate:
    """A schedule that is an object."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate


def labelled(labels):
    parts = {"a": optax.adam(0.1), "b": optax.set_to_zero()}
    return optax.multi_transform(parts, labels)


@pytest.mark.parametrize(
    ("make", "one", "other"),
    [
        (optax.adam, np.float32(0.1), np.float32(0.2)),
        (optax.adam, lambda step: 0.1, lambda step: 0.2),
        (optax.adam, lambda step: RATE, lambda step: 0.1),
        (optax.adam, Rate(0.1), Rate(0.2)),
        (optax.adam, Rate(0.1).__call__, Rate(0.2).__call__),
        (labelled, {"x": "a"}, {"x": "b"}),
        (labelled, lambda _: {"x": "a"}, lambda _: {"x": "b"}),
    ],
)
def test_other_optimizers_have_other_fingerprints(make, one, other):
    assert fingerprint(make(one)) == fingerprint(make(one))
    assert fingerprint(make(one)) != fingerprint(make(other))
