"""Inputs and targets of a file, inferred from what its columns look like."""

import re
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from jaxbio.data.columns import ordinal
from jaxbio.data.columns.code_lists import look_coded
from jaxbio.data.columns.images import Images, fitting_kind
from jaxbio.data.columns.label_lists import look_listed
from jaxbio.data.columns.time_to_event import CENSORED, EVENT, outcomes_in
from jaxbio.data.io.dates import days_of
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import holds_lists, parse_numbers, split_numbers, texts
from jaxbio.data.kinds import column_type, kinds_of_arrays
from jaxbio.data.recognition import (
    PARTS,
    Guess,
    hold_counts,
    is_mostly_numbers,
    is_nucleic,
    names_individuals,
    recognize,
)
from jaxbio.data.specs import CountColumns, InputKind
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

COUNTS = "counts"
"""The inferred input that holds counts of genes, as in files of cells."""

FEATURES = "features"
"""The inferred input that holds all numeric columns of a table without sequences."""

_WORDS = "category"
_LONGEST_NAME = 8  # of a class, where all are as long as the sequences
_MOST_CLASSES = 10  # that whole numbers are
_LISTED = 12
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


class Inference(NamedTuple):
    """The inputs and targets of a file.

    Attributes:
        inputs: The kind of each input.
        targets: The kind of each target.
        unused: The columns that are neither, with the reason.
        otherwise: The kinds that columns may have as well, by column.
        unit: The column that names what rows belong to, such as patients; None if
            there is none.
        notes: What was noticed.
        key: The column by which files were joined; empty for none.
    """

    inputs: dict[str, InputKind]
    targets: dict[str, str]
    unused: dict[str, str]
    otherwise: dict[str, str]
    unit: str | None
    notes: tuple[str, ...]
    key: str


def infer_kinds(frame: Frame) -> dict[str, InputKind]:
    """The kind of each column that could be an input or target.

    Args:
        frame: Some rows, best spread over the file.

    Returns:
        `dna`, `rna`, `protein`, `smiles`, `numeric` or `category` by column; names of
        rows, times of day, free text and empty columns are left out.

    Raises:
        DataError: For a column that mixes nucleotide and protein sequences.

    Example:
        >>> import pandas as pd
        >>> table = {"id": ["a", "b"], "seq": ["ACGTACGT", "GGGTTTAA"], "y": [1.5, 2.0]}
        >>> infer_kinds(Frame.from_table(pd.DataFrame(table)))
        {'seq': 'dna', 'y': 'numeric'}
    """
    kinds = {name: guess.kind for name, guess in recognize(frame).items()}
    return _raised({name: kind for name, kind in kinds.items() if kind is not None})


def _raised(kinds: Mapping[str, InputKind | DataError]) -> dict[str, InputKind]:
    """The kinds, unless a column mixes alphabets."""
    result: dict[str, InputKind] = {}
    for name, kind in kinds.items():
        if isinstance(kind, DataError):
            raise kind
        result[name] = kind
    return result


