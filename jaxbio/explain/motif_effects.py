"""Experiments with motifs in sequences: insertion, spacing, epistasis.

Each takes a function from sequences to a number each, so that any output of any model,
or a sum of attributions, can be looked at; `score_function` makes one of a predictor.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxbio.errors import DataError, nearest, option
from jaxbio.explain.targets import log_odds, output_names, row_target
from jaxbio.predict.predictor import Predictor

Score = Callable[[list[str]], Any]
"""From sequences to one number each, `[n]`."""


def score_function(
    predictor: Predictor, *, target: str | None = None, label: str | None = None
) -> Score:
    """The function of sequences that a model with one sequence input is.

    Args:
        predictor: The model: of an ensemble, its mean.
        target: The target; None for the only one.
        label: The class, label or number; None for the second of two classes, or the
            only number.

    Returns:
        The log-odds of the class or label, or the number in its units.

    Raises:
        DataError: For a name that is not known, or left out where there are several.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["ACGT", "ACCT"] * 20, jb.DNA)
        >>> kinds = jb.data.Category.from_values(["a", "b"] * 20)
        >>> data = jb.Dataset({"seq": rows}, {"kind": kinds})
        >>> run = jb.fit(None, None, data, epochs=1, members=1, batch_size=8)
        >>> score_function(run.predictor)(["ACGT", "AAAA"]).shape
        (2,)
    """
    spec = row_target(predictor.schema, target)
    names = output_names(spec)
    if label is None and (
        len(names) == 1 or (spec.kind == "class" and len(names) == 2)
    ):
        (*_, label) = names
    if label is not None and label not in names:
        raise DataError(f"target {spec.name} has no {label!r}: {nearest(label, names)}")
    if label is None:
        raise DataError(
            f"target {spec.name} has the outputs {', '.join(names[:8])}: say which one "
            f"is looked at ({option('label', 'NAME')})"
        )
    code = names.index(label)

    def score(texts: list[str]) -> Float[np.ndarray, "n"]:
        predicted = jnp.asarray(predictor(texts).by_target[spec.name])
        return np.asarray(log_odds(predicted, code, spec))

    return score


def insert(text: str, motif: str, at: int | None = None) -> str:
    """The sequence with a motif in place of what stood there.

    Args:
        text: The sequence.
        motif: What is put in.
        at: The first position, from 0; None for the middle.

    Raises:
        DataError: If it does not fit in.

    Example:
        >>> insert("AAAAAA", "GG"), insert("AAAAAA", "GG", 0)
        ('AAGGAA', 'GGAAAA')
    """
    if not motif or len(motif) > len(text):
        raise DataError(
            f"motif {motif!r} of {len(motif)} symbols in a sequence of {len(text)}: "
            "give 1 or more, and no more than the sequence has"
        )
    start = (len(text) - len(motif)) // 2 if at is None else at
    if not 0 <= start <= len(text) - len(motif):
        raise DataError(
            f"motif {motif!r} at {start} does not fit into a sequence of {len(text)}: "
            f"give 0 to {len(text) - len(motif)}"
        )
    return text[:start] + motif + text[start + len(motif) :]


def marginalize(
    score: Score,
    backgrounds: Sequence[str],
    motif: str | Sequence[str],
    at: int | None = None,
) -> Float[np.ndarray, "n"]:
    """What a motif changes in each background (Koo et al. 2021, global importance).

    Args:
        score: The function.
        backgrounds: Sequences without the motif, such as shuffled ones.
        motif: What is put in: one, or one for each background.
        at: See `insert`.

    Returns:
        The score with the motif less that without it; the mean is its effect.

    Raises:
        DataError: If it does not fit in, or there are no backgrounds.

    Example:
        >>> count = lambda texts: np.array([text.count("G") for text in texts])
        >>> marginalize(count, ["AAAA", "AGGA"], "GG").tolist()
        [2.0, 0.0]
    """
    changed = [
        insert(text, each, at)
        for text, each in zip(backgrounds, _each(motif, backgrounds), strict=True)
    ]
    before, after = scores_together(score, list(backgrounds), changed)
    return after - before


def spacing(
    score: Score,
    backgrounds: Sequence[str],
    first: str | Sequence[str],
    second: str | Sequence[str],
    distances: Sequence[int],
    *,
    at: int | None = 0,
) -> Float[np.ndarray, "distances n"]:
    """The joint effect of two motifs beyond their own ones, by their distance.

    Args:
        score: The function.
        backgrounds: Sequences without the motifs.
        first: The motif at `at`: one, or one for each background.
        second: The motif that follows, likewise.
        distances: Symbols between the end of the first and the start of the second.
        at: The first position of the first motif, from 0; None for the one with which
            the longest pair stands in the middle.

    Returns:
        The score with both, less both effects alone and the score of the background:
        0 where they do not interact.

    Raises:
        DataError: If one does not fit in, or a distance is negative.

    Example:
        >>> both = lambda texts: np.array([float("GATA" in text) for text in texts])
        >>> spacing(both, ["CCCCCC"], "GA", "TA", [0, 1]).tolist()
        [[1.0], [0.0]]
    """
    if min(distances, default=0) < 0:
        raise DataError(f"a distance of {min(distances)}: give 0 or more")
    texts = list(backgrounds)
    ones, others = _each(first, texts), _each(second, texts)
    longest = max(distances, default=0)
    begins = [
        (len(text) - len(one) - longest - len(other)) // 2 if at is None else at
        for text, one, other in zip(texts, ones, others, strict=True)
    ]
    alone = list(map(insert, texts, ones, begins))
    groups = [texts, alone]
    for distance in distances:
        ends = [
            begin + len(one) + distance for begin, one in zip(begins, ones, strict=True)
        ]
        groups += [list(map(insert, some, others, ends)) for some in (texts, alone)]
    none, with_first, *rest = scores_together(score, *groups)
    found = [
        both - with_first - with_second + none
        for with_second, both in zip(rest[::2], rest[1::2], strict=True)
    ]
    return np.array(found, float).reshape(len(distances), len(texts))


def epistasis(
    score: Score,
    texts: Sequence[str],
    first: Callable[[str], str],
    second: Callable[[str], str],
) -> Float[np.ndarray, "n"]:
    """What two edits do together beyond the sum of what each does alone.

    Args:
        score: The function.
        texts: The sequences.
        first: An edit, from a sequence to a sequence.
        second: Another one, made after the first where both are made.

    Returns:
        Score of both, less that of each alone, plus that of none.

    Raises:
        DataError: If there are no sequences.

    Example:
        >>> both = lambda texts: np.array([float(text == "GG") for text in texts])
        >>> first, second = (lambda x: "G" + x[1:]), (lambda x: x[:1] + "G")
        >>> epistasis(both, ["AA", "GA"], first, second).tolist()
        [1.0, 0.0]
    """
    none, one, other, both = scores_together(
        score,
        list(texts),
        [first(text) for text in texts],
        [second(text) for text in texts],
        [second(first(text)) for text in texts],
    )
    return both - one - other + none


def _each(motif: str | Sequence[str], texts: Sequence[str]) -> list[str]:
    """The motif of each sequence."""
    if isinstance(motif, str):
        return [motif] * len(texts)
    if len(motif) != len(texts):
        raise DataError(
            f"{len(motif)} motifs for {len(texts)} sequences: give one, or one for each"
        )
    return list(motif)


def scores_together(score: Score, *groups: list[str]) -> list[Float[np.ndarray, "_"]]:
    """Scores of several lists of sequences, computed together.

    Args:
        score: The function.
        *groups: The lists, of which the first one holds something.

    Raises:
        DataError: For no sequences, or a function that does not give one number each.

    Example:
        >>> length = lambda texts: np.array([len(text) for text in texts])
        >>> [values.tolist() for values in scores_together(length, ["AA"], ["A", ""])]
        [[2.0], [1.0, 0.0]]
    """
    if not groups[0]:
        raise DataError("no sequences: give one or more")
    together = [text for group in groups for text in group]
    values = np.asarray(score(together), float)
    if values.shape != (len(together),):
        raise DataError(
            f"the function gave an array of shape {values.shape} for "
            f"{len(together)} sequences: it has to give one number each"
        )
    return np.split(values, np.cumsum([len(group) for group in groups])[:-1])
