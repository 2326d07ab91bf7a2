"""Rows on the device, from which batches are gathered inside a compiled program."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from jaxbio.data.columns import Sequences, Track
from jaxbio.data.schema import Arrays

_SHARE = 0.25
"""The share of an accelerator's memory that rows may take."""


@dataclasses.dataclass(frozen=True)
class DeviceRows:
    """Rows as device arrays, and how a batch is taken from them.

    Attributes:
        columns: The arrays: a pytree to hand to compiled programs.
        fills: What pads each ragged column, by its place (`inputs` or `targets`) and
            name.
    """

    columns: Mapping[str, Any]
    fills: Mapping[tuple[str, str], Any]

    @classmethod
    def of(cls, rows: Arrays) -> "DeviceRows":
        """Copy rows to the default device."""
        fills: dict[tuple[str, str], Any] = {}
        columns: dict[str, Any] = {"weights": rows.weights}
        for place, named in (("inputs", rows.inputs), ("targets", rows.targets)):
            columns[place] = {name: _flat(column) for name, column in named.items()}
            for name, column in named.items():
                if isinstance(column, Sequences):
                    fills[place, name] = column.alphabet.pad
                elif isinstance(column, Track):
                    fills[place, name] = np.nan
        return cls(jax.device_put(columns), fills)

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

        def named(place: str) -> dict[str, Array]:
            return {
                name: _take(column, index, length, self.fills.get((place, name)))
                for name, column in columns[place].items()
            }

        weights = _rows(columns["weights"], index)
        counts = jnp.arange(len(index)) < counted
        return {
            "inputs": named("inputs"),
            "targets": named("targets"),
            "weights": jnp.where(counts, weights, 0),
            "index": index,
        }


def fit_on_device(rows: Arrays) -> bool:
    """Whether rows may stand on the default device as a whole.

    On a CPU they are in its memory already; on an accelerator they may take a quarter.
    Positions in a flat buffer have to be 32-bit numbers.
    """
    columns = [*rows.inputs.values(), *rows.targets.values()]
    arrays = [value for column in columns for value in _flat(column).values()]
    if max((array.size for array in arrays), default=0) > np.iinfo(np.int32).max:
        return False
    memory = (jax.devices()[0].memory_stats() or {}).get("bytes_limit")
    if jax.default_backend() == "cpu" or memory is None:
        return True
    return sum(array.nbytes for array in arrays) <= _SHARE * memory


def _flat(column: Any) -> dict[str, np.ndarray]:
    """A column as arrays: a table of rows, or runs in a flat buffer."""
    if not isinstance(column, Sequences | Track):
        return {"table": column}
    values = column.codes if isinstance(column, Sequences) else column.values
    starts, lengths = column.offsets[:-1], np.diff(column.offsets)
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
        taken = _rows(column["table"], index)
        missing = ((0, 0), (0, length - taken.shape[1]))
        missing += ((0, 0),) * (taken.ndim - 2)
        return jnp.pad(taken, missing, constant_values=fill)
    place = jnp.arange(length)
    inside = place < _rows(column["lengths"], index)[:, None]
    at = _rows(column["starts"], index)[:, None] + place
    # What lies beyond a run belongs to the next one, and is replaced.
    taken = column["values"].at[at].get(mode="clip")
    inside = inside.reshape(inside.shape + (1,) * (taken.ndim - 2))
    return jnp.where(inside, taken, jnp.asarray(fill, taken.dtype))


def _rows(table: Array, index: Array) -> Array:
    return table.at[index].get(mode="promise_in_bounds")
