"""The targets of a file, inferred from what its columns are called and look like."""

import re
from collections.abc import Collection, Mapping, Sequence

from jaxbio.data.columns.label_lists import look_listed
from jaxbio.data.columns.time_to_event import CENSORED, EVENT
from jaxbio.data.io.dates import days_of
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import (
    holds_lists,
    holds_words,
    parse_numbers,
    split_numbers,
    texts,
)
from jaxbio.data.kinds import column_type
from jaxbio.data.recognition import PARTS, Guess, is_mostly_numbers, is_nucleic
from jaxbio.data.specs import InputKind
from jaxbio.errors import DataError, option, spelled

TARGET_NAMES = (
    ("label", "labels", "target", "y", "class"),
    (
        *("activity", "affinity", "fitness", "expression", "response", "outcome"),
        *("ic50", "pic50", "ec50", "ki", "kd", "pkd", "diagnosis", "disease"),
        *("cell_type", "status"),
    ),
    ("score", "value"),
)
"""Names of columns that are the target if nothing else is said, plainest first."""

_LISTED = 12
_LONGEST_NAME = 8  # of a class, where all are as long as the sequences
_MOST_CLASSES = 10  # that whole numbers are
_LABELS = frozenset(("", "0", "1", "0.0", "1.0", "false", "true"))
_TIME = re.compile(
    r"(.*_)?((fu|surv|rfs|os|pfs|d)?_?time|duration|follow_?up|days|months|survival)"
    r"(_(days|weeks|months|years))?"
)
_EVENT = re.compile(
    r"(.*_)?(event|death|dead|died|deceased|cens(or(ed|ing)?)?|status|fustat)"
)
_BOUNDS = frozenset(("<", ">", "<=", ">=", "<<", ">>", "≤", "≥"))
_EXACT = frozenset(("=", "~", "~=", ""))
"""How files of affinities say whether a value was measured or is a bound."""

_BETWEEN_WORDS = re.compile(r"[\W_]+")


def target_name(
    frame: Frame,
    usable: Mapping[str, Guess],
    inputs: set[str],
    *,
    with_inputs: bool,
) -> str | None:
    """The column that plainly is the target; None if there is nothing to predict.

    Args:
        frame: Some rows.
        usable: What the columns that could be used look like.
        inputs: The columns that are known to be inputs.
        with_inputs: Whether all inputs are known.

    Raises:
        DataError: If several could be the target.

    Example:
        >>> import numpy as np
        >>> columns = {"age": np.array([61.5, 47.5]), "outcome": np.array([1, 0])}
        >>> frame = Frame(columns, "x.csv", np.arange(2))
        >>> looks = dict.fromkeys(columns, Guess("numeric"))
        >>> target_name(frame, looks, set(), with_inputs=False)
        'outcome'
    """
    candidates = [
        name
        for name, guess in usable.items()
        if guess.kind in ("numeric", "category")
        and name.lower() not in PARTS
        and name not in inputs
    ]
    told = [name for name in candidates if name in frame.described]
    candidates = told or candidates
    for names in TARGET_NAMES:
        matches = [name for name in candidates if name.lower() in names]
        if len(matches) == 1:
            return matches[0]
        if matches:
            candidates = matches
            break
    if len(usable) < 2 and not with_inputs:
        return None  # the only column is the input
    others = [n for n in usable if n not in candidates and n not in inputs]
    if len(candidates) == 1 and (with_inputs or others):
        return candidates[0]
    if not candidates:
        return _of_positions(frame, usable, inputs)
    check_header(frame, candidates)
    listed = ", ".join(
        f"{name} ({_look(frame, name)})" for name in candidates[-_LISTED:][::-1]
    )
    more = f" and {len(candidates) - _LISTED} more" if len(candidates) > _LISTED else ""
    raise DataError(
        f"{frame.source}: which column is to be predicted? It could be {listed}{more}. "
        f"Name it, for example {option('targets', candidates[-1])}"
        f"{_together(frame, candidates, [*inputs, *others])}"
        f"{_until_event(frame, candidates)}"
    )


