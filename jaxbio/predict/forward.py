"""Networks over any number of rows: one program, a few rows at a time inside it.

What a network holds between its layers is large: 100 MB for 256 sequences of 249 nt and
256 channels. On a CPU that is more than the cache takes, and a program asks the system
for it anew at every call. So many rows go to one call, whose program loops over as few
of them at a time as keep the machine busy. Every row sees the same arithmetic, whatever
the other rows are.
"""

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jaxtyping import Int64

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import BatchPlan
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.batching.layouts import (
    Dictionary,
    DictionaryArray,
    Ragged,
    are_same,
    take_rows,
)
from jaxbio.nn.closures import Program

MOST_ROWS = 2048
"""The most rows of one call."""

_MOST_BYTES = 1 << 22  # of the inputs of one call
_POSITIONS = {"cpu": 1 << 13}  # of sequences, that are computed together
_POSITIONS_ELSEWHERE = 1 << 18
_SHORTEST = 32  # positions for which rows count at least
_PAIRS = {"cpu": 1 << 16}  # of positions, that are computed together
_PAIRS_ELSEWHERE = 1 << 22
_MOST_PAIRS = 1 << 22  # of one call: results of pairs are large

Inputs = Mapping[str, Any]
Outputs = dict[str, Array]
Predict = Callable[[Any, Inputs], Outputs]
Encode = Callable[[Any, str, Any], Outputs]
"""Encoder of the values of an input, of which the name is given."""

Results = tuple[BatchPlan, Outputs, Outputs]
"""Rows, their means over the members by target, and their spread or nothing."""


