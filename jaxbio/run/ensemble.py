"""Training the networks of an ensemble, together or in turn, with checkpoints."""

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from flax import nnx
from jaxtyping import Float32

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.schema import Schema
from jaxbio.errors import CheckpointError, StoppedError, option
from jaxbio.models import Mixture
from jaxbio.models.mixture import inputs_of
from jaxbio.run.checkpoint import Checkpoints, ForeignError, digest, flatten
from jaxbio.run.folder import RunDirectory, described
from jaxbio.run.plan import Build, Plan, builder
from jaxbio.tasks import Objective
from jaxbio.train import (
    Callback,
    Progress,
    Snapshot,
    Training,
    TrainingProblem,
    TrainState,
    Weights,
    train_group,
    trains_together,
)
from jaxbio.train.callbacks import Stop
from jaxbio.train.loop import Fold
from jaxbio.train.pace import Tell

MixtureWeights = dict[str, Float32[np.ndarray, "parts"]]
"""For each target the weight of each part of a mixture."""

History = list[list[dict]]
"""For each network one record an epoch."""


_BETWEEN = 9  # times as long as writing takes, before there is writing again


class Trained(NamedTuple):
    """What training made.

    Attributes:
        values: The best values of each network.
        history: Of each network.
        notes: Sentences worth reading, of which the callback was told.
        interrupted: Whether Ctrl-C ended the training.
    """

    values: list[dict[str, Any]]
    history: History
    notes: list[str]
    interrupted: bool


def train_members(
    plan: Plan,
    train: Arrays,
    valid: Arrays,
    *,
    folder: RunDirectory | None,
    callback: Callback,
    part: str = "",
    before: Sequence[dict] = (),
    folds: Sequence[Fold] = (),
    watch: Tell = lambda seconds: None,
    why: Callable[[], str] = lambda: "stopped by Ctrl-C",
) -> Trained:
    """Train all networks of a plan.

    Args:
        plan: What to train.
        train: The training rows.
        valid: The validation rows.
        folder: Where checkpoints are kept and found again; None for nowhere.
        callback: Who is told of each step and epoch.
        part: Of which part of a mixture these are the networks.
        before: The records of the parts before.
        folds: For each network the numbers of the training rows that it learns from,
            and of those that decide for it, instead of the validation rows.
        watch: Called with the seconds that all networks take from now on, at most; what
            it raises ends the training.
        why: What notes say of an interrupted training.

    Raises:
        StoppedError: For Ctrl-C before the first epoch of the first network was done.
        TrainingError: As `train_group` does.
    """
    alike = TrainingProblem(
        plan.build, plan.loss, plan.schema, train, valid, plan.freeze
    )
    numbers = range(plan.training.members)
    values: list[dict[str, Any]] = []
    history: History = []
    steps = type(callback).on_step is not Callback.on_step
    with _Ledger(folder, len(numbers), callback, part, before) as ledger:
        together = trains_together(plan.schema, len(numbers)) and ledger.is_level()
        together = together and len({len(some) for some, _ in folds}) <= 1
        groups = [list(numbers)] if together else [[number] for number in numbers]
        for at, group in enumerate(groups):
            own = tuple(folds[number] for number in group) if folds else ()
            member = dataclasses.replace(alike, folds=own)
            pace = functools.partial(
                ledger.tell_pace, group, len(groups) - at - 1, watch
            )
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
                on_pace=pace,
            )
            try:
                ledger.catch_up(group, snapshots)
            except KeyboardInterrupt:  # all is trained: what was cut off is written
                ledger.catch_up(group, snapshots)
                snapshots = [s.interrupted() for s in snapshots]
            usable = [s for s in snapshots if s.progress.best_epoch]
            values += [values_of(s.best) for s in usable]
            history += [list(s.progress.history) for s in usable]
            if any(s.progress.interrupted for s in snapshots):
                ledger.tell(_interrupted(snapshots, len(values), why()))
                return Trained(values, history, ledger.notes, True)
        return Trained(values, history, ledger.notes, False)


