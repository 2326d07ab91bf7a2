"""Similar sequences: shared k-mers, clusters, near-duplicates.

No alignment and no external program. Each sequence is sketched by its few smallest
scrambled k-mers; sequences that have a sketch k-mer in common are candidates, and every
candidate pair is then checked on all its k-mers, so that nothing is called similar by
chance. Distant homologues (proteins below about 70 % identity) share too few k-mers to
be found.
"""

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt32

from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.hashing import chunks
from jaxbio.data.similarity.kmers import NONE, kmer_table, longest_k
from jaxbio.data.similarity.minhash import SIZE, MinHash, batches, minhash

_LAGS = (1, 2, 3)  # neighbours in a list of sequences with one k-mer that are compared
_CELLS = 1 << 18
_LIBRARY = 0.75
_FEW = 20  # among fewer rows some symbol is the commonest by chance


def both_strands_count(column: Sequences) -> bool:
    """Check that a sequence and its reverse complement count as the same: for DNA."""
    return column.alphabet.name == "dna"


def default_k(column: Sequences) -> int:
    """A k at which unrelated sequences of these lengths hardly share a k-mer.

    Args:
        column: The sequences.

    Returns:
        For nucleotides 12 (70 nt) to 16 (10 knt, or 10**9 nt in all), for proteins
        about 5; at most a third of a short sequence, so that one substitution leaves
        k-mers to share.

    Example:
        >>> from jaxbio.alphabet import DNA, PROTEIN
        >>> default_k(Sequences.from_strings(["ACGTACG" * 10], DNA))
        12
        >>> default_k(Sequences.from_strings(["MKV" * 80], PROTEIN))
        5
    """
    size = column.alphabet.size
    typical = max(float(np.median(column.lengths)), 1.0)
    if size > 5:
        length = np.log(3e4 * typical) / np.log(size)
    else:
        length = np.log(max(2.6e5 * typical, 8.0 * len(column.codes))) / np.log(4)
    short = int(np.quantile(column.lengths, 0.1)) // 3
    return int(max(min(round(length), longest_k(column.alphabet), short), 3))


def default_threshold(column: Sequences) -> float:
    """The share of k-mers from which two sequences count as near-duplicates.

    0.5 for nucleotides: about 94 % identity, or windows that overlap by half. 0.3 for
    the rest: about 80 % identity of proteins.
    """
    return 0.5 if column.alphabet.size <= 5 else 0.3


def is_variant_library(column: Sequences) -> bool:
    """Check that rows are near-identical variants, as in a deep mutational scan.

    That is: of one length, with the commonest symbol of a position in three quarters of
    the rows on average. K-mers tell such rows apart poorly, and every split of them has
    near-duplicates across its parts.
    """
    return len(column) >= _FEW and conservation(column) >= _LIBRARY


def conservation(column: Sequences) -> float:
    """The share of the commonest symbol, averaged over positions.

    Args:
        column: The sequences.

    Returns:
        Near 1 for variants of one parent, 0.3 for unrelated DNA; 0 if the lengths
        differ.
    """
    return column.consensus()[1]


def shared_kmers(
    column: Sequences,
    first: Int64[np.ndarray, "pairs"],
    second: Int64[np.ndarray, "pairs"],
    *,
    k: int,
) -> Float64[np.ndarray, "pairs"]:
    """The share of k-mers that pairs of sequences have in common.

    Args:
        column: The sequences.
        first: Row numbers.
        second: Row numbers, one for each of `first`.
        k: The length of a k-mer.

    Returns:
        For each pair the k-mers in both (counted as often as they occur in both) over
        those of the sequence that has fewer; 0 if it has none.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> column = Sequences.from_strings(["AACGTTG", "AACGTAA", "CAACGTT"], DNA)
        >>> shared_kmers(column, np.array([0, 0]), np.array([1, 2]), k=4).tolist()
        [0.5, 1.0]
    """
    shares = np.zeros(len(first))
    longest = np.maximum(column.lengths[first], column.lengths[second])
    for block in chunks(longest):
        pairs = np.stack([first[block], second[block]])
        rows, position = np.unique(pairs, return_inverse=True)
        table = kmer_table(column, rows, k, both_strands=both_strands_count(column))
        shares[block] = _share(table, *position.reshape(2, -1))
    return shares


