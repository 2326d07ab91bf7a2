"""From raw inputs to named predictions, with what was learned in training."""

import collections
import contextlib
import dataclasses
import hashlib
import itertools
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from pathlib import Path
from typing import Any, Literal, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Bool, Int64

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import BatchPlan, in_order
from jaxbio.data.batching.prefetch import prefetch
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.expression.table import Duplicates
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.frames import ROWS, Frame, is_table
from jaxbio.data.joined import JoinedFiles
from jaxbio.data.lookup import Lookups
from jaxbio.data.reading import from_frame, from_strings, stream
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, JaxbioError, nearest
from jaxbio.models import Network
from jaxbio.nn.derivatives import forward_mode as forward_derivatives
from jaxbio.nn.modes import evaluation_graph
from jaxbio.nn.sharding import automatic, by_rows
from jaxbio.predict.forward import Forward
from jaxbio.predict.predictions import Predictions
from jaxbio.tasks import Objective, Task

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
        model: The description of the network; None if it is not known.
    """

    def __init__(
        self,
        schema: Schema,
        objective: Objective,
        graph: nnx.GraphDef,
        members: Sequence[Any],
        *,
        model: Any = None,
    ):
        self.model = model
        self.schema = schema
        self.objective = objective
        self.members = tuple(members)
        self._graph = graph
        pairs = any(task.over == "pair" for task in objective.tasks.values())
        several = self.network(members[0]) if len(schema.inputs) > 1 else None
        self._shares = several is not None and several.shares_items
        self._may_lack = frozenset(several.absent if several is not None else ())
        self._programs: dict[Hashable, Any] = {}
        self._shared_programs: dict[Hashable, Any] = {}
        self._forward = Forward(
            self._predict_one,
            self.members,
            pairs=pairs,
            encode=self._encode_one if self._shares else None,
            side_by_side=not objective.tasks,
        )

    def __call__(
        self,
        raw: Any,
        *,
        unknown: str = "error",
        lookups: Lookups | None = None,
        batch_size: int | None = None,
        ids: str | None = None,
        keep: Sequence[str] = (),
        skip_bad: bool = False,
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
            ids: The column of a table or file that names the rows; None for the one
                that named the training rows, if it is there.
            keep: Columns of a table or file that go along; `["all"]` for all.
            skip_bad: Whether rows of a table or file that cannot be read get no
                prediction (NaN), with a warning, and are no error.

        Returns:
            The predictions in the order of the rows.

        Raises:
            DataError: For inputs that the model does not take.
        """
        how: dict[str, Any] = {"ids": ids, "keep": keep, "skip_bad": skip_bad}
        data = self.dataset(raw, unknown=unknown, lookups=lookups, **how)
        return self._start(data, unknown, batch_size)()

    def stream(
        self,
        path: str | Path | JoinedFiles,
        *,
        unknown: str = "error",
        lookups: Lookups | None = None,
        rows: int = ROWS,
        layer: str | None = None,
        duplicates: Duplicates = "error",
        ids: str | None = None,
        keep: Sequence[str] = (),
        skip_bad: bool = False,
    ) -> Iterator[Predictions]:
        """Predict a file of any size, some rows at a time.

        Further rows are read and computed while the caller works on those before.

        Args:
            path: A file, `-` for standard input, or files that are joined.
            unknown: As for a call.
            lookups: As for a call.
            rows: The most rows of a part; a few parts are held at a time.
            layer: For AnnData files, as for `jaxbio.read`.
            duplicates: For AnnData files, as for `jaxbio.read`.
            ids: As for a call.
            keep: As for a call.
            skip_bad: As for a call.
        """
        parts = stream(
            path,
            self.schema,
            unknown=unknown,
            lookups=lookups,
            rows=rows,
            layer=layer,
            duplicates=duplicates,
            ids=ids,
            keep=keep,
            skip_bad=skip_bad,
        )
        if (
            str(getattr(path, "data", path)) != STANDARD_INPUT
        ):  # a thread that waits for it could not be ended
            parts = prefetch(parts)
        with contextlib.closing(parts):
            started = (self._start(data, unknown) for data in parts)
            for finish in _one_ahead(started):
                yield finish()

    def warnings(self, data: Dataset, unknown: str = "error") -> tuple[str, ...]:
        """What is odd about rows beside those of training.

        Args:
            data: The rows.
            unknown: `"error"` or `"any"`, for symbols and categories that are new.

        Returns:
            Sentences: what was noted when they were read, values far outside those of
            training rows, columns that are not there, inputs that rows lack.

        Raises:
            DataError: For inputs that the network cannot take.
        """
        odd = (
            note
            for spec in self.schema.own
            for note in data.input(spec.name).check(spec, data.origin, unknown)
        )
        lacking = _lacking(self.schema, data, self._may_lack)
        return (*data.notes, *odd, *lacking)

    def _start(
        self, data: Dataset, unknown: str, batch_size: int | None = None
    ) -> Callable[[], Predictions]:
        """Have rows computed; the function returned waits for the device."""
        warnings = self.warnings(data, unknown)
        blank = _without_inputs(self.schema, data)
        if data.unread is not None:
            blank |= data.unread
        arrays = self.schema.encode(data, targets=False)
        if isinstance(self.model, Network):
            self.model.check(arrays)
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
            values = _in_order(means, self.schema, arrays.lengths)
            spread = _in_order(spreads, self.schema, arrays.lengths) if spreads else {}
            return Predictions(
                np.asarray(data.ids),
                _blanked(_in_place(values, self.schema), blank),
                _blanked(spread, blank),
                warnings,
                self.schema,
                data.kept,
            )

        return finish

    def outputs(self, rows: Arrays) -> dict[str, np.ndarray]:
        """Outputs before the link, means over the networks, of targets with one a row.

        Args:
            rows: Encoded rows.
        """
        forward = Forward(
            lambda member, inputs: self.network(member)(inputs),
            self.members,
            encode=self._encode_one if self._shares else None,
        )
        parts = [
            (plan, jax.tree.map(np.asarray, mean))
            for plan, mean, _ in forward.start(rows, self.schema.buckets)
        ]
        return _in_order(parts, self.schema, rows.lengths)

    @classmethod
    def of(
        cls,
        module: nnx.Module,
        state: Any,
        *,
        schema: Schema,
        tasks: Task | Mapping[str, Task],
        model: Any = None,
    ) -> "Predictor":
        """The predictor of a network that was trained by a loop of your own.

        Args:
            module: The network; of it only the structure is used. It gives outputs by
                target.
            state: What `jaxbio.train.make_train_step` gave and its steps changed, or a
                list of these for an ensemble. Of a moving average that is taken.
            schema: What the inputs and targets are.
            tasks: What each target means; one alone for the only target.
            model: The description that built the module, so that `save` can write how
                to build it again.

        Example:
            >>> import pandas as pd
            >>> import jaxbio as jb
            >>> table = pd.DataFrame({"x": range(9), "y": [2.0 * x for x in range(9)]})
            >>> data = jb.read(table, inputs={"x": "numeric"}, targets=["y"])
            >>> schema = jb.data.learn_schema(data, {"y": ("number", False)})
            >>> model = jb.Network(jb.MLP(), hidden=(4,)).resolve(schema)
            >>> module = model.build(
            ...     schema, {"y": jb.models.Head(1)}, rngs=nnx.Rngs(0))
            >>> tasks = {"y": jb.Regression()}
            >>> _, params, rest = nnx.split(module, nnx.Param, ...)
            >>> state = {"params": params, "model_state": rest}
            >>> predictor = Predictor.of(
            ...     module, state, schema=schema, tasks=tasks, model=model)
            >>> predictor(table).values.shape
            (9, 1)
        """
        if isinstance(tasks, Task):
            tasks = {target.name: tasks for target in schema.targets}
        states = state if isinstance(state, list | tuple) else [state]
        members = [_values(each) for each in states]
        objective = Objective.of(tasks, schema)
        return cls(schema, objective, evaluation_graph(module), members, model=model)

    def save(self, path: str | Path) -> None:
        """Write a run's folder, from which `jaxbio.load` and the commands predict.

        Args:
            path: A folder that is new or empty.

        Raises:
            JaxbioError: If the folder is in use, or the predictor does not know the
                description of its network (`model` of `of`).
        """
        from jaxbio.run.saving import save  # which stands above this

        save(self, path)

    def warmup(self, rows: int = 1) -> None:
        """Compile for so many rows of each length of the training data.

        Args:
            rows: As many as later calls will have.

        Example:
            >>> import jaxbio as jb
            >>> predictor = jb.load("run")  # doctest: +SKIP
            >>> predictor.warmup()  # doctest: +SKIP
        """
        for length in self.schema.buckets:
            inputs = {
                spec.name: spec.example(rows, length) for spec in self.schema.inputs
            }
            arrays = Arrays(
                inputs, {}, np.ones(rows, np.float32), np.full(rows, length, np.int64),
                {s.name: s.buckets[-1] for s in self.schema.sequences},
            )  # fmt: skip
            for _ in self._forward.start(arrays, self.schema.buckets):
                pass

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle holds: no compiled programs."""
        return {
            "schema": self.schema,
            "objective": self.objective,
            "graph": self._graph,
            "members": jax.device_get(self.members),
            "model": self.model,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)

    def function(
        self,
        *,
        inputs: Literal["tokens", "one_hot"] = "tokens",
        outputs: Literal["prediction", "logits", "features"] = "prediction",
        spread: bool = False,
        forward_mode: bool = False,
    ) -> tuple[Callable[[Any, Mapping[str, Any]], Any], Any]:
        """The pure function behind the predictor, for larger JAX programs.

        Args:
            inputs: What sequences are: `tokens`, or `one_hot` for a weight of each
                symbol at each position, so that gradients reach them.
            outputs: `prediction` by target, in its units; `logits`, the numbers before
                the link; or `features`, from which the last layer makes these.
            spread: Whether to give the standard deviation over the networks too.
            forward_mode: Whether `jax.jvp` and Hessian-vector products are wanted; see
                `jaxbio.nn.forward_mode`.

        Returns:
            `predict(params, inputs)`, to jit, vmap, differentiate and export, and its
            `params`. Inputs are arrays by name as the model takes them: uint8 codes
            `[batch len]` padded with the alphabet's pad or float32 `[batch len
            symbols]`, float32 `[batch columns]`, or int32 `[batch]`. It gives means
            over the networks by name, with `spread` a pair of these and deviations.

        Raises:
            JaxbioError: For another kind of inputs or outputs.
        """
        for name, value, known in (
            ("inputs", inputs, ("tokens", "one_hot")),
            ("outputs", outputs, ("prediction", "logits", "features")),
        ):
            if value not in known:
                raise JaxbioError(f"{name}={value!r}: {nearest(str(value), known)}")
        axes = 3 if inputs == "one_hot" else 2

        def one(member: Any, values: Mapping[str, Any]) -> dict[str, jax.Array]:
            network = self.network(_numbered(member))
            if outputs == "features":
                return network.features(values)
            results = network(values)
            return results if outputs == "logits" else self.objective.predict(results)

        def predict(params: Any, values: Mapping[str, Any]) -> Any:
            for spec in self.schema.sequences:
                if jnp.ndim(values[spec.name]) != axes:
                    raise JaxbioError(
                        f"input {spec.name} has shape {jnp.shape(values[spec.name])}: "
                        f"with inputs={inputs!r} it takes "
                        f"{'[batch len symbols]' if axes == 3 else '[batch len]'}"
                    )
            mode = forward_derivatives() if forward_mode else contextlib.nullcontext()
            with mode:
                parts = [one(member, values) for member in params]
            whole = jax.tree.map(lambda *each: jnp.stack(each), *parts)
            mean = jax.tree.map(lambda each: each.mean(axis=0), whole)
            if not spread:
                return mean
            return mean, jax.tree.map(lambda each: each.std(axis=0), whole)

        function = automatic(predict, lambda _, values: by_rows(values))
        return function, tuple(_named(member) for member in self.members)

    def digest(self) -> str:
        """A sha256 of all values of the networks, which tells runs apart."""
        sha = hashlib.sha256()
        for leaf in jax.tree.leaves(jax.device_get(self.members)):
            sha.update(np.ascontiguousarray(leaf).tobytes())
        return sha.hexdigest()

    def alone(self) -> tuple["Predictor", ...]:
        """A predictor of each network of the ensemble; they share what is compiled.

        Example:
            >>> import pandas as pd
            >>> import jaxbio as jb
            >>> table = pd.DataFrame({"x": range(9), "y": [2.0 * x for x in range(9)]})
            >>> data = jb.read(table, inputs={"x": "numeric"}, targets=["y"])
            >>> run = jb.fit(jb.MLP(hidden=(4,)), None, data, epochs=1, members=2)
            >>> each = [one(table).values for one in run.predictor.alone()]
            >>> bool(np.allclose(sum(each) / 2, run.predictor(table).values))
            True
        """
        return tuple(self.with_members([member]) for member in self.members)

    def with_members(self, members: Sequence[Any]) -> "Predictor":
        """A predictor of other networks of the same shape; it shares what is compiled.

        Args:
            members: The values of each, as in `members`.
        """
        other = object.__new__(type(self))  # a copy would compile anew
        other.__dict__.update(self.__dict__)
        other.members = tuple(members)
        other._forward = self._forward.of(other.members)
        other._programs = {}
        return other

    def program(
        self, key: Hashable, make: Callable[[], Any], *, shared: bool = False
    ) -> Any:
        """What was compiled for this predictor by others, kept between their calls.

        Args:
            key: What it is; the same for the same program.
            make: Makes it, the first time.
            shared: Whether it takes the values of the networks as an argument, so that
                predictors of other networks of the same shape have it, too.
        """
        programs = self._shared_programs if shared else self._programs
        if key not in programs:
            programs[key] = make()
        return programs[key]

    def network(self, member: Any) -> Any:
        """The network in its evaluation form, with the values of one of `members`."""
        return nnx.merge(self._graph, member["params"], member["model_state"])

    def dataset(
        self,
        raw: Any,
        *,
        unknown: str = "error",
        lookups: Lookups | None = None,
        ids: str | None = None,
        keep: Sequence[str] = (),
        skip_bad: bool = False,
    ) -> Dataset:
        """Raw inputs as a data set with the columns that the model takes."""
        how: dict[str, Any] = {"unknown": unknown, "lookups": lookups}
        how |= {"ids": ids, "keep": keep, "skip_bad": skip_bad}
        match raw:
            case Dataset():
                return raw
            case _ if is_table(raw):
                return from_frame(raw, self.schema, **how)
            case np.ndarray():
                spec = self._only_input("an array", sequence=False)
                names = spec.columns if isinstance(spec, NumericSpec) else ()
                if raw.ndim != 2 or raw.shape[1] != len(names):
                    raise DataError(
                        f"an array of shape {raw.shape}: input {spec.name} takes "
                        f"[n {len(names)}]"
                    )
                columns = dict(zip(names, raw.T, strict=True))
                frame = Frame(columns, "array", np.arange(len(raw)))
                reading = {**self.schema.reading, "ids": None}  # rows have numbers
                nameless = dataclasses.replace(self.schema, reading=reading)
                return from_frame(frame, nameless, unknown=unknown)
            case Path() | JoinedFiles():
                return concatenate(list(stream(raw, self.schema, **how)))
            case str() if raw == "-" or _is_file(raw):
                return concatenate(list(stream(Path(raw), self.schema, **how)))
            case str():
                return self.dataset([raw], unknown=unknown)
            case _:
                spec = self._only_input("a list of sequences", sequence=True)
                reading = self.schema.reading
                return from_strings(
                    list(raw),
                    spec,
                    unknown=unknown,
                    canonical=bool(reading.get("canonical")),
                    parent=reading.get("parent"),
                )

    def _only_input(self, form: str, *, sequence: bool):
        spec, *others = self.schema.own
        if others or spec.is_sequence != sequence:
            names = ", ".join(f"{item.name} ({item.kind})" for item in self.schema.own)
            raise DataError(
                f"{form} was given, the model takes {names}: give a DataFrame or a "
                f"file with these columns"
            )
        return spec

    def _encode_one(self, member: Any, name: str, values: Any) -> dict[str, jax.Array]:
        return self.network(member).items(name, values)

    def _predict_one(self, member: Any, inputs: Mapping[str, Any]) -> dict:
        return self.objective.predict(self.network(member)(inputs))


def _values(state: Any) -> dict[str, Any]:
    """The values of a network, from a state of training or the like."""
    state = getattr(state, "weights", state)
    if isinstance(state, Mapping):
        params, rest = state["params"], state["model_state"]
    else:
        params, rest = state.params, state.model_state
    pure = (
        nnx.to_pure_dict(x) if isinstance(x, nnx.State) else x for x in (params, rest)
    )
    return dict(zip(("params", "model_state"), pure, strict=True))


def _named(tree: Any) -> Any:
    """The nested dict with texts for the numbers of layers, as exporters need."""
    if isinstance(tree, Mapping):
        return {str(name): _named(value) for name, value in tree.items()}
    return tree


def _numbered(tree: Any) -> Any:
    """The nested dict that `_named` was given."""
    if isinstance(tree, Mapping):
        return {
            int(name) if name.isdecimal() else name: _numbered(value)
            for name, value in tree.items()
        }
    return tree


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


def _in_place(by_target: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """Predictions with the offsets that targets were learned without."""
    offsets = {spec.name: np.asarray(spec.offset) for spec in schema.targets}
    return {
        name: values + offsets[name] if offsets[name].size else values
        for name, values in by_target.items()
    }


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


def _lacking(schema: Schema, data: Dataset, may_lack: Collection[str]) -> list[str]:
    """What rows lack of the inputs, counted, and the rows that have nothing at all."""
    notes, counts = [], {}
    for spec in schema.own:
        column = data.input(spec.name)
        if isinstance(column, DictionaryColumn) and spec.name in may_lack:
            continue  # as was learned
        gaps = {name: count for name, count in column.gaps(spec.name).items() if count}
        if isinstance(column, DictionaryColumn) and gaps:
            notes.append(
                f"{data.source}: {sum(gaps.values())} of {len(data)} rows lack "
                f"{spec.name}, which every training row had: train with "
                f"modality_dropout to learn what to do without it"
            )
        else:
            counts |= gaps
    if counts:
        shown = [
            f"{n:,} lack {name}" for name, n in itertools.islice(counts.items(), 8)
        ]
        more = len(counts) - len(shown)
        shown += [f"and so on for {more} more columns"] if more else []
        notes.append(f"{data.source}: of {len(data):,} rows, {', '.join(shown)}")
    blank = np.flatnonzero(_without_inputs(schema, data))
    if blank.size:
        names = [str(data.origin.ids[at]) for at in blank[:8]]
        notes.append(
            f"{data.source}: {blank.size:,} rows have none of the inputs and get no "
            f"prediction: {', '.join(names)}{', …' if blank.size > len(names) else ''}"
        )
    return notes


def _without_inputs(schema: Schema, data: Dataset) -> Bool[np.ndarray, "n"]:
    """Mask of the rows that have nothing of what the model takes."""
    masks = [data.input(spec.name).missing() for spec in schema.own]
    return np.array(np.logical_and.reduce(masks))


def _blanked(by_target: Mapping[str, Any], blank: np.ndarray) -> dict[str, Any]:
    """Predictions, NaN in some rows; those by position have no positions there."""
    if not blank.any():
        return dict(by_target)
    return {
        name: np.where(blank.reshape(-1, *[1] * (values.ndim - 1)), np.nan, values)
        if isinstance(values, np.ndarray)
        else [
            each[:0] if bad else each for each, bad in zip(values, blank, strict=True)
        ]
        for name, values in by_target.items()
    }
