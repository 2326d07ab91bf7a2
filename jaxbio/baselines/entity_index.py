"""Entities of encoded rows: inputs whose values come again and again, as drugs do."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt64

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import (
    DictionaryArray,
    Layout,
    Plain,
    Ragged,
    SparseRows,
)
from jaxbio.data.hashing import hash_numbers, hash_pixels, hash_runs, hash_sparse
from jaxbio.data.views import source_of


def entity_codes(rows: Arrays) -> dict[str, Int64[np.ndarray, "n"]]:
    """The entities of rows: inputs whose values come again and again, as drugs do.

    Args:
        rows: The encoded rows.

    Returns:
        For each such input a number for the entity of each row, -1 where it is missing.
        They are the inputs of shared values that are not all of one row, and sequences
        and categories with half as many values as rows or fewer. Of inputs that always
        go together, such as the expression and the mutations of a cell line, the first.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> codes = np.tile(DNA.encode("AC"), 2)
        >>> column = Ragged(codes, np.arange(5), DNA.pad)
        >>> rows = Arrays({"x": column}, {}, np.ones(4, np.float32), column.lengths)
        >>> codes = entity_codes(rows)["x"]
        >>> len(set(codes[[0, 2]])), len(set(codes))
        (1, 2)
    """
    index: dict[str, np.ndarray] = {}
    partitions: list[np.ndarray] = []
    for name, column in rows.inputs.items():
        if not (isinstance(column, DictionaryArray | Ragged) or _is_category(column)):
            continue
        if source_of(name) in rows.inputs:
            continue  # another view of the same things
        entities, codes = known_entities(column)
        shared = isinstance(column, DictionaryArray)
        most = len(rows) - 1 if shared else len(rows) // 2
        first = np.full(len(entities) + 1, len(rows))
        np.minimum.at(first, codes, np.arange(len(rows)))
        partition = first[codes]  # the same for the same entities by any number
        alike = any((partition == other).all() for other in partitions)
        if 1 < len(entities) <= most and not alike:
            index[name] = np.where(codes < len(entities), codes, -1)
            partitions.append(partition)
    return index


def entity_inputs(rows: Arrays) -> tuple[str, ...]:
    """The inputs whose values come again and again; see `entity_codes`.

    Args:
        rows: The encoded training rows.

    Returns:
        Their names.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> codes = np.tile(DNA.encode("AC"), 2)
        >>> column = Ragged(codes, np.arange(5), DNA.pad)
        >>> rows = Arrays({"x": column}, {}, np.ones(4, np.float32), column.lengths)
        >>> entity_inputs(rows)
        ('x',)
    """
    return tuple(entity_codes(rows))


def are_pairs(rows: Arrays, entities: Iterable[str]) -> bool:
    """Check that rows are pairs of entities, such as a drug and a protein.

    Args:
        rows: The encoded rows.
        entities: The inputs that are entities.

    Returns:
        True for two or more of which not all are categories: what categories add to a
        mean is what a linear model of them says.

    Example:
        >>> are_pairs(Arrays({}, {}, np.ones(0, np.float32), np.zeros(0, int)), ())
        False
    """
    names = list(entities)
    categories = [_is_category(rows.inputs[name]) for name in names]
    return len(names) > 1 and not all(categories)


def known_entities(
    column: Layout,
) -> tuple[UInt64[np.ndarray, "_"], Int64[np.ndarray, "n"]]:
    """The entities that rows refer to.

    Args:
        column: An encoded input.

    Returns:
        Their hashes, sorted, and the number among them for each row.
    """
    values = _plain(column)
    hashes = _hashes(values)
    present = values >= 0 if _is_category(values) else np.ones(len(hashes), bool)
    if isinstance(column, DictionaryArray):
        used, _ = column.among(np.arange(len(column)))
        hashes, present = hashes[used], present[used]
    hashes = hashes[present]
    entities = np.unique(hashes)
    return entities, entity_places(column, entities)


def entity_places(
    column: Layout, known: UInt64[np.ndarray, "_"]
) -> Int64[np.ndarray, "n"]:
    """The number of each row's entity among the known ones.

    Args:
        column: An encoded input of any rows.
        known: What `known_entities` gave.

    Returns:
        For an unknown or missing one the number of the known ones.
    """
    hashes = _hashes(_plain(column))
    place = np.searchsorted(known, hashes)
    matches = np.append(known, known[:1])[place] == hashes if len(known) else hashes < 0
    codes = np.append(np.where(matches, place, len(known)), len(known)).astype(np.int64)
    # The last is for what is missing, whose index is -1.
    return codes[column.indices] if isinstance(column, DictionaryArray) else codes[:-1]


def _plain(column: Layout) -> Any:
    return column.values if isinstance(column, DictionaryArray) else column


def _is_category(column: Layout) -> bool:
    values = _plain(column)
    return isinstance(values, np.ndarray) and values.dtype == np.int32


def _hashes(values: Plain) -> UInt64[np.ndarray, "values"]:
    if isinstance(values, Ragged):
        return hash_runs(values.values, values.offsets)
    if isinstance(values, SparseRows):
        return hash_sparse(values.matrix, values.names)
    if values.dtype == np.uint8:
        return hash_pixels(values)
    return hash_numbers(values.reshape(len(values), -1).astype(np.float32))