def _share(
    table: UInt32[np.ndarray, "n width"],
    first: Int64[np.ndarray, "pairs"],
    second: Int64[np.ndarray, "pairs"],
) -> Float64[np.ndarray, "pairs"]:
    counts = (table != NONE).sum(axis=1)
    common = np.zeros(len(first), np.int64)
    step = max(_CELLS // (2 * table.shape[1]), 1)
    for start in range(0, len(first), step):
        part = slice(start, start + step)
        merged = np.concatenate([table[first[part]], table[second[part]]], axis=1)
        merged.sort(axis=1)  # a k-mer of both rows now stands twice in a row
        twice = (merged[:, 1:] == merged[:, :-1]) & (merged[:, 1:] != NONE)
        common[part] = twice.sum(axis=1)
    return common / np.maximum(np.minimum(counts[first], counts[second]), 1)


def _plausible(
    column: Sequences, sketches: MinHash, first: np.ndarray, second: np.ndarray
) -> Bool[np.ndarray, "pairs"]:
    """Candidates to check in full: those whose sketches share two k-mers.

    Sketches of sequences of very different lengths do not compare; those stay.
    """
    lengths = column.lengths[first], column.lengths[second]
    keep = np.maximum(*lengths) > 1.5 * np.minimum(*lengths)
    like = np.flatnonzero(~keep)
    share = _share(sketches.smallest, first[like], second[like])
    keep[like] = share * SIZE >= 2
    return keep


def clusters(
    column: Sequences, *, k: int | None = None, threshold: float | None = None
) -> Int64[np.ndarray, "n"]:
    """Groups of sequences of which none resembles a member of another group.

    Two sequences are linked if they share at least `threshold` of the k-mers of the one
    that has fewer (`shared_kmers`), and clusters are what links connect: members of a
    cluster may be linked through others. For DNA a sequence and its reverse complement
    count as the same. Equal sequences are always together, and variants of one parent
    (`is_variant_library`) are one cluster.

    Args:
        column: The sequences.
        k: The length of a k-mer; `default_k` if not given.
        threshold: Above 0, at most 1; `default_threshold` if not given. If a share p of
            symbols agrees, about p**k of the k-mers do: 0.5 with k = 12 is 94 %
            identity, 0.3 with k = 5 is 79 %.

    Returns:
        The cluster of each row, numbered by first appearance.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> texts = ["ACGTTGCATCGA", "GGGGGCCCTTTA", "TCGATGCAACGT"]
        >>> clusters(Sequences.from_strings(texts, DNA), k=4).tolist()
        [0, 1, 0]
    """
    if is_variant_library(column):
        return np.zeros(len(column), np.int64)
    k = default_k(column) if k is None else k
    threshold = default_threshold(column) if threshold is None else threshold
    both_strands = both_strands_count(column)
    hashes = column.hashes(both_strands=both_strands)
    _, first, member = np.unique(hashes, return_index=True, return_inverse=True)
    distinct = column.take(first)
    sketches = minhash(distinct, k=k, both_strands=both_strands)
    label = np.arange(len(distinct))
    for batch in batches(sketches):
        i, j = _within_lists(sketches, batch)
        apart = label[i] != label[j]
        i, j = _distinct_pairs(i[apart], j[apart], len(distinct))
        linked = _similar(distinct, sketches, i, j, k=k, threshold=threshold)
        label = _connect(label, i[linked], j[linked])
    _, appears, label = np.unique(label[member], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(appears))[label]


def near_duplicates(
    column: Sequences,
    sketches: MinHash,
    *,
    queries: Bool[np.ndarray, "n"],
    references: Bool[np.ndarray, "n"],
    k: int,
    threshold: float,
) -> Int64[np.ndarray, "n"]:
    """For each query a reference that shares enough of its k-mers.

    Args:
        column: Queries and references.
        sketches: Those of `column`.
        queries: Which rows to look for.
        references: Which rows to look among; a query is none.
        k: The length of a k-mer.
        threshold: The share of k-mers of the sequence with fewer of them.

    Returns:
        The row number of one such reference; -1 where none was found and for rows that
        are not queries.
    """
    nearest = np.full(len(column), -1, np.int64)
    for batch in batches(sketches):
        rows = sketches.rows[batch]
        open_ = queries & (nearest < 0)
        i, j = _across_lists(sketches.hashes[batch], rows, open_, references)
        i, j = _distinct_pairs(i, j, len(column))
        hit = _similar(column, sketches, i, j, k=k, threshold=threshold)
        nearest[i[hit]] = j[hit]
    return nearest


def _within_lists(
    sketches: MinHash, batch: slice
) -> tuple[Int64[np.ndarray, "pairs"], Int64[np.ndarray, "pairs"]]:
    """Each row with the first of its list and with the next ones."""
    hashes, rows = sketches.hashes[batch], sketches.rows[batch]
    head = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]])
    size = np.diff(np.r_[head, len(hashes)])
    pairs = [(rows, rows[np.repeat(head, size)])]
    for lag in _LAGS:
        same = hashes[lag:] == hashes[:-lag]
        pairs.append((rows[lag:][same], rows[:-lag][same]))
    i, j = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return i, j


