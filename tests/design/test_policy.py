"""The policy gradient: what it begins as, what it learns."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio import DNA
from jaxbio.design import Constraints, PolicyGradient, RandomSearch
from jaxbio.design.policy import _params, _tables, advantages, follow, prior


def followed(params, tables, every):
    """Log-probabilities of whole sequences, and their divergence from the prior."""
    found = jax.vmap(lambda row: follow(params, tables, row))(every)
    return [values.sum(axis=1) for values in found]


def test_rules_are_kept(keeps_rules):
    keeps_rules(PolicyGradient(batch=32, hidden=8))


def test_it_learns_what_chance_does_not_find(best):
    assert best(PolicyGradient(batch=32, hidden=8), calls=600)[0] == 8
    assert best(RandomSearch(), calls=600)[0] < 8


def test_the_prior_is_a_distribution_over_the_options():
    space = Constraints(synonymous=True).space(DNA.encode("ATGCTTAAA"), DNA)
    chances = np.exp(prior(space, 1.0))
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
    assert (chances[0, 1:] == 0).all() and (chances[2, 2:] == 0).all()
    own = [chances[site, space.origin[site]] for site in (1, 2)]
    np.testing.assert_allclose(own, 0.5, rtol=1e-6)  # one edit of two sites


def test_the_prior_knows_what_follows_what():
    space = Constraints().space(DNA.encode("ACACACAC"), DNA)
    after_a = prior(space, 2.0)[2, :, 0]  # an A is before; A stands there
    assert after_a[1] == max(after_a[1:]) > after_a[2] == after_a[3]


def test_the_prior_keeps_what_it_is_given():
    space = Constraints().space(DNA.encode("AAAA"), DNA)
    chances = np.exp(prior(space, 1.0, np.array([2, 2, 0, 3])))
    assert (chances.argmax(axis=1) == np.array([[2], [2], [0], [3]])).all()


def test_a_policy_that_has_settled_is_replaced(best):
    # Nothing is won for what was written before: a new policy goes on from the best.
    method = PolicyGradient(batch=16, hidden=4, learning_rate=0.5, novelty=0.0)
    assert best(method, calls=400)[1] == 400


def test_probabilities_sum_to_one_and_a_new_policy_is_the_prior():
    space = Constraints(max_edits=2).space(DNA.encode("ACG"), DNA)
    tables = _tables(space, 1.0)
    params = _params(jax.random.key(0), 3, 4, 4)
    every = jnp.asarray(np.stack(np.meshgrid(*[range(4)] * 3), -1).reshape(-1, 3))
    log_p, kl = followed(params, tables, every)
    assert float(jnp.exp(log_p).sum()) == pytest.approx(1, abs=1e-5)
    allowed = space.within(np.asarray(every, np.int64))
    assert float(jnp.exp(log_p)[~allowed].sum()) == 0 and not allowed.all()
    np.testing.assert_allclose(kl, 0, atol=1e-6)
    params["bias"] = params["bias"].at[:, 0].set(2.0)
    log_p, kl = followed(params, tables, every)
    assert float(jnp.exp(log_p).sum()) == pytest.approx(1, abs=1e-5)
    assert (np.asarray(kl)[allowed] > 0).all()


def test_rewards_have_no_scale_of_their_own():
    scores = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(advantages(scores), advantages(100 * scores + 7), 1e-6)
    assert advantages(np.array([2.0, 2.0])).tolist() == [0, 0]
    assert advantages(np.array([-np.inf] * 2)).tolist() == [0, 0]
