"""DeepLIFT's rescale rule, found from the traced program of a function.

A function is traced, and its program is run for inputs and for references side by side.
What is linear passes contributions on as gradients do. A nonlinear function of one
number passes them on by the ratio of the change of its output to that of its input (the
rescale rule). Products of two values that both change, as in attention and
normalization, share the change evenly. Of a maximum over several the one that is
largest for the input has what rises above the reference's largest, and the one that is
largest for the reference has the rest, as in the rules for pooling of SHAP and Captum.
So layers need not be known, and may be used again, or be plain functions.

Nothing is lost on the way: the parts add up to the change of the output, but for
rounding and for masks that differ, which `delta` shows.
"""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, Literal, Var
from jaxtyping import Array, Float

from jaxbio.errors import JaxbioError
from jaxbio.explain.attributions import (
    Attribution,
    check_baseline,
    over_backgrounds,
)
from jaxbio.explain.differentiability import check_output, check_slopes, name_of
from jaxbio.explain.gradients import Output

_SMALL = 1e-6  # a smaller change of an input is none, and the gradient is taken

_LINEAR = frozenset(
    (
        *("add", "sub", "neg", "add_any", "reduce_sum", "cumsum", "reduce_window_sum"),
        *("reshape", "transpose", "broadcast_in_dim", "squeeze", "expand_dims", "rev"),
        *("slice", "dynamic_slice", "dynamic_update_slice", "concatenate", "pad"),
        *("gather", "scatter-add", "scatter", "copy", "copy_p", "real", "split"),
        *("convert_element_type", "reduce_precision"),
        *("optimization_barrier", "select_n", "stack", "unstack"),
    )
)
_UNARY = frozenset(
    (
        *("exp", "exp2", "log", "log1p", "expm1", "tanh", "logistic", "erf", "erfc"),
        *("sqrt", "rsqrt", "cbrt", "sin", "cos", "tan", "atan", "sinh", "cosh", "abs"),
        *("sign", "integer_pow", "square", "pow", "floor", "ceil", "round", "clamp"),
        *("max", "min", "div", "lgamma", "digamma"),
    )
)
_BILINEAR = frozenset(("mul", "dot_general", "conv_general_dilated"))
_OF_TWO = frozenset(("mul", "div", "max", "min", "select_n", "pow"))
_COMPARISONS = frozenset(("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"))
_ELEMENTWISE = (
    _UNARY
    | _OF_TWO
    | _COMPARISONS
    | frozenset(("add", "sub", "neg", "copy", "convert_element_type"))
)
_BODIES = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def deeplift(
    output: Output,
    inputs: Float[Array, "n *shape"],
    references: Float[Array, "..."],
) -> Attribution:
    """Contributions of inputs by DeepLIFT's rescale rule.

    Args:
        output: What is explained; no row may see another one.
        inputs: One-hot sequences, numbers or pixels.
        references: What each row is compared with, of the shape of the inputs.

    Raises:
        DataError: For references of another shape than the inputs.
        JaxbioError: For an operation without a rule, with its place; or as for
            `jaxbio.explain.saliency`.

    Source:
        Shrikumar et al. 2017, Learning important features through propagating
        activation differences, ICML.

    Example:
        >>> net = lambda x: jax.nn.relu(x[:, 0] + x[:, 1] - 1)
        >>> found = deeplift(net, jnp.array([[1.0, 3.0]]), jnp.zeros((1, 2)))
        >>> found.values.tolist(), found.delta.tolist()
        ([[0.75, 2.25]], [0.0])
    """
    check_baseline(inputs, references)
    check_output(output, inputs)
    program = jax.make_jaxpr(output)(inputs)

    def paired(x: Array) -> tuple[Array, tuple[Array, Array]]:
        (found,) = _run(program, [_Pair(x, references)], "in the function")
        own, base = _sides(found)
        return own.sum(), (own, base)

    slopes, (own, base) = jax.grad(paired, has_aux=True)(inputs)
    check_slopes(slopes, own, base, name=name_of(output))
    return Attribution(slopes * (inputs - references), slopes, own, base)


