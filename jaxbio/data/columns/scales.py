"""The order of words that stand for grades: severities, ranges of numbers, stages."""

import itertools
import math
import re
from collections.abc import Iterable, Mapping

_FEWEST = 3  # levels: of two the order says nothing
_MOST = 20

_SCALES = (
    "absent, none, no, nil | trace, minimal | slight, mild | moderate | "
    "marked, significant, severe | very severe, critical, extreme",
    "very low | low | medium, moderate, intermediate, mid, middle, average, normal | "
    "high | very high",
    "absent, none | very low | decreased, reduced, diminished, low | normal | "
    "increased, elevated, raised, high | very high",
    "very small | small | medium | large, big | very large",
    "poorly, poor | fairly, moderately, moderate, intermediate | well",
    "very poor | poor, bad | fair, average | good | very good | excellent",
    "never | rarely, seldom | sometimes, occasionally | often, frequently | usually | "
    "always",
    "strongly disagree | disagree | neutral | agree | strongly agree",
    "underweight | normal | overweight | obese | severely obese, morbidly obese",
    "early | intermediate, middle | late, advanced",
    "cold | cool | normal | warm | hot",
    "negative | weak | moderate | strong",
    "negative, 0 | trace | 1+ | 2+ | 3+ | 4+",
)
"""Levels from the least to the greatest; words of one level between commas."""

_PLACES = [
    {
        word.strip(): at
        for at, level in enumerate(scale.split("|"))
        for word in level.split(",")
    }
    for scale in _SCALES
]
_UNKNOWN = re.compile(
    r"(?i)(meaning )?(unknown|unkown|unk)|not (known|assessed|done)|other|[cp]?[tnm]x"
)
_SHORTENED = re.compile(r" (differentiated|weight)$")
_RANGE = re.compile(
    r"(?i)(?P<sign>[<>≤≥]=?|under |over )?\s*[$€]?(?P<low>\d+(?:\.\d+)?)k?"
    r"(?:\s*(?:-|–|to)\s*[$€]?(?P<high>\d+(?:\.\d+)?)k?)?(?P<more>\+)?"
    r"(?:\s*[a-z/%]+)?"
)
_STAGE = re.compile(
    r"(?i)(?P<word>stage|grade|class|level|nyha|asa|ecog|[cp]?[tnm]|g|)[\s_-]*"
    r"(?:(?P<number>\d{1,2})|(?P<roman>x|ix|iv|v?i{1,3}|v))(?P<part>[a-d]?\d?)"
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


def order_of(words: Iterable[str]) -> tuple[str, ...]:
    """Words from the least to the greatest grade that they stand for.

    Args:
        words: The different words of a column; those for what is not known are left
            out.

    Returns:
        The words in their order; empty unless three or more are grades of one scale,
        ranges of numbers that do not overlap, or stages.

    Example:
        >>> order_of(["severe", "none", "mild", "unknown"])
        ('none', 'mild', 'severe')
        >>> order_of([">=60", "<30", "30-59"]), order_of(["II", "IV", "I"])
        (('<30', '30-59', '>=60'), ('I', 'II', 'IV'))
        >>> order_of(["red", "green", "blue"])
        ()
    """
    levels = [word for word in words if not _UNKNOWN.fullmatch(word.strip())]
    if not _FEWEST <= len(levels) <= _MOST:
        return ()
    for places in (*_scales(levels), _stages(levels), _ranges(levels)):
        if len(places) == len(levels) == len(set(places.values())):
            return tuple(sorted(levels, key=places.__getitem__))
    return ()


def _scales(levels: Iterable[str]) -> Iterable[Mapping[str, int]]:
    """The places of words on each scale, of those that stand there."""
    plain = {
        word: " ".join(re.split(r"[\s_-]+", word.strip().lower())) for word in levels
    }
    short = {word: _SHORTENED.sub("", text) for word, text in plain.items()}
    for known in _PLACES:
        yield {word: known[text] for word, text in short.items() if text in known}


def _stages(levels: Iterable[str]) -> Mapping[str, tuple[float, ...]]:
    """The places of stages and grades; of numbers alone there are none."""
    places: dict[str, tuple[float, ...]] = {}
    words: set[str] = set()
    for level in levels:
        found = _STAGE.fullmatch(level.strip())
        if not found or not (found["word"] or found["roman"]):
            return {}
        words.add(found["word"].lower())
        number = found["number"] or 1 + _ROMAN.index(found["roman"].lower())
        places[level] = (float(number), *map(float, map(ord, found["part"].lower())))
    return places if len(words) == 1 else {}


def _ranges(levels: Iterable[str]) -> Mapping[str, tuple[float, float]]:
    """Ranges of numbers, if none begins before the one below ends."""
    places: dict[str, tuple[float, float]] = {}
    for level in levels:
        found = _RANGE.fullmatch(level.strip())
        if not found:
            return {}
        low = float(found["low"])
        high = float(found["high"] or low)
        sign = (found["sign"] or "").strip().lower()
        if sign in ("<", "<=", "≤", "under"):
            low = -math.inf
        elif sign or found["more"]:
            high = math.inf
        places[level] = low, high
    order = sorted(places.values())
    apart = all(one[1] <= two[0] for one, two in itertools.pairwise(order))
    return places if apart and sum(low < high for low, high in order) >= 2 else {}
