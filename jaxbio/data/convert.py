"""From a frame of raw values to a data set: the one path that all rows take."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from jaxtyping import Float32

from jaxbio.alphabet import SMILES, Alphabet
from jaxbio.data.columns.base import Column, Reading, column_of
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.time_to_event import outcomes_in
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.io.cells import MISSING
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.not_numbers import NotNumbers
from jaxbio.data.io.parse import numbers, refuse, texts, words
from jaxbio.data.kinds import column_type, kinds_of_arrays, target_type
from jaxbio.data.molecules.files import is_of_molecules
from jaxbio.data.molecules.inchi import smiles_of_inchi
from jaxbio.data.molecules.smiles import INCHI, one_spelling
from jaxbio.data.parent import Parent, with_parent
from jaxbio.data.specs import InputKind
from jaxbio.errors import DataError, JaxbioError

LABEL = "label"
"""The target that holds labels from headers or file names."""

EVERY = "all"
"""What stands for all columns among those to keep."""


def to_dataset(
    frame: Frame,
    inputs: Mapping[str, InputKind],
    *,
    targets: Mapping[str, str] | None = None,
    ids: str | None = None,
    weights: str | None = None,
    groups: str | None = None,
    unknown: str = "error",
    lookups: Mapping[str, Callable[[Frame], DictionaryColumn]] | None = None,
    skip_invalid: bool = False,
    canonical: bool = False,
    keep: Sequence[str] = (),
    drop: Sequence[str] = (),
    parent: Parent | Mapping[str, Any] | None = None,
) -> Dataset:
    """Turn rows of raw values into named inputs and targets.

    Args:
        frame: The rows; columns that are not asked for are left out.
        inputs: The kind of each input by its column, or by a glob for one numeric
            vector of all matching columns that are not used otherwise.
        targets: The kind of each target by its column or glob.
        ids: The column that names the rows; None for `id` if there is one, else the
            numbers of the rows.
        weights: The column with the weight of each row.
        groups: The column with the group of each row.
        unknown: What an unknown symbol in a sequence is: `"error"` or `"any"`.
        lookups: What gives the values to which some rows refer, by input.
        skip_invalid: Whether rows with invalid SMILES are left out, with a note, and
            are no error.
        canonical: Whether molecules get the one spelling of RDKit.
        keep: Columns that go along as they stand; `all` for every one.
        drop: Columns, or globs, that are not among those of other globs.
        parent: What the rows are mutants of, if they are written so.

    Returns:
        The data set, its source being that of the frame. Of several inputs a sequence
        may be missing in some rows, and sequences that many rows share stand once.

    Raises:
        DataError: For a column that is missing or a value that its kind does not admit.

    Example:
        >>> import pandas as pd
        >>> frame = Frame.from_table(pd.DataFrame({"seq": ["ACGT"], "y": ["0.5"]}))
        >>> data = to_dataset(frame, {"seq": "dna"}, targets={"y": "number"})
        >>> data.inputs["seq"].strings(), data.targets["y"].values.tolist()
        (['ACGT'], [[0.5]])
    """
    targets, lookups = targets or {}, lookups or {}
    types = {name: target_type(name, kind) for name, kind in targets.items()}
    # Rows that come later may lack them.
    left_out = {c for c in frame.columns for name in drop if fnmatchcase(c, name)}
    outcomes = outcomes_in(list(frame.columns), list(targets))
    others = (ids or "id", weights, groups, *(c for x in outcomes.values() for c in x))
    used = _used(inputs, targets, others) | left_out
    several = len(inputs) + len(lookups) > 1
    kinds = {name: kind for name, kind in inputs.items() if name not in lookups}
    given = _with_sequence(frame, kinds)
    frame = _with_smiles(with_parent(given, parent), kinds)
    if skip_invalid:
        frame = _without_invalid(frame, kinds, missing=several)
        given = given.take(np.flatnonzero(np.isin(given.rows, frame.rows)))
    kept = kept_columns(given, keep)  # as they are written
    if canonical:
        frame = _with_one_spelling(frame, kinds)
    shared = several and not any(k.startswith("positions") for k in targets.values())
    how = Reading(used, unknown, shared)
    columns: dict[str, Column] = {}
    values: dict[str, Column] = {}
    faults = NotNumbers()
    for name, kind in kinds.items():
        with faults.gathered():
            columns[name] = _read(frame, name, kind, how)
    for name, kind in targets.items():
        with faults.gathered():
            values[name] = types[name].read_target(frame, name, kind, how)
    faults.refuse()
    columns |= {name: values_of(frame) for name, values_of in lookups.items()}
    for name, column in values.items():
        if targets[name].startswith("positions"):
            _check_positions(frame, name, column, columns)
    return Dataset(
        columns,
        values,
        ids=row_names(frame, ids),
        weights=None if weights is None else _weights(frame, weights),
        groups=None if groups is None else np.array(texts(frame, groups), object),
        source=frame.source,
        notes=frame.notes,
        kept=kept,
    )


def _without_invalid(
    frame: Frame, kinds: Mapping[str, InputKind], *, missing: bool
) -> Frame:
    """The rows that their types can read, with a note; some may be missing."""
    bad: dict[int, str] = {}
    for name, kind in kinds.items():
        faults = column_type(kind).invalid(frame, name, kind, missing=missing)
        for at, fault in faults.items():
            bad.setdefault(at, f"row {frame.rows[at]}, column {name}: {fault}")
    if not bad:
        return frame
    first = bad[min(bad)]
    note = f"{frame.source}: {len(bad)} rows without valid inputs left out ({first})"
    valid = np.setdiff1d(np.arange(len(frame)), list(bad))
    return dataclasses.replace(frame.take(valid), notes=(*frame.notes, note))


def _with_smiles(frame: Frame, kinds: Mapping[str, InputKind]) -> Frame:
    """The frame with SMILES for InChI, where molecules are written so."""
    for name, kind in kinds.items():
        if not (isinstance(kind, str | Alphabet) and _of_molecules(kind)):
            continue
        column = column_of(frame, name)
        if column not in frame.columns:
            continue  # reading says so
        values = texts(frame, column)
        if any(value.startswith(INCHI) for value in values):
            where = f"{frame.source}, column {column}"
            frame = frame.with_column(column, smiles_of_inchi(values, where))
    return frame


def _with_one_spelling(frame: Frame, kinds: Mapping[str, InputKind]) -> Frame:
    """The frame with canonical SMILES; a note tells which stay as they are."""
    for name, kind in kinds.items():
        if kind not in ("smiles", SMILES):
            continue
        column = column_of(frame, name)
        spelt, unread = one_spelling(texts(frame, column))
        frame = frame.with_column(column, spelt)
        if unread:
            note = (
                f"{frame.source}, column {column}: RDKit cannot read {len(unread)} "
                f"SMILES, which stay as they are (such as row {frame.rows[unread[0]]}, "
                f"{spelt[unread[0]][:40]!r})"
            )
            frame = dataclasses.replace(frame, notes=(*frame.notes, note))
    return frame


def _used(
    inputs: Mapping[str, InputKind],
    targets: Mapping[str, str],
    others: tuple[str | None, ...],
) -> frozenset[str]:
    """The columns that a glob leaves out."""
    both = sorted(inputs.keys() & targets.keys())
    if both:
        raise DataError(f"column {both[0]} is an input and a target: choose one")
    listed = [
        name
        for kind in inputs.values()
        if not isinstance(kind, str | Alphabet)
        for name in kind
    ]
    names = (*inputs, *targets, *others, *listed)
    return frozenset(name for name in names if name is not None)


def _with_sequence(frame: Frame, kinds: Mapping[str, InputKind]) -> Frame:
    """Let the only sequence input, whatever its name, be that of a FASTA file.

    Likewise the only input of molecules that of a file of molecules.
    """
    if is_of_molecules(frame):
        names = [n for n, kind in kinds.items() if _of_molecules(kind)]
        column = column_of(frame, names[0]) if len(names) == 1 else "smiles"
        if column in frame.columns:
            return frame
        return frame.with_column(column, frame.columns["smiles"])
    if not frame.records:
        return frame
    names = [name for name, kind in kinds.items() if column_type(kind).reads_records]
    if len(names) != 1 or names[0] in frame.columns:
        return frame
    return frame.with_column(names[0], frame.columns["sequence"])


def _of_molecules(kind: InputKind) -> bool:
    """Check that a kind is read from SMILES."""
    return kind == SMILES or column_type(kind).inferred_as(kind) == "smiles"


def _read(frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
    """An input, of a column or of an array that is no text."""
    column = column_type(kind)
    if name in frame.arrays and not column.takes(frame.arrays[name]):
        held = kinds_of_arrays(frame.arrays)[name]
        raise DataError(f"{frame.source}: {name} is {held}, not {column.name}")
    return column.read(frame, name, kind, how)


def _check_positions(
    frame: Frame, name: str, column: Column, inputs: Mapping[str, Column]
) -> None:
    """Values per position must be as many as the positions of a sequence."""
    if isinstance(column, Track):
        counts = column.lengths
    else:
        assert isinstance(column, Category)  # letters
        counts = np.array([len(value or "") for value in column.values], np.int64)
    lengths = [c.lengths for c in inputs.values() if isinstance(c, Sequences)]
    if not lengths:
        raise DataError(
            f"{frame.source}, target {name}: values per position need a sequence input"
        )
    fits = (counts == 0) | np.any([counts == length for length in lengths], axis=0)
    if not fits.all():
        row = int(np.argmin(fits))
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}, column {name}: {counts[row]} "
            f"values for a sequence of {lengths[0][row]}: give one a position ('?' or "
            f"NA where it is missing), or leave the cell empty"
        )


def row_names(frame: Frame, name: str | None) -> np.ndarray:
    """The names of the rows: of a column, of `id` if there is one, or numbers."""
    if name is None and "id" in frame.columns:
        name = "id"
    values = (
        [str(number) for number in frame.rows] if name is None else words(frame, name)
    )
    return np.array(values, object)


def kept_columns(frame: Frame, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Columns as they stand in the file; of other cells than text what they print."""
    wanted = frame.columns if EVERY in names else dict.fromkeys(names)
    return {
        name: frame.column(name)
        if frame.column(name).dtype.kind in "biuf"
        else np.array([word or None for word in words(frame, name)], object)
        for name in wanted
    }


