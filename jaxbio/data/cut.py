"""Long sequences as several rows: windows that follow one another."""

import dataclasses

import numpy as np
from jaxtyping import Int64

from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, option

WINDOW = 512
"""Symbols that a window has at most, where nothing else is said."""

_BLOCK = 16  # windows of a sequence that are divided together


def window_sizes(symbols: int, length: int) -> Int64[np.ndarray, "windows"]:
    """How many symbols each window over a sequence has.

    As few windows of at most `length` symbols as hold all of them, one after the other,
    their sizes as equal as can be, so that no symbol is learned twice.

    Args:
        symbols: The length of the sequence.
        length: The most symbols of a window.

    Example:
        >>> window_sizes(10, 4).tolist(), window_sizes(8, 4).tolist()
        ([3, 4, 3], [4, 4])
        >>> window_sizes(3, 4).tolist()
        [3]
    """
    count = max(-(-symbols // length), 1)
    return np.diff(np.rint(np.linspace(0, symbols, count + 1)).astype(np.int64))


def cut_windows(
    data: Dataset, length: int = WINDOW, *, blocks: bool = False
) -> Dataset:
    """The rows of a data set without labels, long sequences cut into windows.

    A sequence of more than `length` symbols becomes as few windows of at most `length`
    symbols as hold all of them, one after the other; others stay as they are. Divide
    the rows before, so that windows of one sequence stay together; or, of few long
    sequences such as chromosomes, divide the windows by group, with `blocks`.

    Args:
        data: Rows with one input, of sequences.
        length: The most symbols of a window, at least 2.
        blocks: Whether groups are blocks of 16 windows that follow one another.

    Returns:
        The windows, called `NAME:FIRST-LAST` with places that count from 1; their
        groups are those of their sequences, or the names of these, or blocks of these.

    Raises:
        DataError: For rows with labels or other inputs.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> column = Sequences.from_strings(["ACGTAACC", "AC"], DNA)
        >>> data = Dataset({"seq": column}, ids=np.array(["a", "b"], object))
        >>> some = cut_windows(data, 4)
        >>> some.ids.tolist(), some.inputs["seq"].strings()
        (['a:1-4', 'a:5-8', 'b'], ['ACGT', 'AACC', 'AC'])
    """
    if length < 2:
        raise DataError(f"windows of {length} symbols: give at least 2")
    name, column = next(iter(data.inputs.items()))
    if isinstance(column, DictionaryColumn) and isinstance(column.values, Sequences):
        column = column.values.take(column.indices)
    if len(data.inputs) > 1 or not isinstance(column, Sequences):
        raise DataError(
            f"{data.source}: windows are cut of one input of sequences, and there are "
            f"{', '.join(data.inputs)}: name one, as in "
            f"{option('inputs', {name: 'dna'})}"
        )
    if data.targets:
        raise DataError(
            f"{data.source}: labels belong to whole sequences, not to windows of them: "
            f"read the rows without targets"
        )
    lengths = column.lengths
    many = np.flatnonzero(lengths > length)
    if not many.size:
        return data
    parts = [window_sizes(int(n), length) for n in lengths]
    rows = np.repeat(np.arange(len(data)), [len(each) for each in parts])
    sizes = np.concatenate(parts)
    first = np.concatenate([np.cumsum(each) - each for each in parts])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    begin = column.offsets[:-1][rows] + first
    source = np.repeat(begin - offsets[:-1], sizes) + np.arange(offsets[-1])
    ids = np.asarray(data.ids)
    names = [
        f"{ids[row]}:{at + 1}-{at + size}" if lengths[row] > length else ids[row]
        for row, at, size in zip(rows, first, sizes, strict=True)
    ]
    groups = (ids if data.groups is None else np.asarray(data.groups))[rows]
    if blocks:
        numbers = np.concatenate([np.arange(len(each)) // _BLOCK for each in parts])
        pairs = zip(groups, numbers, strict=True)
        groups = np.array([f"{group}/{number}" for group, number in pairs], object)
    note = (
        f"{data.source}: {many.size:,} of {len(data):,} sequences are longer than "
        f"{length:,} symbols: cut into {int((lengths[rows] > length).sum()):,} windows"
    )
    # A chromosome is not to be copied for each of its windows.
    nothing = Numeric(np.zeros((len(data), 0), np.float32), ())
    taken = dataclasses.replace(data, inputs={name: nothing}).take(rows)
    return dataclasses.replace(
        taken,
        inputs={name: Sequences(column.codes[source], offsets, column.alphabet)},
        ids=np.array(names, object),
        groups=groups,
        notes=(*data.notes, note),
    )
