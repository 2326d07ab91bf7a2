"""Gradients written by hand, for reverse mode, and plain ones for forward mode."""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator
from typing import Any

import jax

_PLAIN = contextvars.ContextVar("jaxbio_forward_mode", default=False)


@contextlib.contextmanager
def forward_mode() -> Iterator[None]:
    """Let what is traced inside have derivatives of both modes, and of any order.

    For `jax.jvp`, `jax.jacfwd` and Hessian-vector products of networks; gradients are
    slower on CPUs. It acts while JAX traces: a function that was compiled before stays
    as it is.

    Example:
        >>> import jax.numpy as jnp
        >>> from jaxbio.nn.matmul import product
        >>> square = lambda x: product(x, x).sum()
        >>> with forward_mode():
        ...     float(jax.jvp(square, (jnp.eye(2),), (jnp.eye(2),))[1])
        4.0
    """
    token = _PLAIN.set(True)
    try:
        yield
    finally:
        _PLAIN.reset(token)


class custom_vjp:
    """`jax.custom_vjp`, of which nothing is left in `forward_mode`."""

    def __init__(
        self, function: Callable[..., Any], nondiff_argnums: tuple[int, ...] = ()
    ):
        functools.update_wrapper(self, function)
        self._plain = function
        self._fast = jax.custom_vjp(function, nondiff_argnums=nondiff_argnums)

    def defvjp(self, forward: Callable[..., Any], backward: Callable[..., Any]) -> None:
        """Set the rules of reverse mode, as those of `jax.custom_vjp`."""
        self._fast.defvjp(forward, backward)

    def __call__(self, *arguments: Any) -> Any:
        """The value, differentiable as the mode says."""
        return (self._plain if _PLAIN.get() else self._fast)(*arguments)
