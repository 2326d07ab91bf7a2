"""Proximal policy optimization: several careful steps on each batch of sequences."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import optax

from jaxbio.design.policy import Learner, PolicyGradient, follow


@dataclasses.dataclass(frozen=True)
class PPO(PolicyGradient):
    """Train the policy of `PolicyGradient` by steps that stay near what wrote a batch.

    A batch is learned from several times. The probability of each choice is compared
    with that when it was made, and where it has moved by more than `clip` in the
    direction of the reward, it is not moved farther. Prior, reward, and when a policy
    is replaced are as for `PolicyGradient`.

    Attributes:
        epochs: Steps on each batch.
        clip: How far the ratio of probabilities may move from 1.

    Source:
        Schulman et al. 2017, Proximal policy optimization algorithms, arXiv:1707.06347.

    Example:
        >>> import numpy as np
        >>> from jaxbio import DNA
        >>> from jaxbio.design import Archive, Constraints, Space
        >>> space = Space.of_letters(DNA.encode("AAAA"), 4)
        >>> score = lambda rows: (rows == DNA.encode("GATC")).sum(axis=1)
        >>> archive = Archive(space, DNA, Constraints(), score, calls=150)
        >>> PPO(batch=32, hidden=8)(archive, np.random.default_rng(0))
        >>> DNA.decode(archive.ranked()[0][0])
        'GATC'
    """

    learning_rate: float = 0.03
    epochs: int = 4
    clip: float = 0.2

    def learner(self, optimizer: optax.GradientTransformation) -> Learner:
        """Steps along the slope of the clipped objective."""

        def log_probability(params: Any, tables: Any, choices: Any) -> Any:
            return jax.vmap(lambda each: follow(params, tables, each))(choices)

        def loss(
            params: Any, tables: Any, choices: Any, reward: Any, before: Any
        ) -> Any:
            log_p, kl = log_probability(params, tables, choices)
            gained = clipped(log_p - before, reward[:, None], self.clip)
            return (self.kl * kl - gained).sum(axis=1).mean()

        def learn(
            params: Any, state: Any, tables: Any, choices: Any, reward: Any
        ) -> tuple[Any, Any]:
            before, _ = log_probability(params, tables, choices)

            def step(carry: Any, _: None) -> tuple[Any, None]:
                params, state = carry
                slopes = jax.grad(loss)(params, tables, choices, reward, before)
                moved, state = optimizer.update(slopes, state)
                return (optax.apply_updates(params, moved), state), None

            (params, state), _ = jax.lax.scan(step, (params, state), length=self.epochs)
            return params, state

        return learn


def clipped(log_ratio: Any, advantage: Any, clip: float) -> Any:
    """The objective of a choice: no more is gained than by a ratio of 1 +- `clip`.

    Args:
        log_ratio: The logarithm of its probability, less that when it was made.
        advantage: What the choice was worth, of a shape that goes with it.
        clip: How far the ratio may move from 1.

    Example:
        >>> clipped(jnp.log(jnp.array([2.0, 0.5])), jnp.ones(2), 0.25).tolist()
        [1.25, 0.5]
        >>> clipped(jnp.log(jnp.array([2.0, 0.5])), -jnp.ones(2), 0.25).tolist()
        [-2.0, -0.75]
    """
    ratio = jnp.exp(log_ratio)
    near = jnp.clip(ratio, 1 - clip, 1 + clip)
    return jnp.minimum(ratio * advantage, near * advantage)
