"""Proximal policy optimization: what is clipped, and what it finds."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxbio import DNA
from jaxbio.design import PPO, Constraints, PolicyGradient
from jaxbio.design.policy import _params, _tables, follow
from jaxbio.design.ppo import clipped

SMALL = {"batch": 32, "hidden": 8}


def test_rules_are_kept(keeps_rules):
    keeps_rules(PPO(**SMALL, epochs=2), calls=40)


def test_it_finds_the_optimum_as_reinforce_does(best):
    for method in (PPO(**SMALL), PolicyGradient(**SMALL)):
        assert best(method)[0] == 8


def test_nothing_is_gained_beyond_the_clip():
    slope = jax.grad(lambda x, worth: clipped(x, worth, 0.2))
    for ratio, worth, moves in (
        (1.3, 1.0, False), (0.7, 1.0, True), (0.7, -1.0, False), (1.3, -1.0, True),
    ):  # fmt: skip
        assert (slope(np.log(ratio), worth) != 0) == moves


@pytest.fixture
def batch():
    """A policy with its tables, what it wrote, and what that was worth."""
    tables = _tables(Constraints().space(DNA.encode("ACGA"), DNA), 2.0)
    params = _params(jax.random.key(0), 4, 4, 4)
    choices = jnp.asarray(np.random.default_rng(0).integers(0, 4, (16, 4)))
    worth = jnp.asarray(np.random.default_rng(1).normal(size=16), jnp.float32)
    return params, tables, choices, worth


def test_the_first_step_is_that_of_reinforce(batch):
    params, tables, choices, worth = batch
    optimizer = optax.sgd(0.1)
    state = optimizer.init(params)
    one, _ = PPO(epochs=1).learner(optimizer)(params, state, tables, choices, worth)
    other, _ = PolicyGradient().learner(optimizer)(
        params, state, tables, choices, worth
    )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), one, other)


def test_a_batch_that_is_learned_from_often_moves_little(batch):
    params, tables, choices, worth = batch
    optimizer = optax.sgd(0.1)

    def moved(clip):
        learn = PPO(epochs=60, clip=clip, kl=0.0).learner(optimizer)
        now, _ = learn(params, optimizer.init(params), tables, choices, worth)
        log_p = jax.vmap(lambda some, row: follow(some, tables, row)[0], (None, 0))
        return float(jnp.abs(log_p(now, choices) - log_p(params, choices)).mean())

    assert moved(0.05) < 0.5 * moved(10.0)
