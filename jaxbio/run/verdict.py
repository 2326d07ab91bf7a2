"""Whether a network is worth its while: its scores against those of the baselines."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Num

from jaxbio.errors import option, spelled
from jaxbio.metrics.standard import ranks
from jaxbio.metrics.survival_scores import concordant_pairs

_DRAWS = 200
_MOST_ROWS = 100_000  # beyond which hardly anything is by chance
_MOST_PAIRED = 20_000  # rows each of which is compared with each other
_MOST_GROUPED, _FEWEST = 2_000_000, 40  # rows over all draws of groups, and draws


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A network against one baseline on the same rows.

    Attributes:
        baseline: The name of the baseline.
        metric: What was compared.
        model: The metric of the network.
        other: That of the baseline.
        low: The lower end of the 95 % interval of the difference, by drawing rows.
        high: Its upper end.
    """

    baseline: str
    metric: str
    model: float
    other: float
    low: float
    high: float

    @property
    def word(self) -> str:
        """`better`, `worse` or `no different`."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "no different"

    def __str__(self) -> str:
        word = {"better": "beats", "worse": "loses to"}.get(self.word, "does not beat")
        return (
            f"{word} {self.baseline} ({self.metric} {self.model:.3f} against "
            f"{self.other:.3f}; difference {self.low:+.3f} to {self.high:+.3f})"
        )


def judge(
    metric: str,
    truth: Num[np.ndarray, "n ..."],
    guesses: Mapping[str, Num[np.ndarray, "n ..."]],
    *,
    seed: int = 0,
    weights: Num[np.ndarray, "n"] | None = None,
    scores: Mapping[str, float | None] | None = None,
    groups: Num[np.ndarray, "n"] | None = None,
) -> tuple[Verdict, ...]:
    """Compare a network with each baseline on rows drawn with replacement.

    All are compared on the same draws, so that rows that are hard for all do not blur
    the differences.

    Args:
        metric: `spearman`, `auroc`, `accuracy` or `concordance`; for others there is no
            verdict.
        truth: Numbers, labels, the numbers of classes, or times and events; NaN or -1
            where unknown.
        guesses: The predictions of `model` and of baselines by name.
        seed: Which rows are drawn.
        weights: Of each row, by which the more likely it is drawn; the scores then come
            from `scores`.
        scores: The metric of each of `guesses`.
        groups: The numbers, from 0 on and ascending, of what is drawn as a whole, such
            as the chains of residues; each row by itself if not given.

    Returns:
        A verdict for each baseline for which the metric is defined.

    Example:
        >>> truth = np.arange(60.0)
        >>> guesses = {"model": truth + 1, "trivial": np.cos(truth)}
        >>> (verdict,) = judge("spearman", truth, guesses)
        >>> verdict.word
        'better'
    """
    measure = _MEASURES.get(metric)
    if measure is None or not 1 < len(truth) <= _MOST_ROWS:
        return ()
    draws = [np.arange(len(truth)), *_draws(len(truth), weights, groups, seed)]
    table = {name: measure(truth, guess, draws) for name, guess in guesses.items()}
    verdicts = []
    for name, values in table.items():
        differences = table["model"][1:] - values[1:]
        known = differences[~np.isnan(differences)]
        if (
            name == "model"
            or not len(known)
            or 2 * len(known) < len(draws)
            or np.isnan(values[0])
        ):
            continue
        low, high = np.quantile(known, [0.025, 0.975])
        both = float(table["model"][0]), float(values[0])
        if weights is not None:  # draws are weighted, the first is not
            known_scores = [(scores or {}).get(each) for each in ("model", name)]
            pairs = zip(known_scores, both, strict=True)
            first, second = (old if new is None else float(new) for new, old in pairs)
            both = first, second
        verdicts.append(Verdict(name, metric, *both, float(low), float(high)))
    return tuple(verdicts)


_Measure = Callable[[np.ndarray, np.ndarray, Sequence[np.ndarray]], np.ndarray]
"""Of truth and prediction, for each draw of their rows."""


def _draws(
    count: int, weights: np.ndarray | None, groups: np.ndarray | None, seed: int
) -> list[np.ndarray]:
    """Rows, or whole groups of rows, drawn with replacement."""
    rng = np.random.default_rng(seed)
    if groups is None:
        share = None if weights is None else weights / weights.sum(dtype=np.float64)
        return [rng.choice(count, count, p=share) for _ in range(_DRAWS)]
    found, starts, sizes = np.unique(groups, return_index=True, return_counts=True)
    if len(found) < 2:
        return []
    share = None
    if weights is not None:
        total = np.bincount(groups, weights)[found]
        share = total / total.sum()
    members = [np.arange(at, at + size) for at, size in zip(starts, sizes, strict=True)]
    number = int(np.clip(_MOST_GROUPED // count, _FEWEST, _DRAWS))
    return [
        np.concatenate(
            [members[at] for at in rng.choice(len(found), len(found), p=share)]
        )
        for _ in range(number)
    ]


def _spearman(truth: np.ndarray, guess: np.ndarray) -> float:
    pairs = zip(_columns(truth), _columns(guess), strict=True)
    return _mean(_correlation(one, other) for one, other in pairs)


def _correlation(truth: np.ndarray, guess: np.ndarray) -> float:
    """Spearman's; 0 with a constant, which ranks nothing."""
    known = ~np.isnan(truth)
    if known.sum() < 3:
        return np.nan
    one, other = (ranks(values[known]) for values in (truth, guess))
    spread = one.std() * other.std()
    return (
        float(np.mean((one - one.mean()) * (other - other.mean())) / spread)
        if (spread > 0)
        else 0.0
    )


