"""Whether there is a gradient: of functions that round, choose or count."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from jaxbio.errors import JaxbioError, option


@contextlib.contextmanager
def traced(name: str) -> Iterator[None]:
    """Say in whose words a function cannot be traced by JAX.

    Args:
        name: What the function is called in messages.

    Raises:
        JaxbioError: For one that takes values out of JAX, as NumPy and `if` do.

    Example:
        >>> with traced("the function"):
        ...     jax.eval_shape(lambda x: float(x[0]), jnp.ones(2))
        Traceback (most recent call last):
        jaxbio.errors.JaxbioError: the function takes values out of JAX, as NumPy, ...
    """
    try:
        yield
    except (
        jax.errors.ConcretizationTypeError,
        jax.errors.TracerArrayConversionError,
        jax.errors.TracerIntegerConversionError,
    ) as error:
        raise JaxbioError(
            f"{name} takes values out of JAX, as NumPy, `float` and `if` do "
            f"({_first_line(error)}): write it with functions of jax.numpy, such as "
            "jnp.where"
        ) from None


def check_output(
    output: Callable[[Any], Any], inputs: Float[Array, "n *shape"]
) -> None:
    """Refuse a function without a gradient, before anything is computed.

    Args:
        output: From inputs to one number a row.
        inputs: Of the shape that it takes.

    Raises:
        JaxbioError: For one that takes values out of JAX, or gives other than a
            floating-point number a row.

    Example:
        >>> check_output(lambda x: x.argmax(axis=1), jnp.eye(2))
        Traceback (most recent call last):
        jaxbio.errors.JaxbioError: the function gives whole numbers (int32), ...
    """
    name = name_of(output)
    with traced(name):
        found = jax.eval_shape(output, inputs)
    if getattr(found, "shape", None) != inputs.shape[:1]:
        shown = getattr(found, "shape", type(found).__name__)
        raise JaxbioError(
            f"{name} gives {shown} for {len(inputs)} rows: let it give a number a row"
        )
    if not jnp.issubdtype(found.dtype, jnp.floating):
        raise JaxbioError(
            f"{name} gives whole numbers ({found.dtype}), which have no gradient, as "
            f"of argmax, rounding and comparisons: {without_gradients()}"
        )


def check_slopes(
    slopes: Float[Array, "n *shape"],
    outputs: Float[Array, "n"],
    base: Float[Array, "n"] | None = None,
    *,
    name: str = "the function",
) -> None:
    """Refuse gradients that are 0 in all rows while the output differs among them.

    While a program is traced there are no numbers to look at, and nothing is refused.

    Args:
        slopes: Of each row.
        outputs: What is explained, of the same rows.
        base: The same of what they are compared with.
        name: What the function is called in messages.

    Raises:
        JaxbioError: For an output that changes by steps.

    Example:
        >>> check_slopes(jnp.zeros((2, 3)), jnp.array([1.0, 2.0]))
        Traceback (most recent call last):
        jaxbio.errors.JaxbioError: the function has gradients of 0 in all 2 rows, ...
    """
    values = (slopes, outputs) if base is None else (slopes, outputs, base)
    if any(isinstance(each, Tracer) for each in values):
        return
    if not slopes.size or np.any(np.asarray(slopes) != 0):
        return
    seen = np.concatenate([np.ravel(each) for each in values[1:]])
    if np.ptp(seen) > 0:
        raise JaxbioError(
            f"{name} has gradients of 0 in all {len(slopes)} rows, and gives "
            f"{seen.min():.4g} to {seen.max():.4g} there: it changes by steps, as by "
            f"argmax, rounding or comparisons; {without_gradients()}"
        )


def without_gradients() -> str:
    """What explains a function without gradients.

    Example:
        >>> without_gradients()
        "method='ism', 'shapley' and 'occlusion' need no gradients"
    """
    return f"{option('method', 'ism')}, 'shapley' and 'occlusion' need no gradients"


def name_of(function: Any) -> str:
    """What a function is called in messages.

    Example:
        >>> name_of(jnp.argmax), name_of(lambda x: x)
        ("the function 'argmax'", 'the function')
    """
    name = getattr(function, "__name__", "")
    return f"the function {name!r}" if name.isidentifier() else "the function"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