def _until_event(frame: Frame, candidates: Sequence[str]) -> str:
    """How to learn a time until an event, if two candidates look like one."""
    both = _time_and_event(frame)
    if both is None or not {*both} <= {*candidates}:
        return ""
    return f"; or the time until an event: {_as_survival(frame, *both)}"


def _together(frame: Frame, candidates: Sequence[str], inputs: Sequence[str]) -> str:
    """How to learn all candidates at once, if they are labels of 0 and 1."""
    labels = len(candidates) > 2 and inputs
    if not labels or any(_look(frame, name) != "0 or 1" for name in candidates):
        return ""
    named = {*candidates, *inputs}
    rest = [option("drop", name) for name in frame.columns if name not in named]
    targets = option("targets", {"*": spelled("labels", "multilabel")})
    given = [option("inputs", name) for name in inputs]
    between = spelled(", ", " ")
    return f"; or learn all {len(candidates)} together: " + between.join(
        [*given, targets, *rest]
    )


def _look(frame: Frame, name: str) -> str:
    """A few words on the values of a candidate."""
    cells = [cell for cell in texts(frame, name) if cell]
    distinct = sorted(set(cells))
    if len(distinct) <= 3:
        return " or ".join(distinct)
    if days_of(distinct) is not None:
        return "dates"
    numbers = is_mostly_numbers(cells, frame.format)
    return "numbers" if numbers else f"{len(distinct)} classes"


def _of_positions(
    frame: Frame, usable: Mapping[str, Guess], inputs: set[str]
) -> str | None:
    """The only other column whose texts are as long as the sequences."""
    known = {name: usable[name].kind for name in inputs if name in usable}
    if not known or frame.records:
        return None
    lengths = [[len(text) for text in texts(frame, name)] for name in known]
    fitting = [
        name
        for name in frame.columns
        if name not in inputs and _fits(lengths, [len(t) for t in texts(frame, name)])
    ]
    return fitting[0] if len(fitting) == 1 else None


def target_kind(frame: Frame, columns: Sequence[str], lengths: list[list[int]]) -> str:
    """The kind of a target: what is learned of it.

    Args:
        frame: Some rows.
        columns: Its columns.
        lengths: The lengths of each sequence input, as `lengths_of` gives them.

    Example:
        >>> import numpy as np
        >>> frame = Frame({"y": np.array([0, 1, 1, 0, 1, 0])}, "x.csv", np.arange(6))
        >>> target_kind(frame, ["y"], [])
        'class'
    """
    if len(columns) > 1:
        labels = all(_are_labels(texts(frame, name)) for name in columns)
        return "labels" if labels else "number"
    column = frame.column(columns[0])
    if holds_words(column):
        return "labels"
    if holds_lists(column):
        return _kind_of_lists(frame, columns[0], lengths)
    cells = texts(frame, columns[0])
    several = [split_numbers(cell) for cell in cells]
    parts = (part for cell in several for part in cell)
    if _fits(lengths, list(map(len, several))) and parse_numbers(parts) is not None:
        return "positions_number"
    counts = [len(cell) for cell in cells]
    # Short words that all are as long as short sequences are as likely names.
    names = max(counts, default=0) <= _LONGEST_NAME and len(set(counts) - {0}) == 1
    if _fits(lengths, counts) and not names:
        return "positions_class"
    present = [cell for cell in cells if cell]
    distinct = set(present)
    if not present or not is_mostly_numbers(present, frame.format):
        return "labels" if look_listed(present) else "class"
    values = parse_numbers(distinct, frame.format)
    if values is None:
        return "number"  # the text among the numbers is a slip, to be named as such
    whole = bool((values == values.round()).all())
    few = len(values) <= _MOST_CLASSES and len(present) >= 3 * len(values)
    return "class" if whole and (len(values) <= 2 or few) else "number"


def _are_labels(cells: Sequence[str]) -> bool:
    """Check for zeros and ones, or False and True, alone."""
    return {cell.lower() for cell in cells} <= _LABELS


