"""Policy gradient: a network that writes sequences learns which ones score well."""

import collections
import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, Int32, Int64

from jaxbio.design.archive import Archive
from jaxbio.design.space import Space

Learner = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any]]
"""From parameters, the optimizer's state, tables, choices of a batch and their rewards
to the next parameters and state."""

_PATIENCE = 20  # new policies without a new sequence after which the search ends
_SETTLED = 3  # batches without a new sequence after which a policy has settled
_CLOSED = -1e9  # the logit of an option that is not there


@dataclasses.dataclass(frozen=True)
class PolicyGradient:
    """Train an autoregressive policy by REINFORCE, and score what it writes.

    The policy is a recurrent network that chooses site after site and knows what it
    chose before. It begins as a Markov prior: keep what stands in the start, or now and
    then replace it by what follows the site before it in the start. The reward is the
    score in units of the batch, less what the policy has moved from the prior, and less
    for a sequence that was written before. A policy that writes nothing new is replaced
    by a new one whose prior keeps the best sequence so far. Options beyond the most
    edits are closed; what breaks another rule takes no call and has the reward of the
    worst of its batch.

    Attributes:
        batch: Sequences of an update.
        hidden: Width of the network.
        learning_rate: Of Adam.
        kl: The weight of the Kullback-Leibler divergence from the prior.
        edits: Edits of the prior that are expected; fewer where fewer may be made.
        novelty: What a sequence loses of its reward, in standard deviations of the
            batch, for the logarithm of how often it was written before, and 1.

    Source:
        Williams 1992, Simple statistical gradient-following algorithms for
        connectionist reinforcement learning, Machine Learning 8. Angermueller et al.
        2020, Model-based reinforcement learning for biological sequence design, ICLR.

    Example:
        >>> from jaxbio import DNA
        >>> from jaxbio.design import Constraints, Space
        >>> space = Space.of_letters(DNA.encode("AAAA"), 4)
        >>> score = lambda rows: (rows == DNA.encode("GATC")).sum(axis=1)
        >>> archive = Archive(space, DNA, Constraints(), score, calls=150)
        >>> PolicyGradient(batch=32, hidden=8)(archive, np.random.default_rng(0))
        >>> DNA.decode(archive.ranked()[0][0])
        'GATC'
    """

    batch: int = 64
    hidden: int = 32
    learning_rate: float = 0.05
    kl: float = 0.1
    edits: float = 4.0
    novelty: float = 1.0

    def __call__(self, archive: Archive, rng: np.random.Generator) -> None:
        """Search until the calls are used or the policy writes nothing new."""
        archive.score(archive.first[None])
        space = archive.space
        key = jax.random.key(int(rng.integers(2**31)))
        sites, most, _ = space.options.shape
        optimizer = optax.adam(self.learning_rate)
        update = jax.jit(self.learner(optimizer))

        @jax.jit
        def sample(params: Any, tables: Any, key: Any) -> Any:
            keys = jax.random.split(key, self.batch)
            return jax.vmap(lambda each: _sample(params, tables, each))(keys)

        written: collections.Counter[bytes] = collections.Counter()
        best, top = archive.first, -np.inf
        idle = 0
        while not archive.spent and idle < _PATIENCE:
            first = archive.used
            key, own = jax.random.split(key)
            tables = _tables(space, self.edits, best)
            params = _params(own, sites, most, self.hidden)
            state = optimizer.init(params)
            settled = 0
            while not archive.spent and settled < _SETTLED:
                before = archive.used
                key, own = jax.random.split(key)
                choices = np.asarray(sample(params, tables, own))
                scores = archive.score(choices.astype(np.int64))
                if scores.max() > top:
                    best, top = choices[scores.argmax()].astype(np.int64), scores.max()
                settled = settled + 1 if archive.used == before else 0
                names = [row.tobytes() for row in choices]
                seen = np.log1p([written[name] for name in names])
                written.update(names)
                reward = jnp.asarray(advantages(scores) - self.novelty * seen)
                params, state = update(params, state, tables, choices, reward)
            idle = idle + 1 if archive.used == first else 0

    def learner(self, optimizer: optax.GradientTransformation) -> Learner:
        """One step along the slope of the expected reward (REINFORCE)."""

        def loss(params: Any, tables: Any, choices: Any, reward: Any) -> Any:
            log_p, kl = jax.vmap(lambda each: follow(params, tables, each))(choices)
            return (self.kl * kl.sum(axis=1) - reward * log_p.sum(axis=1)).mean()

        def learn(
            params: Any, state: Any, tables: Any, choices: Any, reward: Any
        ) -> tuple[Any, Any]:
            slopes = jax.grad(loss)(params, tables, choices, reward)
            step, state = optimizer.update(slopes, state)
            return optax.apply_updates(params, step), state

        return learn