def load_members(
    folder: RunDirectory,
    build: Build,
    members: int,
    config: Mapping[str, Any],
    part: str = "",
) -> list[dict[str, Any]]:
    """The best values of each network, from its newest checkpoint.

    Args:
        folder: The run's folder.
        build: Makes the network.
        members: As many as training was to have.
        config: That of the run, which says what it made.
        part: Of which part of a mixture these are the networks.

    Raises:
        CheckpointError: If a network is missing, damaged, or not what training ended
            with.
    """
    _, params, rest = nnx.split(
        nnx.eval_shape(lambda: build(nnx.Rngs(0))), nnx.Param, ...
    )
    template = values_of(Weights(nnx.to_pure_dict(params), nnx.to_pure_dict(rest)))
    results = config.get("results", {})
    digests = results.get("parts", {}).get(part) if part else results.get("members")
    if digests is not None:  # Ctrl-C may have ended the training with fewer
        members = len(digests)
    values = []
    for number in range(members):
        owner = owner_of(config, number, part)
        checkpoints = Checkpoints(folder.member(number, part), owner)
        if number and not checkpoints.exists() and "run" not in config:
            break  # older versions did not note how many there are
        if not checkpoints.exists():
            raise CheckpointError(
                f"{checkpoints.folder}: no checkpoint of network {number + 1} of "
                f"{members}: put it back, or train it by {option('resume', True)}"
            )
        values.append(checkpoints.load({"best": template})[0]["best"])
        if digests is not None and checkpoints.digests["best"] != digests[number]:
            raise CheckpointError(
                f"{checkpoints.folder}: the checkpoint is not the one with which "
                f"training ended: put that back, or train it by "
                f"{option('resume', True)}"
            )
    return values


def load_mixture(
    folder: RunDirectory,
    model: Mixture,
    schema: Schema,
    objective: Objective,
    config: Mapping[str, Any],
) -> list[Any]:
    """The mixtures of a run, of the newest checkpoints of their parts.

    Args:
        folder: The run's folder.
        model: Of what it is made.
        schema: The inputs and targets.
        objective: What the outputs mean.
        config: That of the run, which says what it made.

    Raises:
        CheckpointError: As for `load_members`, or if training was not done.
    """
    results = config.get("results", {})
    if "weights" not in results:
        raise CheckpointError(
            f"{folder.path} was not trained to its end: go on by "
            f"{option('resume', True)}"
        )
    members = {}
    for name, part in model.parts.items():
        training = Training.from_dict(config["trainings"][name])
        own = schema.of(inputs_of(part))
        build = builder(part, own, objective, training.dtype)
        if results.get("parts", {}).get(name) == []:  # Ctrl-C came before
            members[name] = [new_values(build)]
            continue
        members[name] = load_members(folder, build, training.members, config, name)
    weights = {
        target: np.asarray(values, np.float32)
        for target, values in results["weights"].items()
    }
    return assemble(members, weights, results.get("mixtures"))


def new_values(build: Build) -> dict[str, Any]:
    """The values of a network that is not trained."""
    _, params, rest = nnx.split(build(nnx.Rngs(0)), nnx.Param, ...)
    return {
        "params": nnx.to_pure_dict(params),
        "model_state": nnx.to_pure_dict(rest),
    }


def assemble(
    members: Mapping[str, Sequence[Any]],
    weights: MixtureWeights,
    count: int | None = None,
) -> list[Any]:
    """The values of mixtures from those of their parts.

    Args:
        members: The networks of each part; where one has fewer, they come again.
        weights: Of each part, by target.
        count: How many mixtures; as many as the part with most networks has if not
            given.
    """
    count = count or max(len(each) for each in members.values())
    mixtures = []
    for number in range(count):
        own = {name: each[number % len(each)] for name, each in members.items()}
        params = {name: v["params"] for name, v in own.items() if v["params"]}
        rest = {name: v["model_state"] for name, v in own.items() if v["model_state"]}
        state = {"weights": weights} | ({"parts": rest} if rest else {})
        mixtures.append({"params": {"parts": params}, "model_state": state})
    return mixtures