def infer(
    frame: Frame,
    *,
    inputs: Mapping[str, InputKind | None] | None = None,
    targets: Sequence[str] | None = None,
    exclude: Collection[str] = (),
    drop: Collection[str] = (),
    kinds: Mapping[str, str] | None = None,
) -> Inference:
    """The inputs and targets of a file, and why other columns are neither.

    Inputs are the sequence columns, or without any the numeric columns as one vector
    and the categories. The target is the column with a name of `TARGET_NAMES`, or the
    only one that could be.

    Args:
        frame: Some rows, best spread over the file.
        inputs: The inputs, if they are known; None in place of a kind to infer it.
        targets: The names or globs of the targets, if they are known.
        exclude: Columns with another use (ids, weights, groups).
        drop: Columns to leave out.
        kinds: The kinds of columns that are not what they look like.

    Raises:
        DataError: If no column can be an input, or several could be the target.

    Example:
        >>> import pandas as pd
        >>> table = {"seq": ["ACGTACGT", "GGGTTTAA"], "label": ["1", "0"]}
        >>> found = infer(Frame.from_table(pd.DataFrame(table)))
        >>> found.inputs, found.targets
        ({'seq': 'dna'}, {'label': 'class'})
    """
    for name in drop:
        frame.matching(name)  # a name that is not there is a slip
    left_out = {column for name in drop for column in frame.matching(name)}
    guesses = recognize(frame)
    for name, kind in (kinds or {}).items():
        frame.column(name)
        column_type(kind)
        guesses[name] = Guess(kind)
    usable = {
        name: guess
        for name, guess in guesses.items()
        if guess.kind is not None and name not in {*exclude, *left_out}
    }
    reserved = {
        column
        for name in inputs or ()
        for column in (name, *(c for c in frame.columns if fnmatchcase(c, name)))
    }
    if targets is None:
        target = _target_name(frame, usable, reserved, with_inputs=inputs is not None)
        targets = () if target is None else (target,)
    used = frozenset(reserved | left_out)
    outcomes = outcomes_in(list(frame.columns), targets)
    for column in (column for each in outcomes.values() for column in each):
        frame.column(column)  # says that there is none and which is nearest
    columns = {
        name: outcomes.get(name) or frame.matching(name, used) for name in targets
    }
    labels = {column for matched in columns.values() for column in matched}
    if inputs is None:
        taken = labels | PARTS | frame.described
        free = {n: g.kind for n, g in usable.items() if n not in taken}
        reasons = {
            name: guess.reason or "the target" if name in labels else guess.reason
            for name, guess in guesses.items()
        }
        sources = _inputs(free, frame, reasons)
    else:
        looks = {name: guess.kind for name, guess in guesses.items()}
        sources = {
            name: _known_input(frame, name, looks, labels) if kind is None else kind
            for name, kind in inputs.items()
        }
    sources |= {n: k for n, k in (kinds or {}).items() if n in sources and k == _WORDS}
    sources, resized = _with_sizes(frame, sources)
    _check_header(frame, [*sources, *targets])
    lengths = _lengths(frame, sources)
    taken = labels | set(exclude) | _columns_of(frame, sources, labels)
    unused = {
        name: "left out as was asked"
        if name in left_out
        else _reason(name, guess, described=name in frame.described)
        for name, guess in guesses.items()
        if name not in taken and not frame.arrays
    }
    units = [name for name, guess in guesses.items() if guess.unit and name in unused]
    # Patients rather than hospitals, whatever stands first.
    units.sort(key=lambda name: not names_individuals(name))
    target_kinds = {
        name: "survival"
        if name in outcomes
        else _target_kind(frame, columns[name], lengths)
        for name in columns
    }
    survival = {column for each in outcomes.values() for column in each}
    return Inference(
        sources,
        target_kinds,
        unused,
        {
            name: _otherwise(guess, sources.get(name))
            for name, guess in guesses.items()
            if name not in unused and _otherwise(guess, sources.get(name))
        },
        units[0] if units else None,
        (*resized, *_survival(frame, taken, survival), *_bounds(frame, target_kinds)),
        frame.key,
    )


def _otherwise(guess: Guess, kind: InputKind | None) -> str:
    """The kind that a column may have as well."""
    told = isinstance(kind, str) and kind != _WORDS and _is_tabular(kind)
    return _WORDS if told and kind != "numeric" else guess.otherwise


def _with_sizes(
    frame: Frame, inputs: Mapping[str, InputKind]
) -> tuple[dict[str, InputKind], tuple[str, ...]]:
    """The inputs with one size for images of several or large ones, and notes."""
    sized, notes = dict(inputs), []
    for name, kind in inputs.items():
        if kind == Images.name and name not in frame.arrays:
            sized[name] = fitting_kind(frame, name.rpartition("@")[2])
            if sized[name] != kind:
                height, width, *colour = str(sized[name]).partition("=")[2].split("x")
                other = option("inputs", {name: "image=224x224"})
                notes.append(
                    f"{name}: images are brought to {height} x {width} pixels"
                    f"{' in colour' if colour else ''}; {other} for another size (a "
                    f"larger one takes longer)"
                )
    return sized, tuple(notes)


def _columns_of(
    frame: Frame, sources: Mapping[str, InputKind], labels: set[str]
) -> set[str]:
    """The columns that inputs are made of."""
    columns: set[str] = set()
    for name, kind in sources.items():
        if not isinstance(kind, str) and isinstance(kind, Sequence):
            columns |= set(kind)
        elif name in frame.arrays or frame.records:
            columns |= {name, "sequence"}
        else:
            plain = name.rpartition("@")[2]
            columns |= set(frame.matching(plain, frozenset(labels)))
    return columns


def _reason(name: str, guess: Guess, *, described: bool) -> str:
    if guess.reason:
        return guess.reason
    if described:
        return f"tells of the sample: {option('inputs', name)} takes it as an input"
    if name in PARTS:
        return f"names parts: {option('by', f'column:{name}')} divides rows by it"
    kind = "mixed text" if isinstance(guess.kind, DataError) else guess.kind
    return f"{kind}, not among the inputs"


def _bounds(frame: Frame, targets: Mapping[str, str]) -> tuple[str, ...]:
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