class Forward:
    """The networks of an ensemble over encoded rows.

    Example:
        >>> forward = Forward(lambda w, inputs: {"y": w * inputs["x"]}, [2.0, 4.0])
        >>> values = np.array([[1.0], [5.0]], np.float32)
        >>> arrays = Arrays({"x": values}, {}, np.ones(2, np.float32), np.zeros(2, int))
        >>> (_, mean, spread), = forward.start(arrays, (0,))
        >>> mean["y"].tolist(), spread["y"].tolist()
        ([[3.0], [15.0]], [[1.0], [5.0]])
    """

    def __init__(
        self,
        predict: Predict,
        members: Sequence[Any],
        *,
        pairs: bool = False,
        encode: Encode | None = None,
        side_by_side: bool = False,
    ):
        """Compile nothing yet.

        Args:
            predict: The pure function of a network's values and a batch of inputs.
            members: The values of each network.
            pairs: Whether it gives values for pairs of positions.
            encode: What the network makes of values of an input that rows share, which
                `predict` then takes for them; None if it takes only whole rows.
            side_by_side: Whether results of the networks stand beside each other, where
                their means would mean nothing.
        """
        self._pairs = pairs
        self._predict = predict
        self._members = tuple(members)
        self._side_by_side = side_by_side
        self._run = Program(self._program, static_argnames=("rows",))
        self._encode = encode
        self._parts: dict[str, Forward] = {}  # of the networks, compiled when needed
        self._known: dict[str, tuple[Any, list[dict[str, Any]]]] = {}  # last values

    def of(self, members: Sequence[Any]) -> "Forward":
        """The same program for other networks of the same shape.

        Args:
            members: The values of each.
        """
        other = copy.copy(self)
        other._members, other._known = tuple(members), {}
        return other

    def start(
        self, arrays: Arrays, buckets: tuple[int, ...], *, rows: int | None = None
    ) -> Iterator[Results]:
        """Have all rows computed; the device may still be at work on what is yielded.

        Args:
            arrays: The rows.
            buckets: The lengths to which sequences are padded.
            rows: How many rows are computed together; None to choose by their length.
        """
        shared = {
            n: c for n, c in arrays.inputs.items() if isinstance(c, DictionaryArray)
        }
        if not shared:
            yield from self._start(self._members, arrays, buckets, rows)
            return
        if self._encode is None:
            yield from self._start(self._members, arrays.expanded(), buckets, rows)
            return
        shared = {name: _referred(column) for name, column in shared.items()}
        encoded = {n: self._encoded(n, c, buckets) for n, c in shared.items()}
        members = [
            {
                "network": member,
                "encoded": {name: values[at] for name, values in encoded.items()},
            }
            for at, member in enumerate(self._members)
        ]
        places = {name: column.indices for name, column in shared.items()}
        arrays = dataclasses.replace(arrays, inputs={**arrays.inputs, **places})
        if not any(isinstance(c, Ragged) for c in arrays.inputs.values()):
            nothing = np.zeros(len(arrays), np.int64)
            arrays, buckets = dataclasses.replace(arrays, lengths=nothing), (0,)
        whole = self._part("", _with_encoded(self._predict, tuple(shared)))
        yield from whole._start(tuple(members), arrays, buckets, rows)

    def _part(self, name: str, function: Predict) -> "Forward":
        return self._parts.setdefault(name, Forward(function, ()))

    def _encoded(
        self, name: str, column: DictionaryArray, buckets: tuple[int, ...]
    ) -> list[dict[str, Any]]:
        """Encodings of each value by each network; the last values are remembered."""
        values, encodings = self._known.get(name, (None, []))
        if not are_same(values, column.values):
            encodings = [self._each(m, name, column, buckets) for m in self._members]
            self._known[name] = column.values, encodings
        return encodings

    def _each(
        self, member: Any, name: str, column: DictionaryArray, buckets: tuple[int, ...]
    ) -> dict[str, Any]:
        """Encodings of each value by a network; zeros where sequences are shorter."""
        encode = self._encode
        assert encode is not None  # the caller has looked
        distinct, count = column.values, len(column.values)
        ragged = isinstance(distinct, Ragged)
        lengths = distinct.lengths if ragged else np.zeros(count, np.int64)
        arrays = Arrays({name: distinct}, {}, np.ones(count, np.float32), lengths)
        part = self._part(name, lambda m, inputs: encode(m, name, inputs[name]))
        result: dict[str, np.ndarray] = {}
        # A power of two, as each size is compiled anew.
        size = 1 << (count - 1).bit_length()
        results = part._start((member,), arrays, buckets if ragged else (0,), None)
        for plan, values, _ in sorted(results, key=lambda r: -r[0].length):
            for key, value in values.items():
                value = np.asarray(value)[: plan.counted]
                if key not in result:
                    result[key] = np.zeros((size, *value.shape[1:]), value.dtype)
                place = (plan.rows, *(slice(n) for n in value.shape[1:]))
                result[key][place] = value
        return result

    def _start(
        self,
        members: tuple[Any, ...],
        arrays: Arrays,
        buckets: tuple[int, ...],
        rows: int | None,
    ) -> Iterator[Results]:
        padded = bucket_lengths(arrays.lengths, buckets)
        for length in map(int, np.unique(padded)):
            numbers = np.flatnonzero(padded == length)
            yield from self._bucket(members, arrays, numbers, length, rows)

    def _bucket(
        self,
        members: tuple[Any, ...],
        arrays: Arrays,
        numbers: Int64[np.ndarray, "n"],
        length: int,
        rows: int | None,
    ) -> Iterator[Results]:
        rows = rows or rows_at_once(length, pairs=self._pairs)
        # Each size is compiled anew: powers of two for few rows, one size for many.
        size = 1 << (len(numbers) - 1).bit_length()
        if size > rows:
            first = arrays.batch(numbers[:1], length)["inputs"]
            row_bytes = sum(values.nbytes for values in first.values())
            most = min(MOST_ROWS, _MOST_BYTES // max(row_bytes, 1))
            if self._pairs:
                most = min(most, _MOST_PAIRS // max(length, 1) ** 2)
            size = max(most // rows, 1) * rows
        rows = min(rows, size)
        for start in range(0, len(numbers), size):
            part = numbers[start : start + size]
            batch = arrays.batch(part, length)["inputs"]
            inputs = {name: _filled(values, size) for name, values in batch.items()}
            steps = np.int32(-(-len(part) // rows))
            outputs = self._run(members, inputs, steps, rows=rows)
            yield BatchPlan(part, len(part), length), *outputs

    def _program(
        self, members: Sequence[Any], inputs: Inputs, steps: Any, *, rows: int
    ) -> tuple[Outputs, Outputs]:
        def one(member: Any) -> Outputs:
            predict = functools.partial(self._predict, member)
            return by_rows(predict, inputs, steps, rows=rows)

        if len(members) == 1:
            return one(members[0]), {}
        # A loop, as a copy of the network for each member would take long to compile.
        outputs = lax.map(one, jax.tree.map(lambda *x: jnp.stack(x), *members))
        if self._side_by_side:
            return jax.tree.map(lambda x: jnp.concatenate([*x], axis=-1), outputs), {}
        mean = jax.tree.map(lambda values: values.mean(axis=0), outputs)
        return mean, jax.tree.map(lambda values: values.std(axis=0), outputs)


def _referred(column: DictionaryArray) -> DictionaryArray:
    """Without the values to which no row refers, if these are most."""
    used, places = column.among(np.arange(len(column)))
    if 2 * len(used) > len(column.values):
        return column
    used = used if len(used) else np.zeros(1, np.int64)
    return DictionaryArray(take_rows(column.values, used), places)


def _with_encoded(predict: Predict, names: tuple[str, ...]) -> Predict:
    """A network that takes what it made of values, and which value is whose."""

    def whole(member: Any, inputs: Inputs) -> Outputs:
        shared = {
            name: Dictionary(member["encoded"][name], inputs[name]) for name in names
        }
        return predict(member["network"], {**inputs, **shared})

    return whole


def by_rows(
    predict: Callable[[Inputs], Outputs], inputs: Inputs, steps: Any, *, rows: int
) -> Outputs:
    """A function of a batch on the first `steps * rows` rows, some rows at a time.

    Args:
        predict: The function; it treats each row by itself.
        inputs: Arrays `[n ...]`, where n is a multiple of `rows`.
        steps: How many times `rows` rows are wanted; it may be traced.
        rows: Rows at a time.

    Returns:
        What `predict` would give for all inputs at once; zeros after the wanted rows.

    Example:
        >>> x = jnp.arange(6.0)
        >>> found = by_rows(lambda part: {"y": 2 * part["x"]}, {"x": x}, 2, rows=2)
        >>> found["y"].tolist()
        [0.0, 2.0, 4.0, 6.0, 0.0, 0.0]
    """
    size = len(next(iter(inputs.values())))
    if size == rows:
        return predict(inputs)

    def part(at: Any) -> Inputs:
        return jax.tree.map(
            lambda values: lax.dynamic_slice_in_dim(values, at * rows, rows), inputs
        )

    def step(at: Any, outputs: Outputs) -> Outputs:
        return jax.tree.map(
            lambda whole, new: lax.dynamic_update_slice_in_dim(
                whole, new, at * rows, 0
            ),
            outputs,
            predict(part(at)),
        )

    shapes = jax.eval_shape(lambda: predict(part(0)))
    empty = jax.tree.map(
        lambda leaf: jnp.zeros((size, *leaf.shape[1:]), leaf.dtype), shapes
    )
    return lax.fori_loop(0, steps, step, empty)


def rows_at_once(length: int, *, pairs: bool = False) -> int:
    """Number of rows that are computed together, a power of two.

    As many as have 8,192 positions on a CPU (32 sequences of 249 nt: what a network
    holds of them stays in the cache) and 262,144 elsewhere; rows without sequences
    count as 32 positions. Convolutional and recurrent networks are fastest there.
    Where pairs of positions are computed, as many as have 65,536 pairs on a CPU and
    4,194,304 elsewhere.

    Args:
        length: The padded length of the sequences; 0 without any.
        pairs: Whether the network has values for pairs of positions.
    """
    if pairs:
        most = _PAIRS.get(jax.default_backend(), _PAIRS_ELSEWHERE)
        rows = max(most // max(length, 1) ** 2, 1)
        return 1 << (rows.bit_length() - 1)
    positions = _POSITIONS.get(jax.default_backend(), _POSITIONS_ELSEWHERE)
    rows = max(positions // max(length, _SHORTEST), 1)
    return 1 << (rows.bit_length() - 1)


def _filled(values: np.ndarray, size: int) -> np.ndarray:
    """The rows and zeros after them; nothing is copied if there are enough rows."""
    if len(values) == size:
        return values
    filled = np.zeros((size, *values.shape[1:]), values.dtype)
    filled[: len(values)] = values
    return filled
