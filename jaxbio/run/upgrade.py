"""Configurations of runs that older versions wrote, in the words of this one."""

from collections.abc import Callable, Mapping
from typing import Any

_INPUTS = {
    "conserved": "conservation",
    "parent": "wild_type",
    "placed": "position_dependent",
}
_FIELDS = {
    "sequence": (
        *("alphabet", "min_length", "max_length", "buckets", "conservation"),
        *("position_dependent", "wild_type"),
    ),
    "numeric": ("columns", "mean", "scale", "has_missing"),
    "morgan": ("columns", "mean", "scale", "has_missing"),
    "category": ("categories",),
    "image": ("size", "resized"),
    "counts": ("columns", "mean", "scale", "share"),
}
"""What is said of an input of each type; before format 3 all had all fields."""

_TRAINING = {
    "intensity": "brightness",
    "move": "translate",
    "spellings": "smiles_randomization",
}


def upgrade(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration of a run in the format of this version.

    Args:
        config: The content of a `config.json` of format 1 or newer.

    Returns:
        The same with the names of this version.

    Example:
        >>> site = {"name": "site", "kind": "category", "categories": ["a"], "size": []}
        >>> upgrade({"format": 2, "schema": {"inputs": [site]}})["schema"]["inputs"]
        [{'type': 'category', 'name': 'site', 'kind': 'category', 'categories': ['a']}]
    """
    changed = _without_unknown_optimizer(config)
    if changed.get("format") == 1:
        changed["schema"] = _inputs(changed, lambda spec: _renamed(spec, _INPUTS))
        changed["training"] = _renamed(changed.get("training", {}), _TRAINING)
    if changed.get("format") in (1, 2):
        changed["schema"] = _inputs(changed, _typed)
    return changed


def _inputs(
    config: Mapping[str, Any], change: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """The schema with each input changed."""
    schema = dict(config.get("schema", {}))
    return {**schema, "inputs": [change(spec) for spec in schema.get("inputs", ())]}


def _typed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """An input with the name of its type and the fields that this has."""
    name = "sequence" if spec.get("alphabet") else spec["kind"]
    own = ("name", "kind", "absent", *_FIELDS[name])
    return {"type": name, **{key: x for key, x in spec.items() if key in own}}


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in values.items()}


def _without_unknown_optimizer(config: Mapping[str, Any]) -> dict[str, Any]:
    """Optimizers of the caller were not told apart before format 3."""
    unknown = config.get("optimizer") == "given as an Optax object"
    return {k: v for k, v in config.items() if k != "optimizer" or not unknown}