def deeplift_shap(
    output: Output,
    inputs: Float[Array, "n *shape"],
    backgrounds: Float[Array, "..."],
) -> Attribution:
    """DeepLIFT averaged over backgrounds, such as shuffled sequences.

    Args:
        output: What is explained.
        inputs: One-hot sequences, numbers or pixels.
        backgrounds: For each row several references `[n backgrounds *shape]`.

    Source:
        Lundberg and Lee 2017, A unified approach to interpreting model predictions.

    Example:
        >>> usual = jnp.array([[[0.0], [2.0]]])
        >>> found = deeplift_shap(lambda x: 2 * x[:, 0], jnp.array([[4.0]]), usual)
        >>> found.values.tolist(), found.base.tolist()
        ([[6.0]], [2.0])
    """
    return over_backgrounds(functools.partial(deeplift, output), inputs, backgrounds)


@dataclasses.dataclass(frozen=True, eq=False)
class _Pair:
    """A value that changes: of the input, and of the reference.

    Attributes:
        own: Of the input; gradients flow through it.
        base: Of the reference.
        maker: The operation that it comes from; None for none that is known.
        operands: Of that operation.
    """

    own: Any
    base: Any
    maker: Any = None
    operands: tuple[Any, ...] = ()


def _sides(value: Any) -> tuple[Any, Any]:
    return (value.own, value.base) if isinstance(value, _Pair) else (value, value)


def _changes(value: Any) -> bool:
    return isinstance(value, _Pair)


