"""Times that may be censored: how long rows were followed, and whether it ended so."""

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32, Num, UInt64

from jaxbio.data.columns.base import Column, Lengths, Origin, Reading, Table, listed
from jaxbio.data.hashing import hash_numbers
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import DATES, measurements, texts
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, option

EVENT = frozenset(
    (
        *("1", "true", "yes", "y", "event"),
        *("dead", "death", "died", "deceased", "1:deceased"),
    )
)
"""What a cell may say of a row with the event."""

CENSORED = frozenset(
    ("0", "false", "no", "n", "censored", "alive", "living", "no event", "0:living")
)
"""What a cell may say of a row without it."""

NOTHING_SEEN = "have no time or no event"
"""What a note says of rows without an outcome."""

_MOST_TIMES = 25  # intervals of the grid
_EVENTS = 5  # of each interval, at least
START = 1e-3  # of the first interval: when an event at time 0 is taken to have been
_SPAN = ".."
_MOST_CODES = 8  # of events; a column of more numbers holds times
_NEVER = frozenset(("inf", "infinity"))
"""What a cell may say of an event that did not come."""


class Outcome(NamedTuple):
    """The columns of a survival target, as its name says them.

    Attributes:
        time: The time, or the date of the end.
        event: Whether the event was seen.
        start: The date from which the time is counted; empty if it is one already.
        entry: When rows came under observation; empty for all at 0.
        value: What the event column says of a row with the event; empty for any of
            the usual words.
        lower: The time of the last look at which the event had not come, where `time`
            is that of the first at which it had; empty where its time is known.
    """

    time: str
    event: str
    start: str = ""
    entry: str = ""
    value: str = ""
    lower: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """What predictions and messages call the time and the event.

        Where the event is one of several values the time has its name, so that each
        cause has columns of its own.
        """
        time = f"{self.time}_{self.value}" if self.value else self.time
        return time, self.event or self.lower

    @property
    def columns(self) -> tuple[str, ...]:
        """All of the file's columns."""
        names = (self.entry, self.start, self.lower, self.time, self.event)
        return tuple(name for name in names if name)


def parse_outcome(name: str) -> Outcome | None:
    """The columns that the name of a survival target lists.

    Args:
        name: `time,event`; `entry,time,event` where rows came under observation late;
            `start..end,event` for two dates; `time,event=VALUE` where the event is one
            of several values; `lower..upper`, or `start..lower..upper` for dates, where
            the event came between two looks, and `entry,lower..upper` with late entry.

    Returns:
        The columns; None for a name of another form.

    Example:
        >>> parse_outcome("days,died").columns
        ('days', 'died')
        >>> parse_outcome("admitted..seen,status=dead")[:3], parse_outcome("days")
        (('seen', 'status', 'admitted'), None)
        >>> parse_outcome("negative..positive").columns
        ('negative', 'positive')
        >>> parse_outcome("entered,negative..positive").columns
        ('entered', 'negative', 'positive')
    """
    parts = [part.strip() for part in name.split(",")]
    *before, looks = parts
    if len(before) < 2 and _SPAN in looks and "=" not in looks:
        *start, lower, upper = (part.strip() for part in looks.split(_SPAN))
        if len(start) > 1 or not all((*before, *start, lower, upper)):
            return None
        return Outcome(upper, "", "".join(start), "".join(before), lower=lower)
    if not 2 <= len(parts) <= 3 or not all(parts):
        return None
    *entry, time, event = parts
    event, _, value = event.partition("=")
    start, span, end = time.partition(_SPAN)
    if span:
        return Outcome(end, event, start, "".join(entry), value)
    return Outcome(time, event, "", "".join(entry), value)


