"""From raw inputs to named predictions, with what was learned in training."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from flax import nnx

from jaxbio.data.batches import in_order, plan_rows
from jaxbio.data.columns import Category
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.read import from_frame, from_strings, stream
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from jaxbio.tasks import Objective

BATCH = 256
"""Rows a batch; a static size keeps one compilation for each length bucket."""


@dataclasses.dataclass(frozen=True)
class Predictions:
    """Predictions of some rows.

    Attributes:
        ids: The name of each row.
        by_target: For each target an array `[n]` or `[n columns]` in the target's units
            (probabilities for classes), or, for targets with one value a position, a
            list of `n` arrays.
        spread: The standard deviation over the members of an ensemble, in the same
            shapes; empty for a single network.
        warnings: What was odd about the inputs.
        schema: The targets' names, columns and classes.
    """

    ids: np.ndarray
    by_target: Mapping[str, Any]
    spread: Mapping[str, Any]
    warnings: tuple[str, ...]
    schema: Schema

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def values(self) -> Any:
        """The predictions of the only target; with several targets use `by_target`."""
        if len(self.by_target) > 1:
            raise DataError(
                f"the model has several targets ({', '.join(self.by_target)}): use "
                f"by_target['{next(iter(self.by_target))}']"
            )
        return next(iter(self.by_target.values()))

    def frame(self) -> pd.DataFrame:
        """The predictions as a table.

        Returns:
            `id`; for numbers one column each; for classes the likeliest class under the
            target's name and the probability of each class under `TARGET:CLASS`; for
            labels the probabilities; `…_spread` beside numbers and probabilities of an
            ensemble. Values per position are joined in one cell: classes as letters,
            numbers by spaces.
        """
        columns: dict[str, Any] = {"id": self.ids}
        for spec in self.schema.targets:
            values = self.by_target[spec.name]
            if spec.per_position:
                columns[spec.name] = _position_cells(values, spec.classes)
                continue
            table = values[:, None] if values.ndim == 1 else values
            names = list(spec.columns)
            if spec.classes:
                if table.shape[1] == 1:
                    table = np.concatenate([1 - table, table], axis=1)
                likeliest = table.argmax(axis=1)
                columns[spec.name] = np.array(spec.classes, object)[likeliest]
                names = [f"{spec.name}:{label}" for label in spec.classes]
            spread = self.spread.get(spec.name)
            if spread is not None:
                spread = np.broadcast_to(spread.reshape(len(table), -1), table.shape)
            for at, name in enumerate(names):
                columns[name] = table[:, at]
                if spread is not None:
                    columns[f"{name}_spread"] = spread[:, at]
        return pd.DataFrame(columns)


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
        self._apply = jax.jit(self._mean_and_spread)

    def __call__(
        self, raw: Any, *, unknown: str = "error", batch_size: int = BATCH
    ) -> Predictions:
        """Predict rows.

        Args:
            raw: A sequence, a list of sequences, an array `[n columns]` for a model
                with one numeric input, a DataFrame, a `Dataset`, or the path of a file.
            unknown: `"any"` to read unknown symbols as N or X and to accept categories
                that were not in the training rows; `"error"` to refuse both.
            batch_size: Rows a batch.

        Returns:
            The predictions in the order of the rows.

        Raises:
            DataError: For inputs that the model does not take.
        """
        data = self.dataset(raw, unknown=unknown)
        warnings = _check_categories(self.schema, data, unknown)
        arrays = self.schema.encode(data, targets=False)
        names = [spec.name for spec in self.schema.targets]
        means: dict[str, list] = {name: [] for name in names}
        spreads: dict[str, list] = {name: [] for name in names}
        # A short request gets a batch of a few static sizes instead of a full one.
        size = min(batch_size, 1 << max(len(data) - 1, 0).bit_length())
        for plan in plan_rows(arrays.lengths, self.schema.buckets, size):
            inputs = arrays.batch(plan.rows, plan.length)["inputs"]
            mean, spread = self._apply(self.members, inputs)
            for name in names:
                means[name].append((plan, np.asarray(mean[name])))
                spreads[name].append((plan, np.asarray(spread[name])))

        def ordered(results: dict[str, list]) -> dict[str, Any]:
            found = {}
            for spec in self.schema.targets:
                rows = in_order(results[spec.name], arrays.lengths * spec.per_position)
                found[spec.name] = rows if spec.per_position else np.stack(rows)
            return found

        several = len(self.members) > 1
        return Predictions(
            np.asarray(data.ids),
            ordered(means),
            ordered(spreads) if several else {},
            warnings,
            self.schema,
        )

    def stream(
        self, path: str | Path, *, unknown: str = "error", rows: int = 8192
    ) -> Iterator[Predictions]:
        """Predict a file of any size, some rows at a time.

        Args:
            path: A file, or `-` for standard input.
            unknown: As for a call.
            rows: The number of rows held at a time.
        """
        for data in stream(path, self.schema, unknown=unknown, rows=rows):
            yield self(data, unknown=unknown)

    def function(self) -> tuple[Callable[[Any, Mapping[str, Any]], dict], Any]:
        """The pure function behind the predictor, for larger JAX programs.

        Returns:
            `predict(params, inputs) -> predictions by target`, to jit, vmap and
            differentiate, and its `params`. Inputs are arrays by name as the model
            takes them: uint8 codes `[batch len]` padded with the alphabet's pad,
            float32 `[batch columns]`, or int32 `[batch]`.
        """
        mean_and_spread = self._mean_and_spread

        def predict(params: Any, inputs: Mapping[str, Any]) -> dict[str, jax.Array]:
            return mean_and_spread(params, inputs)[0]

        return predict, self.members

    def dataset(self, raw: Any, *, unknown: str = "error") -> Dataset:
        """Raw inputs as a data set with the columns that the model takes."""
        match raw:
            case Dataset():
                return raw
            case pd.DataFrame():
                return from_frame(raw, self.schema, unknown=unknown)
            case np.ndarray():
                spec = self._only_input("an array", sequence=False)
                if raw.ndim != 2 or raw.shape[1] != len(spec.columns):
                    raise DataError(
                        f"an array of shape {raw.shape}: input {spec.name} takes "
                        f"[n {len(spec.columns)}]"
                    )
                frame = pd.DataFrame(raw, columns=list(spec.columns))
                return from_frame(frame, self.schema, unknown=unknown)
            case Path():
                return self._from_file(raw, unknown)
            case str() if raw == "-" or _is_file(raw):
                return self._from_file(Path(raw), unknown)
            case str():
                return self.dataset([raw], unknown=unknown)
            case _:
                spec = self._only_input("a list of sequences", sequence=True)
                return from_strings(list(raw), spec, unknown=unknown)

    def _from_file(self, path: Path, unknown: str) -> Dataset:
        return concatenate(list(stream(path, self.schema, unknown=unknown)))

    def _only_input(self, given: str, *, sequence: bool):
        spec = self.schema.inputs[0]
        if len(self.schema.inputs) > 1 or spec.is_sequence != sequence:
            wanted = ", ".join(
                f"{item.name} ({item.kind})" for item in self.schema.inputs
            )
            raise DataError(
                f"{given} was given, the model takes {wanted}: give a DataFrame or a "
                f"file with these columns"
            )
        return spec

    def _mean_and_spread(self, members: Any, inputs: Mapping[str, Any]):
        predictions = [self._predict_one(member, inputs) for member in members]
        stacked = jax.tree.map(lambda *values: jnp.stack(values), *predictions)
        mean = jax.tree.map(lambda values: values.mean(axis=0), stacked)
        return mean, jax.tree.map(lambda values: values.std(axis=0), stacked)

    def _predict_one(self, member: Any, inputs: Mapping[str, Any]) -> dict:
        model: Any = nnx.merge(self._graph, member["params"], member["model_state"])
        return self.objective.predict(model(inputs))


def _position_cells(
    values: Sequence[np.ndarray], classes: tuple[str, ...]
) -> list[str]:
    if not classes:
        return [" ".join(f"{number:.6g}" for number in row) for row in values]
    letters = np.array(classes, object)
    two = len(classes) == 2
    return [
        "".join(letters[(row > 0.5).astype(int) if two else row.argmax(axis=-1)])
        for row in values
    ]


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
        if not isinstance(column, Category):
            continue  # `Schema.encode` refuses it with a message
        values = column.values
        known = {*spec.categories, None}
        strange = [row for row, value in enumerate(values) if value not in known]
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
