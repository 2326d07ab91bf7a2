"""Optimism: how the disagreement of an ensemble counts in what sequences are worth."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from jaxbio.design.archive import Score
from jaxbio.design.objective import Term, scorer
from jaxbio.errors import DataError, nearest, option, spelled
from jaxbio.predict.predictor import Predictor

KINDS = ("mean", "ucb", "ei", "thompson")
"""The kinds of optimism by name."""

_DEVIATIONS = 1.0  # of `ucb` where no number is given
_LEAST = 1e-9


class Optimism(NamedTuple):
    """A kind of optimism, and its number.

    Attributes:
        kind: One of `KINDS`.
        deviations: Standard deviations that the upper confidence bound adds.
    """

    kind: str
    deviations: float = _DEVIATIONS

    @classmethod
    def parse(cls, text: str) -> "Optimism":
        """The optimism of a text such as `ucb:2`.

        Raises:
            DataError: For a kind that is not known, or a number that is none.

        Example:
            >>> Optimism.parse("ucb:2")
            Optimism(kind='ucb', deviations=2.0)
        """
        kind, colon, number = text.partition(":")
        if kind not in KINDS:
            raise DataError(f"{option('optimism', text)}: {nearest(kind, KINDS)}")
        if not colon:
            return cls(kind)
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if kind != "ucb" or not value >= 0:
            raise DataError(
                f"{option('optimism', text)}: only ucb takes a number, 0 or more, as "
                f"in ucb:2"
            )
        return cls(kind, value)


def optimistic(
    predictor: Predictor,
    terms: Sequence[Term],
    optimism: str = "mean",
    *,
    best: Callable[[], float] = lambda: 0.0,
) -> list[Score]:
    """What sequences are worth, once for each opinion of which the best are taken.

    - `mean`: what the ensemble predicts.
    - `ucb`: the mean of what the networks predict and one standard deviation, or so
      many as in `ucb:2`.
    - `ei`: the expected improvement on the best that is known.
    - `thompson`: the opinion of each network by itself, from which proposals are taken
      in turn.

    Args:
        predictor: A model whose only input is a sequence.
        terms: What is wanted.
        optimism: The kind.
        best: What the best known sequence is worth, for the expected improvement.

    Raises:
        DataError: For an unknown kind, or one that needs an ensemble for a single
            network.

    Source:
        Srinivas et al. 2010, Gaussian process optimization in the bandit setting, ICML
        (upper confidence bound). Jones, Schonlau and Welch 1998, Efficient global
        optimization of expensive black-box functions, J. Glob. Optim. 13 (expected
        improvement). Thompson 1933, On the likelihood that one unknown probability
        exceeds another, Biometrika 25.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
        >>> y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
        >>> data = jb.Dataset({"seq": rows}, {"y": y})
        >>> model = jb.Network(jb.MLP(hidden=()), hidden=())
        >>> run = jb.fit(model, None, data, epochs=1, members=2, batch_size=8)
        >>> code = jb.PROTEIN.encode("MAKW")[None]
        >>> first, second = optimistic(run.predictor, [Term("y")], "thompson")
        >>> (bound,) = optimistic(run.predictor, [Term("y")], "ucb:1")
        >>> np.allclose(bound(code), np.maximum(first(code), second(code)), atol=1e-5)
        True
    """
    how = Optimism.parse(optimism)
    if how.kind == "mean":
        return [scorer(predictor, terms)]
    if len(predictor.members) < 2:
        raise DataError(
            f"{option('optimism', optimism)} compares the networks of an ensemble, and "
            f"this run has one: train it with {spelled('members=5', '--members 5')}"
        )
    each = [scorer(one, terms) for one in predictor.alone()]
    if how.kind == "thompson":
        return each
    known = best() if how.kind == "ei" else 0.0

    def score(codes: np.ndarray) -> Float[np.ndarray, "n"]:
        opinions = np.stack([opinion(codes) for opinion in each])
        mean, spread = opinions.mean(axis=0), opinions.std(axis=0)
        if how.kind == "ucb":
            return mean + how.deviations * spread
        return expected_improvement(mean, spread, known)

    return [score]


def expected_improvement(
    mean: Float[np.ndarray, "n"], spread: Float[np.ndarray, "n"], best: float
) -> Float[np.ndarray, "n"]:
    """How much normal variables are expected to be above a number.

    Args:
        mean: Their means.
        spread: Their standard deviations.
        best: The number.

    Example:
        >>> mean, spread = np.array([1.0, 0.0]), np.array([0.0, 1.0])
        >>> expected_improvement(mean, spread, 0.0).round(3)
        array([1.   , 0.399])
    """
    spread = np.maximum(spread, _LEAST)
    z = (mean - best) / spread
    return spread * (z * norm.cdf(z) + norm.pdf(z))