@dataclasses.dataclass(frozen=True)
class TimeToEvent(Table):
    """Times until an event or until rows were last seen without it.

    Attributes:
        values: Of each row the time, 1 for the event or 0 for a censored row, and the
            time at which it came under observation; NaN where the first or the second
            is missing. Where events came between two looks, a fourth column has half
            the time between them, and the first the middle.
        names: The columns of the time and of the event, or of the last look before it.

    Example:
        >>> values = np.array([[5.0, 1, 0], [8.0, 0, 0]], np.float32)
        >>> TimeToEvent(values, ("days", "died")).describe()
        '1 event among 2 rows, up to 8'
    """

    values: Float[np.ndarray, "n columns"]
    names: tuple[str, str]
    name = "time_to_event"
    target_kinds = ("survival",)

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> Column:
        outcome = parse_outcome(name)
        if outcome is None:
            raise DataError(
                f"{frame.source}, target {name}: survival needs two columns, the time "
                f"and whether the event was seen: {_targets('TIME,EVENT')} "
                f"(START..END,EVENT for two dates; LOWER..UPPER for an event between "
                f"two looks)"
            )
        if outcome.lower:
            return cls(_between(frame, outcome), outcome.names)
        time = times_of(frame, outcome)
        event = _events(frame, name, outcome)
        values = np.stack([time, event, entries_of(frame, outcome)], axis=1)
        check_rows(frame, outcome, values)
        values[np.isnan(values).any(axis=1)] = np.nan
        return cls(values.astype(np.float32), outcome.names)

    def nothing(self, rows: int) -> "TimeToEvent":
        values = np.full((rows, self.values.shape[1]), np.nan, np.float32)
        return dataclasses.replace(self, values=values)

    def missing(self) -> Bool[np.ndarray, "n"]:
        return np.asarray(np.isnan(self.values).any(axis=1))

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        return hash_numbers(self.values)

    def buffers(self) -> list[Any]:
        return [repr(self.names).encode(), self.values.tobytes()]

    def describe(self) -> str:
        known = self.values[~self.missing()]
        if not len(known):
            return "nothing"
        count = int(known[:, 1].sum())
        events = "1 event" if count == 1 else f"{count:,} events"
        return f"{events} among {len(known):,} rows, up to {known[:, 0].max():g}"

    def notice(self, name: str) -> tuple[str, ...]:
        """Rows that are not learned from, and times of 0."""
        missing = np.flatnonzero(self.missing())
        notes = ()
        if len(missing):
            notes += (
                f"{name}: {len(missing):,} of {len(self):,} rows {NOTHING_SEEN} "
                f"and are not learned from (rows {listed_rows(missing)})",
            )
        zero = np.flatnonzero(self.values[:, 0] <= 0)
        if len(zero):
            notes += (
                f"{name}: {len(zero):,} rows have the time 0 (rows "
                f"{listed_rows(zero)}): they count as right after the start",
            )
        return notes

    def learn_target(self, spec: TargetSpec, origin: Origin) -> TargetSpec:
        where = f"{origin.source}, target {spec.name}"
        if spec.kind != "survival":
            raise DataError(
                f"{where}: {spec.kind} was asked for, it holds times of events"
            )
        known = self.values[~self.missing()].astype(np.float64)
        if not known[:, 1].any():
            name, _, value = spec.name.partition("=")
            example, several = f"{name}=VALUE", ""
            if "+" in value:
                whole = option("targets", {spec.name: "competing"})
                several = f"; several causes are {whole}"
            raise DataError(
                f"{where}: none of the {len(known):,} training rows with a time has "
                f"the event: without events nothing can be learned; if another value "
                f"is the event, say so: {_targets(example)}{several}"
            )
        if not (known[known[:, 1] > 0, 0] > 0).any():
            raise DataError(f"{where}: every event has the time 0: is the time right?")
        times = event_grid(known[:, 0], known[:, 1])
        hazards = grid_hazards(known[:, :3], times)
        return dataclasses.replace(
            spec,
            columns=self.names,
            times=tuple(times.tolist()),
            hazards=tuple(hazards.tolist()),
        )

    def encode_target(
        self, spec: TargetSpec, origin: Origin, lengths: Lengths
    ) -> Float32[np.ndarray, "n columns"]:
        """The values of each row; an event at time 0 is right after it."""
        if spec.kind != "survival":
            return super().encode_target(spec, origin, lengths)
        values = self.values.astype(np.float32)
        values[:, 0] = np.maximum(values[:, 0], np.float32(START * spec.times[0]))
        return values


