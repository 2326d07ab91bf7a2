"""Training the networks of an ensemble, together or in turn, with checkpoints."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

from flax import nnx

from jaxbio.data.batching.arrays import Arrays
from jaxbio.errors import TrainingError
from jaxbio.run.checkpoint import Checkpoints
from jaxbio.run.folder import RunDirectory
from jaxbio.run.plan import Build, Plan
from jaxbio.train import (
    Callback,
    Progress,
    Snapshot,
    TrainingProblem,
    TrainState,
    Weights,
    train_group,
    trains_together,
)
from jaxbio.train.callbacks import Stop

History = list[list[dict]]
"""For each network one record an epoch."""


def train_members(
    plan: Plan,
    train: Arrays,
    valid: Arrays,
    *,
    folder: RunDirectory | None,
    callback: Callback,
) -> tuple[list[dict[str, Any]], History, list[str]]:
    """Train all networks of a plan.

    Args:
        plan: What to train.
        train: The training rows.
        valid: The validation rows.
        folder: Where checkpoints are kept and found again; None for nowhere.
        callback: Who is told of each step and epoch.

    Returns:
        The best values of each network, its history, and sentences worth reading.

    Raises:
        TrainingError: For Ctrl-C before the first epoch of the first network was done,
            and as `train_group` does.
    """
    member = TrainingProblem(
        plan.build, plan.loss, plan.schema, train, valid, plan.freeze
    )
    numbers = range(plan.training.members)
    values: list[dict[str, Any]] = []
    history: History = []
    steps = type(callback).on_step is not Callback.on_step
    with _Ledger(folder, len(numbers), callback) as ledger:
        together = trains_together(plan.schema, len(numbers)) and ledger.is_level()
        groups = [list(numbers)] if together else [[number] for number in numbers]
        for group in groups:
            snapshots = train_group(
                member,
                plan.training,
                seeds=[plan.training.seed + number for number in group],
                optimizer=plan.optimizer,
                rates=plan.rates,
                init=[plan.init[number % len(plan.init)] for number in group]
                if plan.init
                else (),
                on_step=functools.partial(ledger.tell_step, group) if steps else None,
                snapshots=functools.partial(ledger.find, group),
                on_epoch=functools.partial(ledger.keep, group),
            )
            usable = [s for s in snapshots if s.progress.best_epoch]
            values += [values_of(s.best) for s in usable]
            history += [list(s.progress.history) for s in usable]
            if any(s.progress.interrupted for s in snapshots):
                return values, history, [_interrupted(snapshots, len(values))]
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


class _Ledger:
    """The checkpoints of all networks of a run, their histories, and the callback."""

    def __init__(self, folder: RunDirectory | None, members: int, callback: Callback):
        self._folder, self._callback = folder, callback
        self._history: dict[int, tuple[dict, ...]] = {}
        self._books = (
            [Checkpoints(folder.member(number)) for number in range(members)]
            if folder is not None
            else []
        )

    def __enter__(self) -> "_Ledger":
        return self

    def __exit__(self, *_) -> None:
        for book in self._books:
            book.close()

    def is_level(self) -> bool:
        """Check that all networks can go on from one epoch.

        A run that was killed while its group was written may have networks one epoch
        ahead, of which the epoch before is kept too.
        """
        newest = [book.newest() or 0 for book in self._books]
        return not newest or max(newest) - min(newest) <= 1

    def find(
        self, group: Sequence[int], initial: Sequence[TrainState]
    ) -> list[Snapshot | None]:
        """The snapshots from which the networks of a group go on."""
        if not self._books:
            return [None] * len(group)
        epoch = min(self._books[number].newest() or 0 for number in group)
        for number in group:  # what is ahead of the others is trained again
            self._books[number].go_back(epoch)
        if not epoch:
            return [None] * len(group)
        return [
            self._load(number, state, epoch)
            for number, state in zip(group, initial, strict=True)
        ]

    def _load(self, number: int, initial: TrainState, epoch: int) -> Snapshot:
        weights = Weights(initial.params, initial.model_state)
        template = {"state": initial, "best": values_of(weights)}
        trees, notes = self._books[number].load(template, step=epoch)
        notes.pop("best_loss", None)  # which older versions kept besides
        notes["history"] = self._history[number] = tuple(notes["history"])
        return Snapshot(trees["state"], Weights(**trees["best"]), Progress(**notes))

    def tell_step(self, group: Sequence[int], number: int, record: dict) -> None:
        """Tell the callback of a step of one of the networks of a group."""
        self._callback.on_step({"member": group[number], **record})

    def keep(
        self, group: Sequence[int], snapshots: Sequence[Snapshot], active: Sequence[int]
    ) -> list[Stop | None]:
        """Write a group's snapshots in the background, and their histories.

        Networks at their end are written too: the group stays together on the disk.

        Returns:
            What the callback gives back for each of those that took part.
        """
        signs: list[Stop | None] = []
        try:
            for at in active:
                record = snapshots[at].progress.history[-1]
                signs.append(
                    self._callback.on_epoch(
                        {"member": group[at], **record}, snapshots[at].state.weights
                    )
                )
        finally:  # the epoch is kept, whatever a callback says or raises
            ended = [at for at, sign in zip(active, signs, strict=False) if sign]
            self._write(
                group,
                [s.stopped() if at in ended else s for at, s in enumerate(snapshots)],
                snapshots[active[0]].progress.epoch,
            )
        return signs

    def _write(
        self, group: Sequence[int], snapshots: Sequence[Snapshot], epoch: int
    ) -> None:
        for book in self._books:
            book.wait()
        for number, snapshot in zip(group, snapshots, strict=True):
            self._history[number] = snapshot.progress.history
            if self._books:
                trees = {"state": snapshot.state, "best": values_of(snapshot.best)}
                notes = dataclasses.asdict(snapshot.progress)
                self._books[number].save(epoch, trees, notes=notes)
        if self._folder is not None:
            records = [
                {"member": number, **record}
                for number, history in sorted(self._history.items())
                for record in history
            ]
            self._folder.write_lines("metrics.jsonl", records)


def _interrupted(snapshots: Sequence[Snapshot], count: int) -> str:
    if not count:
        raise TrainingError(
            "stopped by Ctrl-C before the first epoch was done: nothing to keep"
        )
    epochs = [s.progress.best_epoch for s in snapshots if s.progress.best_epoch]
    if not epochs:
        return f"stopped by Ctrl-C: kept the {count} networks done before"
    if len(epochs) > 1:
        return (
            f"stopped by Ctrl-C: {count} networks have the best of their weights so far"
        )
    return (
        f"stopped by Ctrl-C: network {count} has its weights of epoch {epochs[0]}, the "
        f"best so far"
    )