def _auroc(truth: np.ndarray, guess: np.ndarray) -> float:
    truth, guess = np.asarray(truth, np.float64), np.asarray(guess)
    if truth.ndim == 1 and _columns(guess).shape[0] == 2:
        guess = guess[:, 1]
    pairs = zip(_columns(truth), _columns(guess), strict=True)
    return _mean(_area(one, other) for one, other in pairs)


def _area(labels: np.ndarray, scores: np.ndarray) -> float:
    known = labels >= 0
    labels, scores = labels[known], scores[known]
    positive = int(labels.sum())
    negative = len(labels) - positive
    if not (positive and negative):
        return np.nan
    total = ranks(scores)[labels > 0].sum()
    return float((total / positive - (positive + 1) / 2) / negative)


def _accuracy(truth: np.ndarray, guess: np.ndarray) -> float:
    known = truth >= 0
    if not known.any():
        return np.nan
    return float(np.mean(guess[known].argmax(axis=1) == truth[known]))


def _columns(values: np.ndarray) -> np.ndarray:
    return np.reshape(values, (len(values), -1)).T


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if value == value]
    return float(np.mean(known)) if known else np.nan


def _concordance(
    truth: np.ndarray, guess: np.ndarray, draws: Sequence[np.ndarray]
) -> np.ndarray:
    """Harrell's, of each draw: a pair counts as often as both its rows were drawn.

    Of competing risks a column a cause: the mean over causes.
    """
    if guess.ndim == 2:
        events = [truth[:, 1] == at + 1 for at in range(guess.shape[1])]
        each = [
            _concordance(np.stack([truth[:, 0], event], axis=1), column, draws)
            for event, column in zip(events, guess.T, strict=True)
        ]
        there = [values for values in each if not np.isnan(values[0])]
        return np.mean(there, axis=0) if there else np.full(len(draws), np.nan)
    known = ~np.isnan(truth).any(axis=1)
    if not known.any() or known.sum() > _MOST_PAIRED:
        return np.full(len(draws), np.nan)
    counts = np.stack([np.bincount(rows, minlength=len(truth)) for rows in draws])
    time, event = truth[known, 0], truth[known, 1]
    right, pairs = concordant_pairs(time, event, guess[known], counts[:, known])
    return np.divide(right, pairs, out=np.full(len(draws), np.nan), where=pairs > 0)


def _each(measure: Callable[[np.ndarray, np.ndarray], float]) -> _Measure:
    """A measure of rows as one of several draws of them."""
    return lambda truth, guess, draws: np.array(
        [measure(truth[rows], guess[rows]) for rows in draws]
    )


_MEASURES: Mapping[str, _Measure] = {
    "spearman": _each(_spearman), "auroc": _each(_auroc), "accuracy": _each(_accuracy),
    "concordance": _concordance,
}  # fmt: skip


def in_words(target: str, part: str, verdicts: tuple[Verdict, ...]) -> str:
    """The verdicts on a target in one sentence; empty without any.

    Args:
        target: The target.
        part: The rows, such as `test`.
        verdicts: What `judge` gave.

    Example:
        >>> in_words("y", "test", (Verdict("linear", "auroc", 0.9, 0.8, 0.05, 0.15),))
        'Verdict on y, test rows: this model beats linear (auroc 0.900 against 0.800; \
difference +0.050 to +0.150), by 95 % of draws of these rows.'
    """
    if not verdicts:
        return ""
    listed = ", ".join(map(str, verdicts))
    advice = "" if all(each.word == "better" for each in verdicts) else _advice()
    return (
        f"Verdict on {target}, {part} rows: this model {listed}, by 95 % of draws of "
        f"these rows.{advice}"
    )


def _advice() -> str:
    return (
        f" Take the simplest of those that are alike. What may help: more rows, inputs "
        f"that were left out, {option('members', 5)}, "
        f"{spelled('another encoder', 'another --encoder')}."
    )
