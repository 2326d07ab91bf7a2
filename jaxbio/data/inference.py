"""Kinds of inputs and targets, inferred from the columns of a file.

The rules look at a sample of rows spread over the whole file, are the same for every
file, and can always be overruled by naming inputs and targets.
"""

import statistics
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from jaxbio.alphabet import PROTEIN, SMILES
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import (
    MISSING_NUMBERS,
    holds_lists,
    parse_numbers,
    split_numbers,
    texts,
)
from jaxbio.data.kinds import column_type, kinds_of_arrays
from jaxbio.data.specs import InputKind
from jaxbio.errors import DataError

TARGET_NAMES = (
    *("label", "labels", "target", "y", "class", "activity", "fitness", "score"),
    *("expression", "response", "outcome", "value"),
)
"""Columns that are the target if nothing else is said, in this order."""

FEATURES = "features"
"""The inferred input that holds all numeric columns of a table without sequences."""

Found = InputKind | DataError
"""Kind of a column; an error, to be raised if the column is to be an input."""

_IDS = frozenset(("id", "ids", "index", "idx", "row", "name", "column_1"))
_PARTS = frozenset(("set", "split", "fold", "validation", "partition", "subset"))
_BASES = frozenset("ACGTUN")
_RESIDUES = frozenset(PROTEIN.letters + "UO")
_RARE_RESIDUES = frozenset("BJOUXZ")
_SMILES = frozenset(SMILES.letters)
_PICTURES = (".png", ".jpg", ".jpeg")
_SHORTEST = 6
_LOOKED_AT = 2000  # symbols of a sequence
_LONGEST_NAME = 8  # of a class, where all are as long as the sequences
_MOST_CLASSES = 10  # that whole numbers are
_MOST_LEVELS = 50  # that a category with some numbers among its levels has


def infer_kinds(frame: Frame) -> dict[str, InputKind]:
    """The kind of each column that could be an input or target.

    Args:
        frame: Some rows, best spread over the file.

    Returns:
        `dna`, `rna`, `protein`, `smiles`, `numeric` or `category` by column; names of
        rows, free text and empty columns are left out.

    Raises:
        DataError: For a column that mixes nucleotide and protein sequences.

    Example:
        >>> import pandas as pd
        >>> table = {"id": ["a", "b"], "seq": ["ACGTACGT", "GGGTTTAA"], "y": [1.5, 2.0]}
        >>> infer_kinds(Frame.from_table(pd.DataFrame(table)))
        {'seq': 'dna', 'y': 'numeric'}
    """
    return _raised(_kinds(frame))


def _kinds(frame: Frame) -> dict[str, Found]:
    if frame.records:
        names = [name for name in ("sequence", "label") if name in frame.columns]
    else:
        names = list(frame.columns)
    kinds: dict[str, Found | None] = {n: _kind(frame, n) for n in names}
    kinds |= kinds_of_arrays(frame.arrays)
    return {name: kind for name, kind in kinds.items() if kind is not None}


def _raised(kinds: Mapping[str, Found]) -> dict[str, InputKind]:
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
) -> tuple[dict[str, InputKind], dict[str, str]]:
    """The inputs and targets of a file.

    Inputs are the sequence columns, or without any the numeric columns as one vector
    and the categories. The target is the column with the best name of `TARGET_NAMES`,
    or else the last one that holds numbers or categories.

    Args:
        frame: Some rows, best spread over the file.
        inputs: The inputs, if they are known; None in place of a kind to infer it.
        targets: The names or globs of the targets, if they are known.
        exclude: Columns with another use (ids, weights, groups).

    Returns:
        The kind of each input and of each target, as `to_dataset` takes them.

    Raises:
        DataError: If no column can be an input.

    Example:
        >>> import pandas as pd
        >>> table = {"seq": ["ACGTACGT", "GGGTTTAA"], "label": ["1", "0"]}
        >>> infer(Frame.from_table(pd.DataFrame(table)))
        ({'seq': 'dna'}, {'label': 'class'})
    """
    kinds = _kinds(frame)
    usable = {name: kind for name, kind in kinds.items() if name not in exclude}
    reserved = set(inputs or ())
    if targets is None:
        target = _target_name(usable, reserved, with_inputs=inputs is not None)
        targets = () if target is None else (target,)
    columns = {name: frame.matching(name, frozenset(reserved)) for name in targets}
    labels = {column for matched in columns.values() for column in matched}
    if inputs is None:
        free = {n: k for n, k in usable.items() if n not in labels | _PARTS}
        sources = _inputs(free, frame)
    else:
        sources = {
            name: _known_input(frame, name, kinds, labels) if kind is None else kind
            for name, kind in inputs.items()
        }
    _check_header(frame, [*sources, *targets])
    lengths = _lengths(frame, sources)
    return sources, {
        name: _target_kind(frame, columns[name], lengths) for name in columns
    }


