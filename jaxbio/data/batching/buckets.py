"""The few static lengths to which sequences are padded: few mean few compilations."""

import numpy as np
from jaxtyping import Int64, Num

MOST_BUCKETS = 6
_MULTIPLE = 8


def choose_buckets(
    lengths: Num[np.ndarray, "n"], most: int = MOST_BUCKETS
) -> tuple[int, ...]:
    """Lengths that hold the given ones with little padding.

    Sequences of one length have one bucket of exactly that length; otherwise edges lie
    at quantiles, rounded up to a multiple of 8.

    Args:
        lengths: The lengths of the training sequences.
        most: The most buckets wanted.

    Returns:
        Increasing lengths, the last at least the longest sequence.

    Example:
        >>> choose_buckets(np.array([249, 249]))
        (249,)
        >>> choose_buckets(np.array([10, 20, 200]), most=2)
        (24, 200)
    """
    longest = int(lengths.max())
    if longest == int(lengths.min()):
        return (longest,)
    shares = np.linspace(0, 1, most + 1)[1:]
    edges = np.quantile(lengths, shares, method="higher").astype(np.int64)
    return tuple(sorted({int(-(-edge // _MULTIPLE) * _MULTIPLE) for edge in edges}))


def bucket_lengths(
    lengths: Num[np.ndarray, "n"], buckets: tuple[int, ...]
) -> Int64[np.ndarray, "n"]:
    """The padded length of each sequence.

    Beyond the largest bucket lengths grow by a quarter at a time, so that a file with
    longer sequences than the training data still has few lengths.

    Example:
        >>> bucket_lengths(np.array([5, 24, 101]), (24, 80)).tolist()
        [24, 24, 104]
    """
    edges = list(buckets)
    longest = int(lengths.max(initial=0))
    while edges[-1] < longest:
        grown = max(edges[-1] * 5 // 4, edges[-1] + _MULTIPLE)
        edges.append(-(-grown // _MULTIPLE) * _MULTIPLE)
    return np.asarray(edges, np.int64)[np.searchsorted(edges, lengths)]