def owner_of(
    config: Mapping[str, Any], number: int, part: str = ""
) -> dict[str, Any] | None:
    """What the checkpoints of a network say of whose they are."""
    run = config.get("run")
    if run is None:
        return None
    return {"run": run, "member": number} | ({"part": part} if part else {})


def results_of(members: Sequence[Any], files: Sequence[str]) -> dict[str, Any]:
    """What a run made, as its configuration notes it.

    Args:
        members: The values of each network.
        files: The names of the files with scores.
    """
    return {"members": [digest(flatten(each)) for each in members], "files": files}


def values_of(weights: Weights) -> dict[str, Any]:
    """The values of a network as a predictor takes them."""
    return {"params": weights.params, "model_state": weights.model_state}


class _Ledger:
    """The checkpoints of all networks of a run, their histories, and the callback."""

    def __init__(
        self,
        folder: RunDirectory | None,
        members: int,
        callback: Callback,
        part: str,
        before: Sequence[dict],
    ):
        self._folder, self._callback = folder, callback
        self._before = list(before)
        self._slowest = 0.0
        self._next_write = 0.0
        self._of = {"part": part} if part else {}
        self._history: dict[int, tuple[dict, ...]] = {}
        self.notes: list[str] = []
        config = {} if folder is None else folder.read_config()
        self._books = (
            [
                Checkpoints(folder.member(number, part), owner_of(config, number, part))
                for number in range(members)
            ]
            if folder is not None
            else []
        )

    def __enter__(self) -> "_Ledger":
        return self

    def __exit__(self, *_) -> None:
        for book in self._books:
            book.close()

    def tell(self, note: str) -> None:
        """Tell the callback of a sentence worth reading, and keep it."""
        self.notes.append(note)
        self._callback.on_note(note)

    def is_level(self) -> bool:
        """Check that all networks can go on from one epoch.

        A run that was killed while its group was written may have networks ahead, of
        which what was written before is kept too.
        """
        kept = [set(book.numbers()) for book in self._books]
        if kept and all(kept):
            return bool(set.intersection(*kept))
        # Killed while the first was written, a group begins again.
        return all(len(each) <= 1 for each in kept)

    def find(
        self, group: Sequence[int], initial: Sequence[TrainState]
    ) -> list[Snapshot | None]:
        """The snapshots from which the networks of a group go on."""
        if not self._books:
            return [None] * len(group)
        kept = [set(self._books[number].numbers()) for number in group]
        found: list[Snapshot | None] = [None] * len(group)
        reached = 0
        damage: CheckpointError | None = None
        for epoch in sorted(set.intersection(*kept), reverse=True):
            try:
                found = [
                    self._load(number, state, epoch)
                    for number, state in zip(group, initial, strict=True)
                ]
            except ForeignError:
                raise
            except CheckpointError as error:
                damage = damage or error
                continue
            reached = epoch
            break
        if damage is not None and not reached:
            folders = ", ".join(str(self._books[number].folder) for number in group)
            raise CheckpointError(
                f"{damage}; no earlier one is whole: delete {folders} to train again"
            )
        if damage is not None:
            self.tell(f"{damage}; went back to epoch {reached}")
        for number in group:  # what is ahead of the others is trained again
            self._books[number].go_back(reached)
        return found

    def _load(self, number: int, initial: TrainState, epoch: int) -> Snapshot:
        weights = Weights(initial.params, initial.model_state)
        template = {"state": initial, "best": values_of(weights)}
        trees, notes = self._books[number].load(template, step=epoch)
        notes.pop("best_loss", None)  # which older versions kept besides
        with described(self._books[number].folder / str(epoch)):
            notes["history"] = self._history[number] = tuple(notes["history"])
            progress = Progress(**notes)
        return Snapshot(trees["state"], Weights(**trees["best"]), progress)

    def tell_step(self, group: Sequence[int], number: int, record: dict) -> None:
        """Tell the callback of a step of one of the networks of a group."""
        self._callback.on_step({**self._of, "member": group[number], **record})

    def tell_pace(
        self, group: Sequence[int], later: int, watch: Tell, seconds: float
    ) -> None:
        """Tell the callback how long a group and as many later ones take."""
        self._slowest = max(self._slowest, seconds)
        seconds += later * self._slowest
        self._callback.on_pace({**self._of, "member": group[0], "seconds": seconds})
        watch(seconds)

    def keep(
        self, group: Sequence[int], snapshots: Sequence[Snapshot], active: Sequence[int]
    ) -> list[Stop | None]:
        """Write a group's snapshots in the background, and their histories.

        Networks at their end are written too: the group stays together on the disk. Of
        short epochs not each is written, as that would take longer than training.

        Returns:
            What the callback gives back for each of those that took part.
        """
        signs: list[Stop | None] = []
        try:
            for at in active:
                record = snapshots[at].progress.history[-1]
                signs.append(
                    self._callback.on_epoch(
                        {**self._of, "member": group[at], **record},
                        snapshots[at].state.weights,
                    )
                )
        finally:  # the epoch is kept, whatever a callback says or raises
            ended = [at for at, sign in zip(active, signs, strict=False) if sign]
            raised = len(signs) < len(active)
            if ended or raised or time.perf_counter() >= self._next_write:
                self._write(
                    group,
                    [s.stopped() if n in ended else s for n, s in enumerate(snapshots)],
                    snapshots[active[0]].progress.epoch,
                )
        return signs

    def catch_up(self, group: Sequence[int], snapshots: Sequence[Snapshot]) -> None:
        """Write the last whole epoch, if it is not written yet."""
        epoch = max(snapshot.progress.epoch for snapshot in snapshots)
        books = [self._books[number] for number in group] if self._books else []
        for book in books:
            book.wait()
        if epoch and any((book.newest() or 0) < epoch for book in books):
            self._write(
                group,
                [
                    dataclasses.replace(
                        s, progress=dataclasses.replace(s.progress, interrupted=False)
                    )
                    for s in snapshots
                ],
                epoch,
            )

    def _write(
        self, group: Sequence[int], snapshots: Sequence[Snapshot], epoch: int
    ) -> None:
        began = time.perf_counter()
        for book in self._books:
            book.wait()
        for number, snapshot in zip(group, snapshots, strict=True):
            self._history[number] = snapshot.progress.history
            if self._books:
                trees = {"state": snapshot.state, "best": values_of(snapshot.best)}
                notes = dataclasses.asdict(snapshot.progress)
                self._books[number].save(epoch, trees, notes=notes)
        if self._folder is not None:
            records = self._before + [
                {**self._of, "member": number, **record}
                for number, history in sorted(self._history.items())
                for record in history
            ]
            self._folder.write_lines("metrics.jsonl", records)
        now = time.perf_counter()
        self._next_write = now + _BETWEEN * (now - began)


def _interrupted(snapshots: Sequence[Snapshot], count: int, why: str) -> str:
    if not count:
        raise StoppedError(f"{why} before the first epoch was done: nothing to keep")
    epochs = [s.progress.best_epoch for s in snapshots if s.progress.best_epoch]
    if not epochs:
        return f"{why}: kept the {count} networks done before"
    if len(epochs) > 1:
        return f"{why}: {count} networks have the best of their weights so far"
    return (
        f"{why}: network {count} has its weights of epoch {epochs[0]}, the best so far"
    )
