"""The race: short runs on a part of the rows, which tell what is worth training."""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from jaxbio.data.batching.arrays import Arrays
from jaxbio.errors import StoppedError
from jaxbio.run.clock import (
    PATIENCE,
    Clock,
    TooSlowError,
    Watch,
    enough_for,
    in_words,
)
from jaxbio.run.ensemble import Trained, train_members
from jaxbio.run.plan import Plan
from jaxbio.run.weighing import choose_weights
from jaxbio.train import Callback, Training

_SHARES = (0.25, 0.5)  # of the rows: in the first heat, which is for many, and the last
_MOST_ROWS = 20_000  # of a heat
_EPOCHS = 2  # whole trainings have as many times the epochs of a heat
_MOST = 2  # networks that run in the last heat
_SAY = 0.2  # weight below which a network is not worth a whole training
_TIMES = 3.0  # as long as the network of most weight all may take together
_CHEAP = 1 / 3  # of its time: worth a whole training without much weight

Outputs = Mapping[str, np.ndarray]
"""What a network gives before the link, by target."""


class Heat(NamedTuple):
    """Short runs of networks on the same rows.

    Attributes:
        rows: How many rows they learned from.
        shares: The weight of each network in a mixture, with what is only fitted or
            without it, whichever is larger; the largest over the targets.
    """

    rows: int
    shares: Mapping[str, float]


