"""Headers of sequence records: the pattern by which a label is taken out of them."""

import re
from collections.abc import Iterator, Sequence

from jaxbio.data.io.parse import parse_numbers

_TELLING = ("label", "class", "target", "y", "category", "value", "score", "activity")
_FEW = 20  # values, up to which words are taken for classes


def proposed_pattern(headers: Sequence[str]) -> str | None:
    r"""A regular expression whose group finds a label in each of some headers.

    Looked at are `key=value` and `key:value`, keys such as `label` first, then fields
    between `|`, then the words after the name. What varies as labels do, which is to
    say numbers or a few words that occur again, is taken for one.

    Args:
        headers: The text after `>` of each record.

    Returns:
        The pattern, as `read(labels=…)` takes it; None if nothing looks like a label.

    Example:
        >>> proposed_pattern(["s1 class=a", "s2 class=b", "s3 class=a"])
        '\\bclass=(\\S+)'
        >>> proposed_pattern(["s1|0|x", "s2|1|x", "s3|1|x"])
        '^(?:[^|]*\\|){1}([^|]*)'
        >>> proposed_pattern(["s1", "s2", "s3"]) is None
        True
    """
    for pattern in _candidates(headers[0] if headers else ""):
        compiled = re.compile(pattern)
        matches = [compiled.search(header) for header in headers]
        values = [match[1].strip() for match in matches if match]
        if len(values) == len(headers) and _varies(values):
            return pattern
    return None


def _candidates(header: str) -> Iterator[str]:
    """Patterns that fit a header, the likeliest first."""
    keys = re.findall(r"([A-Za-z_]\w*)([=:])(?=\S)", header)
    keys.sort(key=lambda key: key[0].lower() not in _TELLING)
    for key, mark in keys:
        yield rf"\b{key}{mark}(\S+)"
    for field in range(1, header.count("|") + 1):
        yield rf"^(?:[^|]*\|){{{field}}}([^|]*)"
    for word in range(1, len(header.split())):
        yield rf"^(?:\S+\s+){{{word}}}(\S+)"


def _varies(values: Sequence[str]) -> bool:
    """Check that values may be labels."""
    distinct = set(values)
    if len(distinct) < 2 or "" in distinct:
        return False
    few = len(distinct) <= min(_FEW, len(values) / 2 + 0.5)
    return few or parse_numbers(list(distinct)) is not None
