"""Inputs and targets of a file, inferred from what its columns look like."""

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from jaxbio.data.columns.code_lists import look_coded
from jaxbio.data.columns.images import Images, sized_kind
from jaxbio.data.columns.ordinal import graded_kind, kind_of
from jaxbio.data.columns.time_to_event import outcomes_in
from jaxbio.data.inferred_targets import (
    bounds_note,
    check_header,
    lengths_of,
    survival_note,
    target_kind,
    target_name,
)
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import texts
from jaxbio.data.kinds import column_type, kinds_of_arrays
from jaxbio.data.recognition import (
    PARTS,
    Guess,
    hold_counts,
    names_individuals,
    recognize,
)
from jaxbio.data.specs import CountColumns, InputKind
from jaxbio.errors import DataError, option, spelled

COUNTS = "counts"
"""The inferred input that holds counts of genes, as in files of cells."""

FEATURES = "features"
"""The inferred input that holds all numeric columns of a table without sequences."""

_WORDS = "category"
_LISTED = 12


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
    and the categories. The target is the column with a name of `TARGET_NAMES` (in
    `jaxbio.data.inferred_targets`), or the only one that could be.

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
        target = target_name(frame, usable, reserved, with_inputs=inputs is not None)
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
    check_header(frame, [*sources, *targets])
    lengths = lengths_of(frame, sources)
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
        else target_kind(frame, columns[name], lengths)
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
        (
            *resized,
            *survival_note(frame, taken, survival),
            *bounds_note(frame, target_kinds),
        ),
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
            sized[name] = sized_kind(frame, name.rpartition("@")[2])
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
    if name in frame.orders:
        return kind_of(frame.orders[name])
    cells = [cell for cell in texts(frame, name) if cell]
    if look_coded(cells):
        return "codes"
    return graded_kind(cells) or _WORDS


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
