"""Programs over large arrays that a function closes over, such as a frozen network.

`jax.jit` writes arrays that a function closes over into the program: a copy in each of
them, and slow to compile. Here they are arguments of the program. Where no array was
shared by `share`, this is `jax.jit`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

_SHARED = [False]


def share(tree: Any) -> Any:
    """Arrays on the default device that several programs may close over.

    Args:
        tree: A pytree of arrays.

    Returns:
        The same as arrays of JAX, also while a function is being traced.
    """
    _SHARED[0] = True
    with jax.ensure_compile_time_eval():
        return jax.tree.map(jax.numpy.asarray, tree)


class Program:
    """A function to be compiled, as by `jax.jit`.

    Example:
        >>> import jax.numpy as jnp
        >>> kernel = share(jnp.ones((2, 2)))
        >>> program = Program(lambda x: {"y": x @ kernel})
        >>> program(jnp.ones((1, 2)))["y"].tolist()
        [[2.0, 2.0]]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        static_argnames: Sequence[str] = (),
        donate_argnums: Sequence[int] = (),
    ):
        """Trace nothing yet.

        Args:
            function: A pure function.
            static_argnames: Arguments by name that are no arrays.
            donate_argnums: Arguments by place whose memory may be used again.
        """
        self._function = function
        self._donated = tuple(donate_argnums)
        self._plain = jax.jit(
            function,
            static_argnames=tuple(static_argnames) or None,
            donate_argnums=self._donated,
        )
        self._known: dict[Any, tuple[Any, Sequence[Any]]] = {}

    def __call__(self, *arguments: Any, **static: Any) -> Any:
        """The result, compiled for the shapes of the arguments."""
        if not _SHARED[0]:
            return self._plain(*arguments, **static)
        program, arrays = self._program(arguments, static)
        return program(arrays, *arguments)

    def lower(self, *arguments: Any, **static: Any) -> "Lowered":
        """The program for arguments, which may be abstract, before it is compiled."""
        if not _SHARED[0]:
            return Lowered(self._plain.lower(*arguments, **static), None)
        program, arrays = self._program(arguments, static)
        return Lowered(program.lower(arrays, *arguments), arrays)

    def _program(
        self, arguments: tuple[Any, ...], static: dict[str, Any]
    ) -> tuple[Any, Sequence[Any]]:
        leaves, tree = jax.tree.flatten(arguments)
        shapes = tuple(
            (jax.numpy.shape(x), getattr(x, "dtype", type(x))) for x in leaves
        )
        key = tree, shapes, tuple(sorted(static.items()))
        if key not in self._known:
            traced, out = jax.make_jaxpr(
                lambda *given: self._function(*given, **static), return_shape=True
            )(*arguments)
            out_tree = jax.tree.structure(out)

            def program(arrays: Sequence[Any], *given: Any) -> Any:
                run = jaxpr_as_fun(ClosedJaxpr(traced.jaxpr, arrays))
                return jax.tree.unflatten(out_tree, run(*jax.tree.leaves(given)))

            donated = tuple(at + 1 for at in self._donated)
            jitted = jax.jit(program, donate_argnums=donated)
            self._known[key] = jitted, traced.consts
        return self._known[key]


class Lowered:
    """A program that was lowered, with the arrays that are its first argument."""

    def __init__(self, lowered: jax.stages.Lowered, arrays: Sequence[Any] | None):
        """Compile nothing yet."""
        self._lowered = lowered
        self._arrays = arrays

    def compile(self, options: Any = None) -> Callable[..., Any]:
        """The program; the options are those of `jax.stages.Lowered.compile`."""
        compiled = self._lowered.compile(options)
        arrays = self._arrays
        if arrays is None:
            return compiled
        return lambda *arguments: compiled(arrays, *arguments)