class Race(NamedTuple):
    """Who ran, and who goes on.

    Attributes:
        heats: In their order.
        slow: The networks that would take too long, or too long for their weight, and
            the seconds of a whole training.
        kept: The networks that are worth training, in the order of the plan.
    """

    heats: tuple[Heat, ...]
    slow: Mapping[str, float]
    kept: tuple[str, ...]

    def __str__(self) -> str:
        """The race in a sentence.

        Example:
            >>> print(Race((Heat(2000, {"cnn": 0.7, "rnn": 0.04}),), {}, ("cnn",)))
            short runs on 2,000 rows: cnn 70%, rnn 4%; cnn is trained whole
        """
        told = [
            f"on {heat.rows:,} rows: "
            + ", ".join(f"{name} {share:.0%}" for name, share in heat.shares.items())
            for heat in self.heats
        ]
        told += [
            f"{name} would take about {in_words(seconds)}, and is left out "
            f"({enough_for(seconds)} trains it too)"
            for name, seconds in self.slow.items()
        ]
        verb = "is" if len(self.kept) == 1 else "are"
        return (
            f"short runs {'; '.join(told)}; {' and '.join(self.kept)} {verb} trained "
            f"whole"
        )

    def to_dict(self) -> dict[str, Any]:
        """The race as JSON values."""
        return {
            "heats": [[heat.rows, dict(heat.shares)] for heat in self.heats],
            "slow": dict(self.slow),
            "kept": list(self.kept),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Race":
        """The race that `to_dict` described."""
        heats = tuple(Heat(rows, shares) for rows, shares in values["heats"])
        return cls(heats, values["slow"], tuple(values["kept"]))


def run_race(
    plan: Plan,
    train: Arrays,
    valid: Arrays,
    *,
    fitted: Mapping[str, Outputs],
    judge: Callable[[Plan, list[Any]], Outputs],
    callback: Callback,
    clock: Clock,
) -> Race:
    """Let the networks of a mixture run short, and keep those that are worth more.

    In a heat they learn from a part of the rows in half the epochs, one network of each
    kind. Then they are weighed on the validation rows as for the mixture, once by
    themselves and once with what is only fitted. More than two run on a quarter of the
    rows first, of which the two with most weight go on to half of the rows. What has a
    fifth of the weight then is kept, as long as all together take at most three times
    as long as the one with most weight, if there is no budget. What takes less than a
    third of its time is kept too, since short runs of single networks do not say what
    whole ones are worth together. No heat has more than 20,000 rows.

    Args:
        plan: What is to be trained.
        train: The training rows.
        valid: The validation rows.
        fitted: The outputs of what is only fitted, for the validation rows.
        judge: Gives the outputs of trained networks for the validation rows.
        callback: Who is told how long each run takes.
        clock: What is left of the budget of time.

    Returns:
        Who ran and who is kept; where the budget ended, all that were in the race.

    Raises:
        StoppedError: For Ctrl-C.

    Source:
        Jamieson K, Talwalkar A (2016) Non-stochastic best arm identification and
        hyperparameter optimization, AISTATS (successive halving).
    """
    names = list(plan.contenders)
    order = np.random.default_rng(plan.training.seed).permutation(len(train))
    heats: list[Heat] = []
    slow: dict[str, float] = {}
    seconds: dict[str, float] = {}  # of whole trainings
    for share in _SHARES if len(names) > _MOST else _SHARES[1:]:
        rows = np.sort(order[: min(int(share * len(train)), _MOST_ROWS)])
        outputs: dict[str, Outputs] = {}
        quickest = next(name for name in plan.contenders if name in names)
        for name in names:
            try:
                own = plan.part(name)
                times = own.training.members * _EPOCHS * len(train) / len(rows)
                # Something has to run, however long it takes.
                most = math.inf if name == quickest else PATIENCE
                watch = Watch(clock, most=most, times=times)
                tell = _Pace(callback, name)
                trained = _run_short(own, train, valid, rows, watch, clock, tell)
            except TooSlowError as error:
                slow[name] = error.seconds
                continue
            except StoppedError:
                if not clock.expired:
                    raise
                return Race(tuple(heats), slow, tuple(names))
            if trained.interrupted and not clock.expired:
                raise StoppedError(f"{clock.why} in a short run: nothing to keep")
            if trained.interrupted:
                return Race(tuple(heats), slow, tuple(names))
            seconds[name] = watch.seconds
            outputs[name] = judge(plan.part(name), trained.values)
        shares = _say(plan, outputs, fitted, valid)
        heats.append(Heat(len(rows), shares))
        names = [name for name, share in shares.items() if share >= _SAY]
        names = sorted(names, key=lambda name: -shares[name])[:_MOST]
        if len(names) < 2:
            break
    if clock.budget is None and names:
        most = _CHEAP * seconds[names[0]]
        out = {*names, *slow}
        names += [n for n, own in seconds.items() if n not in out and own < most]
        names, dear = _affordable(names, seconds)
        slow |= {name: seconds[name] for name in dear}
    kept = [name for name in plan.contenders if name in names]
    return Race(tuple(heats), slow, tuple(kept))


class _Pace(Callback):
    """Tells another callback how long a short run takes, and nothing else."""

    def __init__(self, callback: Callback, name: str):
        self._callback, self._name = callback, name

    def on_pace(self, record: Mapping[str, Any]) -> None:
        self._callback.on_pace({**record, "part": f"short run of {self._name}"})


def _affordable(
    names: Sequence[str], seconds: Mapping[str, float]
) -> tuple[list[str], list[str]]:
    """The networks that take three times as long as the first together, and the rest.

    Args:
        names: With most weight first.
        seconds: What each takes.
    """
    kept, left, total = [], [], 0.0
    for name in names:
        total += seconds[name]
        if kept and total > _TIMES * seconds[names[0]]:
            left.append(name)
            total -= seconds[name]
        else:
            kept.append(name)
    return kept, left


def _run_short(
    own: Plan,
    train: Arrays,
    valid: Arrays,
    rows: np.ndarray,
    watch: Callable[[float], None],
    clock: Clock,
    callback: Callback,
) -> Trained:
    """One network, for fewer epochs."""
    return train_members(
        dataclasses.replace(own, training=_shorter(own.training, len(rows))),
        own.schema.select(train).take(rows),
        own.schema.select(valid),
        folder=None,
        callback=callback,
        watch=watch,
        why=lambda: clock.why,
    )


def _shorter(training: Training, rows: int) -> Training:
    return dataclasses.replace(
        training,
        members=1,
        epochs=max(training.epochs // _EPOCHS, 1),
        batch_size=min(training.batch_size, rows),
    )


def _say(
    plan: Plan,
    outputs: Mapping[str, Outputs],
    fitted: Mapping[str, Outputs],
    valid: Arrays,
) -> dict[str, float]:
    """The weight of each network, the largest over the targets.

    It is the larger of that among networks alone and that among all: what is fitted to
    all rows has better chances than networks that saw a part, but may also be what a
    network goes well with.
    """
    largest = dict.fromkeys(outputs, 0.0)
    for others in ({}, fitted):
        some = {**outputs, **others}
        weights = choose_weights(
            plan.objective, list(some.values()), valid, seed=plan.training.seed
        )
        shares = np.max(np.stack(list(weights.values())), axis=0).tolist()
        own = dict(zip(some, shares, strict=True))
        largest = {name: max(largest[name], own[name]) for name in outputs}
    return largest