def event_grid(
    time: Num[np.ndarray, "n"], event: Num[np.ndarray, "n"]
) -> Float[np.ndarray, "times"]:
    """Ends of intervals of time with about as many events each.

    Args:
        time: Of each row.
        event: 1 for an event.

    Returns:
        Up to 25 times of events above 0, ascending, the last event's as the last; of
        few events as many that each interval has five.

    Source:
        Kvamme H, Borgan Ø (2021) Lifetime Data Analysis 27:710 (quantiles of events).

    Example:
        >>> event_grid(np.arange(1, 21), np.ones(20)).tolist()
        [5.0, 10.0, 15.0, 20.0]
    """
    events = np.sort(time[(event > 0) & (time > 0)])
    count = int(np.clip(len(events) // _EVENTS, 1, _MOST_TIMES))
    shares = np.arange(1, count + 1) / count
    return np.unique(np.quantile(events, shares, method="inverted_cdf")).astype(float)


def grid_hazards(
    outcomes: Float[np.ndarray, "n 3"], times: Float[np.ndarray, "times"]
) -> Float[np.ndarray, "times"]:
    """Events for each unit of time under observation, in each interval of a grid.

    Args:
        outcomes: Time, event and entry of each row.
        times: The ends of the intervals; the first begins at 0.

    Example:
        >>> rows = np.array([[1.0, 1, 0], [3.0, 1, 0], [3.0, 0, 0]])
        >>> grid_hazards(rows, np.array([1.0, 3.0])).round(3).tolist()
        [0.333, 0.25]
    """
    starts = np.concatenate([[0.0], times[:-1]])
    time, event, entry = outcomes.T
    time = np.maximum(time, START * times[0])
    spent = np.minimum(time[:, None], times) - np.maximum(entry[:, None], starts)
    exposure = np.maximum(spent, 0).sum(axis=0)
    place = np.searchsorted(times, time[(event > 0) & (time <= times[-1])])
    events = np.bincount(place, minlength=len(times))
    return events / np.maximum(exposure, 1e-12)


def listed_rows(places: Num[np.ndarray, "m"]) -> str:
    """The numbers of the first rows, from 1, for messages.

    Example:
        >>> listed_rows(np.array([0, 4]))
        '1, 5'
    """
    return listed([str(place + 1) for place in places.tolist()])


def _targets(text: str) -> str:
    return option("targets", {text: "survival"})


def times_of(frame: Frame, outcome: Outcome) -> Float[np.ndarray, "n"]:
    """The time of each row, of one column or between two."""
    if not outcome.start:
        found = measurements(frame, (outcome.time,))
        if DATES in found.units:
            raise DataError(
                f"{frame.source}, column {outcome.time}: the times are dates: name the "
                f"column with the start, too: "
                f"{_targets(f'START..{outcome.time},{outcome.event}')}"
            )
        return found.values[:, 0].astype(np.float64)
    ends = (outcome.start, outcome.time)
    both = [measurements(frame, (name,)) for name in ends]
    dated = [DATES in each.units for each in both]
    if dated[0] != dated[1]:
        name = ends[dated.index(False)]
        raise DataError(
            f"{frame.source}, column {name}: it holds no dates, the other of "
            f"{outcome.start}{_SPAN}{outcome.time} does: write both alike"
        )
    start, end = (each.values[:, 0].astype(np.float64) for each in both)
    late = np.flatnonzero(end < start)
    if len(late):
        row = late[0]
        shown = [texts(frame, name)[row] for name in ends]
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}: {outcome.time} {shown[1]} is "
            f"before {outcome.start} {shown[0]} ({len(late)} rows like it): correct it"
        )
    return end - start


def entries_of(frame: Frame, outcome: Outcome) -> Float[np.ndarray, "n"]:
    """When each row came under observation: 0 if that is not said.

    Args:
        frame: The rows.
        outcome: The columns; dates count from its start.

    Raises:
        DataError: For dates without a start.
    """
    if not outcome.entry:
        return np.zeros(len(frame))
    found = measurements(frame, (outcome.entry,))
    values = found.values[:, 0].astype(np.float64)
    if DATES not in found.units:
        return values
    if not outcome.start:
        last = (
            f"{outcome.lower}{_SPAN}{outcome.time}" if outcome.lower else outcome.time
        )
        rest = f",{outcome.event}" if outcome.event else ""
        raise DataError(
            f"{frame.source}, column {outcome.entry}: it holds dates: name the column "
            f"of dates from which times count, too: "
            f"{_targets(f'{outcome.entry},START{_SPAN}{last}{rest}')}"
        )
    start = measurements(frame, (outcome.start,)).values[:, 0].astype(np.float64)
    # Who was there before times begin was there all along.
    return np.where(values < start, 0.0, values - start)


def _between(frame: Frame, outcome: Outcome) -> Float32[np.ndarray, "n 4"]:
    """Rows whose event came after one look and not after another."""
    for name in (outcome.lower, outcome.time):
        cells = texts(frame, name)
        never = [cell.strip().lower().lstrip("+") in _NEVER for cell in cells]
        if name == outcome.time and any(never):
            plain = ["" if no else cell for no, cell in zip(never, cells, strict=True)]
            frame = frame.with_column(name, plain)
    names = [name for name in (outcome.start, outcome.lower, outcome.time) if name]
    looks = [measurements(frame, (name,)) for name in names]
    dated = [DATES in each.units for each in looks]
    if any(dated) and (not outcome.start or not all(dated)):
        span = f"START{_SPAN}{outcome.lower}{_SPAN}{outcome.time}"
        raise DataError(
            f"{frame.source}, column {names[dated.index(True)]}: it holds dates: name "
            f"three columns of dates, of which times count from the first: "
            f"{_targets(span)}"
        )
    start, lower, upper = (
        each.values[:, 0].astype(np.float64)
        for each in (looks if outcome.start else [looks[0], *looks])
    )
    if outcome.start:
        lower, upper = lower - start, upper - start
    for name, times in ((outcome.lower, lower), (outcome.time, upper)):
        below = np.flatnonzero(times < 0)
        if len(below):
            raise DataError(
                f"{frame.source}, row {frame.rows[below[0]]}, column {name}: "
                f"{times[below[0]]:g} is below 0 ({len(below)} rows like it): times "
                f"count from a start before which nothing can happen; correct them"
            )
    late = np.flatnonzero(upper < lower)
    if len(late):
        row = late[0]
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}: {outcome.time} {upper[row]:g} is "
            f"before {outcome.lower} {lower[row]:g} ({len(late)} rows like it): the "
            f"first is the last look without the event, the second the first with it"
        )
    event = ~np.isnan(upper)
    # No look without the event: it came at any time before.
    lower = np.where(np.isnan(lower) & event, 0.0, lower)
    upper = np.where(event, upper, lower)
    entry = entries_of(frame, outcome)
    gone = np.flatnonzero((entry >= upper) & (entry > 0))
    if len(gone):
        row = gone[0]
        last = outcome.time if event[row] else outcome.lower
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}: {outcome.entry} {entry[row]:g} is "
            f"not before {last} {upper[row]:g} ({len(gone)} rows like it): leave such "
            f"rows out"
        )
    # Who came under observation had no event until then.
    lower = np.where(event, np.maximum(lower, entry), lower)
    values = np.stack([(lower + upper) / 2, event, entry, (upper - lower) / 2], axis=1)
    values[np.isnan(values).any(axis=1)] = np.nan
    return values.astype(np.float32)


