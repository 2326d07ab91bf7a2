"""The networks by name, to JSON and back, and the one that suits a schema."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from jaxbio.errors import JaxbioError, nearest
from jaxbio.models.configs import CNN, MLP, RNN, Config
from jaxbio.models.self_supervised import SelfSupervised

MODELS: dict[str, type[Config]] = {"cnn": CNN, "rnn": RNN, "mlp": MLP}
"""The networks by name, as on the command line and in `config.json`."""


def model_to_dict(config: Config | SelfSupervised) -> dict[str, Any]:
    """A description as JSON values, with the name of its kind.

    Example:
        >>> model_to_dict(MLP(hidden=(64, 64)))["name"]
        'mlp'
    """
    if isinstance(config, SelfSupervised):
        name = config.name
    else:
        name = next(name for name, kind in MODELS.items() if type(config) is kind)
    values: dict[str, Any] = dataclasses.asdict(config)  # pyright: ignore[reportArgumentType]
    lists = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    return {"name": name, **lists}


def model_from_dict(values: Mapping[str, Any]) -> Config | SelfSupervised:
    """The description that `model_to_dict` wrote.

    Args:
        values: A name of `MODELS` under `name`, and any of its fields.

    Raises:
        JaxbioError: For a name or field that is not known.

    Example:
        >>> model_from_dict({"name": "mlp", "hidden": [64, 64]}).hidden
        (64, 64)
    """
    name = str(values.get("name", ""))
    registered = SelfSupervised.registry
    if name not in MODELS and name not in registered:
        known = [*MODELS, *registered]
        raise JaxbioError(f"model {name!r} is not known: {nearest(name, known)}")
    kind: Any = MODELS[name] if name in MODELS else registered[name]
    names = {field.name for field in dataclasses.fields(kind)}
    fields = {key: value for key, value in values.items() if key != "name"}
    for key in fields:
        if key not in names:
            raise JaxbioError(
                f"model {name} has no field {key!r}: {nearest(key, names)}"
            )
    tuples: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in fields.items()
    }
    return kind(**tuples)
