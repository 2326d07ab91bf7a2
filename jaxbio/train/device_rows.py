"""Rows on the device, from which batches are gathered inside a compiled program."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import (
    Dictionary,
    DictionaryArray,
    Layout,
    Ragged,
    SparseRows,
)
from jaxbio.data.batching.scratch import is_on_disk

_SHARE = 0.25
"""The share of an accelerator's memory that rows may take."""


@dataclasses.dataclass(frozen=True)
class DeviceDataset:
    """Rows as device arrays, and how a batch is taken from them.

    Attributes:
        columns: The arrays: a pytree to hand to compiled programs.
        fills: What pads each ragged column, by its place (`inputs` or `targets`) and
            name.
        rows: The rows they were made of, for what is static.
    """

    columns: Mapping[str, Any]
    fills: Mapping[tuple[str, str], Any]
    rows: Arrays

    @classmethod
    def of(cls, rows: Arrays) -> "DeviceDataset":
        """Copy rows to the default device."""
        fills: dict[tuple[str, str], Any] = {}
        columns: dict[str, Any] = {"weights": rows.weights}
        for place, group in (("inputs", rows.inputs), ("targets", rows.targets)):
            columns[place] = {name: _flat(column) for name, column in group.items()}
            for name, column in group.items():
                if isinstance(_plain(column), Ragged):
                    fills[place, name] = _plain(column).fill
        return cls(jax.device_put(columns), fills, rows)

    def batch(
        self,
        columns: Mapping[str, Any],
        index: Int[Array, "batch"],
        counted: Int[Array, ""],
        length: int,
    ) -> dict[str, Any]:
        """The batch that `Arrays.batch` makes; pure, for compiled programs.

        Args:
            columns: `self.columns`, as the program was given them.
            index: Row numbers.
            counted: How many of them count.
            length: The length to which ragged columns are padded.
        """

        def named(place: str) -> dict[str, Any]:
            return {name: one(place, name) for name in columns[place]}

        def one(place: str, name: str) -> Any:
            column, fill = columns[place][name], self.fills.get((place, name))
            width = self.rows.widths.get(name, length)
            if not isinstance(column, Dictionary):
                return _take(column, index, width, fill)
            layout = self.rows.inputs[name]
            assert isinstance(layout, DictionaryArray)
            most = layout.most(length, len(index))
            numbers = _rows(column.indices, index)
            # A missing one counts as one of the others, so that they are not more.
            filled = jnp.where(numbers < 0, jnp.maximum(numbers.max(), 0), numbers)
            places, place_of = jnp.unique(filled, size=most, return_inverse=True)
            values = _take(column.values, places, width, fill)
            used = jnp.arange(most) < (places[1:] > places[:-1]).sum() + 1
            used = used.reshape(-1, *(1,) * (values.ndim - 1))
            values = jnp.where(used, values, jnp.asarray(fill or 0, values.dtype))
            return Dictionary(values, jnp.where(numbers < 0, -1, place_of))

        weights = _rows(columns["weights"], index)
        counts = jnp.arange(len(index)) < counted
        return {
            "inputs": named("inputs"),
            "targets": named("targets"),
            "weights": jnp.where(counts, weights, 0),
            "index": index,
        }


def fit_on_device(rows: Arrays) -> bool:
    """Check that rows may stand on the default device as a whole.

    On a CPU they are in its memory already, unless they are too many for it and stand
    in a file; on an accelerator they may take a quarter. Positions in a flat buffer
    have to be 32-bit numbers.
    """
    columns = [*rows.inputs.values(), *rows.targets.values()]
    if any(isinstance(_plain(column), SparseRows) for column in columns):
        return False  # dense in batches only
    arrays = jax.tree.leaves([_flat(column) for column in columns])
    if max((array.size for array in arrays), default=0) > np.iinfo(np.int32).max:
        return False
    memory = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")
    if jax.default_backend() == "cpu" or memory is None:
        return not any(is_on_disk(array) for array in arrays)
    return sum(array.nbytes for array in arrays) <= _SHARE * memory


def _plain(column: Layout) -> Any:
    """The layout of a column's values."""
    return column.values if isinstance(column, DictionaryArray) else column


def _flat(column: Layout) -> Any:
    """A column as arrays: a table of rows, runs in a flat buffer, or a dictionary."""
    if isinstance(column, DictionaryArray):
        return Dictionary(_flat(column.values), column.indices)
    if not isinstance(column, Ragged):
        return {"table": column}
    values, starts, lengths = column.values, column.offsets[:-1], column.lengths
    if len(lengths) and (lengths == lengths[0]).all():
        shape = (len(lengths), int(lengths[0]), *values.shape[1:])
        return {"table": values.reshape(shape)}
    return {
        "values": values,
        "starts": starts.astype(np.int32),
        "lengths": lengths.astype(np.int32),
    }


def _take(column: Mapping[str, Array], index: Array, length: int, fill: Any) -> Array:
    if fill is None:
        return _rows(column["table"], index)
    if "table" in column:
        rows = _rows(column["table"], index)
        missing = ((0, 0), (0, length - rows.shape[1]))
        missing += ((0, 0),) * (rows.ndim - 2)
        return jnp.pad(rows, missing, constant_values=fill)
    place = jnp.arange(length)[None]
    inside = place < _rows(column["lengths"], index)[:, None]
    at = _rows(column["starts"], index)[:, None] + place
    # What lies beyond a run belongs to the next one, and is replaced.
    rows = column["values"].at[at].get(mode="clip")
    inside = inside.reshape(inside.shape + (1,) * (rows.ndim - 2))
    return jnp.where(inside, rows, jnp.asarray(fill, rows.dtype))


def _rows(table: Array, index: Array) -> Array:
    return table.at[index].get(mode="promise_in_bounds")