def _events(frame: Frame, name: str, outcome: Outcome) -> Float[np.ndarray, "n"]:
    """1 for a row with the event, 0 for one without, NaN where nothing is said."""
    written = texts(frame, outcome.event)
    cells = [plain_cell(cell) for cell in written]
    if outcome.value:
        wanted = plain_cell(outcome.value)
        found = [wanted == cell if cell else np.nan for cell in cells]
        return np.array(found, np.float64)
    codes = dict.fromkeys(EVENT, 1.0) | dict.fromkeys(CENSORED, 0.0) | {"": np.nan}
    strange = [at for at, cell in enumerate(cells) if cell not in codes]
    if strange:
        values = sorted({cell.strip() for cell in written if cell.strip()})
        time = (
            f"{outcome.start}{_SPAN}{outcome.time}" if outcome.start else outcome.time
        )
        before = f"{outcome.entry}," if outcome.entry else ""
        example = f"{before}{time},{outcome.event}={values[-1]}"
        looks = ""
        if 3 <= len(values) <= _MOST_CODES:
            several = option(
                "targets", {f"{before}{time},{outcome.event}": "competing"}
            )
            looks = f"; if they are causes that exclude one another: {several}"
        if not (outcome.start or outcome.entry) and len(values) > _MOST_CODES:
            looks = (
                f"; if the event came between {outcome.time} and {outcome.event}: "
                f"{_targets(f'{outcome.time}{_SPAN}{outcome.event}')}"
            )
        odd = written[strange[0]].strip()
        raise DataError(
            f"{frame.source}, row {frame.rows[strange[0]]}, column {outcome.event}: "
            f"{odd!r} says neither that the event was seen (1, true, "
            f"yes, dead, …) nor that it was not (0, false, no, alive, censored, …); "
            f"the column holds {listed(values)}: say which of them is the event, all "
            f"others being censored: {_targets(example)}{looks}"
        )
    return np.array([codes[cell] for cell in cells])


def plain_cell(cell: str) -> str:
    """A cell in small letters; whole numbers without decimals."""
    text = cell.strip().lower()
    return text.removesuffix(".0")


def check_rows(
    frame: Frame, outcome: Outcome, values: Float[np.ndarray, "n 3"]
) -> None:
    """Refuse times below 0, and rows that ended before they began."""
    below = np.flatnonzero(values[:, 0] < 0)
    if len(below):
        raise DataError(
            f"{frame.source}, row {frame.rows[below[0]]}, column {outcome.time}: "
            f"{values[below[0], 0]:g} is below 0 ({len(below)} rows like it): times "
            f"count from a start before which nothing can happen; correct them"
        )
    late = np.flatnonzero(values[:, 2] >= np.maximum(values[:, 0], 1e-30))
    if len(late) and outcome.entry:
        row = late[0]
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}: {outcome.entry} "
            f"{values[row, 2]:g} is not before {outcome.time} {values[row, 0]:g} "
            f"({len(late)} rows like it): leave such rows out"
        )


def outcomes_in(
    columns: Sequence[str], names: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The survival targets among names, and the columns of each.

    Args:
        columns: Of a file.
        names: Of targets; one that is a column is no survival target.

    Example:
        >>> outcomes_in(["days", "died"], ["days,died", "days"])
        {'days,died': ('days', 'died')}
    """
    found = {name: parse_outcome(name) for name in names if name not in columns}
    return {name: each.columns for name, each in found.items() if each}
