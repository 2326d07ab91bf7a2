"""The few static lengths to which sequences are padded: few mean few compilations."""

import numpy as np
from jaxtyping import Int64, Num

MOST_BUCKETS = 6
_MULTIPLE = 8
_MOST_EDGES = 1024  # among which buckets are chosen
_MOST_POSITIONS = 1 << 19  # of a batch, where lengths differ


def choose_buckets(
    lengths: Num[np.ndarray, "n"], most: int = MOST_BUCKETS
) -> tuple[int, ...]:
    """Lengths that hold the given ones with little padding.

    Sequences of one length have one bucket of exactly that length; otherwise edges are
    multiples of 8, of all such those with the least padding together.

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
        >>> choose_buckets(np.array([400] * 50 + [410] * 49 + [9000]), most=2)
        (416, 9000)
    """
    longest = int(lengths.max())
    if longest == int(lengths.min()):
        return (longest,)
    rounded = -(-np.asarray(lengths, np.int64) // _MULTIPLE) * _MULTIPLE
    edges, counts = np.unique(rounded, return_counts=True)
    if len(edges) > _MOST_EDGES:
        shares = np.linspace(0, 1, _MOST_EDGES + 1)[1:]
        edges = np.unique(np.quantile(rounded, shares, method="higher"))
        places = np.searchsorted(edges, rounded)
        counts = np.bincount(places, minlength=len(edges))
    return _least_padding(edges, counts, most)


def _least_padding(
    edges: Int64[np.ndarray, "m"], counts: Int64[np.ndarray, "m"], most: int
) -> tuple[int, ...]:
    """Some of the edges, with which all rows together are shortest, the last included.

    By dynamic programming: the best for all rows up to an edge with one bucket more
    is the best up to an edge before it, and a bucket for those between.
    """
    below = np.concatenate([[0], np.cumsum(counts)])
    # What rows after the first so many edges cost in one bucket that ends at an edge.
    alone = (below[1:][None] - below[:-1][:, None]) * edges[None].astype(np.float64)
    alone[np.tril_indices(len(edges), -1)] = np.inf
    costs, choices = alone[0], []
    for _ in range(min(most, len(edges)) - 1):
        later = np.concatenate([[np.inf], costs[:-1]])[:, None] + alone
        before = later.argmin(axis=0)
        choices.append(before)
        costs = later[before, np.arange(len(edges))]
    at, chosen = len(edges) - 1, [int(edges[-1])]
    for before in reversed(choices):
        at = int(before[at]) - 1
        chosen.append(int(edges[at]))
    return tuple(sorted(set(chosen)))


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


def rows_at(length: int, buckets: tuple[int, ...], batch_size: int) -> int:
    """Rows of a batch of one length: fewer where a few sequences are very long.

    Sequences of one length keep the batch size that was asked for.

    Example:
        >>> rows_at(400, (400, 34_352), 256), rows_at(34_352, (400, 34_352), 256)
        (256, 15)
        >>> rows_at(34_352, (34_352,), 256)
        256
    """
    if len(buckets) < 2 or length <= buckets[0]:
        return batch_size
    return max(1, min(batch_size, _MOST_POSITIONS // length))
