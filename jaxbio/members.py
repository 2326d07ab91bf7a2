"""Training the networks of an ensemble one after the other, with their checkpoints."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from flax import nnx

from jaxbio.checkpoint import Checkpoints
from jaxbio.data.schema import Arrays
from jaxbio.errors import TrainingError
from jaxbio.models import Config
from jaxbio.plan import Build, Plan
from jaxbio.rundir import RunDirectory
from jaxbio.train import (
    Member,
    Progress,
    Snapshot,
    Training,
    TrainState,
    Weights,
    train_member,
)

History = list[list[dict]]
"""For each network one record an epoch."""


@dataclasses.dataclass(frozen=True)
class Observer:
    """Who is told what while a run goes on; the defaults tell nobody.

    Attributes:
        note: Called with one line of text worth reading.
        start: Called before training with all that was chosen.
        epoch: Called with the member's number and the record of each epoch.
    """

    note: Callable[[str], None] = lambda line: None
    start: Callable[[Config, Training], None] = lambda model, training: None
    epoch: Callable[[int, dict], None] = lambda member, record: None


def train_members(
    plan: Plan,
    train: Arrays,
    valid: Arrays,
    *,
    folder: RunDirectory | None,
    observer: Observer,
) -> tuple[list[dict[str, Any]], History, list[str]]:
    """Train all networks of a plan.

    Args:
        plan: What to train.
        train: The training rows.
        valid: The validation rows.
        folder: Where checkpoints are kept and found again; None for nowhere.
        observer: Who is told of each epoch.

    Returns:
        The best values of each network, its history, and sentences worth reading.

    Raises:
        TrainingError: For Ctrl-C before the first epoch of the first network was done,
            and as `train_member` does.
    """
    member = Member(plan.build, plan.objective, plan.schema, train, valid)
    values: list[dict[str, Any]] = []
    history: History = []
    for number in range(plan.training.members):
        snapshot = _train_one(member, plan, number, folder, history, observer)
        progress = snapshot.progress
        if progress.best_epoch:
            values.append(values_of(snapshot.best))
            history.append(list(progress.history))
        if progress.interrupted:
            return values, history, [_interrupted(progress, len(values))]
    return values, history, []


def load_members(
    folder: RunDirectory, build: Build, members: int
) -> list[dict[str, Any]]:
    """The best values of each network, from its newest checkpoint."""
    _, params, rest = nnx.split(
        nnx.eval_shape(lambda: build(nnx.Rngs(0))), nnx.Param, ...
    )
    template = values_of(Weights(nnx.to_pure_dict(params), nnx.to_pure_dict(rest)))
    values = []
    for number in range(members):
        checkpoints = Checkpoints(folder.member(number))
        if number and not checkpoints.exists():
            break  # Ctrl-C ended the training with fewer members
        values.append(checkpoints.load({"best": template})[0]["best"])
    return values


def values_of(weights: Weights) -> dict[str, Any]:
    """The values of a network as a predictor takes them."""
    return {"params": weights.params, "model_state": weights.model_state}


def _train_one(
    member: Member,
    plan: Plan,
    number: int,
    folder: RunDirectory | None,
    history: Sequence[Sequence[dict]],
    observer: Observer,
) -> Snapshot:
    """Train one network, with a checkpoint after each epoch if there is a folder."""
    training = plan.training
    options: dict[str, Any] = {
        "seed": training.seed + number,
        "optimizer": plan.optimizer,
    }

    def told(snapshot: Snapshot) -> None:
        observer.epoch(number, snapshot.progress.history[-1])

    if folder is None:
        return train_member(member, training, on_epoch=told, **options)
    with Checkpoints(folder.member(number)) as checkpoints:

        def going_on(initial: TrainState) -> Snapshot | None:
            if not checkpoints.exists():
                return None
            weights = Weights(initial.params, initial.model_state)
            template = {"state": initial, "best": values_of(weights)}
            trees, notes = checkpoints.load(template)
            notes["history"] = tuple(notes["history"])
            return Snapshot(trees["state"], Weights(**trees["best"]), Progress(**notes))

        def saved(snapshot: Snapshot) -> None:
            trees = {"state": snapshot.state, "best": values_of(snapshot.best)}
            progress = dataclasses.asdict(snapshot.progress)
            checkpoints.save(snapshot.progress.epoch, trees, notes=progress)
            records = [
                {"member": at, **record}
                for at, each in enumerate([*history, snapshot.progress.history])
                for record in each
            ]
            folder.write_lines("metrics.jsonl", records)
            told(snapshot)

        return train_member(
            member, training, snapshot=going_on, on_epoch=saved, **options
        )


def _interrupted(progress: Progress, kept: int) -> str:
    if not kept:
        raise TrainingError(
            "stopped by Ctrl-C before the first epoch was done: nothing to keep"
        )
    if not progress.best_epoch:
        return f"stopped by Ctrl-C: kept the {kept} networks done before"
    return (
        f"stopped by Ctrl-C: network {kept} has its weights of epoch "
        f"{progress.best_epoch}, the best so far"
    )
