"""Weights of a trained network, with which another one begins."""

import dataclasses
from typing import Any

from flax import nnx

from jaxbio.data.schema import Schema
from jaxbio.errors import TrainingError
from jaxbio.predict.predictor import Predictor
from jaxbio.run.plan import Plan
from jaxbio.train.transfer import transfer


def with_init(plan: Plan, init: Any) -> Plan:
    """The plan that begins with weights of a trained predictor."""
    if not isinstance(init, Predictor):
        raise TrainingError(
            f"init={init!r:.60}: give a trained predictor, as jaxbio.load gives it"
        )
    module = nnx.eval_shape(lambda: plan.build(nnx.Rngs(0)))
    _, params, rest = nnx.split(module, nnx.Param, ...)
    target = {
        "params": nnx.to_pure_dict(params),
        "model_state": nnx.to_pure_dict(rest),
    }
    members = _by_our_name(init, plan.schema)
    taken = tuple(transfer(member, target) for member in members)
    notes = (*plan.notes, taken[0].summary())
    return dataclasses.replace(plan, init=taken, notes=notes)


def _by_our_name(init: Predictor, schema: Schema) -> tuple[Any, ...]:
    """The values of trained networks, the only sequence by the name that it has here.

    A file of sequences alone and a table with labels rarely call them the same.
    """
    theirs, ours = init.schema.sequences, schema.sequences
    if len(theirs) != 1 or len(ours) != 1 or theirs[0].alphabet != ours[0].alphabet:
        return init.members
    old, new = theirs[0].name, ours[0].name
    if old == new or new in {spec.name for spec in init.schema.inputs}:
        return init.members

    def renamed(tree: Any) -> Any:
        encoders = tree.get("encoders", {})
        if old not in encoders:
            return tree
        others = {name: x for name, x in encoders.items() if name != old}
        return {**tree, "encoders": {**others, new: encoders[old]}}

    return tuple(
        {**member, **{k: renamed(member[k]) for k in ("params", "model_state")}}
        for member in init.members
    )
