"""Attributions of columns and whole inputs, by gradients and DeepLIFT.

Gradients reach numbers. What cannot be changed little by little is switched from what
it is in another row to what it is in the row that is explained: missing values,
categories, and whole inputs such as sequences and images.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.columns.counts import CountsSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.data.views import source_of
from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.explain.attributions import Attribution
from jaxbio.explain.deep_lift import deeplift
from jaxbio.explain.functions import check_function
from jaxbio.explain.gradients import (
    Output,
    gradient_x_input,
    integrated_gradients,
    saliency,
    smoothgrad,
)
from jaxbio.explain.players import Player, players_of
from jaxbio.explain.positions import check_gradients
from jaxbio.explain.shapley_values import Contributions
from jaxbio.explain.targets import (
    before_link,
    chosen_outputs,
    log_odds,
    output_names,
    row_target,
    unit_of,
)
from jaxbio.nn.closures import Program
from jaxbio.predict.predictor import Predictor

COMPLETE: Mapping[str, Callable[..., Attribution]] = {
    "integrated": integrated_gradients,
    "deeplift": deeplift,
}
"""Methods that compare with other rows, and add up."""

LOCAL = ("gradient", "smoothgrad", "saliency")
"""Methods that look at a row alone; means and units are those of training rows."""

_NOISE = 0.15  # standard deviations of each column
_SAMPLES = 32  # of it

Inputs = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class ColumnAttributions(Contributions):
    """Contributions of columns that add up but for an error, which is given.

    Attributes:
        usual: What is predicted for the background, on average, or for columns at
            their means; NaN for the sizes of gradients.
    """

    usual: Float[np.ndarray, "n"]

    @property
    def base(self) -> Float[np.ndarray, "n"]:
        """What would be predicted without the row."""
        return self.usual

    @property
    def delta(self) -> Float[np.ndarray, "n"]:
        """What the contributions do not explain of the prediction less its base."""
        return self.predictions - self.usual - self.values.sum(axis=1)


def column_attributions(
    predictor: Predictor,
    data: Any,
    *,
    method: str = "integrated",
    background: Any = None,
    target: str | None = None,
    label: str | None = None,
    columns: Sequence[str] | None = None,
    by_input: bool = False,
    count: int = 20,
    steps: int = 64,
    seed: int = 0,
    unknown: str = "error",
) -> ColumnAttributions:
    """Contributions of the columns and inputs of rows to their predictions.

    `integrated` gradients and `deeplift` compare a row with `count` rows of the
    background, one after the other, and average (expected gradients, DeepLIFT/SHAP).
    First what is no number, or missing in one of the two, is switched, an input or a
    column after the other in a random order and in its reverse, which is a sample of
    Shapley values; then all numbers move together. Contributions add up to the
    prediction less that of the background; `delta` says how well.

    `gradient` is the gradient times the distance from the mean of training rows,
    `smoothgrad` the same of gradients averaged over noise of 0.15 standard deviations,
    and `saliency` the size of the change by one standard deviation. These look at a row
    alone, a missing number contributes nothing, and all inputs must be numbers.

    Args:
        predictor: Networks without trees among them.
        data: The rows that are explained.
        method: `integrated`, `deeplift`, `gradient`, `smoothgrad` or `saliency`.
        background: For the first two, rows that say what is usual, best those of
            training. None for the rows themselves.
        target: The target; None for the only one.
        label: The class, label or number; None for the likeliest of each row.
        columns: Names or globs of columns and inputs that are looked at; all others
            are one. None for all.
        by_input: Whether all columns of an input are one.
        count: Rows of the background that are drawn.
        steps: Of `integrated`, points on the way from each.
        seed: Of the draws, and of noise.
        unknown: As for `Predictor`.

    Returns:
        Contributions to the logit of a class or label, the log hazard, or to a number
        in its units; their standard errors over the background, and the completeness
        error as `delta`.

    Raises:
        DataError: For inputs that a method does not take, or a name that is not known.
        JaxbioError: For a method that is not known, or a function of outputs without
            gradients.

    Source:
        Sundararajan et al. 2017, arXiv:1703.01365; Erion et al. 2021,
        doi:10.1038/s42256-021-00343-w; Lundberg & Lee 2017, arXiv:1705.07874; Smilkov
        et al. 2017, arXiv:1706.03825.

    Example:
        >>> import jaxbio as jb
        >>> import pandas as pd
        >>> table = pd.DataFrame({"a": [5.5, 3.2, 8.1, 1.7] * 10, "b": [1, 0] * 20})
        >>> table["y"] = 2.0 * table["a"] + table["b"]
        >>> data = jb.read(table, targets=["y"])
        >>> run = jb.fit(jb.Network(jb.MLP()), None, data, epochs=1, members=1)
        >>> found = column_attributions(run.predictor, table.head(2), background=table)
        >>> found.columns, found.values.shape, bool(abs(found.delta).max() < 0.05)
        (('a', 'b'), (2, 2), True)
    """
    check_columns(predictor.schema, method)
    check_gradients(predictor)
    if count < 1:
        raise JaxbioError(f"count={count}: give at least 1 row of the background")
    schema = predictor.schema
    spec = row_target(schema, target)
    rows = predictor.dataset(data, unknown=unknown)
    check_function(predictor, rows)
    codes = chosen_outputs(predictor, rows, spec, label, unknown=unknown)
    players = players_of(schema, columns, by_input=by_input, genes=True)
    rest = rows if background is None else predictor.dataset(background, unknown="any")
    order = np.random.default_rng(seed).permutation(len(rest))[:count]
    rest = rest.take(np.sort(order)) if method in COMPLETE else rest.take(order[:0])
    layout = _Layout.of(schema, players)
    inputs = _batch(schema, rows, rest)
    make = functools.partial(_Explainer, predictor, spec, layout, method, steps)
    key = (__name__, spec.name, method, steps, layout)
    explainer = predictor.program(key, make, shared=True)
    _, params = predictor.function()
    n = len(rows)
    usual = {name: values[n:] for name, values in inputs.items()}
    found = []
    for row in range(n):
        own = {name: values[row : row + 1] for name, values in inputs.items()}
        rng = np.random.default_rng([seed, row])
        found.append(explainer(params, own, usual, int(codes[row]), rng))
    values, errors, outputs, bases = map(np.array, zip(*found, strict=True))
    shift = np.zeros(n)
    if spec.kind in ("number", "count"):
        predicted = jnp.asarray(predictor(rows, unknown=unknown).by_target[spec.name])
        each = [log_odds(predicted, int(code), spec) for code in dict.fromkeys(codes)]
        shift = np.asarray(each[0], np.float64) - outputs  # one number is explained
    return ColumnAttributions(
        np.asarray(rows.ids),
        tuple(player.name for player in players),
        values,
        errors,
        outputs + shift,
        tuple(output_names(spec)[code] for code in codes.tolist()),
        unit_of(spec).replace("-", " "),
        bases + shift,
    )


def check_columns(schema: Schema, method: str) -> None:
    """Refuse inputs that a method does not reach.

    Raises:
        DataError: With the inputs, and the methods that take them.
        JaxbioError: For a method that is not known.
    """
    known = (*COMPLETE, *LOCAL)
    if method not in known:
        raise JaxbioError(f"{option('method', method)}: {nearest(method, known)}")
    others = [spec for spec in schema.own if not isinstance(spec, NumericSpec)]
    if method in LOCAL and others:
        listed = ", ".join(f"{spec.name} ({spec.kind})" for spec in others)
        images = any(spec.kind == "image" for spec in others)
        more = f", {option('method', 'gradcam')} for images" if images else ""
        raise DataError(
            f"{option('method', method)} is for numbers, or for one sequence, and the "
            f"model also takes {listed}: use {option('method', 'integrated')}, "
            f"'deeplift' or 'shapley', which compare with other rows{more}"
        )
    if method in COMPLETE and all(spec.kind == "image" for spec in schema.own):
        raise DataError(
            f"{option('method', method)} compares columns and inputs, and the model "
            f"takes one image: use {option('method', 'gradcam')}"
        )


@dataclasses.dataclass(frozen=True)
class _Layout:
    """Which player each number of each input belongs to.

    Attributes:
        players: How many there are.
        numbers: By name the player of each column, of inputs that are numbers.
        others: The player of each other input.
        means: Of training rows, of all numbers side by side.
        scales: Their standard deviations.
    """

    players: int
    numbers: tuple[tuple[str, tuple[int, ...]], ...]
    others: tuple[tuple[str, int], ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]

    @classmethod
    def of(cls, schema: Schema, players: Sequence[Player]) -> "_Layout":
        owners: dict[str, dict[int | None, int]] = {}
        for at, player in enumerate(players):
            for name, places in player.places.items():
                own = owners.setdefault(name, {})
                own |= dict.fromkeys(places if places is not None else (None,), at)
        numbers, others, means, scales = [], [], [], []
        own_names = {spec.name for spec in schema.own}
        for spec in schema.inputs:
            source = spec.name if spec.name in own_names else source_of(spec.name)
            at = owners[source]
            if source == spec.name and isinstance(spec, NumericSpec | CountsSpec):
                size = len(spec.columns)
                numbers.append(
                    (spec.name, tuple(at.get(i, at.get(None, 0)) for i in range(size)))
                )
                means += spec.mean
                scales += spec.scale
            else:
                others.append((spec.name, at[None]))
        return cls(
            len(players), tuple(numbers), tuple(others), tuple(means), tuple(scales)
        )

    @property
    def owners(self) -> np.ndarray:
        """The player of each number, of all inputs side by side."""
        return np.array([at for _, own in self.numbers for at in own], np.int64)

    def split(self, x: Any) -> dict[str, Any]:
        """The numbers of each input."""
        found, start = {}, 0
        for name, own in self.numbers:
            found[name] = x[:, start : start + len(own)]
            start += len(own)
        return found

    def joined(self, inputs: Inputs) -> np.ndarray:
        """The numbers of all inputs side by side."""
        each = [np.asarray(inputs[name], np.float32) for name, _ in self.numbers]
        size = len(next(iter(inputs.values())))
        return np.concatenate([np.zeros((size, 0), np.float32), *each], axis=1)


class _Explainer:
    """Explains rows one by one; what is compiled is kept."""

    def __init__(
        self,
        predictor: Predictor,
        spec: TargetSpec,
        layout: _Layout,
        method: str,
        steps: int,
    ):
        outputs = "prediction" if spec.kind in ("number", "count") else "logits"
        predict, _ = predictor.function(outputs=outputs)
        task = predictor.objective.tasks[spec.name]
        self.layout, self.method = layout, method

        def output(params: Any, inputs: Inputs, code: Any) -> Array:
            found = predict(params, inputs)[spec.name]
            found = found.reshape(len(found), -1)
            return before_link(found, jnp.full(len(found), code), spec, task)

        def of_numbers(
            params: Any, fixed: Inputs, missing: Bool[Array, "n numbers"], code: Any
        ) -> Output:
            def of(x: Array) -> Array:
                x = jnp.where(missing, jnp.nan, x)
                return output(params, {**fixed, **layout.split(x)}, code)

            return of

        def travelled(params, fixed, missing, x, base, code) -> Attribution:
            own = of_numbers(params, fixed, missing, code)
            if method == "integrated":
                return integrated_gradients(own, x, base, steps=steps)
            return deeplift(own, x, base)

        def local(params, fixed, missing, scores, code) -> Attribution:
            scale = jnp.asarray(layout.scales, jnp.float32)[None]
            mean = jnp.asarray(layout.means, jnp.float32)[None]
            inner = of_numbers(params, fixed, missing, code)

            def own(scores: Array) -> Array:
                return inner(scores * scale + mean)

            if method == "saliency":
                sizes, nothing = saliency(own, scores), jnp.full(1, jnp.nan)
                return Attribution(sizes, sizes, own(scores), nothing)
            if method == "gradient":
                return gradient_x_input(own, scores)
            slopes = smoothgrad(
                own, scores, jax.random.key(0), noise=_NOISE, samples=_SAMPLES,
                spread=jnp.ones_like(scores),
            )  # fmt: skip
            base = own(jnp.zeros_like(scores))
            return Attribution(slopes * scores, slopes, own(scores), base)

        self.value = Program(output)
        self.travelled = Program(travelled)
        self.local = Program(local)

    def __call__(
        self,
        params: Any,
        own: Inputs,
        usual: Inputs,
        code: int,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray, float, float]:
        """Contributions of one row, their errors, its output and its base."""
        code_ = np.int32(code)
        if self.method in LOCAL:
            return self._alone(params, own, code_)
        size = len(next(iter(usual.values())))
        own = {name: np.repeat(values, size, axis=0) for name, values in own.items()}
        x, base = self.layout.joined(own), self.layout.joined(usual)
        switched = np.isnan(x) != np.isnan(base)
        players = self._switching(switched)
        parts = np.zeros((size, self.layout.players))
        bases = None
        if len(players):
            value = functools.partial(self._mixed, params, own, usual, switched, code_)
            parts, bases = self._switch(value, size, players, rng)
        fixed = {name: own[name] for name, _ in self.layout.others}
        start = np.where(switched, x, base)
        missing = np.isnan(x)
        if x.shape[1]:
            found = jax.device_get(
                self.travelled(
                    params, fixed, missing, np.nan_to_num(x),
                    np.nan_to_num(start), code_,
                )
            )  # fmt: skip
            moved = np.where(missing, 0, np.asarray(found.values, np.float64))
            for at, owner in enumerate(self.layout.owners.tolist()):
                parts[:, owner] += moved[:, at]
            output = float(found.output[0])
            bases = np.asarray(found.base) if bases is None else bases
        else:
            output = float(self.value(params, own, code_)[0])
        assert bases is not None  # a model has numbers or other inputs
        errors = np.zeros(self.layout.players)
        if size > 1:
            errors = parts.std(axis=0, ddof=1) / np.sqrt(size)
        return parts.mean(axis=0), errors, output, float(np.mean(bases))

    def _alone(
        self, params: Any, own: Inputs, code: Any
    ) -> tuple[Any, Any, float, float]:
        x = self.layout.joined(own)
        missing = np.isnan(x)
        means, scales = (
            np.array(each, np.float32)[None]
            for each in (self.layout.means, self.layout.scales)
        )
        scores = np.where(missing, 0, (x - means) / scales).astype(np.float32)
        found = jax.device_get(self.local(params, {}, missing, scores, code))
        values = np.zeros(self.layout.players)
        np.add.at(values, self.layout.owners, np.where(missing, 0, found.values)[0])
        return values, values * 0, float(found.output[0]), float(found.base[0])

    def _switching(self, switched: Bool[np.ndarray, "n numbers"]) -> np.ndarray:
        """The players that have something which is switched."""
        some = {at for _, at in self.layout.others}
        some |= set(self.layout.owners[switched.any(axis=0)].tolist())
        return np.array(sorted(some), np.int64)

    def _switch(
        self,
        value: Callable[[Bool[np.ndarray, "n players"]], Array],
        size: int,
        players: np.ndarray,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """What each player adds as it is switched, and the outputs before."""
        orders = np.array([rng.permutation(players) for _ in range(size)])
        parts = np.zeros((size, self.layout.players))
        before = np.zeros((size, self.layout.players), bool)
        bases = np.asarray(value(before), np.float64)
        rows = np.arange(size)
        for order in (orders, orders[:, ::-1]):
            there, last = before.copy(), bases
            for step in range(order.shape[1]):
                there[rows, order[:, step]] = True
                now = np.asarray(value(there), np.float64)
                parts[rows, order[:, step]] += (now - last) / 2
                last = now
        return parts, bases

    def _mixed(
        self,
        params: Any,
        own: Inputs,
        usual: Inputs,
        switched: Bool[np.ndarray, "n numbers"],
        code: Any,
        there: Bool[np.ndarray, "n players"],
    ) -> Array:
        """The outputs where the players that are there are switched."""
        x = np.where(
            switched & there[:, self.layout.owners],
            self.layout.joined(own),
            self.layout.joined(usual),
        )
        inputs = self.layout.split(x)
        for name, at in self.layout.others:
            taken = there[:, at].reshape(-1, *[1] * (own[name].ndim - 1))
            inputs[name] = np.where(taken, own[name], usual[name])
        return self.value(params, inputs, code)


def _batch(schema: Schema, rows: Dataset, rest: Dataset) -> dict[str, np.ndarray]:
    """All rows and then the others as arrays, sequences padded to one length."""
    names = [spec.name for spec in schema.own]
    parts = [
        Dataset({name: part.input(name) for name in names}, source=part.source)
        for part in (rows, rest)
    ]
    whole = concatenate(parts) if len(rest) else parts[0]
    arrays = schema.encode(whole, targets=False).expanded()
    longest = np.array([arrays.lengths.max(initial=0)])
    length = int(bucket_lengths(longest, schema.buckets)[0])
    return arrays.batch(np.arange(len(whole)), length)["inputs"]
