"""How much two explanations of the same thing agree: 1 for the same, 0 by chance."""

from collections.abc import Collection, Sequence

import numpy as np
from jaxtyping import Float, Shaped

from jaxbio.errors import DataError
from jaxbio.explain.motifs import Motif

_FEW = 20  # numbers a row, of which ranks say little


def rank_agreement(
    found: Sequence[Float[np.ndarray, "..."]],
    others: Sequence[Float[np.ndarray, "..."]],
) -> float:
    """Mean rank correlation of the sizes of explanations with those of others.

    Args:
        found: The explanation of each row, of any shape.
        others: Those of the same rows by another network.

    Returns:
        Spearman's correlation of sizes, the mean over rows; of rows with fewer than 20
        numbers, which say little by themselves, that of all signed numbers together.
        NaN where all explanations are constant.

    Example:
        >>> rank_agreement([np.array([1.0, 2.0, -3.0])], [np.array([2.0, 3.0, -9.0])])
        1.0
    """
    from scipy.stats import spearmanr  # slow to import

    pairs = [(np.ravel(x), np.ravel(y)) for x, y in zip(found, others, strict=True)]
    if not pairs:
        return float("nan")
    if max(len(x) for x, _ in pairs) < _FEW:
        every = [np.concatenate(each) for each in zip(*pairs, strict=True)]
        pairs = [(every[0], every[1])]
    else:
        pairs = [(np.abs(x), np.abs(y)) for x, y in pairs]
    each = [
        np.asarray(spearmanr(x, y)[0])
        for x, y in pairs
        if len(x) > 1 and np.ptp(x) > 0 and np.ptp(y) > 0
    ]
    return float(np.mean(each)) if each else float("nan")


def effect_agreement(
    found: Float[np.ndarray, "..."], others: Float[np.ndarray, "..."]
) -> float:
    """The coefficient of identity of effects in one unit, in which 0 is no effect.

    Unlike a correlation it means something for few effects, and those of another size
    are others.

    Args:
        found: The effects.
        others: The same effects by another network.

    Returns:
        Twice the sum of products by the sum of squares of both, of the effects that
        both know; NaN without any.

    Source:
        Zegers & ten Berge 1985, A family of association coefficients for metric scales,
        Psychometrika 50, doi:10.1007/BF02294144.

    Example:
        >>> effect_agreement(np.array([1.0, -2.0]), np.array([1.0, -2.0]))
        1.0
        >>> effect_agreement(np.array([1.0, -2.0]), np.array([-0.1, 0.0])) < 0
        True
    """
    x, y = np.ravel(found).astype(float), np.ravel(others).astype(float)
    known = np.isfinite(x) & np.isfinite(y)
    total = (x[known] ** 2 + y[known] ** 2).sum()
    return float(2 * (x[known] * y[known]).sum() / total) if total else float("nan")


def answer_agreement(
    found: Shaped[np.ndarray, "n"], others: Shaped[np.ndarray, "n"]
) -> float:
    """How often answers are the same beyond chance (Cohen's kappa), or their ranks.

    Args:
        found: The answer for each row: codes of classes, or floating-point numbers.
        others: Those for the same rows.

    Returns:
        Kappa of classes, Spearman's correlation of numbers; 0 where only one of both
        always gives the same answer, NaN where both do.

    Source:
        Cohen 1960, doi:10.1177/001316446002000104.

    Example:
        >>> answer_agreement(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]))
        0.5
    """
    from scipy.stats import spearmanr  # slow to import

    constant = [len(np.unique(each)) < 2 for each in (found, others)]
    if any(constant):
        return float("nan") if all(constant) else 0.0
    if np.issubdtype(found.dtype, np.floating):
        return float(np.asarray(spearmanr(found, others)[0]))
    levels = np.union1d(found, others)
    shares = [(each[:, None] == levels[None]).mean(axis=0) for each in (found, others)]
    chance = float((shares[0] * shares[1]).sum())
    return (float((found == others).mean()) - chance) / (1 - chance)


def choice_agreement(
    found: Sequence[Collection[str]],
    others: Sequence[Collection[str]],
    choices: Sequence[int],
) -> float:
    """How much of what was chosen was also chosen by others, beyond chance.

    Args:
        found: What was chosen in each row, such as columns.
        others: What was chosen there by another network.
        choices: How many there were to choose from in each row.

    Returns:
        What both chose, less what as many random choices share, by the most that could
        be; NaN where there was no choice.

    Example:
        >>> choice_agreement([{"a"}, {"b"}], [{"a"}, {"c"}], [4, 4])
        0.3333333333333333
    """
    both = chance = most = 0.0
    for one, other, of in zip(found, others, choices, strict=True):
        sizes = len(set(one)), len(set(other))
        both += len(set(one) & set(other))
        chance += sizes[0] * sizes[1] / max(of, 1)
        most += min(sizes)
    return (both - chance) / (most - chance) if most > chance else float("nan")


def motif_agreement(found: Sequence[Motif], others: Sequence[Motif]) -> float:
    """How much motifs resemble the nearest of others, beyond chance.

    Two motifs are compared by the cosine of their frequencies less the even ones, in
    the alignment in which it is largest. Chance is what is reached when the symbols of
    the others are exchanged for one another, in turn for each other one.

    Args:
        found: Motifs of one alphabet.
        others: Those that they are compared with.

    Returns:
        The mean over motifs; NaN where there are none, or chance reaches as much as can
        be.

    Raises:
        DataError: For motifs of several alphabets.

    Example:
        >>> tables = np.eye(4)[[[0, 1, 2], [3, 3, 1]]]
        >>> one, other = (Motif(str(at), table) for at, table in enumerate(tables))
        >>> motif_agreement([one], [one, other])
        1.0
    """
    if not found or not others:
        return float("nan")
    sizes = {motif.frequencies.shape[1] for motif in (*found, *others)}
    if len(sizes) > 1:
        raise DataError(
            f"motifs of {sorted(sizes)} symbols: give those of one alphabet"
        )
    (size,) = sizes
    long = max(len(motif.frequencies) for motif in (*found, *others))
    own, rest = _unit(found, long), _unit(others, long)
    near = _nearest(own, rest)
    by_chance = [_nearest(own, np.roll(rest, by, axis=2)) for by in range(1, size)]
    chance = float(np.mean(by_chance))
    if chance > 1 - 1e-6:
        return float("nan")
    return float((near.mean() - chance) / (1 - chance))


def _unit(motifs: Sequence[Motif], long: int) -> np.ndarray:
    """Frequencies less the even ones, of one length and of norm 1 each."""
    tables = np.zeros((len(motifs), long, motifs[0].frequencies.shape[1]))
    for at, motif in enumerate(motifs):
        tables[at, : len(motif.frequencies)] = (
            motif.frequencies - 1 / motif.frequencies.shape[1]
        )
    norms = np.sqrt((tables**2).sum(axis=(1, 2), keepdims=True))
    return tables / np.maximum(norms, 1e-12)


def _nearest(found: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The largest cosine of each with any other, over all alignments."""
    long = found.shape[1]
    best = np.full(len(found), -1.0)
    for shift in range(1 - long, long):
        left, right = max(shift, 0), max(-shift, 0)
        over = long - abs(shift)
        cosine = np.einsum(
            "nls,mls->nm",
            found[:, left : left + over],
            others[:, right : right + over],
            optimize=True,
        )
        best = np.maximum(best, cosine.max(axis=1))
    return best
