"""Long sequences as several rows: windows of one length."""

import dataclasses

import numpy as np
from jaxtyping import Int64

from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, option


def window_starts(symbols: int, length: int) -> Int64[np.ndarray, "windows"]:
    """Where the windows over a sequence begin.

    As few windows of `length` symbols as hold all of them, evenly spaced from the first
    symbol to the last, so that neighbours overlap by no more than they must.

    Args:
        symbols: The length of the sequence.
        length: Of a window.

    Example:
        >>> window_starts(10, 4).tolist(), window_starts(8, 4).tolist()
        ([0, 3, 6], [0, 4])
        >>> window_starts(3, 4).tolist()
        [0]
    """
    count = max(-(-symbols // length), 1)
    return np.rint(np.linspace(0, max(symbols - length, 0), count)).astype(np.int64)


def cut_windows(data: Dataset, length: int) -> Dataset:
    """The rows of a data set without labels, long sequences cut into windows.

    A sequence of more than `length` symbols becomes as few windows of `length` symbols
    as hold all of them, evenly spaced from the first symbol to the last; others stay as
    they are. Divide the rows before, as windows of one sequence share symbols.

    Args:
        data: Rows with one input, of sequences.
        length: Symbols of a window, at least 2.

    Returns:
        The windows, called `NAME:FIRST-LAST` with places that count from 1; their
        groups are those of their sequences, or the names of these.

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
    starts = [window_starts(int(n), length) for n in lengths]
    rows = np.repeat(np.arange(len(data)), [len(each) for each in starts])
    first = np.concatenate(starts)
    sizes = np.minimum(lengths[rows], length)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    begin = column.offsets[:-1][rows] + first
    source = np.repeat(begin - offsets[:-1], sizes) + np.arange(offsets[-1])
    ids = np.asarray(data.ids)
    names = [
        f"{ids[row]}:{at + 1}-{at + size}" if lengths[row] > length else ids[row]
        for row, at, size in zip(rows, first, sizes, strict=True)
    ]
    groups = ids if data.groups is None else np.asarray(data.groups)
    note = (
        f"{data.source}: {many.size:,} of {len(data):,} sequences are longer than "
        f"{length:,} symbols: cut into {int((lengths[rows] > length).sum()):,} windows"
    )
    taken = data.take(rows)
    return dataclasses.replace(
        taken,
        inputs={name: Sequences(column.codes[source], offsets, column.alphabet)},
        ids=np.array(names, object),
        groups=groups[rows],
        notes=(*data.notes, note),
    )
