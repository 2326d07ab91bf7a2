"""Weights of a trained network as the beginning of another."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax

from jaxbio.errors import TrainingError
from jaxbio.train.freeze import name_of

_SHOWN = 6


@dataclasses.dataclass(frozen=True)
class Transfer:
    """Arrays of a trained network that fit another, and those that do not.

    Attributes:
        params: Parameters that fit, by path.
        model_state: Running statistics that fit, likewise.
        new: Paths of parameters that begin anew.
        unused: Paths of parameters that the trained network has besides.
    """

    params: Mapping[str, Any]
    model_state: Mapping[str, Any]
    new: tuple[str, ...]
    unused: tuple[str, ...]

    def summary(self) -> str:
        """What was taken and what was not, in a sentence."""
        return (
            f"init: {len(self.params)} arrays as in the trained network; new: "
            f"{_listed(self.new)}; left out: {_listed(self.unused)}"
        )


def transfer(source: Mapping[str, Any], target: Mapping[str, Any]) -> Transfer:
    """Find what a trained network can give another.

    Args:
        source: The values of the trained network, `{"params": …, "model_state": …}`.
        target: Those of the other, which may be abstract.

    Returns:
        The arrays whose path and shape are the same in both.

    Raises:
        TrainingError: If no parameter fits.

    Example:
        >>> import numpy as np
        >>> source = {"params": {"a": np.ones(2), "b": np.ones(3)}, "model_state": {}}
        >>> target = {"params": {"a": np.zeros(2), "b": np.ones(1)}, "model_state": {}}
        >>> found = transfer(source, target)
        >>> list(found.params), found.new, found.unused
        (['a'], ('b',), ('b',))
    """
    has, wants = _by_path(source["params"]), _by_path(target["params"])
    params = _fitting(has, wants)
    if not params:
        raise TrainingError(
            f"init: no array of the trained network fits ({_listed(tuple(has))}): use "
            f"the same model, such as run.model"
        )
    return Transfer(
        params,
        _fitting(_by_path(source["model_state"]), _by_path(target["model_state"])),
        tuple(name for name in wants if name not in params),
        tuple(name for name in has if name not in params),
    )


def replaced(tree: Any, given: Mapping[str, Any]) -> Any:
    """A nested dict with some of its arrays replaced, by path.

    Example:
        >>> replaced({"a": {"w": 1.0}, "b": 2.0}, {"a/w": 5.0})
        {'a': {'w': 5.0}, 'b': 2.0}
    """
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: given.get(name_of(path), leaf), tree
    )


def _fitting(has: Mapping[str, Any], wants: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays whose path and shape are wanted."""
    return {
        name: has[name]
        for name, leaf in wants.items()
        if name in has and has[name].shape == leaf.shape
    }


def _by_path(tree: Any) -> dict[str, Any]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {name_of(path): leaf for path, leaf in leaves}


def _listed(names: tuple[str, ...]) -> str:
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(names[:_SHOWN]) or "none") + more
