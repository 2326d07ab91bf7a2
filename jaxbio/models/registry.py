"""Networks to JSON and back."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from jaxbio.errors import JaxbioError, nearest
from jaxbio.models.base import Encoder
from jaxbio.models.boosting import Boosting
from jaxbio.models.fusion import Fusion
from jaxbio.models.linear import Linear
from jaxbio.models.mixture import Mixture, Part
from jaxbio.models.network import Network, Pairs
from jaxbio.models.pairwise import Pairwise
from jaxbio.models.self_supervised import SelfSupervised
from jaxbio.plugins import Registry, to_json, tuples

ENCODERS: Registry[Any] = Encoder.registry
"""The encoders by name, as on the command line and in `config.json`."""


def model_to_dict(
    config: Part | SelfSupervised | Mixture,
) -> dict[str, Any]:
    """A network as JSON values; a self-supervised one has its name besides.

    Example:
        >>> from jaxbio.models import CNN
        >>> values = model_to_dict(Network({"seq": CNN(channels=(8,))}))
        >>> values["encoders"]["seq"]["name"], values["encoders"]["seq"]["channels"]
        ('cnn', [8])
    """
    return to_json(config)


def model_from_dict(
    values: Mapping[str, Any],
) -> Network | SelfSupervised | Mixture:
    """The network that `model_to_dict` wrote.

    Args:
        values: Any fields of `Network`; an encoder or a fusion has its `name` and any
            of its own fields.

    Raises:
        JaxbioError: For a name or field that is not known.

    Example:
        >>> values = {"encoders": {"x": {"name": "mlp", "hidden": [64]}}}
        >>> model_from_dict(values).encoders["x"].hidden
        (64,)
    """
    if "parts" in values:
        return Mixture(
            {name: _part_from_dict(part) for name, part in values["parts"].items()}
        )
    if "name" in values:
        own = (
            {"encoder": ENCODERS.make(values["encoder"])} if "encoder" in values else {}
        )
        return SelfSupervised.registry.make({**values, **own})
    return network_from_dict(values)


def _part_from_dict(values: Mapping[str, Any]) -> Part:
    """A part of a mixture; what is fitted is known by its fields."""
    if "encoders" in values:
        return network_from_dict(values)
    if "ranks" in values:
        return Pairwise(**tuples(values))
    return (Boosting if "trees" in values else Linear)(**tuples(values))


def network_from_dict(values: Mapping[str, Any]) -> Network:
    """The network, one that is not self-supervised; see `model_from_dict`."""
    names = [field.name for field in dataclasses.fields(Network)]
    for key in values:
        if key not in names:
            raise JaxbioError(f"a network has no field {key!r}: {nearest(key, names)}")
    fields = tuples(values)
    encoders = fields.get("encoders", ())
    if isinstance(encoders, Mapping):
        made = {name: ENCODERS.make(each) for name, each in encoders.items()}
    else:
        made = tuple(ENCODERS.make(each) for each in encoders)
    fields["encoders"] = made
    if "fusion" in fields:
        fields["fusion"] = Fusion.registry.make(fields["fusion"])
    if "pairs" in fields:
        fields["pairs"] = Pairs(**tuples(fields["pairs"]))
    return Network(**fields)