def _check_header(frame: Frame, names: list[str]) -> None:
    """Refuse a file without a header: its first row would be lost."""
    for name in names:
        number = "." in name and parse_numbers([name]) is not None
        if number or (len(name) >= 15 and _is_nucleic(name)):
            raise DataError(
                f"{frame.source}, row 1: {name[:40]!r} looks like data, not like the "
                f"name of a column: put a line with names at the top, such as seq,label"
            )


def _inputs(kinds: Mapping[str, Found], frame: Frame) -> dict[str, InputKind]:
    if frame.arrays:
        return kinds_of_arrays(frame.arrays)
    sequences = {n: k for n, k in kinds.items() if k not in ("numeric", "category")}
    if sequences:
        return _raised(sequences)
    numeric = [name for name, kind in kinds.items() if kind == "numeric"]
    categories = [name for name, kind in kinds.items() if kind == "category"]
    inputs: dict[str, InputKind] = dict.fromkeys(numeric, "numeric")
    if len(numeric) > 1:
        inputs = {FEATURES: tuple(numeric)}
    inputs |= dict.fromkeys(categories, "category")
    if not inputs:
        listed = ", ".join(list(frame.columns)[:12])
        raise DataError(
            f"{frame.source}: no column looks like an input ({listed}): is the first "
            f"line a header? Name the inputs and their kinds, for example "
            f"inputs={{'seq': 'dna'}}"
        )
    return inputs


def _known_input(
    frame: Frame, name: str, kinds: Mapping[str, Found], used: set[str]
) -> InputKind:
    if name in frame.arrays:
        return kinds_of_arrays(frame.arrays)[name]
    columns = frame.matching(name, frozenset(used))
    kind = "numeric" if len(columns) > 1 else kinds.get("".join(columns))
    if isinstance(kind, DataError):
        raise kind
    if kind is None:
        raise DataError(
            f"{frame.source}, column {name}: it is not clear what it holds: give its "
            f"kind (dna, rna, protein, smiles, numeric, category, symbols=…)"
        )
    return kind


def _target_name(
    kinds: Mapping[str, Found], inputs: set[str], *, with_inputs: bool
) -> str | None:
    candidates = {
        name.lower(): name
        for name, kind in kinds.items()
        if kind in ("numeric", "category")
        and name.lower() not in _PARTS
        and name not in inputs
    }
    for name in TARGET_NAMES:
        if name in candidates:
            return candidates[name]
    if len(kinds) < 2 and not with_inputs:
        return None  # the only column is the input
    return next(reversed(candidates.values()), None)


def _kind(frame: Frame, name: str) -> Found | None:
    if holds_lists(frame.column(name)):
        return None  # used where it is named, as values by position
    values = texts(frame, name)
    if not all(values):
        values = [value for value in values if value]
    if not values:
        return None
    if frame.records and name == "sequence":
        return _sequence_kind(values, frame, name) or _nearest_kind(values)
    if _names_rows(name, values):
        return None
    if all(value.lower().endswith(_PICTURES) for value in values):
        return "image"
    numbers = parse_numbers(values)
    if numbers is not None and not np.isnan(numbers).all():
        return "numeric"
    cells = [value for value in values if value not in MISSING_NUMBERS]
    share = _share_of_numbers(cells) if cells else 0.0
    # Chromosomes 1 to 22 and X are categories; text among many numbers is a slip.
    if share == 1 or (share >= 0.9 and len(set(cells)) > _MOST_LEVELS):
        return "numeric"
    if _may_be_sequences(values):
        kind = _sequence_kind(values, frame, name)
        if kind is not None:
            return kind
    distinct = len(set(values))
    return "category" if distinct <= max(len(values) / 2, 2) else None


