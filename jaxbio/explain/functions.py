"""Functions of outputs, which are explained as if they were predicted."""

import ast
import dataclasses
import functools
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.explain.differentiability import traced, without_gradients
from jaxbio.explain.targets import before_link, output_names
from jaxbio.predict.predictor import Predictor
from jaxbio.tasks import Objective, Regression

Named = Mapping[str, Float[Array, "n"]]
"""Outputs by name, each a number a row."""

Function = Callable[[Named], Float[Array, "n"]]

_OPERATORS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_CALLS: Mapping[str, Callable[..., Any]] = {
    "abs": jnp.abs,
    "exp": jnp.exp,
    "log": jnp.log,
    "sqrt": jnp.sqrt,
    "sigmoid": jax.nn.sigmoid,
    "max": lambda *each: functools.reduce(jnp.maximum, each),
    "min": lambda *each: functools.reduce(jnp.minimum, each),
}
_TOKEN = re.compile(r"`[^`]+`|\d+\.?\d*(?:[eE][-+]?\d+)?|[A-Za-z_][\w:]*")


def outputs_by_name(schema: Schema) -> dict[str, tuple[TargetSpec, int]]:
    """The outputs of whole rows: `TARGET:NAME` of each, and `NAME` where one has it.

    Args:
        schema: The targets of a model.

    Example:
        >>> state = TargetSpec("state", "class", classes=("well", "sick"))
        >>> list(outputs_by_name(Schema((), (state,))))
        ['state:well', 'state:sick', 'well', 'sick']
    """
    full, short = {}, {}
    for spec in schema.targets:
        if spec.per_position or spec.kind == "embedding":
            continue
        for code, name in enumerate(output_names(spec)):
            full[f"{spec.name}:{name}"] = (spec, code)
            short.setdefault(name, []).append((spec, code))
    unique = {name: each[0] for name, each in short.items() if len(each) == 1}
    return {**full, **unique}


def with_function(
    predictor: Predictor, function: Function | str, *, name: str | None = None
) -> Predictor:
    """A predictor of a function of the outputs of another one.

    What it predicts is a number, which all methods of `jaxbio.explain` take; of an
    ensemble the mean over its networks. It is computed in single precision, also where
    an output lies far from 0.

    Args:
        predictor: The networks.
        function: Takes outputs by name (see `outputs_by_name`), each a number a row:
            of a class or label its logit, of a risk the log hazard, of a number its
            prediction in its units; and gives a number a row, by functions of JAX. Or
            an expression such as `sick - well`, with `+ - * / **`, numbers, and `abs`,
            `exp`, `log`, `sqrt`, `sigmoid`, `max` and `min`; a name with other signs
            than letters and digits stands between backticks.
        name: What it is called; None for the expression itself.

    Raises:
        DataError: For a model without outputs of whole rows.
        JaxbioError: For an expression that cannot be read, an output that is not
            there, or a function that does not give a number a row.

    Example:
        >>> import jaxbio as jb
        >>> import pandas as pd
        >>> table = pd.DataFrame({"x": range(9), "y": [2.0 * x for x in range(9)]})
        >>> table["z"] = -table["y"]
        >>> data = jb.read(table, inputs={"x": "numeric"}, targets=["y", "z"])
        >>> model = jb.Network(jb.MLP(hidden=(4,)))
        >>> predictor = jb.fit(model, None, data, epochs=1, members=1).predictor
        >>> found = with_function(predictor, "y - z")(table).by_target["y - z"]
        >>> own = predictor(table).by_target
        >>> bool(np.allclose(found, own["y"] - own["z"], atol=1e-4))
        True
    """
    outputs = outputs_by_name(predictor.schema)
    if not outputs:
        raise DataError(
            "the model has no outputs of whole rows, of which a function is"
        )
    if isinstance(function, str):
        name = name or function
        function = _expression(function, tuple(outputs))
    return _Derived(predictor, function, name or "function")


class _Outputs(dict):
    """Outputs by name; one that is not there is told with those that are."""

    def __missing__(self, name: str) -> Any:
        raise JaxbioError(f"no output {name!r}: {nearest(str(name), list(self))}")


