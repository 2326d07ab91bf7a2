"""From raw inputs to named predictions, with what was learned in training."""

import collections
import contextlib
import itertools
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Int64

from jaxbio.data.batching.batches import BatchPlan, in_order
from jaxbio.data.batching.prefetch import prefetch
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.frames import ROWS, Frame, is_table
from jaxbio.data.lookup import Lookups
from jaxbio.data.reading import from_frame, from_strings, stream
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from jaxbio.models import FusionNetwork
from jaxbio.predict.forward import Forward
from jaxbio.tasks import Objective

if TYPE_CHECKING:
    pass
from jaxbio.predict.predictions import Predictions

_T = TypeVar("_T")


Part = tuple[BatchPlan, dict[str, np.ndarray]]
"""Some rows and their predictions by target, perhaps with rows after them."""


_UNDER_WAY = 2  # calls of the program that wait for the device at most


class Predictor:
    """A trained network that takes raw inputs.

    Attributes:
        schema: What the inputs and targets are.
        objective: What the outputs mean.
        members: The values of each network, `{"params": …, "model_state": …}`.
    """

    def __init__(
        self,
        schema: Schema,
        objective: Objective,
        graph: nnx.GraphDef,
        members: Sequence[Any],
    ):
        self.schema = schema
        self.objective = objective
        self.members = tuple(members)
        self._graph = graph
        pairs = any(task.over == "pair" for task in objective.tasks.values())
        several = self.network(members[0]) if len(schema.inputs) > 1 else None
        shares = several is not None and several.shares_items
        self._may_lack = frozenset(several.absent if several is not None else ())
        self._forward = Forward(
            self._predict_one,
            self.members,
            pairs=pairs,
            encode=self._encode_one if shares else None,
        )

    def __call__(
        self,
        raw: Any,
        *,
        unknown: str = "error",
        lookups: Lookups | None = None,
        batch_size: int | None = None,
    ) -> Predictions:
        """Predict rows.

        Args:
            raw: A sequence, a list of sequences, an array `[n columns]` for a model
                with one numeric input, a DataFrame, a `Dataset`, or the path of a file.
            unknown: `"any"` to read unknown symbols as N or X and to accept categories
                that were not in the training rows; `"error"` to refuse both.
            lookups: Files with the items to which the rows refer, as for `jaxbio.read`.
            batch_size: Rows that are computed together; None to choose by their length
                and the device. Predictions do not depend on it.

        Returns:
            The predictions in the order of the rows.

        Raises:
            DataError: For inputs that the model does not take.
        """
        data = self.dataset(raw, unknown=unknown, lookups=lookups)
        return self._start(data, unknown, batch_size)()

    def stream(
        self,
        path: str | Path,
        *,
        unknown: str = "error",
        lookups: Lookups | None = None,
        rows: int = ROWS,
    ) -> Iterator[Predictions]:
        """Predict a file of any size, some rows at a time.

        Further rows are read and computed while the caller works on those before.

        Args:
            path: A file, or `-` for standard input.
            unknown: As for a call.
            lookups: As for a call.
            rows: The most rows of a part; a few parts are held at a time.
        """
        parts = stream(path, self.schema, unknown=unknown, lookups=lookups, rows=rows)
        if str(path) != STANDARD_INPUT:  # a thread that waits for it could not be ended
            parts = prefetch(parts)
        with contextlib.closing(parts):
            started = (self._start(data, unknown) for data in parts)
            for finish in _one_ahead(started):
                yield finish()

    def _start(
        self, data: Dataset, unknown: str, batch_size: int | None = None
    ) -> Callable[[], Predictions]:
        """Have rows computed; the function returned waits for the device."""
        warnings = (
            *data.notes,
            *_check_categories(self.schema, data, unknown),
            *_check_inputs(self.schema, data, self._may_lack),
        )
        arrays = self.schema.encode(data, targets=False)
        results = self._forward.start(arrays, self.schema.buckets, rows=batch_size)
        under_way = collections.deque(itertools.islice(results, _UNDER_WAY))

        def finish() -> Predictions:
            means: list[Part] = []
            spreads: list[Part] = []
            while under_way:
                plan, mean, spread = under_way.popleft()
                means.append((plan, jax.tree.map(np.asarray, mean)))
                if spread:
                    spreads.append((plan, jax.tree.map(np.asarray, spread)))
                under_way.extend(itertools.islice(results, 1))
            return Predictions(
                np.asarray(data.ids),
                _in_order(means, self.schema, arrays.lengths),
                _in_order(spreads, self.schema, arrays.lengths) if spreads else {},
                warnings,
                self.schema,
            )

        return finish

    def function(self) -> tuple[Callable[[Any, Mapping[str, Any]], dict], Any]:
        """The pure function behind the predictor, for larger JAX programs.

        Returns:
            `predict(params, inputs) -> predictions by target`, to jit, vmap and
            differentiate, and its `params`. Inputs are arrays by name as the model
            takes them: uint8 codes `[batch len]` padded with the alphabet's pad,
            float32 `[batch columns]`, or int32 `[batch]`.
        """

        def predict(params: Any, inputs: Mapping[str, Any]) -> dict[str, jax.Array]:
            parts = [self._predict_one(member, inputs) for member in params]
            return jax.tree.map(lambda *values: jnp.stack(values).mean(axis=0), *parts)

        return predict, self.members

    def network(self, member: Any) -> FusionNetwork:
        """The network in its evaluation form, with the values of one of `members`."""
        return nnx.merge(self._graph, member["params"], member["model_state"])

    def dataset(
        self, raw: Any, *, unknown: str = "error", lookups: Lookups | None = None
    ) -> Dataset:
        """Raw inputs as a data set with the columns that the model takes."""
        match raw:
            case Dataset():
                return raw
            case _ if is_table(raw):
                return from_frame(raw, self.schema, unknown=unknown, lookups=lookups)
            case np.ndarray():
                spec = self._only_input("an array", sequence=False)
                if raw.ndim != 2 or raw.shape[1] != len(spec.columns):
                    raise DataError(
                        f"an array of shape {raw.shape}: input {spec.name} takes "
                        f"[n {len(spec.columns)}]"
                    )
                columns = dict(zip(spec.columns, raw.T, strict=True))
                frame = Frame(columns, "array", np.arange(len(raw)))
                return from_frame(frame, self.schema, unknown=unknown)
            case Path():
                return self._from_file(raw, unknown, lookups)
            case str() if raw == "-" or _is_file(raw):
                return self._from_file(Path(raw), unknown, lookups)
            case str():
                return self.dataset([raw], unknown=unknown)
            case _:
                spec = self._only_input("a list of sequences", sequence=True)
                return from_strings(list(raw), spec, unknown=unknown)

    def _from_file(self, path: Path, unknown: str, lookups: Lookups | None) -> Dataset:
        parts = stream(path, self.schema, unknown=unknown, lookups=lookups)
        return concatenate(list(parts))

    def _only_input(self, form: str, *, sequence: bool):
        spec = self.schema.inputs[0]
        if len(self.schema.inputs) > 1 or spec.is_sequence != sequence:
            names = ", ".join(
                f"{item.name} ({item.kind})" for item in self.schema.inputs
            )
            raise DataError(
                f"{form} was given, the model takes {names}: give a DataFrame or a "
                f"file with these columns"
            )
        return spec

    def _encode_one(self, member: Any, name: str, values: Any) -> dict[str, jax.Array]:
        return self.network(member).items(name, values)

    def _predict_one(self, member: Any, inputs: Mapping[str, Any]) -> dict:
        return self.objective.predict(self.network(member)(inputs))