def _share_of_numbers(values: Sequence[str]) -> float:
    if parse_numbers(values) is not None:
        return 1.0
    sample = values[:: max(1, len(values) // 1000)]
    share = statistics.fmean(parse_numbers([value]) is not None for value in sample)
    return min(share, 0.999)  # not all are, or the line above had said so


def _names_rows(name: str, values: Sequence[str]) -> bool:
    if name.lower() in _IDS:
        return len(set(values)) == len(values)
    numbers = parse_numbers(values) if values[0].isdigit() else None
    counts_up = numbers is not None and bool((np.diff(numbers) == 1).all())
    return counts_up and len(values) > 2


def _may_be_sequences(values: Sequence[str]) -> bool:
    lengths = [len(value) for value in values]
    middle = statistics.median(lengths)
    distinct = len(set(values))
    # Variants at a few sites are short, but of one length and nearly all different.
    variants = len(set(lengths)) == 1 and middle >= 4 and distinct > 20
    return (middle >= _SHORTEST or variants) and (
        distinct > len(values) / 2 or distinct > 20 or middle >= 30
    )


def _sequence_kind(values: Sequence[str], frame: Frame, name: str) -> Found | None:
    heads = [value[:_LOOKED_AT] for value in values]
    bases = [_is_nucleic(head) for head in heads]
    share = statistics.fmean(bases)
    if share >= 0.9:
        letters = set().union(*(head.upper() for head in heads))
        return "rna" if "U" in letters and "T" not in letters else "dna"
    if frame.records and len(values) < 10 and share > 0.5:
        return "dna"  # of few records one with a slip is already a large share
    if statistics.fmean(_is_protein(head) for head in heads) >= 0.9:
        if share > 0.02:
            return _mixed(frame, name, bases)
        common = set("".join(heads).upper()) - _RARE_RESIDUES
        return "protein" if len(common) > 4 else None
    smiles = statistics.fmean(_is_smiles(head) for head in heads) >= 0.9
    return "smiles" if smiles and not frame.records else None


def _nearest_kind(values: Sequence[str]) -> str:
    """The kind by the letters alone; the other symbols are then named as unknown."""
    heads = ["".join(filter(str.isalpha, value[:_LOOKED_AT])) for value in values]
    return "dna" if statistics.fmean(map(_is_nucleic, heads)) >= 0.5 else "protein"


def _is_nucleic(text: str) -> bool:
    text = text.upper()
    return sum(text.count(base) for base in _BASES) >= 0.9 * len(text)


def _is_protein(text: str) -> bool:
    letters = set(text)
    rare = sum(text.count(letter) for letter in letters & _RARE_RESIDUES)
    return letters <= _RESIDUES and rare <= 0.05 * len(text)


def _is_smiles(text: str) -> bool:
    atoms = "C" in text or "c" in text or "N" in text or "O" in text
    bonds = any(mark in text for mark in ("(", "=", "#", "[", "c1", "C1", "CC"))
    return atoms and bonds and set(text) <= _SMILES


def _mixed(frame: Frame, name: str, bases: list[bool]) -> DataError:
    nucleic, protein = bases.index(True), bases.index(False)
    rows = [row for row, value in enumerate(texts(frame, name)) if value]
    return DataError(
        f"{frame.source}, column {name}: mixed alphabets: row "
        f"{frame.rows[rows[nucleic]]} looks like nucleotides, row "
        f"{frame.rows[rows[protein]]} like protein: separate them, or say what the "
        f"column is, for example {name}:protein"
    )


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
        numbers = [parse_numbers(texts(frame, name)) for name in columns]
        labels = all(n is not None and set(n[n == n]) <= {0, 1} for n in numbers)
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
    present = [cell for cell in cells if cell not in MISSING_NUMBERS]
    distinct = set(present)
    if not present or _share_of_numbers(present) < 0.5:
        return "class"
    values = parse_numbers(distinct)
    if values is None:
        # Mostly numbers: the text among many of them is a slip, to be named as such.
        return "class" if len(distinct) <= _MOST_CLASSES else "number"
    whole = bool((values == np.round(values)).all())
    few = len(values) <= _MOST_CLASSES and len(present) >= 3 * len(values)
    return "class" if whole and (len(values) <= 2 or few) else "number"


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
