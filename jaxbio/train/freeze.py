"""Parts of a network that stay as they are while the rest is trained."""

from typing import Any

import jax

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


def name_of(path: Any) -> str:
    """The path of a parameter in words: `encoders/seq/stem/project/kernel`."""
    return "/".join(str(getattr(key, "key", key)) for key in path)