def _kind_of_lists(frame: Frame, name: str, lengths: list[list[int]]) -> str:
    several = [split_numbers(cell) for cell in frame.column(name).tolist()]
    parts = (part for cell in several for part in cell)
    if _fits(lengths, list(map(len, several))) and parse_numbers(parts) is not None:
        return "positions_number"
    raise DataError(
        f"{frame.source}, column {name}: lists that are not one number a position of a "
        f"sequence cannot be a target: give one value a row"
    )


def _fits(lengths: list[list[int]], counts: list[int]) -> bool:
    """Check that the counts are those of the positions of a sequence, cells apart."""
    if max(counts, default=0) < 2:
        return False
    return any(
        all(count in (0, length) for count, length in zip(counts, column, strict=True))
        for column in lengths
    )


def lengths_of(frame: Frame, inputs: Mapping[str, InputKind]) -> list[list[int]]:
    """The lengths of each row of each sequence input.

    Args:
        frame: Some rows.
        inputs: The kinds of inputs.
    """
    names = [
        name
        for name, kind in inputs.items()
        if isinstance(kind, str) and column_type(kind).reads_records
    ]
    if frame.records:
        names = ["sequence"]  # whatever the name of the only sequence input
    return [[len(text) for text in texts(frame, name)] for name in names]


def survival_note(
    frame: Frame, taken: Collection[str], outcomes: Collection[str]
) -> tuple[str, ...]:
    """A note on columns that look like survival times and events, and are not."""
    time, event = _time_and_event(frame) or ("", "")
    if not {time, event} & set(taken) or {time, event} & set(outcomes):
        return ()
    return (
        f"{time} and {event} look like survival data: how long somebody was "
        f"followed up is not known beforehand, and who was not followed to the end is "
        f"not free of the event: {_as_survival(frame, time, event)} learns both as "
        f"one target; else {option('drop', time)} at least",
    )


def _time_and_event(frame: Frame) -> tuple[str, str] | None:
    """The columns that are called as a time of survival and its event are."""
    plain = {n: _BETWEEN_WORDS.sub("_", n).strip("_").lower() for n in frame.columns}
    times = [name for name, word in plain.items() if _TIME.fullmatch(word)]
    events = [name for name, word in plain.items() if _EVENT.fullmatch(word)]
    return (times[0], events[0]) if times and events else None


def _as_survival(frame: Frame, time: str, event: str) -> str:
    """How to learn a time and an event as one target."""
    cells = {cell.lower() for cell in texts(frame, event) if cell}
    if parse_numbers(cells) is None and not cells <= EVENT | CENSORED:
        event = f"{event}=VALUE"
    return option("targets", {f"{time},{event}": "survival"})


def bounds_note(frame: Frame, targets: Mapping[str, str]) -> tuple[str, ...]:
    """A note on a column that says of which rows the target is but a bound."""
    numbers = [name for name, kind in targets.items() if kind == "number"]
    if not numbers or frame.arrays or frame.records:
        return ()
    for name in frame.columns:
        cells = [cell.strip("'\"") for cell in texts(frame, name)]
        if _BOUNDS & set(cells) and set(cells) <= _BOUNDS | _EXACT:
            share = sum(cell in _BOUNDS for cell in cells) / len(cells)
            signs = ", ".join(sorted(_BOUNDS & set(cells)))
            return (
                f"{name}: of {share:.0%} of the rows {numbers[0]} is a bound "
                f"({signs}), which is learned as if it had been measured: leave these "
                f"rows out where they should not count",
            )
    return ()


def check_header(frame: Frame, names: list[str]) -> None:
    """Refuse a file without a header: its first row would be lost."""
    for name in names:
        number = "." in name and parse_numbers([name]) is not None
        if number or (len(name) >= 15 and is_nucleic(name)):
            raise DataError(
                f"{frame.source}, row 1: {name[:40]!r} looks like data, not like the "
                f"name of a column: put a line with names at the top, such as seq,label"
            )