def _in_order(
    parts: Sequence[Part], schema: Schema, lengths: Int64[np.ndarray, "n"]
) -> dict[str, Any]:
    """Results of batches by target, in the order of the rows."""
    result: dict[str, Any] = {}
    for spec in schema.targets:
        values = [(plan, results[spec.name]) for plan, results in parts]
        if spec.per_position:
            axes = 2 if spec.kind == "points" else 1
            result[spec.name] = in_order(values, lengths, axes=axes)
            continue
        whole = np.empty((len(lengths), *values[0][1].shape[1:]), values[0][1].dtype)
        for plan, part in values:
            whole[plan.rows] = part[: plan.counted]
        result[spec.name] = whole
    return result


def _one_ahead(items: Iterable[_T]) -> Iterator[_T]:
    """Each item once the next is made; an error comes after all items before it."""
    waiting: list[_T] = []
    error: Exception | None = None
    try:
        for item in items:
            yield from waiting
            waiting = [item]
    except Exception as found:
        error = found
    yield from waiting
    if error is not None:
        raise error


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # a long sequence is no file name
        return False


def _check_categories(schema: Schema, data: Dataset, unknown: str) -> tuple[str, ...]:
    """Refuse categories that training did not show, or count them."""
    warnings = []
    for spec in schema.inputs:
        if spec.kind != "category":
            continue
        column = data.input(spec.name)
        if isinstance(column, DictionaryColumn):
            column = column.expanded()
        if not isinstance(column, Category):
            continue  # `Schema.encode` refuses it with a message
        values = column.values
        categories = {*spec.categories, None}
        strange = [row for row, value in enumerate(values) if value not in categories]
        if not strange:
            continue
        first = strange[0]
        assert data.ids is not None  # a Dataset numbers its rows itself
        what = (
            f"{data.source}, row {data.ids[first]}, column {spec.name}: category "
            f"{values[first]!r} was not in the training rows"
        )
        if unknown != "any":
            listed = ", ".join(itertools.islice(spec.categories, 12))
            raise DataError(
                f"{what} ({listed}): correct it, or accept unknown categories with "
                f"unknown='any' (--unknown any)"
            )
        warnings.append(f"{what}; {len(strange)} rows are treated as unknown")
    return tuple(warnings)


def _check_inputs(
    schema: Schema, data: Dataset, may_lack: Collection[str]
) -> tuple[str, ...]:
    """Genes that the file lacks, and inputs that rows lack as none did in training."""
    notes = []
    for spec in schema.inputs:
        column = data.input(spec.name)
        if isinstance(column, SparseCounts):
            from jaxbio.data.expression import match_genes  # few need it

            match = match_genes(column.names, spec.columns)
            if match.missing or match.unknown or match.respelt:
                notes.append(f"{data.source}, input {spec.name}: {match.summary}")
        if not isinstance(column, DictionaryColumn):
            continue
        missing = int((column.rows < 0).sum())
        if missing and spec.name not in may_lack:
            notes.append(
                f"{data.source}: {missing} of {len(data)} rows lack {spec.name}, which "
                f"every training row had: train with modality_dropout to learn what to "
                f"do without it"
            )
    return tuple(notes)
