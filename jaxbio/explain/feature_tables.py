"""Features of rows that have names people read: columns, levels, words, places."""

import itertools

import numpy as np
from jaxtyping import Float32

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError

_MOST_WORDS = 5000  # of one input
_LONGEST = 6  # letters of a word
_MOST_PLACES = 600  # positions of sequences of one length


def named_features(
    schema: Schema, data: Dataset
) -> tuple[Float32[np.ndarray, "n features"], tuple[str, ...]]:
    """Columns of numbers, levels of categories, counts of words, symbols at positions.

    Args:
        schema: The inputs of a model.
        data: Rows with these.

    Returns:
        A table with NaN for what is missing, and the name of each column: that of a
        number, `column = level`, `count of ACG`, or `A at 5` of sequences that all have
        one length.

    Raises:
        DataError: If no input has such features, as images.

    Example:
        >>> from jaxbio.data import learn_schema
        >>> from jaxbio.alphabet import DNA
        >>> rows = Dataset({"seq": Sequences.from_strings(["ACA", "CCA"], DNA)})
        >>> table, names = named_features(learn_schema(rows), rows)
        >>> table[:, names.index("count of A")].tolist(), "A at 1" in names
        ([2.0, 1.0], True)
    """
    blocks: list[np.ndarray] = []
    names: list[str] = []
    for spec in schema.own:
        column = plain(data.input(spec.name))
        if isinstance(column, Numeric):
            blocks.append(np.asarray(column.values, np.float32))
            names += column.names
        elif isinstance(column, Category):
            levels = sorted({str(x) for x in column.values if x is not None})
            values = np.array(
                ["" if x is None else str(x) for x in column.values], object
            )
            for level in [*levels, *([""] if (values == "").any() else [])]:
                blocks.append((values == level).astype(np.float32)[:, None])
                names.append(f"{spec.name} = {level}" if level else f"no {spec.name}")
        elif isinstance(column, Sequences):
            block, own = _of_sequences(column)
            blocks.append(block)
            names += [f"{name} in {spec.name}" for name in own] if (
                len(schema.own) > 1
            ) else own  # fmt: skip
    if not names:
        kinds = ", ".join(f"{spec.name} ({spec.kind})" for spec in schema.own)
        raise DataError(
            f"rules are made of columns and of words in sequences; this model takes "
            f"{kinds}"
        )
    return np.concatenate(blocks, axis=1), tuple(names)


def _of_sequences(column: Sequences) -> tuple[np.ndarray, list[str]]:
    size, spelt = column.alphabet.size, column.alphabet.spelt
    most = 1
    while most < _LONGEST and size ** (most + 1) <= _MOST_WORDS:
        most += 1
    lengths = np.diff(column.offsets)
    rows = np.repeat(np.arange(len(column)), lengths)
    codes = column.codes.astype(np.int64)
    number, valid = np.zeros(len(codes), np.int64), np.ones(len(codes), bool)
    blocks, names = [], []
    for k in range(1, most + 1):
        # The word that ends at each position; none across the ends of rows.
        shifted = np.concatenate([codes[k - 1 :], np.full(k - 1, size)])[: len(codes)]
        inside = (
            np.concatenate([rows[k - 1 :], np.full(k - 1, -1)])[: len(codes)] == rows
        )
        valid &= inside & (shifted < size)
        number = number * size + np.minimum(shifted, size - 1)
        counts = np.zeros((len(column), size**k), np.float32)
        np.add.at(counts, (rows[valid], number[valid]), 1)
        some = np.flatnonzero(counts.any(axis=0))
        words = list(itertools.product(spelt[:size], repeat=k))
        blocks.append(counts[:, some])
        names += [f"count of {''.join(words[at])}" for at in some]
    if len(set(lengths.tolist())) == 1 and 0 < lengths[0] <= _MOST_PLACES:
        table = codes.reshape(len(column), -1)
        for code in range(size):
            blocks.append((table == code).astype(np.float32))
            names += [f"{spelt[code]} at {at + 1}" for at in range(table.shape[1])]
    return np.concatenate(blocks, axis=1), names