def _run(program: ClosedJaxpr, arguments: Sequence[Any], place: str) -> list[Any]:
    """Run a program on values, of which some are pairs."""
    jaxpr = program.jaxpr
    known: dict[Var, Any] = dict(zip(jaxpr.constvars, program.consts, strict=True))
    known |= dict(zip(jaxpr.invars, arguments, strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else known[atom]

    for equation in jaxpr.eqns:
        values = [read(atom) for atom in equation.invars]
        found = _step(equation, values, _place(equation) or place)
        known |= dict(zip(equation.outvars, found, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _step(equation: Any, values: list[Any], place: str) -> list[Any]:
    """The results of an operation, as pairs where they change."""
    name = equation.primitive.name
    if not any(map(_changes, values)):
        return _apply(equation, *values)
    if name == "stop_gradient":  # the value goes on, and so do its parts
        return values
    if name == "scan":
        return _scan(equation, values, place)
    if name == "cond" and not _changes(values[0]):
        return _branches(equation, values, place)
    body = next((equation.params[x] for x in _BODIES if x in equation.params), None)
    if body is not None and name not in ("while", "cond"):
        closed = body if isinstance(body, ClosedJaxpr) else ClosedJaxpr(body, ())
        return _run(closed, values, place)
    return [
        _Pair(*sides, equation, tuple(values))
        for sides in _sides_of(equation, values, place)
    ]


def _sides_of(equation: Any, values: list[Any], place: str) -> list[tuple[Any, Any]]:
    name = equation.primitive.name
    changing = [at for at, value in enumerate(values) if _changes(value)]
    kinds = [variable.aval.dtype for variable in equation.outvars]
    if not any(jnp.issubdtype(kind, jnp.inexact) for kind in kinds):
        return _both(equation, values)  # masks and places pass nothing on
    if name in _OF_TWO and len(changing) > 1:
        whole = _of_one_number(equation, values)
        if whole is not None:
            return [whole]
    if (
        name in _LINEAR
        or (name in _BILINEAR and len(changing) == 1)
        or (name == "div" and changing == [0])
    ):
        return _both(equation, values)
    apply = functools.partial(_first, equation)
    if name in _UNARY and len(changing) == 1:
        at = changing[0]
        return [_rescaled(lambda x: apply(*_with(values, at, x)), values[at])]
    if name in _BILINEAR:
        return [_shared(apply, *values)]
    if name == "div":
        inverse = _Pair(*_rescaled(lambda x: 1 / x, values[1]))
        return [_shared(lambda a, b: a * b, values[0], inverse)]
    if name in ("max", "min"):
        own, base = (jnp.stack(each) for each in zip(*map(_sides, values), strict=True))
        over = jnp.max if name == "max" else jnp.min
        return [_largest(functools.partial(over, axis=0), _Pair(own, base), name)]
    if name in ("reduce_max", "reduce_window_max", "reduce_min", "reduce_window_min"):
        return [_largest(apply, values[0], name)]
    shapes = ", ".join(str(jnp.shape(_sides(value)[0])) for value in values)
    raise JaxbioError(
        f"DeepLIFT has no rule for {name} of {shapes}, {place}: integrated gradients "
        f"need none"
    )


def _apply(equation: Any, *values: Any) -> list[Any]:
    params = equation.primitive.get_bind_params(equation.params)
    # Earlier versions of JAX give the functions of a call apart from the rest.
    functions, params = params if isinstance(params, tuple) else ((), params)
    found = equation.primitive.bind(*functions, *values, **params)
    return list(found) if equation.primitive.multiple_results else [found]


def _first(equation: Any, *values: Any) -> Any:
    return _apply(equation, *values)[0]


def _both(equation: Any, values: list[Any]) -> list[tuple[Any, Any]]:
    """The operation on inputs and on references."""
    own, base = (
        _apply(equation, *each) for each in zip(*map(_sides, values), strict=True)
    )
    return list(zip(own, base, strict=True))


def _with(values: list[Any], at: int, value: Any) -> list[Any]:
    return [*values[:at], value, *values[at + 1 :]]


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _ruled(rule: Callable, inputs: Any, value: Array, saved: Any) -> Array:
    """The value; its gradient by the inputs is what a rule makes of what was saved."""
    return value


def _ruled_forward(rule: Callable, inputs: Any, value: Array, saved: Any) -> Any:
    return value, saved


def _ruled_backward(rule: Callable, saved: Any, gradient: Array) -> Any:
    return rule(saved, gradient), None, None


_ruled.defvjp(_ruled_forward, _ruled_backward)


def _rescaled(function: Callable[[Array], Array], pair: _Pair) -> tuple[Array, Array]:
    """A function of one number, by the rescale rule."""
    x = pair.own
    still, base = lax.stop_gradient(x), lax.stop_gradient(pair.base)
    value, slope = jax.jvp(function, (still,), (jnp.ones_like(still),))
    other = function(base)
    step = still - base
    large = jnp.abs(step) > _SMALL
    ratio = jnp.where(large, (value - other) / jnp.where(large, step, 1), slope)
    return _ruled(_times, x, value, ratio), other


def _times(ratio: Array, gradient: Array) -> Array:
    return gradient * ratio


def _shared(function: Callable, one: _Pair, two: _Pair) -> tuple[Array, Array]:
    """A product of two values that change: each has its change times the other's mean.

    As a b - c d is (a - c) (b + d) / 2 + (b - d) (a + c) / 2, nothing is lost.
    """
    ones, twos = (lax.stop_gradient(_sides(each)) for each in (one, two))
    value, other = function(ones[0], twos[0]), function(ones[1], twos[1])
    means = ((ones[0] + ones[1]) / 2, (twos[0] + twos[1]) / 2)

    def rule(saved: Any, gradient: Array) -> Any:
        first, second = saved
        return (
            jax.vjp(lambda x: function(x, second), first)[1](gradient)[0],
            jax.vjp(lambda x: function(first, x), second)[1](gradient)[0],
        )

    return _ruled(rule, (one.own, two.own), value, means), other


def _largest(
    function: Callable[[Array], Array], pair: _Pair, name: str
) -> tuple[Array, Array]:
    """A maximum or minimum over several values."""
    x, (still, base) = pair.own, lax.stop_gradient(_sides(pair))
    value, other = function(still), function(base)
    extreme = (jnp.minimum if "min" in name else jnp.maximum)(value, other)

    def rule(saved: Any, gradient: Array) -> Array:
        still, base, above, below = saved
        (own,) = jax.vjp(function, still)[1](gradient * above)
        (others,) = jax.vjp(function, base)[1](gradient * below)
        (plain,) = jax.vjp(function, still)[1](gradient)
        step = still - base
        large = jnp.abs(step) > _SMALL
        return jnp.where(large, (own + others) / jnp.where(large, step, 1), plain)

    saved = (still, base, extreme - other, value - extreme)
    return _ruled(rule, x, value, saved), other


def _scan(equation: Any, values: list[Any], place: str) -> list[Any]:
    """A loop over positions, with both values of all that it carries."""
    params = equation.params
    consts, carries = params["num_consts"], params["num_carry"]
    body: ClosedJaxpr = params["jaxpr"]
    fixed, rest = values[:consts], [_sides(x) for x in values[consts:]]

    def step(carry: list[Any], along: list[Any]) -> tuple[list[Any], list[Any]]:
        given = [_Pair(*sides) for sides in [*carry, *along]]
        found = [_sides(x) for x in _run(body, [*fixed, *given], place)]
        return found[:carries], found[carries:]

    carry, along = lax.scan(
        step,
        rest[:carries],
        rest[carries:],
        length=params["length"],
        reverse=params["reverse"],
        unroll=params["unroll"],
    )
    return [_Pair(*sides) for sides in [*carry, *along]]


def _branches(equation: Any, values: list[Any], place: str) -> list[Any]:
    """One of several programs, chosen by what does not change, such as the platform."""
    index, *operands = values

    def taken(branch: ClosedJaxpr) -> Callable[..., list[Any]]:
        def run(given: list[Any]) -> list[Any]:
            pairs = [_Pair(*sides) for sides in given]
            return [_sides(x) for x in _run(branch, pairs, place)]

        return run

    branches = [taken(branch) for branch in equation.params["branches"]]
    found = lax.switch(index, branches, [_sides(x) for x in operands])
    return [_Pair(*sides) for sides in found]


def _of_one_number(equation: Any, values: list[Any]) -> tuple[Array, Array] | None:
    """An operation whose operands are all functions of one and the same number.

    Such are `x * sigmoid(x)`, and `where(x > 0, x, x / 10)`: the rescale rule is for
    these as a whole. None where there are several numbers.
    """
    shape = equation.outvars[0].aval.shape
    order: list[_Pair] = []
    sources: list[_Pair] = []
    seen: set[int] = set()

    def visit(pair: _Pair) -> None:
        if id(pair) in seen:
            return
        seen.add(id(pair))
        operands = [x for x in pair.operands if isinstance(x, _Pair)]
        elementwise = pair.maker and pair.maker.primitive.name in _ELEMENTWISE
        if elementwise and all(jnp.shape(x.own) == shape for x in operands):
            for operand in operands:
                visit(operand)
            order.append(pair)
        else:
            sources.append(pair)

    for value in values:
        if isinstance(value, _Pair):
            visit(value)
    source = sources[0]
    if len(sources) > 1 or jnp.shape(source.own) != shape:
        return None
    if not jnp.issubdtype(jnp.result_type(source.own), jnp.inexact):
        return None

    def function(x: Array) -> Array:
        known = {id(source): x}

        def of(operands: Sequence[Any]) -> list[Any]:
            return [known[id(x)] if isinstance(x, _Pair) else x for x in operands]

        for pair in order:
            known[id(pair)] = _first(pair.maker, *of(pair.operands))
        return _first(equation, *of(values))

    return _rescaled(function, source)


def _place(equation: Any) -> str:
    """Where an operation was written, for messages."""
    traceback = getattr(equation.source_info, "traceback", None)
    frames = getattr(traceback, "frames", ()) if traceback else ()
    for frame in frames:
        if "/jax/" not in frame.file_name and "/flax/" not in frame.file_name:
            return f"at {frame.file_name}:{frame.line_num}"
    return ""
