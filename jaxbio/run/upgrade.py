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
_CHANGES = {
    "sequence": {"shift": "most", "reverse_complement": "share", "mutate": "share"},
    "image": {
        **{"flip": "share", "flip_vertical": "share"},
        **{"rotate": "most", "translate": "most", "brightness": "most"},
    },
}
"""Augmentations of each type of input, in the order in which they were made."""

_BRANCHES = (
    *("kmers", "both_strands", "kmer_dropout", "positions", "properties"),
    *("position_dropout", "wide_width"),
)
_CONVOLUTIONS = ("channels", "kernel_sizes", "pool_windows", "norm", "pool")
_SEQUENCES = {
    "cnn": {
        "dilations": "dilations",
        "residual": "residual",
        "conv_dropout": "dropout",
    },
    "rnn": {
        **{"cell": "cell", "widths": "widths", "bidirectional": "bidirectional"},
        "recurrent_dropout": "dropout",
    },
    "mlp": {},
}
_OTHERS = {
    "category": ("embedding", {"category_width": "width"}),
    "image": (
        "resnet",
        {"image_channels": "channels", "image_blocks": "blocks"}
        | {"image_dropout": "dropout", "activation": "activation"},
    ),
}
_NUMBERS = {
    **{"numeric_hidden": "hidden", "dropout": "dropout"},
    **{"numeric_dropout": "input_dropout", "activation": "activation"},
}
_AROUND = (
    *("hidden", "skip", "activation", "dropout", "modality_dropout"),
    "average_strands",
)


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
        if "model" in changed:
            inputs = changed["schema"]["inputs"]
            changed["model"] = _by_input(changed["model"], inputs)
            changed["training"] = _with_augment(changed["training"], inputs)
        changed["schema"] = _inputs(changed, _typed)
        changed |= {"plugins": {}, "metrics": [], "freeze": [], "init": []}
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


def _by_input(model: Mapping[str, Any], inputs: list[dict]) -> dict[str, Any]:
    """An encoder for each input; until format 2 all shared one set of settings."""

    def encoder(spec: Mapping[str, Any]) -> dict[str, Any]:
        if spec["alphabet"]:
            name = model["name"]
            own = _NUMBERS if name == "mlp" else {key: key for key in _CONVOLUTIONS}
            names = own | _SEQUENCES[name] | {key: key for key in _BRANCHES}
            names |= {"activation": "activation"}
        else:
            name, names = _OTHERS.get(spec["kind"], ("mlp", _NUMBERS))
        made = {"name": name, **_taken(model, names)}
        if spec["alphabet"] and name == "mlp":
            made["hidden"] = []  # layers were over numbers alone
        return made

    kind = model.get("fusion", "concat")
    width = {} if kind == "concat" else _taken(model, {"fusion_width": "width"})
    pairs = ("channels", "dilations", "dropout")
    return {
        "encoders": {spec["name"]: encoder(spec) for spec in inputs},
        "fusion": {"name": kind, **width},
        "pairs": _taken(model, {f"pair_{name}": name for name in pairs}),
        **_taken(model, {name: name for name in _AROUND}),
    }


def _with_augment(training: Mapping[str, Any], inputs: list[dict]) -> dict[str, Any]:
    """Augmentations by input; until format 2 they were fields of training."""
    old = {name for names in _CHANGES.values() for name in names}
    augment = {}
    for spec in inputs:
        names = _CHANGES.get("sequence" if spec["alphabet"] else spec["kind"], {})
        changes = [
            {"name": name, field: training[name]}
            for name, field in names.items()
            if training.get(name) and (name != "reverse_complement" or _stranded(spec))
        ]
        if changes:
            augment[spec["name"]] = changes
    kept = {name: value for name, value in training.items() if name not in old}
    return {**kept, "augment": augment}


def _stranded(spec: Mapping[str, Any]) -> bool:
    return bool(spec["alphabet"].get("complement"))


def _taken(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Some of the values under new names."""
    return {new: values[old] for old, new in names.items() if old in values}
