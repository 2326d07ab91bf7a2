"""Plain features of raw rows, for linear models: k-mer counts, positions, columns.

A `Block` is one group of features of one input, with the columns that varied in the
training rows; further rows are turned into the same columns.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float32, Int64, Num

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import DictionaryArray, Layout, Ragged, SparseRows
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.counts import MOST_GENES, CountsSpec
from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.ordinal import OrdinalSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.similarity.kmers import pack
from jaxbio.data.specs import InputSpec

BUDGET = 375_000_000
"""The most cells of a training matrix: 1.5 GB of float32."""
MOST_ROWS = 200_000
"""The most rows of a training matrix."""
_CHUNK = 1 << 21
_MOST_POSITIONS = 6000


@dataclasses.dataclass(frozen=True)
class Block:
    """Features of one input.

    Attributes:
        input: The name of the input.
        kind: `kmers` (the logarithm of one plus the count of each k-mer), `positions`
            (one-hot), `genes` (the logarithms of counts, standardised), or what the
            type of the input has for a linear model: `pixels`, `category` (one-hot) and
            for all others `numeric`.
        k: The length of the k-mers.
        columns: Which of all such features are used: those that vary in the training
            rows.
    """

    input: str
    kind: str
    k: int
    columns: Int64[np.ndarray, "columns"]

    @property
    def name(self) -> str:
        """What `jaxbio.models.plain_features.blocks_of` calls all its features."""
        own = {"kmers": f":{self.k}", "positions": ":positions"}
        return self.input + own.get(self.kind, "")

    @property
    def width(self) -> int:
        """The number of features."""
        return len(self.columns)


def learn_blocks(schema: Schema, train: Arrays) -> list[Block]:
    """The features of training rows.

    Long k-mers are left out once the matrix would exceed `BUDGET`.

    Args:
        schema: What the inputs are.
        train: The training rows.

    Returns:
        Blocks with at least one column, short k-mers first.
    """
    plain, kmers = [], []
    for spec in schema.inputs:
        column = train.inputs[spec.name]
        if isinstance(column, DictionaryArray):
            column = column.referred()
        if not isinstance(spec, SequenceSpec):
            plain.append(_plain_block(spec, column))
            continue
        assert isinstance(column, Ragged)  # as sequences are encoded
        if f"words@{spec.name}" in train.inputs:
            continue  # which say more
        if spec.fixed_length:
            plain.append(_position_block(spec, column))
        for k in range(1, spec.linear_kmers + 1):
            kmers.append(_kmer_block(spec, column, k))
    result, cells = [], 0
    for block in [*plain, *sorted(kmers, key=lambda block: block.k)]:
        cells += block.width * min(len(train), MOST_ROWS)
        if block.width and (cells <= BUDGET or not result):
            result.append(block)
    return result


def sample(
    blocks: Sequence[Block], rows: Int64[np.ndarray, "n"], *, seed: int = 0
) -> Int64[np.ndarray, "m"]:
    """The rows of a training matrix: all, or as many drawn as it may have.

    Args:
        blocks: Its features.
        rows: The row numbers.
        seed: Which are drawn.

    Example:
        >>> sample([], np.arange(5)).tolist(), len(sample([], np.arange(300_000)))
        ([0, 1, 2, 3, 4], 200000)
    """
    width = sum(block.width for block in blocks)
    most = min(MOST_ROWS, BUDGET // max(width, 1))
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def matrix(
    blocks: Sequence[Block], schema: Schema, data: Arrays, rows: Num[np.ndarray, "m"]
) -> Float32[np.ndarray, "m columns"]:
    """The features of some rows.

    Args:
        blocks: What to compute.
        schema: What the inputs are.
        data: The rows' arrays.
        rows: Which of them.

    Returns:
        The blocks' columns side by side.
    """
    width = sum(block.width for block in blocks)
    table = np.zeros((len(rows), width), np.float32)
    start = 0
    for block in blocks:
        part = table[:, start : start + block.width]
        _fill(part, block, schema.input(block.input), data.inputs, rows)
        start += block.width
    return table


def _fill(
    out: np.ndarray,
    block: Block,
    spec: InputSpec,
    inputs: Mapping[str, Layout],
    rows: Num[np.ndarray, "m"],
) -> None:
    column = inputs[block.input]
    if isinstance(column, DictionaryArray):  # each once; nothing for a missing one
        used, place = column.among(rows)
        table = np.zeros((len(used) + 1, block.width), np.float32)
        _fill(table[:-1], block, spec, {block.input: column.values}, used)
        out[:] = table[place]
        return
    if isinstance(column, SparseRows):
        assert isinstance(spec, CountsSpec)
        out[:] = _logarithms(spec, column, rows, block.columns)
        return
    if not isinstance(column, Ragged):
        out[:] = spec.linear_features(column[rows])[:, block.columns]
        return
    assert isinstance(spec, SequenceSpec)
    # One more column takes what is not used; index -1 reads that place, the last.
    width = block.width + 1
    place = np.full(n_features(block, spec) + 1, block.width, np.int64)
    place[block.columns] = np.arange(block.width)
    for start, index in _indices(block.kind, spec, column, rows, block.k, width):
        cell = place[index] + np.arange(len(index))[:, None] * width
        count = np.bincount(cell.ravel(), minlength=len(index) * width)
        out[start : start + len(index)] = count.reshape(-1, width)[:, :-1]
    if block.kind == "kmers":
        np.log1p(out, out=out)


def _logarithms(
    spec: CountsSpec, counts: SparseRows, rows: Num[np.ndarray, "m"], genes: np.ndarray
) -> Float32[np.ndarray, "m genes"]:
    """Standardised log(1 + x) of counts in 10,000, of some genes."""
    mean, scale = (np.asarray(x, np.float32)[genes] for x in (spec.mean, spec.scale))
    present = np.array([name not in counts.absent for name in spec.columns])
    expected = 1e4 * np.asarray(spec.share, np.float64)[present].sum()
    scale = np.where(scale > 0, scale, 1)
    weight = np.float32(spec.divisor)
    table = np.empty((len(rows), len(genes)), np.float32)
    step = max(1, _CHUNK // max(len(genes), 1))
    for start in range(0, len(rows), step):
        block = counts.matrix[rows[start : start + step]]
        total = np.maximum(np.asarray(block.sum(axis=1)), 1)
        logs = np.log1p(block[:, genes].toarray() * (expected / total))
        part = np.clip((logs - mean) / scale, -10, 10) / weight
        table[start : start + step] = part
    absent = [spec.columns[gene] in counts.absent for gene in genes]
    table[:, absent] = 0  # the mean, as in the network
    return table


def n_features(block: Block, spec: InputSpec) -> int:
    """The number of features of the kind of a block, used or not."""
    if isinstance(spec, SequenceSpec):
        size = spec.alphabet.size
        return size**block.k if block.kind == "kmers" else size * spec.max_length
    if isinstance(spec, NumericSpec):
        return 2 * len(spec.columns)
    if isinstance(spec, CountsSpec):
        return len(spec.columns)
    return int(block.columns.max(initial=-1)) + 1


def _indices(
    kind: str,
    spec: SequenceSpec,
    column: Ragged,
    rows: Num[np.ndarray, "m"],
    k: int,
    width: int = 1,
) -> Iterator[tuple[int, Int64[np.ndarray, "part windows"]]]:
    """The features that rows have, chunk by chunk; -1 where there is none.

    Chunks are small enough for tables of `width` columns.
    """
    size = spec.alphabet.size
    longest = max(int(column.lengths[rows].max(initial=k)), k)
    step = max(_CHUNK // max(longest, width), 1)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        codes = column.padded(part, longest)
        unusable = codes >= size
        if kind == "positions":
            first = slice(spec.max_length)
            place = np.arange(codes[:, first].shape[1]) * size
            yield start, np.where(unusable[:, first], -1, place + codes[:, first])
            continue
        index = pack(np.where(unusable, 0, codes).astype(np.uint32), k, size)
        index = index.astype(np.int64)
        if unusable.any():
            spoilt = np.cumsum(unusable, axis=1)
            spoilt = spoilt[:, k - 1 :] - np.pad(spoilt, ((0, 0), (1, 0)))[:, :-k]
            index[spoilt > 0] = -1
        yield start, index


def _kmer_block(spec: SequenceSpec, column: Ragged, k: int) -> Block:
    count = np.zeros(spec.alphabet.size**k, np.int64)
    for _, index in _indices("kmers", spec, column, np.arange(len(column)), k):
        count += np.bincount(index[index >= 0], minlength=len(count))
    return Block(spec.name, "kmers", k, np.flatnonzero(count))


def _position_block(spec: SequenceSpec, column: Ragged) -> Block:
    count = np.zeros(spec.alphabet.size * spec.max_length, np.int64)
    for _, index in _indices("positions", spec, column, np.arange(len(column)), 0):
        count += np.bincount(index[index >= 0], minlength=len(count))
    varies = np.flatnonzero((count > 0) & (count < len(column)))
    if len(varies) > _MOST_POSITIONS:
        varies = varies[:0]
    return Block(spec.name, "positions", 0, varies)


def _plain_block(spec: InputSpec, column: Layout) -> Block:
    """The features that the type of an input has for a linear model."""
    if isinstance(column, SparseRows):
        assert isinstance(spec, CountsSpec)
        varied = np.argsort(-np.asarray(spec.scale), kind="stable")[:MOST_GENES]
        return Block(spec.name, "genes", 0, np.sort(varied))
    if not isinstance(column, np.ndarray):  # runs that are not sequences
        return Block(spec.name, "numeric", 0, np.zeros(0, np.int64))
    kinds = {CategorySpec: "category", OrdinalSpec: "category", ImageSpec: "pixels"}
    columns = spec.linear_columns(column)
    return Block(spec.name, kinds.get(type(spec), "numeric"), 0, columns)


def windows(
    column: Ragged,
    alphabet: Alphabet,
    positions: Int64[np.ndarray, "m"],
    *,
    width: int,
) -> Float32[np.ndarray, "m features"]:
    """The symbols around positions of the flat buffer; zeros outside the sequence.

    Args:
        column: The sequences.
        alphabet: What their symbols mean.
        positions: Places in `column.values`.
        width: The number of symbols, odd.

    Returns:
        `width * alphabet` features a position, one-hot (a mean for ambiguous symbols).
    """
    size, half = alphabet.size, width // 2
    row = np.searchsorted(column.offsets, positions, side="right") - 1
    place = positions[:, None] + np.arange(-half, half + 1)
    start, end = column.offsets[row][:, None], column.offsets[row + 1][:, None]
    inside = (place >= start) & (place < end)
    codes = column.values[np.where(inside, place, 0)]
    profiles = alphabet.profile[np.where(inside, codes, alphabet.pad)]
    return profiles.reshape(len(positions), width * size)
