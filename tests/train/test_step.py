import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.errors import TrainingError
from jaxbio.tasks import Binary, MultiClass, Regression
from jaxbio.train import make_eval_step, make_train_step


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


def absolute(module, batch, rngs):
    """A loss of one's own: the mean absolute error of outputs and their size."""
    outputs = module(batch["inputs"], rngs=rngs)
    error = jnp.abs(outputs - batch["targets"]).sum()
    count = jnp.asarray(outputs.size, jnp.float32)
    return {"error": (error, count), "size": (0.1 * jnp.sum(outputs**2), count)}


def test_any_function_is_a_loss():
    state, step = make_train_step(
        Tiny(rngs=nnx.Rngs(0)), absolute, optax.adam(0.05), key=jax.random.key(0)
    )
    step, some = jax.jit(step), batch()
    losses = []
    for _ in range(30):
        state, metrics = step(state, some)
        losses.append(float(metrics["loss"]))
        parts = [float(part / weight) for part, weight in metrics["sums"].values()]
        assert losses[-1] == pytest.approx(sum(parts), rel=1e-5)
    assert losses[-1] < losses[0]
    evaluate = make_eval_step(Tiny(rngs=nnx.Rngs(0)), absolute)
    sums, predictions = evaluate(state.params, state.model_state, some)
    assert set(sums) == {"error", "size"} and predictions == {}


@pytest.mark.parametrize(
    "given", [jnp.zeros(()), {}, {"y": jnp.zeros(())}, {"y": (jnp.zeros(3), 1.0)}]
)
def test_a_loss_of_another_form_is_refused(given):
    state, step = make_train_step(
        Tiny(rngs=nnx.Rngs(0)), lambda *_: given, optax.sgd(0.1), key=jax.random.key(0)
    )
    with pytest.raises(TrainingError, match=r"give \{name: \(sum, weight\)\}"):
        step(state, batch())


def test_tasks_alone_take_the_number_of_classes_from_the_outputs():
    module = nnx.Linear(3, 5, rngs=nnx.Rngs(0))
    some = {**batch(), "targets": jnp.arange(8) % 5}
    state, step = make_train_step(
        module, MultiClass(), optax.sgd(0.1), key=jax.random.key(0)
    )
    loss = float(step(state, some)[1]["loss"])
    logits = np.asarray(module(some["inputs"]))
    normal = np.log(np.exp(logits).sum(axis=1))
    by_hand = (normal - logits[np.arange(8), np.arange(8) % 5]).mean()
    assert loss == pytest.approx(by_hand, rel=1e-5)
    sums, _ = make_eval_step(module, MultiClass())(
        state.params, state.model_state, some
    )
    part, weight = sums["loss"]
    assert float(part / weight) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize(
    "optimizer",
    [
        optax.chain(optax.sgd(0.1), optax.contrib.reduce_on_plateau(patience=1)),
        optax.lbfgs(0.1),
    ],
    ids=["reduce_on_plateau", "lbfgs"],
)
def test_optimizers_get_the_loss_its_gradient_and_its_function(optimizer):
    module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    state, step = make_train_step(
        module, Regression(), optimizer, key=jax.random.key(0)
    )
    step, some = jax.jit(step), batch()
    first = float(step(state, some)[1]["loss"])
    for _ in range(5):
        state, metrics = step(state, some)
    assert float(metrics["loss"]) < 0.5 * first


def test_the_norms_are_those_of_gradient_parameters_and_update():
    module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    state, step = make_train_step(
        module, Regression(), optax.sgd(0.1), key=jax.random.key(0)
    )
    new, metrics = step(state, batch())
    moves = jax.tree.map(lambda a, b: a - b, new.params, state.params)
    assert float(metrics["update_norm"]) == pytest.approx(
        float(optax.tree.norm(moves)), rel=1e-4
    )
    assert float(metrics["gradient_norm"]) == pytest.approx(
        10 * float(metrics["update_norm"]), rel=1e-4
    )
    assert float(metrics["parameter_norm"]) == pytest.approx(
        float(optax.tree.norm(new.params)), rel=1e-6
    )


def test_the_average_follows_the_parameters():
    module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    state, step = make_train_step(
        module, Regression(), optax.sgd(0.1), key=jax.random.key(0), ema=0.5
    )
    average = np.asarray(state.params["kernel"])
    for number in range(12):
        state, _ = step(state, batch(number))
        decay = min(0.5, (1 + number) / (10 + number))
        average = decay * average + (1 - decay) * np.asarray(state.params["kernel"])
    np.testing.assert_allclose(state.weights.params["kernel"], average, rtol=1e-5)


def test_what_is_frozen_keeps_weights_and_statistics():
    state, step = make_train_step(
        Tiny(rngs=nnx.Rngs(0)), Regression(), optax.adam(0.05),
        key=jax.random.key(0), freeze=("norm",),
    )  # fmt: skip
    new, metrics = jax.jit(step)(state, batch())
    jax.tree.map(
        np.testing.assert_array_equal, new.params["norm"], state.params["norm"]
    )
    for before, after in zip(
        jax.tree.leaves(state.model_state["norm"]),
        jax.tree.leaves(new.model_state["norm"]),
        strict=True,
    ):
        np.testing.assert_array_equal(before, after)
    assert (new.params["linear"]["kernel"] != state.params["linear"]["kernel"]).all()
    trained = optax.tree.norm(new.params["linear"])
    assert float(metrics["parameter_norm"]) == pytest.approx(float(trained), rel=1e-5)


@pytest.mark.parametrize("wrap", [lambda x: x, optax.with_extra_args_support])
def test_what_an_optimizer_never_moves_keeps_its_statistics(wrap):
    def labels(params):
        return {name: "still" if name == "norm" else "adam" for name in params}

    parts = {"adam": optax.adam(0.05), "still": optax.set_to_zero()}
    optimizer = optax.chain(optax.clip(1.0), optax.multi_transform(parts, labels))
    state, step = make_train_step(
        Tiny(rngs=nnx.Rngs(0)), Regression(), wrap(optimizer), key=jax.random.key(0)
    )
    new, _ = jax.jit(step)(state, batch())
    for one, other in (
        (state.params, new.params),
        (state.model_state, new.model_state),
    ):
        jax.tree.map(np.testing.assert_array_equal, one["norm"], other["norm"])
    assert (new.params["linear"]["kernel"] != state.params["linear"]["kernel"]).all()
