import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.nn import closures
from jaxbio.nn.closures import Program, share


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setattr(closures, "_SHARED", [False])
    return share(np.arange(64 * 64, dtype=np.float32).reshape(64, 64) / 4096)


def _functions(kernel):
    def plain(x):
        return jnp.tanh(x @ kernel)

    def layers(x):
        stacked = jnp.stack([kernel, kernel])
        step = jax.checkpoint(lambda x, w: (jnp.tanh(x @ w @ kernel), None))
        return jax.lax.scan(step, x, stacked)[0]

    def branches(x):
        return jax.lax.switch(jnp.int32(x[0, 0]), [plain, layers], x)

    yield from (plain, layers, branches, jax.grad(lambda x: layers(x).sum()))
    yield lambda x: jax.lax.fori_loop(0, 2, lambda _, x: plain(x), x)
    yield jax.vmap(plain)


def test_arrays_stand_beside_the_program_and_not_in_it(kernel):
    x = jnp.ones((3, 64))
    for function in _functions(kernel):
        program = Program(function)
        want = jax.jit(function)(x)
        np.testing.assert_allclose(program(x), want, atol=1e-6)
        lowered = program.lower(jax.ShapeDtypeStruct(x.shape, x.dtype))
        assert len(lowered._lowered.as_text()) < 20_000  # the array has 32,768 digits
        np.testing.assert_allclose(lowered.compile()(x), want, atol=1e-6)


def test_static_arguments_and_trees(kernel):
    def function(tree, *, times):
        return {"y": times * tree["x"] @ kernel}

    program = Program(function, static_argnames=("times",))
    x = jnp.ones((1, 64))
    for times in (1, 2, 1):
        found = program({"x": x}, times=times)["y"]
        np.testing.assert_allclose(found, times * x @ kernel, atol=1e-4)


def test_without_shared_arrays_it_is_the_plain_program(monkeypatch):
    monkeypatch.setattr(closures, "_SHARED", [False])
    program = Program(lambda x: 2 * x, donate_argnums=(0,))
    assert program(jnp.ones(2)).tolist() == [2, 2]
    assert program.lower(jnp.ones(2)).compile()(jnp.ones(2)).tolist() == [2, 2]


def test_arrays_are_shared_while_something_is_traced(kernel):
    kept = []

    def build():
        kept.append(share(np.ones(3, np.float32)))
        return kept[0] * 2

    assert jax.eval_shape(build).shape == (3,)
    assert kept[0].tolist() == [1, 1, 1]  # an array, not a trace of one
