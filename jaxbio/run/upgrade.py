"""Configurations of runs that older versions wrote, in the words of this one."""

from collections.abc import Mapping
from typing import Any

_INPUTS = {
    "conserved": "conservation",
    "parent": "wild_type",
    "placed": "position_dependent",
}
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
        >>> old = {"format": 1, "schema": {"inputs": [{"parent": "ACGT"}]}}
        >>> upgrade(old)["schema"]["inputs"]
        [{'wild_type': 'ACGT'}]
    """
    config = _without_unknown_optimizer(config)
    if config.get("format") != 1:
        return dict(config)
    schema = dict(config.get("schema", {}))
    schema["inputs"] = [_renamed(spec, _INPUTS) for spec in schema.get("inputs", ())]
    training = _renamed(config.get("training", {}), _TRAINING)
    return {**config, "schema": schema, "training": training}


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in values.items()}


def _without_unknown_optimizer(config: Mapping[str, Any]) -> dict[str, Any]:
    """Optimizers of the caller were not told apart before format 3."""
    unknown = config.get("optimizer") == "given as an Optax object"
    return {k: v for k, v in config.items() if k != "optimizer" or not unknown}
