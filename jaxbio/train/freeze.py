"""Parts of a network that stay as they are while the rest is trained."""

import glob
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.extend.core import Var

from jaxbio.errors import TrainingError, nearest
from jaxbio.nn.modes import matches


def parted(params: Any, freeze: tuple[str, ...]) -> tuple[Any, Any]:
    """Parameters that are trained and those that are not, None in place of the others.

    Args:
        params: A nested dict of arrays.
        freeze: Patterns of paths of what is not trained.

    Example:
        >>> parted({"a": {"w": 1.0}, "b": 2.0}, ("a/*",))
        ({'a': {'w': None}, 'b': 2.0}, {'a': {'w': 1.0}, 'b': None})
    """
    if not freeze:
        return params, None

    def kept(frozen: bool) -> Any:
        return jax.tree_util.tree_map_with_path(
            lambda path, leaf: (
                leaf if matches(name_of(path), freeze) == frozen else None
            ),
            params,
        )

    return kept(False), kept(True)


def combined(trained: Any, frozen: Any) -> Any:
    """The parameters that `parted` took apart.

    Example:
        >>> combined(*parted({"a": {"w": 1.0}, "b": 2.0}, ("a/*",)))
        {'a': {'w': 1.0}, 'b': 2.0}
    """
    if frozen is None:
        return trained
    return jax.tree.map(
        lambda one, other: other if one is None else one,
        trained,
        frozen,
        is_leaf=lambda leaf: leaf is None,
    )


def check_patterns(params: Any, freeze: tuple[str, ...]) -> None:
    """See that each pattern stands for something, and that something is left to train.

    Raises:
        TrainingError: For a pattern that fits no path, or patterns that fit all.
    """
    names = [name_of(path) for path, _ in jax.tree_util.tree_leaves_with_path(params)]
    for pattern in freeze:
        if not any(matches(name, (pattern,)) for name in names):
            raise TrainingError(
                f"freeze={pattern!r} fits no parameter: {nearest(pattern, names)}"
            )
    if all(matches(name, freeze) for name in names):
        raise TrainingError(
            f"freeze={list(freeze)} fits all parameters: leave something to train, "
            f"such as heads/*"
        )


def unmoved(optimizer: optax.GradientTransformation, params: Any) -> tuple[str, ...]:
    """Patterns of the parts of a network that an optimizer never moves.

    These are the parts whose updates depend on nothing, as those of
    `optax.set_to_zero` below `optax.multi_transform` or `optax.masked`.

    Args:
        optimizer: Any Optax transformation.
        params: A nested dict of arrays, which may be abstract.

    Returns:
        For `matches`; nothing if all is such, or the network has no parts.

    Example:
        >>> import jax.numpy as jnp
        >>> parts = {"adam": optax.adam(0.1), "none": optax.set_to_zero()}
        >>> labels = {"stem": "none", "head": "adam"}
        >>> optimizer = optax.multi_transform(parts, labels)
        >>> params = {"stem": {"w": jnp.ones(2)}, "head": {"w": jnp.ones(2)}}
        >>> unmoved(optimizer, params)
        ('stem',)
    """
    optimizer = optax.with_extra_args_support(optimizer)

    def mass(tree: Any) -> jax.Array:
        return sum((leaf.sum() for leaf in jax.tree.leaves(tree)), jnp.zeros(()))

    def update(gradients: Any, state: Any, params: Any) -> Any:
        how = {"value": mass(params), "grad": gradients, "value_fn": mass}
        return optimizer.update(gradients, state, params, **how)[0]

    state = jax.eval_shape(optimizer.init, params)
    traced = jax.make_jaxpr(update)(params, state, params).jaxpr
    varying = set(traced.invars)
    for equation in traced.eqns:
        if any(isinstance(v, Var) and v in varying for v in equation.invars):
            varying.update(equation.outvars)
    names = [name_of(path) for path, _ in jax.tree_util.tree_leaves_with_path(params)]
    moves = {
        name: isinstance(out, Var) and out in varying
        for name, out in zip(names, traced.outvars, strict=True)
    }
    if not any(moves.values()):
        return ()
    moved = {part for name in names if moves[name] for part in _parts_above(name)}
    still = {part for name in names for part in _parts_above(name)} - moved
    return tuple(glob.escape(part) for part in sorted(still))


def _parts_above(name: str) -> list[str]:
    """The parts of a network in which a parameter lies."""
    words = name.split("/")
    return ["/".join(words[:at]) for at in range(1, len(words))]


def name_of(path: Any) -> str:
    """The path of a parameter in words: `encoders/seq/stem/project/kernel`."""
    return "/".join(str(getattr(key, "key", key)) for key in path)
