"""From a frame of raw values to a data set: the one path that all rows take."""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from jaxtyping import Float32

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import Column, DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Fingerprints, Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import labels, numbers, texts, track
from jaxbio.data.kinds import (
    MORGAN,
    InputKind,
    alphabet_of,
    check_target_kinds,
    image_size,
    is_image,
    is_molecules,
    is_pattern,
    matching,
    vector_columns,
)
from jaxbio.errors import DataError, JaxbioError

LABEL = "label"
"""The target that holds labels from headers or file names."""


def to_dataset(
    frame: Frame,
    inputs: Mapping[str, InputKind],
    *,
    targets: Mapping[str, str] | None = None,
    ids: str | None = None,
    weights: str | None = None,
    groups: str | None = None,
    unknown: str = "error",
    lookups: Mapping[str, "Shared"] | None = None,
    skip_invalid: bool = False,
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
        lookups: The items of inputs to which the rows refer, by input.
        skip_invalid: Whether rows with invalid SMILES are left out, with a note, and
            are no error.

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
    targets = targets or {}
    check_target_kinds(targets)
    lookups = lookups or {}
    used = _used(inputs, targets, (ids or "id", weights, groups))
    several = len(inputs) + len(lookups) > 1
    checked = {n: kind for n, kind in inputs.items() if n not in lookups}
    frame = _checked_smiles(frame, checked, skip_invalid=skip_invalid, missing=several)
    shares = several and not any(k.startswith("positions") for k in targets.values())
    columns: dict[str, Column] = {
        name: _input(
            _with_sequence(frame, name, kind, inputs),
            name,
            kind,
            used,
            unknown,
            shares=shares,
        )
        for name, kind in inputs.items()
        if name not in lookups
    }
    columns |= {name: items.of(frame) for name, items in lookups.items()}
    values = {name: _target(frame, name, kind, used) for name, kind in targets.items()}
    for name, column in values.items():
        if targets[name].startswith("positions"):
            _check_positions(frame, name, column, columns)
    return Dataset(
        columns,
        values,
        ids=_ids(frame, ids),
        weights=None if weights is None else _weights(frame, weights),
        groups=None if groups is None else np.array(texts(frame, groups), object),
        source=frame.source,
        notes=frame.notes,
    )


class Shared(Protocol):
    """Items to which rows refer: see `jaxbio.data.lookup`."""

    def of(self, frame: Frame) -> DictionaryColumn:
        """The items of some rows."""
        ...


def _checked_smiles(
    frame: Frame, inputs: Mapping[str, InputKind], *, skip_invalid: bool, missing: bool
) -> Frame:
    """Refuse what is no SMILES, or leave such rows out; some may be missing."""
    bad: dict[int, str] = {}
    for name, kind in inputs.items():
        if not is_molecules(kind):
            continue
        from jaxbio.data.molecules.smiles import (  # few need it
            check_smiles,
            invalid_smiles,
        )

        values = texts(frame, column_of(frame, name))
        if not skip_invalid:
            present = [at for at, text in enumerate(values) if text]
            where = f"{frame.source}, column {name}"
            check_smiles([values[at] for at in present], where, frame.rows[present])
            continue
        for at, fault in invalid_smiles(values, read=kind == MORGAN).items():
            if values[at] or not missing:
                bad.setdefault(at, f"row {frame.rows[at]}, column {name}: {fault}")
    if not bad:
        return frame
    first = bad[min(bad)]
    note = f"{frame.source}: {len(bad)} rows without a valid SMILES left out ({first})"
    valid = np.setdiff1d(np.arange(len(frame)), list(bad))
    return dataclasses.replace(frame.take(valid), notes=(*frame.notes, note))


def _used(
    inputs: Mapping[str, InputKind],
    targets: Mapping[str, str],
    others: tuple[str | None, ...],
) -> frozenset[str]:
    """The columns that a glob leaves out."""
    both = sorted(inputs.keys() & targets.keys())
    if both:
        raise DataError(f"column {both[0]} is an input and a target: choose one")
    listed = [name for kind in inputs.values() for name in vector_columns(kind)]
    names = (*inputs, *targets, *others, *listed)
    return frozenset(name for name in names if name is not None)


def _with_sequence(
    frame: Frame, name: str, kind: InputKind, inputs: Mapping[str, InputKind]
) -> Frame:
    """Let the only sequence input, whatever its name, be that of a FASTA file."""
    if not frame.records or name in frame.columns or alphabet_of(kind) is None:
        return frame
    if sum(alphabet_of(item) is not None for item in inputs.values()) > 1:
        return frame
    return frame.with_column(name, frame.columns["sequence"])


def _input(
    frame: Frame,
    name: str,
    kind: InputKind,
    used: frozenset[str],
    unknown: str,
    *,
    shares: bool,
) -> Column:
    if is_image(kind):
        return _images(frame, name, str(kind))
    if name in frame.made:
        return frame.made[name]
    alphabet = alphabet_of(kind)
    if alphabet is not None or kind == "category":
        if is_pattern(name) and name not in frame.columns:
            raise DataError(
                f"{frame.source}: {name!r} may match several columns, which only "
                f"numeric inputs can have: name one column"
            )
        name = column_of(frame, name)
        if alphabet is None:
            return labels(frame, name)
        convert = _shared if shares else _sequences
        return convert(frame, name, alphabet, unknown)
    if kind == "counts":
        return _counts(frame, matching(frame, name, used))
    if kind == MORGAN:
        return _fingerprints(frame, column_of(frame, name))
    names = vector_columns(kind) or matching(frame, name, used)
    return Numeric(numbers(frame, names), names)


def _sequences(frame: Frame, name: str, alphabet: Alphabet, unknown: str) -> Sequences:
    return Sequences.from_strings(
        texts(frame, name),
        alphabet,
        unknown=unknown,
        where=f"{frame.source}, column {name}",
        rows=frame.rows,
    )


def _shared(frame: Frame, name: str, alphabet: Alphabet, unknown: str) -> Column:
    """Sequences, of which each stands once if most occur again; empty is missing."""
    values = texts(frame, name)
    first = {text: at for at, text in reversed(list(enumerate(values))) if text}
    if "" not in values and len(first) > len(values) / 2:
        return _sequences(frame, name, alphabet, unknown)
    places = sorted(first.values())
    if not places:  # nobody refers to this item, but without any there is no kind
        symbol = Sequences.from_strings([alphabet.letters[0]], alphabet)
        return DictionaryColumn(symbol, np.full(len(values), -1, np.int32))
    items = _sequences(frame.take(np.array(places)), name, alphabet, unknown)
    number = {values[at]: number for number, at in enumerate(places)}
    rows = np.array([number.get(text, -1) for text in values], np.int32)
    return DictionaryColumn(items, rows)


def column_of(frame: Frame, name: str) -> str:
    """The column of an input: of its name, or what follows `@` in it.

    Example:
        >>> import pandas as pd
        >>> column_of(Frame.from_table(pd.DataFrame({"smiles": ["C"]})), "bits@smiles")
        'smiles'
    """
    _, at, column = name.rpartition("@")
    return column if at and name not in frame.columns else name


def _fingerprints(frame: Frame, name: str) -> Fingerprints:
    """The fingerprint of each molecule; nothing where there is none."""
    from jaxbio.data.molecules.smiles import morgan_fingerprints

    values = texts(frame, name)
    present = np.array([at for at, text in enumerate(values) if text], np.int64)
    bits = morgan_fingerprints(
        [values[at] for at in present],
        where=f"{frame.source}, column {name}",
        rows=frame.rows[present],
    )
    table = np.full((len(values), bits.shape[1]), np.nan, np.float32)
    table[present] = bits
    names = tuple(f"{MORGAN}_{at}" for at in range(bits.shape[1]))
    return Fingerprints(table, names)


def _counts(frame: Frame, names: tuple[str, ...]) -> SparseCounts:
    from scipy import sparse

    values = numbers(frame, names)
    _require(frame, names, values, ~(values >= 0), "a count is there and not negative")
    return SparseCounts(sparse.csr_matrix(values), names)


def _images(frame: Frame, name: str, kind: str) -> Column:
    """The images of an archive, or of files whose paths stand in a column."""
    size, channels = image_size(kind)
    if name in frame.made:
        images = frame.made[name]
        if not isinstance(images, Images):
            raise DataError(f"{frame.source}: {name} is {images.kind}, not image")
        shape = images.values.shape[1:]
        if size is None or shape == (*size, channels or shape[-1]):
            return images
        raise DataError(
            f"{frame.source}: images of an archive keep their size "
            f"({shape[0]} x {shape[1]} x {shape[2]}): leave it out, as image"
        )
    from jaxbio.data.io.images import read_images

    values = texts(frame, name)
    present = np.flatnonzero([bool(text) for text in values])
    folder = Path(frame.source).parent
    paths = [_beside(folder, values[at]) for at in present]
    pixels = read_images(
        paths,
        size=size,
        channels=channels,
        rows=frame.rows[present],
        where=f"{frame.source}, column {name}",
    )
    images = Images(pixels, resized=size is not None)
    if len(present) == len(values):
        return images
    rows = np.full(len(values), -1, np.int32)
    rows[present] = np.arange(len(present))
    return DictionaryColumn(images, rows)


def _beside(folder: Path, text: str) -> Path:
    """A path beside the table in which it stands, or else from where we are."""
    path = Path(text)
    return path if path.exists() and not (folder / path).exists() else folder / path


def _target(frame: Frame, name: str, kind: str, used: frozenset[str]) -> Column:
    if kind in ("class", "positions_class"):
        per_position = kind == "positions_class"
        return dataclasses.replace(labels(frame, name), per_position=per_position)
    if kind == "positions_number":
        return track(frame, name)
    names = matching(frame, name, used)
    values = numbers(frame, names)
    if kind == "count":
        _require(frame, names, values, values < 0, "a count cannot be negative")
    if kind == "labels":
        valid = (values == 0) | (values == 1) | np.isnan(values)
        _require(frame, names, values, ~valid, "a label is 0, 1 or missing")
    return Numeric(values, names)


def _require(
    frame: Frame,
    names: tuple[str, ...],
    values: Float32[np.ndarray, "n columns"],
    wrong: np.ndarray,
    rule: str,
) -> None:
    faults = np.argwhere(wrong)
    if faults.size:
        row, at = faults[0]
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}, column {names[at]}: "
            f"{values[row, at]:g}: {rule}; correct it"
        )


def _check_positions(
    frame: Frame, name: str, column: Column, inputs: Mapping[str, Column]
) -> None:
    """Values per position must be as many as the positions of a sequence."""
    if isinstance(column, Category):
        counts = np.array([len(value or "") for value in column.values], np.int64)
    elif isinstance(column, Track):
        counts = column.lengths
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


def _ids(frame: Frame, name: str | None) -> np.ndarray:
    if name is None and "id" in frame.columns:
        name = "id"
    values = (
        [str(number) for number in frame.rows] if name is None else texts(frame, name)
    )
    return np.array(values, object)


def _weights(frame: Frame, name: str) -> Float32[np.ndarray, "n"]:
    values = numbers(frame, (name,))
    wrong = ~(values >= 0)
    _require(frame, (name,), values, wrong, "a weight must be there and not negative")
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
    return frame.with_column(LABEL, [match[group] or "" for match in matches if match])