def _across_lists(
    hashes: UInt32[np.ndarray, "kept"],
    rows: Int64[np.ndarray, "kept"],
    queries: Bool[np.ndarray, "n"],
    references: Bool[np.ndarray, "n"],
) -> tuple[Int64[np.ndarray, "pairs"], Int64[np.ndarray, "pairs"]]:
    """Each query with the references before and after it in its list."""
    place = np.arange(len(rows))
    asks = np.flatnonzero(queries[rows])
    is_reference = references[rows]
    before = np.maximum.accumulate(np.where(is_reference, place, -1))
    after = np.where(is_reference, place, len(rows))
    after = np.minimum.accumulate(after[::-1])[::-1]
    pairs = []
    for nearest in (before, after):
        at = nearest[asks]
        valid = (at >= 0) & (at < len(rows))
        asking, at = asks[valid], at[valid]
        same = hashes[asking] == hashes[at]
        pairs.append((rows[asking[same]], rows[at[same]]))
    i, j = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return i, j


def _distinct_pairs(
    i: Int64[np.ndarray, "pairs"], j: Int64[np.ndarray, "pairs"], n: int
) -> tuple[Int64[np.ndarray, "kept"], Int64[np.ndarray, "kept"]]:
    pairs = np.sort(i * n + j)  # numpy's unique is slower than its sort
    i, j = np.divmod(pairs[np.diff(pairs, prepend=-1) > 0], n)
    return i, j


def _similar(
    column: Sequences,
    sketches: MinHash,
    i: Int64[np.ndarray, "pairs"],
    j: Int64[np.ndarray, "pairs"],
    *,
    k: int,
    threshold: float,
) -> Int64[np.ndarray, "hits"]:
    """Candidate pairs that pass: a cheap look at the sketches, then all k-mers."""
    likely = np.flatnonzero(_plausible(column, sketches, i, j))
    share = shared_kmers(column, i[likely], j[likely], k=k)
    return likely[share >= threshold]


def _connect(
    label: Int64[np.ndarray, "n"],
    i: Int64[np.ndarray, "pairs"],
    j: Int64[np.ndarray, "pairs"],
) -> Int64[np.ndarray, "n"]:
    n = len(label)
    # SciPy is slow to import, and only sequences are looked at in this way.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(i), bool), (label[i], label[j])), (n, n))
    return connected_components(links, directed=False)[1][label].astype(np.int64)
