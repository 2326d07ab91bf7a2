"""Columns of raw values, as they were read: nothing here was learned from data."""

from typing import Any

import numpy as np
from jaxtyping import Int64


def gather_ragged(
    values: np.ndarray, offsets: Int64[np.ndarray, "n_plus_1"], indices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The chosen runs of a flat buffer, again as a flat buffer and its offsets."""
    lengths = np.diff(offsets)[indices]
    bounds = np.zeros(len(indices) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    source = np.repeat(offsets[:-1][indices] - bounds[:-1], lengths)
    source += np.arange(bounds[-1])
    return values[source], bounds


def pad_ragged(
    values: np.ndarray, offsets: np.ndarray, indices: np.ndarray, length: int, fill: Any
) -> np.ndarray:
    """The chosen runs side by side, each filled up to `length`."""
    lengths = np.diff(offsets)[indices]
    table_shape = (len(indices), length, *values.shape[1:])
    if _side_by_side(indices) and (lengths == length).all():
        start = offsets[indices[0]]
        whole = values[start : start + len(indices) * length]
        return whole.reshape(table_shape).copy()
    table = np.full(table_shape, fill, values.dtype)
    if len(indices) and (lengths == lengths[0]).all():
        columns = np.arange(lengths[0])
        table[:, : lengths[0]] = values[offsets[:-1][indices][:, None] + columns]
        return table
    flat, _ = gather_ragged(values, offsets, indices)
    table[np.arange(length) < lengths[:, None]] = flat
    return table


def _side_by_side(indices: np.ndarray) -> bool:
    """Check that these are rows one after the other, as when a file is predicted."""
    return bool(len(indices) and indices[0] >= 0 and (np.diff(indices) == 1).all())