def _weights(frame: Frame, name: str) -> Float32[np.ndarray, "n"]:
    values = numbers(frame, (name,))
    wrong = ~(values >= 0)
    refuse(frame, (name,), values, wrong, "a weight must be there and not negative")
    return values[:, 0]


def with_labels(frame: Frame, pattern: str) -> Frame:
    r"""Add labels found in the headers of sequence records, as the column `label`.

    Args:
        frame: Sequence records.
        pattern: A regular expression; its group `label`, or else its first group, is
            the label.

    Raises:
        DataError: For a pattern that is not one or does not match a header.

    Example:
        >>> import io
        >>> from jaxbio.data.io.sequences import read_fasta
        >>> frame = next(read_fasta(io.BytesIO(b">a label=yes\nACGT"), "x.fa"))
        >>> with_labels(frame, r"label=(\S+)").columns["label"].tolist()
        ['yes']
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise JaxbioError(
            f"labels={pattern!r} is no regular expression: {error}"
        ) from None
    if not compiled.groups:
        raise JaxbioError(
            f"labels={pattern!r} has no group: put the label in brackets, as in "
            rf"'label=(\S+)'"
        )
    group = LABEL if LABEL in compiled.groupindex else 1
    if not frame.records:
        raise DataError(
            f"{frame.source}: labels={pattern!r} needs headers, as in FASTA"
        )
    headers = texts(frame, "description")
    matches = [compiled.search(header) for header in headers]
    if None in matches:
        row = matches.index(None)
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}: the header {headers[row][:60]!r} "
            f"does not match labels={pattern!r}: correct one of them"
        )
    labels = (match[group] or "" for match in matches if match)
    return frame.with_column(LABEL, ["" if x in MISSING else x for x in labels])
