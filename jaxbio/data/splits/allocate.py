"""Row numbers to parts of wanted sizes: single rows, strata, whole groups."""

import itertools
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, Num

from jaxbio.errors import DataError

_BINS = 10


def checked_shares(fractions: Sequence[float]) -> Num[np.ndarray, "parts"]:
    """The shares of rows of the parts of a split, two or more.

    Args:
        fractions: As they were given; above 0 and adding up to 1.

    Returns:
        The same numbers.

    Raises:
        DataError: For fractions that are not so.

    Example:
        >>> checked_shares((0.8, 0.2)).tolist()
        [0.8, 0.2]
    """
    shares = np.asarray(fractions, float)
    listed = ", ".join(f"{share:g}" for share in shares)
    if len(shares) < 2 or not (shares > 0).all():
        raise DataError(
            f"fractions {listed}: give two or more, each above 0 (0.8, 0.1, 0.1)"
        )
    if abs(shares.sum() - 1) > 1e-6:
        raise DataError(f"fractions {listed} add up to {shares.sum():g}, not to 1")
    return shares


def deal(
    strata: Int64[np.ndarray, "n"],
    shares: Num[np.ndarray, "parts"],
    rng: np.random.Generator,
) -> Int64[np.ndarray, "n"]:
    """Single rows to parts, so that each part has its share of every stratum.

    Args:
        strata: The stratum of each row, from 0.
        shares: The share of each part; the first is the one to train on.
        rng: Which rows go where.

    Returns:
        The part of each row; none is empty.
    """
    part = np.empty(len(strata), np.int64)
    # Small strata first, so that large ones can make up for what they leave uneven.
    order = np.argsort(np.bincount(strata), kind="stable")
    strata = np.argsort(order)[strata]
    shuffled = rng.permutation(len(strata))
    shuffled = shuffled[np.argsort(strata[shuffled], kind="stable")]
    dealt, total = np.zeros(len(shares)), 0
    training = len(strata) * (shares == shares[0])
    bounds = np.flatnonzero(np.diff(strata[shuffled], prepend=-1, append=-1))
    for start, end in itertools.pairwise(bounds):
        size = end - start
        counts = np.floor(size * shares + 1e-9).astype(np.int64)
        total += size
        for _ in range(size - counts.sum()):
            # A class with few rows goes to training first, or it could not be learned.
            lacking = total * shares - dealt - counts
            counts[np.argmax(lacking + training * (counts[0] == 0))] += 1
        part[shuffled[start:end]] = np.repeat(np.arange(len(shares)), counts)
        dealt += counts
    return _none_empty(part, len(shares), shuffled)


def _none_empty(
    part: Int64[np.ndarray, "n"], n_parts: int, order: Int64[np.ndarray, "n"]
) -> Int64[np.ndarray, "n"]:
    """Give a part without a row one of the largest part's."""
    counts = np.bincount(part, minlength=n_parts)
    for empty in np.flatnonzero(counts == 0):
        largest = int(np.argmax(counts))
        part[order[np.flatnonzero(part[order] == largest)[-1]]] = empty
        counts = np.bincount(part, minlength=n_parts)
    return part


def whole_groups(
    codes: Int64[np.ndarray, "n"],
    shares: Num[np.ndarray, "parts"],
    rng: np.random.Generator,
    what: str,
) -> Int64[np.ndarray, "n"]:
    """Whole groups to parts, so that the parts come near their shares of rows.

    Large groups (over half of the smallest part) go first, by size; the rest in random
    order; each to the part that lacks most rows.

    Args:
        codes: The group of each row, from 0.
        shares: The share of each part.
        rng: Which groups go where.
        what: What the groups are, for messages.

    Returns:
        The part of each row; none is empty.

    Raises:
        DataError: For fewer groups than parts.
    """
    sizes = np.bincount(codes)
    if len(sizes) < len(shares):
        raise DataError(
            f"{what}: there are {len(sizes)}, too few for {len(shares)} parts"
        )
    order = rng.permutation(len(sizes))
    quota = shares * len(codes)
    large = np.where(sizes[order] > quota.min() / 2, -sizes[order], 0)
    order = order[np.argsort(large, kind="stable")]
    lacking, empty = quota.tolist(), set(range(len(shares)))
    part_of = np.empty(len(sizes), np.int64)
    for remaining, group in zip(range(len(order), 0, -1), order.tolist(), strict=True):
        # The last groups go to parts that would otherwise stay empty.
        among = empty if remaining <= len(empty) else range(len(shares))
        part = max(among, key=lacking.__getitem__)
        part_of[group] = part
        lacking[part] -= int(sizes[group])
        empty.discard(part)
    return part_of[codes]


def bins(values: Num[np.ndarray, "n"]) -> Int64[np.ndarray, "n"]:
    """Strata of numbers: each value if there are few, else tenths of the rows.

    Args:
        values: The numbers; missing ones are a stratum of their own.

    Returns:
        The stratum of each row.

    Example:
        >>> bins(np.array([0.0, 1.0, 1.0, np.nan])).tolist()
        [1, 2, 2, 3]
    """
    numbers = values[~np.isnan(values)]
    distinct = np.unique(numbers)
    if len(distinct) > _BINS:
        inner = np.linspace(0, 1, _BINS + 1)[1:-1]
        distinct = np.unique(np.quantile(numbers, inner))
    codes = np.searchsorted(distinct, values, side="right")
    codes[np.isnan(values)] = len(distinct) + 1
    return codes.astype(np.int64)