class _Derived(Predictor):
    """A predictor of a function of the outputs of another one."""

    def __init__(self, base: Predictor, function: Function, name: str):
        self._base, self._function, self._name = base, function, name
        self._offsets = {
            spec.name: np.asarray(spec.offset, np.float32)
            for spec in base.schema.targets
        }
        spec = TargetSpec(name, "number", columns=(name,))
        schema = dataclasses.replace(base.schema, targets=(spec,))
        objective = Objective.of({name: Regression(standardize=False)}, schema)
        super().__init__(schema, objective, base._graph, base.members, model=base.model)

    @property
    def function_name(self) -> str:
        """What the function is called, by a user or as an expression."""
        return self._name

    def network(self, member: Any) -> Any:
        """The network, which gives the function of its outputs."""
        return _DerivedNetwork(self._base.network(member), self._of)

    def slopes(self, data: Any) -> Float[np.ndarray, "n"]:
        """The sizes of the derivatives by all outputs of each row, added up."""

        def size(named: Named) -> Array:
            def total(named: Named) -> Array:
                return self._call(named).astype(jnp.float32).sum()

            each = jax.grad(total)(dict(named)).values()
            return functools.reduce(operator.add, map(jnp.abs, each))

        derived = with_function(self._base, size, name=self._name)
        found = derived(data, unknown="any")
        return np.asarray(found.by_target[self._name]).reshape(-1)

    def _of(self, results: Mapping[str, Array]) -> dict[str, Array]:
        named = {
            name: self._value(results, spec, code)
            for name, (spec, code) in outputs_by_name(self._base.schema).items()
        }
        size = len(next(iter(named.values())))
        found = self._call(named)
        if found.shape != (size,):
            raise JaxbioError(
                f"{option('function', self._name)} gives an array of the shape "
                f"{found.shape} of outputs {[size]}: let it give a number a row"
            )
        return {self._name: found[:, None].astype(jnp.float32)}

    def _call(self, named: Named) -> Array:
        with traced(option("function", self._name)):
            return jnp.asarray(self._function(_Outputs(named)))

    def _value(
        self, results: Mapping[str, Array], spec: TargetSpec, code: int
    ) -> Array:
        if spec.kind not in ("number", "count"):
            outputs = results[spec.name].reshape(len(results[spec.name]), -1)
            task = self._base.objective.tasks[spec.name]
            return before_link(outputs, jnp.full(len(outputs), code), spec, task)
        predicted = self._base.objective.predict(results, [spec.name])[spec.name]
        values = predicted.reshape(len(predicted), -1)[:, code]
        offsets = self._offsets[spec.name]
        return values + offsets[code] if offsets.size else values


def check_function(predictor: Predictor, data: Any) -> None:
    """Refuse a function of outputs that has no gradient in any of some rows.

    Args:
        predictor: Of `with_function`; any other one is not looked at.
        data: What it takes.

    Raises:
        JaxbioError: With the function, and what explains it.

    Example:
        >>> import jaxbio as jb
        >>> import pandas as pd
        >>> table = pd.DataFrame({"x": range(9), "y": [2.0 * x for x in range(9)]})
        >>> data = jb.read(table, inputs={"x": "numeric"}, targets=["y"])
        >>> model = jb.Network(jb.MLP(hidden=(4,)))
        >>> predictor = jb.fit(model, None, data, epochs=1, members=1).predictor
        >>> check_function(with_function(predictor, "2 * y"), table)
        >>> step = with_function(predictor, lambda x: x["y"] > 5, name="high")
        >>> check_function(step, table)
        Traceback (most recent call last):
        jaxbio.errors.JaxbioError: function='high' has gradients of 0 in all 9 rows...
    """
    if isinstance(predictor, _Derived):
        slopes = predictor.slopes(data)
        if len(slopes) and not slopes.any():
            raise JaxbioError(
                f"{option('function', predictor.function_name)} has gradients of 0 in "
                f"all {len(slopes)} rows: it changes by steps there or not at all, as "
                f"by argmax, rounding, comparisons or limits; {without_gradients()}"
            )


class _DerivedNetwork:
    """A network of which only what a call gives is another."""

    def __init__(self, network: Any, of: Callable[[Any], dict[str, Array]]):
        self._network, self._of = network, of

    def __call__(self, inputs: Any, *, rngs: Any = None) -> dict[str, Array]:
        return self._of(self._network(inputs, rngs=rngs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


def _expression(text: str, names: tuple[str, ...]) -> Function:
    """The function that an expression means."""
    used: dict[str, str] = {}  # names in the program -> outputs

    def named(found: re.Match) -> str:
        token = found[0]
        name = token.strip("`")
        if token[0].isdigit() or (name in _CALLS and name not in names):
            return token
        if name not in names:
            raise JaxbioError(
                f"{option('function', text)}: no output {name!r}: "
                f"{nearest(name, names)}; names with other signs than letters and "
                f"digits stand between backticks"
            )
        used.setdefault(f"_{names.index(name)}", name)
        return f"_{names.index(name)}"

    program = _TOKEN.sub(named, text)
    try:
        tree = ast.parse(program, mode="eval").body
    except SyntaxError:
        raise _unread(text) from None
    _check(tree, text)
    if not used:
        raise JaxbioError(
            f"{option('function', text)} has no output: {nearest('', names)}"
        )
    return lambda outputs: _value(
        tree, {own: outputs[name] for own, name in used.items()}
    )


def _unread(text: str) -> JaxbioError:
    return JaxbioError(
        f"{option('function', text)} cannot be read: write names of outputs, numbers, "
        f"+ - * / **, parentheses, and {', '.join(_CALLS)}, as in 'sick - well'"
    )


def _check(tree: Any, text: str) -> None:
    """See that an expression has nothing in it but arithmetic."""
    match tree:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            parts = [left, right]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            parts = [operand]
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if (
            name in _CALLS and parts
        ):
            pass
        case ast.Name(id=name) if name.startswith("_"):
            parts = []
        case ast.Constant(value=int() | float()):
            parts = []
        case _:
            raise _unread(text)
    for part in parts:
        _check(part, text)


def _value(tree: Any, values: Mapping[str, Any]) -> Any:
    match tree:
        case ast.BinOp():
            both = _value(tree.left, values), _value(tree.right, values)
            return _OPERATORS[type(tree.op)](*both)
        case ast.UnaryOp():
            return _OPERATORS[type(tree.op)](_value(tree.operand, values))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _CALLS[name](*(_value(part, values) for part in args))
        case ast.Name():
            return values[tree.id]
    return tree.value
