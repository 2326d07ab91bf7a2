"""Overlap of each sequence with another set of sequences, by k-mers."""

import numpy as np
from jaxtyping import Float64, Int64

from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.similarity.kmers import longest_k, pack
from jaxbio.errors import DataError

K = 6
"""The length of the k-mers: unrelated proteins hardly share one."""

CLEAN = 0.2
"""The largest share with which a sequence still counts as new."""

_PAIRS = 1 << 24  # of k-mers that occur in both, looked at at a time


def kmer_overlap(
    queries: Sequences, references: Sequences, *, k: int = K
) -> tuple[Float64[np.ndarray, "n"], Int64[np.ndarray, "n"]]:
    """The largest share of a sequence's k-mers that one reference has, too.

    Exact: every k-mer of every sequence is looked up.

    Args:
        queries: Such as test chains.
        references: Such as training chains.
        k: The length of a k-mer.

    Returns:
        For each query the share, of the k-mers that it has (each once), that stand in
        the reference with most of them, and which that is; 0 and -1 if there is none.

    Raises:
        DataError: For different alphabets, or k-mers too long for the alphabet.

    Example:
        >>> from jaxbio.alphabet import PROTEIN
        >>> train = Sequences.from_strings(["MKVLAAGG", "WWWWWW"], PROTEIN)
        >>> test = Sequences.from_strings(["MKVLCCCC", "PPPPPP"], PROTEIN)
        >>> share, which = kmer_overlap(test, train, k=3)
        >>> share.round(2).tolist(), which.tolist()
        ([0.4, 0.0], [0, -1])
    """
    if queries.alphabet != references.alphabet:
        raise DataError(
            f"sequences of {queries.alphabet.name} and {references.alphabet.name} "
            f"share no k-mers"
        )
    if k > longest_k(queries.alphabet):
        raise DataError(
            f"k = {k} is too long for {queries.alphabet.name}: at most "
            f"{longest_k(queries.alphabet)}"
        )
    words, owners = _kmers(references, k)
    order = np.argsort(words, kind="stable")
    words, owners = words[order], owners[order]
    kmers, askers = _kmers(queries, k)
    low = np.searchsorted(words, kmers, side="left")
    count = np.searchsorted(words, kmers, side="right") - low
    own = np.bincount(askers, minlength=len(queries))
    share, which = np.zeros(len(queries)), np.full(len(queries), -1, np.int64)
    # Queries by blocks with a bounded number of k-mers in common with references.
    total = np.concatenate([[0], np.cumsum(count)])
    edges = np.searchsorted(askers, np.arange(len(queries) + 1))
    start = 0
    while start < len(queries):
        most = total[edges[start]] + _PAIRS
        end = int(np.searchsorted(total[edges], most, side="right")) - 1
        end = min(max(end, start + 1), len(queries))
        part = slice(edges[start], edges[end])
        pair = _pairs(low[part], count[part], askers[part], owners, len(references))
        matches, hits = np.unique(pair, return_counts=True)
        query, reference = np.divmod(matches, len(references))
        for at in np.argsort(hits, kind="stable"):  # the best of each comes last
            share[query[at]] = hits[at] / own[query[at]]
            which[query[at]] = reference[at]
        start = end
    return share, which


def _pairs(low, count, askers, owners, references: int) -> Int64[np.ndarray, "pairs"]:
    """A number for each k-mer that a query and a reference have in common."""
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    owner = owners[np.repeat(low, count) + within]
    return np.repeat(askers, count) * references + owner


def _kmers(
    column: Sequences, k: int
) -> tuple[Int64[np.ndarray, "total"], Int64[np.ndarray, "total"]]:
    """The k-mers of all sequences, each once a sequence, and whose they are."""
    size = column.alphabet.size
    if len(column.codes) < k:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing
    codes = column.codes
    usable = codes < size
    table = np.where(usable, codes, 0).astype(np.uint32)[None]
    words = pack(table, k, size)[0].astype(np.int64)
    spoilt = np.cumsum(np.concatenate([[0], ~usable]))
    whole = spoilt[k:] == spoilt[:-k]
    owner = np.searchsorted(column.offsets, np.arange(len(words)), side="right") - 1
    # A k-mer must not reach into the next sequence.
    whole &= np.arange(len(words)) + k <= column.offsets[owner + 1]
    unique = np.unique(owner[whole] * np.int64(size**k) + words[whole])
    owners, words = np.divmod(unique, np.int64(size**k))
    return words, owners