def advantages(scores: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Scores in standard deviations from their mean; those of -inf as the worst.

    Example:
        >>> advantages(np.array([1.0, 3.0, -np.inf])).round(2)
        array([-0.71,  1.41, -0.71], dtype=float32)
    """
    known = np.isfinite(scores)
    if not known.any():
        return np.zeros(len(scores), np.float32)
    filled = np.where(known, scores, scores[known].min())
    spread = filled.std()
    moved = filled - filled.mean()
    return (moved / spread if spread > 0 else 0 * moved).astype(np.float32)


def prior(
    space: Space,
    edits: float = 4.0,
    kept: Int64[np.ndarray, "sites"] | None = None,
) -> Float[np.ndarray, "sites most most_before"]:
    """Log-probability of each option of a site, given the choice before it.

    A site keeps what the start has, or is replaced by the transitions of the start,
    each counted once more than seen.

    Args:
        space: The options.
        edits: Expected edits, at most half of what may be changed.
        kept: What sites keep; None for the start.

    Example:
        >>> space = Space.of_letters(np.zeros(4, np.uint8), 4)
        >>> np.exp(prior(space, 2.0)[1, :, 0]).round(2)
        array([0.5 , 0.17, 0.17, 0.17], dtype=float32)
    """
    sites, most, _ = space.options.shape
    most_edits = min(len(space.free), space.max_edits)
    rate = max(min(edits, most_edits / 2), 0.5) / len(space.free)
    names = [[row.tobytes() for row in each] for each in space.options]
    stay = space.origin if kept is None else kept
    own = [names[at][stay[at]] for at in range(sites)]
    seen: dict[tuple[bytes, bytes], int] = {}
    for pair in itertools.pairwise(own):
        seen[pair] = seen.get(pair, 0) + 1
    found = np.full((sites, most, most), _CLOSED, np.float32)
    for at in range(sites):
        count, same = int(space.counts[at]), int(stay[at])
        if count == 1:
            found[at, 0] = 0.0
            continue
        for before in range(most):
            last = names[at - 1][before] if at else b""
            weights = np.array([1.0 + seen.get((last, x), 0) for x in names[at]])
            weights[count:] = 0
            weights[same] = 0
            chances = rate * weights / weights.sum()
            chances[same] = 1 - rate
            found[at, :count, before] = np.log(chances[:count])
    return found


def _tables(
    space: Space, edits: float, kept: Int64[np.ndarray, "sites"] | None = None
) -> dict[str, Any]:
    return {
        "prior": jnp.asarray(prior(space, edits, kept)),
        "cost": jnp.asarray(space.cost, jnp.int32),
        "most": jnp.asarray(space.max_edits, jnp.int32),
        "closed": jnp.asarray(
            np.arange(space.options.shape[1]) >= space.counts[:, None]
        ),
    }


def _params(key: Any, sites: int, most: int, hidden: int) -> dict[str, Any]:
    keys = jax.random.split(key, 3)
    scale = hidden**-0.5
    return {
        "symbol": scale * jax.random.normal(keys[0], (most, hidden)),
        "site": scale * jax.random.normal(keys[1], (sites, hidden)),
        "carry": scale * jax.random.normal(keys[2], (hidden, hidden)),
        "out": jnp.zeros((hidden, most)),  # the policy begins as the prior
        "bias": jnp.zeros((sites, most)),
    }


def _begin(params: Any) -> tuple[Any, Any, Any]:
    width = params["carry"].shape[0]
    return jnp.zeros(width), jnp.asarray(0, jnp.int32), jnp.asarray(0, jnp.int32)


def _step(params: Any, tables: Any, carry: Any, at: Any) -> tuple[Any, Any, Any]:
    """Hidden values, log-probabilities of the policy and those of the prior."""
    hidden, before, edits = carry
    moved = params["symbol"][before] + params["site"][at] + hidden @ params["carry"]
    hidden = jnp.tanh(moved)
    shut = tables["closed"][at] | (edits + tables["cost"][at] > tables["most"])
    base = jnp.where(shut, _CLOSED, tables["prior"][at][:, before])
    logits = jnp.where(
        shut, _CLOSED, base + hidden @ params["out"] + params["bias"][at]
    )
    return hidden, jax.nn.log_softmax(logits), jax.nn.log_softmax(base)


def _sample(params: Any, tables: Any, key: Any) -> Int32[Array, "sites"]:
    def step(carry: Any, each: Any) -> tuple[Any, Any]:
        at, key = each
        hidden, log_p, _ = _step(params, tables, carry, at)
        choice = jax.random.categorical(key, log_p).astype(jnp.int32)
        return (hidden, choice, carry[2] + tables["cost"][at, choice]), choice

    sites = len(params["site"])
    each = (jnp.arange(sites), jax.random.split(key, sites))
    return jax.lax.scan(step, _begin(params), each)[1]


def follow(
    params: Any, tables: Any, choices: Int[Array, "sites"]
) -> tuple[Float[Array, "sites"], Float[Array, "sites"]]:
    """Log-probability of each choice of a sequence, and the divergence from the prior.

    Args:
        params: Of the policy.
        tables: The prior, and what is closed.
        choices: The option of each site.
    """

    def step(carry: Any, each: Any) -> tuple[Any, Any]:
        at, choice = each
        hidden, log_p, log_q = _step(params, tables, carry, at)
        kl = (jnp.exp(log_p) * (log_p - log_q)).sum()
        now = (hidden, choice, carry[2] + tables["cost"][at, choice])
        return now, (log_p[choice], kl)

    each = (jnp.arange(len(choices)), choices)
    return jax.lax.scan(step, _begin(params), each)[1]
