"""What is lost where stretches of sequences are shuffled, one or two at a time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from jaxbio.errors import DataError, option
from jaxbio.explain.motif_effects import Score, scores_together

Span = tuple[int, int]
"""The first position of a stretch, from 0, and the one after its last."""


def ablate(
    score: Score,
    texts: Sequence[str],
    start: int,
    end: int,
    *,
    draws: int = 20,
    seed: int = 0,
) -> Float[np.ndarray, "n"]:
    """What is lost when the symbols from `start` to `end` are shuffled.

    Args:
        score: The function.
        texts: The sequences.
        start: The first position, from 0.
        end: The one after the last.
        draws: Shuffles a sequence; the mean over them is given.
        seed: Of the shuffles.

    Returns:
        The score of each shuffled sequence, less that of the sequence.

    Raises:
        DataError: For positions beyond a sequence, or no draws.

    Example:
        >>> begins = lambda texts: np.array([float(x.startswith("AC")) for x in texts])
        >>> bool(ablate(begins, ["ACGT"], 0, 4)[0] < 0)
        True
    """
    spans = [(row, [(start, end)]) for row in range(len(texts))]
    return ablate_spans(score, texts, spans, draws=draws, seed=seed)


def ablate_spans(
    score: Score,
    texts: Sequence[str],
    spans: Sequence[tuple[int, Sequence[Span]]],
    *,
    draws: int = 20,
    seed: int = 0,
) -> Float[np.ndarray, "spans"]:
    """What is lost when stretches of sequences are shuffled, each within itself.

    Args:
        score: The function.
        texts: The sequences.
        spans: The number of a sequence, from 0, and the first position of each of its
            stretches with the one after its last, which are shuffled together.
        draws: As for `ablate`.
        seed: As for `ablate`.

    Returns:
        The mean score of the shuffled sequences, less that of the sequence.

    Raises:
        DataError: As for `ablate`.

    Example:
        >>> has = lambda texts: np.array([float("AC" in text) for text in texts])
        >>> lost = ablate_spans(has, ["ACGT"], [(0, [(0, 2)]), (0, [(2, 4)])])
        >>> bool(lost[0] < 0), float(lost[1])
        (True, 0.0)
    """
    if draws < 1:
        raise DataError(f"{option('draws', draws)}: give 1 or more")
    for row, stretches in spans:
        for start, end in stretches:
            if not 0 <= start < end <= len(texts[row]):
                raise DataError(
                    f"positions {start} to {end} of a sequence of {len(texts[row])}: "
                    "give a start before the end, both within the sequence"
                )
    random = np.random.default_rng(seed)
    shuffled = []
    for row, stretches in spans:
        for _ in range(draws):
            text = texts[row]
            for start, end in stretches:
                middle = "".join(random.permutation(list(text[start:end])))
                text = text[:start] + middle + text[end:]
            shuffled.append(text)
    before, after = scores_together(score, list(texts), shuffled)
    rows = [row for row, _ in spans]
    return after.reshape(len(spans), draws).mean(axis=1) - before[rows]


class SiteEpistasis(NamedTuple):
    """What two stretches of each of several sequences do alone and together.

    Attributes:
        first: What is lost with the first one.
        second: What is lost with the second one.
        both: What is lost with both.
        epistasis: What they do together beyond the sum of what each does alone.
    """

    first: Float[np.ndarray, "pairs"]
    second: Float[np.ndarray, "pairs"]
    both: Float[np.ndarray, "pairs"]
    epistasis: Float[np.ndarray, "pairs"]


def site_epistasis(
    score: Score,
    texts: Sequence[str],
    pairs: Sequence[tuple[int, Span, Span]],
    *,
    draws: int = 20,
    seed: int = 0,
) -> SiteEpistasis:
    """The joint effect of two stretches of a sequence beyond that of each alone.

    It is the score less that without the first, less that without the second, plus that
    without both: above 0 where one needs the other, below where one replaces it.

    Args:
        score: The function.
        texts: The sequences.
        pairs: The number of a sequence, from 0, and two stretches of it that do not
            overlap.
        draws: As for `ablate`.
        seed: As for `ablate`.

    Raises:
        DataError: As for `ablate`.

    Example:
        >>> both = lambda texts: np.array([float(text == "ACGTACGT") for text in texts])
        >>> found = site_epistasis(both, ["ACGTACGT"], [(0, (0, 4), (4, 8))])
        >>> bool(found.epistasis[0] > 0)
        True
    """
    alone = list(dict.fromkeys((row, span) for row, *two in pairs for span in two))
    places = {one: at for at, one in enumerate(alone)}
    spans = [(row, [span]) for row, span in alone]
    spans += [(row, list(two)) for row, *two in pairs]
    lost = ablate_spans(score, texts, spans, draws=draws, seed=seed)
    first = lost[[places[row, one] for row, one, _ in pairs]]
    second = lost[[places[row, two] for row, _, two in pairs]]
    both = lost[len(alone) :]
    return SiteEpistasis(first, second, both, both - first - second)
