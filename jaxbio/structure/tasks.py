"""Targets and tasks that are learned from structures, and their loss weights."""

from collections.abc import Iterable, Sequence

import numpy as np

from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.track import Track
from jaxbio.structure.chain import Chain
from jaxbio.structure.dataset import from_chains
from jaxbio.structure.dssp import MISSING
from jaxbio.tasks import Binary, Distances, MultiClass, Regression, Task

TARGETS = ("ss3", "ss8", "rsa", "sin_phi", "cos_phi", "sin_psi", "cos_psi", "cb")
"""The targets that are learned together; see `jaxbio.structure.from_chains`."""

_WEIGHTS = {"ss8": 0.5, "rsa": 0.3, "disorder": 0.3, "cb": 3.0, "ss3": 1.0}
_OTHERS = 0.1
_FEW = 1000  # chains of which it is looked up what they have


def chain_tasks(targets: Iterable[str] = TARGETS) -> dict[str, Task]:
    """The task of each target of `jaxbio.structure.from_chains`, weighted.

    Distances count most; the other targets help them.

    Args:
        targets: Names of `jaxbio.structure.dataset.CHAIN_TARGETS`.

    Example:
        >>> tasks = chain_tasks(["ss3", "cb"])
        >>> tasks["ss3"].name, tasks["cb"].over
        ('multiclass', 'pair')
    """
    return {name: _task(name, _WEIGHTS.get(name, _OTHERS)) for name in targets}


def _task(name: str, weight: float) -> Task:
    if name == "cb":
        return Distances(weight=weight)
    if name == "disorder":
        return Binary(per_position=True, weight=weight)
    if name in ("ss3", "ss8"):
        return MultiClass(per_position=True, weight=weight)
    return Regression(per_position=True, weight=weight)


def known_targets(
    chains: Sequence[Chain], targets: Sequence[str] = TARGETS
) -> tuple[str, ...]:
    """The targets of which the chains know at least one value.

    Args:
        chains: Those to learn from; the first thousand are looked at.
        targets: The targets wanted.

    Example:
        >>> trace = Chain("x", "GAG", np.full((3, 5, 3), np.nan, np.float32))
        >>> known_targets([trace])
        ()
    """
    data = from_chains(chains[:_FEW], targets)
    return tuple(name for name in targets if _known(data.targets[name]))


def _known(column: Column) -> bool:
    if isinstance(column, Category):
        return any(text.strip(MISSING) for text in column.values)
    return isinstance(column, Track) and bool(np.isfinite(column.values).any())
