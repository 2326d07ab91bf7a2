"""Times of events of several causes, of which each row has the first at most."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from jaxbio.data.columns.base import Column, Lengths, Origin, Reading, listed
from jaxbio.data.columns.time_to_event import (
    CENSORED,
    START,
    Outcome,
    TimeToEvent,
    check_rows,
    entries_of,
    event_grid,
    grid_hazards,
    parse_outcome,
    plain_cell,
    times_of,
)
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import texts
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, option

_MOST_CAUSES = 8
_BETWEEN = "+"
_SEVERAL = 20  # rows of which some would be censored


@dataclasses.dataclass(frozen=True)
class CompetingEvents(TimeToEvent):
    """Times until the first of several events that exclude one another.

    Attributes:
        values: Of each row the time, the number of its cause from 1 on or 0 for a
            censored row, and the time at which it came under observation.
        names: The columns of the time and of the cause.
        causes: The names of the causes.

    Example:
        >>> values = np.array([[5.0, 1, 0], [8.0, 2, 0], [9.0, 0, 0]], np.float32)
        >>> CompetingEvents(values, ("days", "status"), ("relapse", "death")).describe()
        'relapse 1, death 1, among 3 rows, up to 9'
    """

    causes: tuple[str, ...] = ()
    name = "competing_events"
    target_kinds = ("competing",)

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> Column:
        outcome = parse_outcome(name)
        if outcome is None or not outcome.event:
            raise DataError(
                f"{frame.source}, target {name}: competing risks need two columns, the "
                f"time and the cause, 0 or censored for none: {_target('TIME,CAUSE')} "
                f"(START..END,CAUSE for two dates, TIME,CAUSE=A+B where A and B are "
                f"the causes and all else is censored)"
            )
        codes, causes = _causes(frame, outcome)
        time, entry = times_of(frame, outcome), entries_of(frame, outcome)
        values = np.stack([time, codes, entry], axis=1)
        check_rows(frame, outcome, values)
        values[np.isnan(values).any(axis=1)] = np.nan
        names = (outcome.time, outcome.event)
        return cls(values.astype(np.float32), names, causes)

    @classmethod
    def concatenate(cls, columns: Sequence[Any]) -> Any:
        named: dict[str, str] = {}
        for cause in (x for each in columns for x in each.causes):
            named.setdefault(plain_cell(cause), cause)
        causes = tuple(named.values())
        values = np.concatenate([each.coded(causes) for each in columns])
        return dataclasses.replace(columns[0], values=values, causes=causes)

    def coded(self, causes: Sequence[str]) -> Float32[np.ndarray, "n 3"]:
        """The values with causes numbered as in another list; 0 if they are not in it.

        Args:
            causes: Names of causes.

        Example:
            >>> one = CompetingEvents(np.array([[5.0, 1, 0]]), ("t", "c"), ("b",))
            >>> one.coded(["a", "b"]).tolist()
            [[5.0, 2.0, 0.0]]
        """
        places = {plain_cell(cause): at for at, cause in enumerate(causes, 1)}
        own = [places.get(plain_cell(cause), 0) for cause in self.causes]
        values = self.values.astype(np.float32)
        known = ~np.isnan(values[:, 1])
        values[known, 1] = np.array([0, *own])[values[known, 1].astype(np.int64)]
        return values

    def buffers(self) -> list[Any]:
        return [*super().buffers(), repr(self.causes).encode()]

    def describe(self) -> str:
        known = self.values[~self.missing()]
        if not len(known):
            return "nothing"
        codes = known[:, 1].astype(np.int64)
        counts = np.bincount(codes, minlength=len(self.causes) + 1)[1:]
        pairs = zip(self.causes, counts, strict=True)
        causes = ", ".join(f"{cause} {count:,}" for cause, count in pairs)
        return f"{causes}, among {len(known):,} rows, up to {known[:, 0].max():g}"

    def notice(self, name: str) -> tuple[str, ...]:
        """Also that nobody is censored, as where a code stands for being alive."""
        notes = super().notice(name)
        codes = self.values[~self.missing(), 1].astype(np.int64)
        if len(self.causes) < 2 or len(codes) < _SEVERAL or not codes.all():
            return notes
        most = int(np.bincount(codes).argmax()) - 1
        rest = [cause for at, cause in enumerate(self.causes) if at != most]
        kind = "competing" if len(rest) > 1 else "survival"
        left = option("targets", {_with_causes(name, rest): kind})
        return (
            *notes,
            f"{name}: each of the {len(codes):,} rows has an event, none is censored: "
            f"if {self.causes[most]} is no event but its absence, {left}",
        )

    def learn_target(self, spec: TargetSpec, origin: Origin) -> TargetSpec:
        where = f"{origin.source}, target {spec.name}"
        if spec.kind != "competing":
            raise DataError(
                f"{where}: {spec.kind} was asked for, it holds times of events of "
                f"several causes"
            )
        known = self.values[~self.missing()].astype(np.float64)
        if len(self.causes) < 2:
            one = spec.name.partition("=")[0]
            found = f"only the cause {self.causes[0]}" if self.causes else "no event"
            raise DataError(
                f"{where}: the column {self.names[1]} holds {found}: competing risks "
                f"need two causes; for one: {option('targets', {one: 'survival'})}"
            )
        for at, cause in enumerate(self.causes, 1):
            if not (known[known[:, 1] == at, 0] > 0).any():
                rest = [x for x in self.causes if x != cause]
                left = {_with_causes(spec.name, rest): "competing"}
                if len(rest) < 2:
                    left = {_with_causes(spec.name, rest): "survival"}
                raise DataError(
                    f"{where}: none of the {len(known):,} training rows has an event "
                    f"of the cause {cause} at a time above 0: its risk cannot be "
                    f"learned; to take such rows as censored: "
                    f"{option('targets', left)}"
                )
        times = event_grid(known[:, 0], known[:, 1])
        hazards = cause_hazards(known, len(self.causes), times)
        return dataclasses.replace(
            spec,
            columns=self.names,
            times=tuple(times.tolist()),
            hazards=tuple(hazards.ravel().tolist()),
            causes=self.causes,
        )

    def encode_target(
        self, spec: TargetSpec, origin: Origin, lengths: Lengths
    ) -> Float32[np.ndarray, "n columns"]:
        """The values of each row, with causes numbered as in the training rows."""
        if spec.kind != "competing":
            return Column.encode_target(self, spec, origin, lengths)
        known = {plain_cell(cause) for cause in spec.causes}
        for at, cause in enumerate(self.causes, 1):
            rows = np.flatnonzero(self.values[:, 1] == at)
            if plain_cell(cause) not in known and len(rows):
                where = origin.row(int(rows[0]))
                raise DataError(
                    f"{where}, column {self.names[1]}: the model knows "
                    f"no cause {cause!r} ({len(rows)} rows like it), only "
                    f"{', '.join(spec.causes)}: write 0 where the event counts as "
                    f"censored, or leave such rows out"
                )
        values = self.coded(spec.causes)
        values[:, 0] = np.maximum(values[:, 0], np.float32(START * spec.times[0]))
        return values


def cause_outcomes(
    outcomes: Float[np.ndarray, "n 3"], at: int | None
) -> Float[np.ndarray, "n 3"]:
    """Times, events and entries of one cause; rows of other causes are censored.

    Args:
        outcomes: Time, cause from 1 on, 0 for none, and entry of each row.
        at: Which cause, from 0 on; None for the event of any.

    Example:
        >>> cause_outcomes(np.array([[5.0, 2, 0], [8.0, 1, 0]]), 1)[:, 1].tolist()
        [1.0, 0.0]
    """
    values = np.array(outcomes, np.float64)
    event = values[:, 1] > 0 if at is None else values[:, 1] == at + 1
    values[:, 1] = np.where(np.isnan(values[:, 1]), np.nan, event)
    return values


def cause_hazards(
    outcomes: Float[np.ndarray, "n 3"], causes: int, times: Float[np.ndarray, "times"]
) -> Float[np.ndarray, "causes times"]:
    """Events of each cause for each unit of time under observation, on a grid.

    To the events of each interval one is added that is divided between the causes as
    all events are, so that no cause is impossible in it; their sum is as it was seen.

    Args:
        outcomes: Time, cause from 1 on, 0 for none, and entry of each row.
        causes: How many there are.
        times: The ends of the intervals; the first begins at 0.

    Example:
        >>> rows = np.array([[1.0, 1, 0], [3.0, 2, 0], [3.0, 1, 0]])
        >>> cause_hazards(rows, 2, np.array([1.0, 3.0])).round(3).tolist()
        [[0.278, 0.278], [0.056, 0.222]]
    """
    total = grid_hazards(cause_outcomes(outcomes, None), times)
    seen = outcomes[(outcomes[:, 1] > 0) & (outcomes[:, 0] <= times[-1])]
    events = np.zeros((causes, len(times)))
    place = seen[:, 1].astype(np.int64) - 1, np.searchsorted(times, seen[:, 0])
    np.add.at(events, place, 1)
    whole = events.sum(axis=1, keepdims=True) / events.sum()
    return total * (events + whole) / (events.sum(axis=0) + 1)


def _causes(
    frame: Frame, outcome: Outcome
) -> tuple[Float[np.ndarray, "n"], tuple[str, ...]]:
    """The number of the cause of each row, 0 for none, and the causes by name."""
    cells = texts(frame, outcome.event)
    plain = [plain_cell(cell) for cell in cells]
    if outcome.value:
        names = [part.strip() for part in outcome.value.split(_BETWEEN)]
    else:
        shown: dict[str, str] = {}
        for key, cell in zip(plain, cells, strict=True):
            shown.setdefault(key, cell.strip().removesuffix(".0"))
        found = sorted(
            {cell for cell in plain if cell and cell not in CENSORED}, key=_order
        )
        if len(found) > _MOST_CAUSES:
            raise DataError(
                f"{frame.source}, column {outcome.event}: it holds {len(found)} "
                f"values besides 0 ({listed(found)}): up to {_MOST_CAUSES} causes are "
                f"learned; name them, all else being censored: "
                f"{_target(_of_causes(outcome, found[:2]))}"
            )
        names = [shown[key] for key in found]
    places = {plain_cell(name): at for at, name in enumerate(names, 1)}
    codes = [places.get(cell, 0) if cell else np.nan for cell in plain]
    return np.array(codes, np.float64), tuple(names)


def _order(cell: str) -> tuple[bool, float, str]:
    """Numbers by value, then words by their letters."""
    try:
        return False, float(cell), cell
    except ValueError:
        return True, 0.0, cell


def _of_causes(outcome: Outcome, causes: Sequence[str]) -> str:
    """The name of a target with its causes named."""
    time = f"{outcome.start}..{outcome.time}" if outcome.start else outcome.time
    entry = f"{outcome.entry}," if outcome.entry else ""
    return f"{entry}{time},{outcome.event}={_BETWEEN.join(causes)}"


def _with_causes(name: str, causes: Sequence[str]) -> str:
    return f"{name.partition('=')[0]}={_BETWEEN.join(causes)}"


def _target(text: str) -> str:
    return option("targets", {text: "competing"})