def _survival(
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


def _check_header(frame: Frame, names: list[str]) -> None:
    """Refuse a file without a header: its first row would be lost."""
    for name in names:
        number = "." in name and parse_numbers([name]) is not None
        if number or (len(name) >= 15 and is_nucleic(name)):
            raise DataError(
                f"{frame.source}, row 1: {name[:40]!r} looks like data, not like the "
                f"name of a column: put a line with names at the top, such as seq,label"
            )


def _inputs(
    kinds: Mapping[str, InputKind | DataError | None],
    frame: Frame,
    reasons: Mapping[str, str],
) -> dict[str, InputKind]:
    if frame.arrays:
        return kinds_of_arrays(frame.arrays)
    usable = {name: kind for name, kind in kinds.items() if kind is not None}
    sequences = {n: k for n, k in usable.items() if not _is_tabular(k)}
    if sequences:
        return _raised(sequences)
    numeric = [name for name, kind in usable.items() if kind == "numeric"]
    counts = _counts(frame, numeric)
    numeric = [name for name in numeric if name not in set(counts)]
    inputs: dict[str, InputKind] = {COUNTS: CountColumns(counts)} if counts else {}
    if len(numeric) > 1:
        inputs |= {FEATURES: tuple(numeric)}
    else:
        inputs |= dict.fromkeys(numeric, "numeric")
    words = {name: kind for name, kind in usable.items() if kind != "numeric"}
    inputs |= {
        name: _kind_of_words(frame, name) if kind == _WORDS else kind
        for name, kind in _raised(words).items()
    }
    if not inputs:
        listed = "; ".join(
            f"{name}: {reasons[name]}" if reasons.get(name) else name
            for name in list(frame.columns)[:_LISTED]
        )
        if frame.described:
            raise DataError(
                f"{frame.source}: there are samples and no values: put those of the "
                f"series' other files beside them: "
                f"{spelled('jaxbio.data.join(…)', '--join counts.tsv')}"
            )
        raise DataError(
            f"{frame.source}: no column looks like an input ({listed}): is the first "
            f"line a header? Name the inputs and their kinds, for example "
            f"{option('inputs', {'seq': 'dna'})}"
        )
    return inputs


def _is_tabular(kind: InputKind | DataError) -> bool:
    """Check for kinds that tables without sequences are made of."""
    return isinstance(kind, str) and (
        kind in ("numeric", _WORDS, "codes") or kind.startswith("ordinal")
    )


def _kind_of_words(frame: Frame, name: str) -> InputKind:
    """Whether cells list several words, or hold one each, perhaps a grade."""
    cells = [cell for cell in texts(frame, name) if cell]
    if look_coded(cells):
        return "codes"
    return ordinal.fitting_kind(cells) or _WORDS


def _counts(frame: Frame, numeric: Sequence[str]) -> list[str]:
    """The columns of numbers that are counts of genes; of all, or of one matrix."""
    for columns in (numeric, *frame.vectors.values()):
        among = set(columns)
        some = [name for name in numeric if name in among]
        if hold_counts(frame, some):
            return some
    return []


def _known_input(
    frame: Frame,
    name: str,
    kinds: Mapping[str, InputKind | DataError | None],
    used: set[str],
) -> InputKind:
    if name in frame.arrays:
        return kinds_of_arrays(frame.arrays)[name]
    columns = frame.matching(name, frozenset(used))
    kind = "numeric" if len(columns) > 1 else kinds.get("".join(columns))
    if isinstance(kind, DataError):
        raise kind
    if kind == "category":
        return _kind_of_words(frame, name)
    if kind is None:
        raise DataError(
            f"{frame.source}, column {name}: it is not clear what it holds: give its "
            f"kind (dna, rna, protein, smiles, numeric, category, symbols=…)"
        )
    return kind


def _target_name(
    frame: Frame,
    usable: Mapping[str, Guess],
    inputs: set[str],
    *,
    with_inputs: bool,
) -> str | None:
    """The column that plainly is the target; None if there is nothing to predict."""
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
    _check_header(frame, candidates)
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


def _lengths(frame: Frame, inputs: Mapping[str, InputKind]) -> list[list[int]]:
    names = [
        name
        for name, kind in inputs.items()
        if isinstance(kind, str) and column_type(kind).reads_records
    ]
    if frame.records:
        names = ["sequence"]  # whatever the name of the only sequence input
    return [[len(text) for text in texts(frame, name)] for name in names]


def _target_kind(frame: Frame, columns: Sequence[str], lengths: list[list[int]]) -> str:
    if len(columns) > 1:
        labels = all(_are_labels(texts(frame, name)) for name in columns)
        return "labels" if labels else "number"
    column = frame.column(columns[0])
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
