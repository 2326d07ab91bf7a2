"""`read`: from files or tables to a data set; `stream`: the same in bounded memory."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.convert import (
    LABEL,
    kept_columns,
    row_names,
    to_dataset,
    with_labels,
)
from jaxbio.data.dataset import Dataset, Provenance, collect
from jaxbio.data.expression.table import Duplicates
from jaxbio.data.inference import Inference, infer as infer_from
from jaxbio.data.io.cells import CellFormat
from jaxbio.data.io.frames import ROWS, Frame, thinned
from jaxbio.data.io.not_numbers import NotNumbers, NotNumbersError
from jaxbio.data.kinds import target_kinds
from jaxbio.data.lookup import Lookups, read_lookups
from jaxbio.data.molecules.smiles import has_rdkit, one_spelling
from jaxbio.data.parent import Parent, with_parent
from jaxbio.data.parent_files import parent_of
from jaxbio.data.recognition import NAMES, may_be_otherwise
from jaxbio.data.schema import Schema
from jaxbio.data.sources import Data, frames_of, held
from jaxbio.data.specs import InputKind, InputSpec
from jaxbio.errors import DataError, JaxbioError, nearest, option

if TYPE_CHECKING:
    import pandas

Inputs = Mapping[str, InputKind | None] | Sequence[str] | str | None
"""Kinds by column, columns, or one column."""

Targets = Mapping[str, str] | Sequence[str] | str | None
"""Kinds by column, columns, or one column or kind."""

Names = Sequence[str] | str
"""Several, or one."""


_SPELLINGS = (
    "molecules are compared as they are spelt: one may stand under several spellings, "
    "also in several parts; pip install 'jaxbio[chem]' brings rdkit, which tells"
)


def read(
    data: Data,
    *,
    inputs: Inputs = None,
    targets: Targets = None,
    ids: str | None = None,
    weights: str | None = None,
    groups: str | None = None,
    labels: str | None = None,
    unknown: str = "error",
    lookups: Lookups | None = None,
    skip_invalid: bool = False,
    drop: Names = (),
    kinds: Mapping[str, str] | None = None,
    missing: Names = (),
    present: Names = (),
    decimal: str | None = None,
    canonical: bool = True,
    layer: str | None = None,
    duplicates: Duplicates = "error",
    parent: Parent | Mapping[str, Any] | str | Path | None = None,
    first: int = 1,
    windows: Mapping[str, Any] | None = None,
) -> Dataset:
    """Read a data set into memory.

    Args:
        data: A file by its ending, `-` for standard input, a folder of images with one
            folder for each class, a DataFrame, or a mapping of class names to files,
            where the class becomes the target `label`.
        inputs: The kind of each input by its column: `dna`, `rna`, `protein`, `smiles`,
            `numeric`, `category`, `image` (paths of files; `image=64x64x3` to bring all
            to that size), `counts`, `mutations` of a `parent`, `symbols=HPX`, an
            `Alphabet`, or a type of column of your own. A glob such as `gene_*` makes
            one numeric vector of all matching columns; so does a list of columns in
            place of a kind. None, for a kind or for all, to infer; columns alone to
            infer their kinds.
        targets: The columns to predict, or their kinds by column (`number`, `count`,
            `class`, `labels`, `positions_class`, `positions_number`); `[]` for none.
            None to infer column and kind; a kind alone to infer the column.
        ids: The column that names the rows; None for the only one that does, where
            inputs are inferred, and else `id` if there is one.
        weights: The column with the weight of each row.
        groups: The column with the group of each row.
        labels: A regular expression whose group finds the target `label` in the headers
            of FASTA records.
        unknown: `"any"` to read unknown symbols as N or X; `"error"` to refuse them.
        lookups: For inputs to whose items the rows refer by name, the files in which
            these stand, or how to read them (`jaxbio.data.Lookup`). Without `inputs`
            these are all inputs.
        skip_invalid: Whether rows with invalid SMILES are left out, with a note, and
            are no error.
        drop: Columns, or globs, that are neither inputs when these are inferred nor
            among the columns of other globs.
        kinds: The kinds of columns that are not what they look like when inputs are
            inferred, such as `{"hospital": "category"}` for its numbers.
        missing: Marks of missing values beside the usual ones
            (`jaxbio.data.io.cells.MISSING`), such as -999.
        present: Usual marks that are values here, such as NA for sodium.
        decimal: `.` or `,`, what stands before decimals; None for commas in a table
            whose columns they do not separate and whose numbers have no points.
        canonical: Whether each molecule gets one spelling, that of RDKit; where that
            is not installed a note says that one may stand under several.
        layer: For AnnData files, which matrix is the input `counts`: `X`, `raw` or the
            name of a layer; the raw counts if not given. One without whole numbers is
            read with the kind `numeric`.
        duplicates: For AnnData files, what to do with a gene that occurs twice:
            `error`, or `sum` to add its columns up.
        parent: Where rows are written as mutations, such as A42G:K50R, the sequence
            that they change: its letters, or a file with it. The column is the input of
            kind `mutations`, or the only one that looks so; rows with whole sequences
            stay as they are.
        first: The number of the parent's first letter in the names of mutations.
        windows: How rows were cut out of a genome (`jaxbio.genome.Windows.options`),
            for a model to keep.

    Returns:
        The data set.

    Raises:
        DataError: For a file, column or value that cannot be used.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"seq": ["ACGTAC", "GGTTAA"], "label": ["yes", "no"]})
        >>> data = read(table)
        >>> data.inputs["seq"].strings(), data.targets["label"].values.tolist()
        (['ACGTAC', 'GGTTAA'], ['yes', 'no'])
    """
    cells = {
        "missing": _several(missing),
        "present": _several(present),
        "decimal": decimal,
    }
    inputs, drop = _by_column(inputs), _several(drop)
    opened = _opener(data, labels, cells, layer, duplicates)
    canonical = canonical and has_rdkit()
    parent, inputs = parent_of(parent, first, inputs, opened)
    shared = read_lookups(lookups, inputs, unknown=unknown, canonical=canonical)
    if shared:
        inputs = {n: k for n, k in (inputs or {}).items() if n not in shared}
    columns = {name: kind for name, kind in (inputs or {}).items() if kind is not None}
    labelled = _given_kinds(targets)
    how, asked = Provenance(groups=groups or ""), groups is not None
    notes: tuple[str, ...] = ()
    if inputs is None or len(columns) < len(inputs) or labelled is None:
        others = (ids, weights, groups, *shared, *(s.key for s in shared.values()))
        found = _infer(
            lambda: (with_parent(frame, parent) for frame in opened()),
            inputs, targets, others, drop, kinds,
        )  # fmt: skip
        columns, labelled, notes = found.inputs, found.targets, found.notes
        groups = groups or found.unit
        unused = dict(found.unused)
        named = [name for name, reason in unused.items() if reason == NAMES]
        named = [found.key] if found.key in named else named
        if ids is None and len(named) == 1 and inputs is None:
            (ids,) = named
            unused[ids] = "names the rows, also of predictions"
        how = Provenance({}, unused, found.otherwise, groups or "")

    def converted(inputs: Mapping[str, InputKind]) -> Iterator[Dataset]:
        faults = NotNumbers()
        for frame in opened():
            with faults.gathered():
                yield to_dataset(
                    frame,
                    inputs,
                    targets=labelled,
                    ids=ids,
                    weights=weights,
                    groups=groups,
                    unknown=unknown,
                    lookups={name: table.column for name, table in shared.items()},
                    skip_invalid=skip_invalid,
                    canonical=canonical,
                    drop=drop,
                    parent=parent,
                )
        faults.refuse()

    whole = collect(converted(columns))
    if skip_invalid and not len(whole):
        raise DataError(f"{whole.source}: no row with valid inputs is left")
    if not how.groups and ids is not None and _is_repeated(whole.ids):
        # Several visits, lesions, cells of one: they belong together.
        whole = dataclasses.replace(whole, groups=whole.ids)
        how = dataclasses.replace(how, groups=ids)
    elif whole.groups is not None and not asked and not all(map(str, whole.groups)):
        notes += (f"{how.groups} is not known of all rows: none are kept together",)
        whole = dataclasses.replace(whole, groups=None)
        how = dataclasses.replace(how, groups="")
    columns = {**whole.inputs, **whole.targets}
    options = {
        **cells, "ids": ids, "labels": labels, "weights": weights, "drop": drop
    }  # fmt: skip
    options = {name: _plain(value) for name, value in options.items() if value}
    options |= {"parent": parent.to_dict()} if parent else {}
    options |= {"windows": dict(windows)} if windows else {}
    if any(column.kind == "smiles" for column in columns.values()):
        options |= {"canonical": True} if canonical else {}
        notes += () if has_rdkit() else (_SPELLINGS,)
    odd = [note for name, column in columns.items() for note in column.notice(name)]
    if not (_given_kinds(targets) or _is_kind(targets)):
        pairs = whole.targets.items()
        odd += [note for name, x in pairs for note in may_be_otherwise(name, x)]
    return dataclasses.replace(
        whole,
        notes=(*whole.notes, *notes, *odd),
        provenance=dataclasses.replace(how, options=options),
    )


def _is_repeated(names: np.ndarray | None) -> bool:
    """Check that every name is given, and that some are those of several rows."""
    given = [] if names is None else [str(name) for name in names]
    return bool(given) and all(given) and len(set(given)) < len(given)


def _plain(value: Any) -> Any:
    """An option as a JSON value."""
    return value if isinstance(value, str) else list(map(str, value))


def read_for(
    data: Data,
    schema: Schema,
    *,
    ids: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    unknown: str = "error",
    lookups: Lookups | None = None,
    layer: str | None = None,
    duplicates: Duplicates = "error",
) -> Dataset:
    """Read the inputs and targets of a model, to evaluate it.

    Args:
        data: As for `read`.
        schema: What the inputs and targets of the model are.
        ids: The column that names the rows; None for the one of training if it is
            there, as for `labels` and `weights`.
        labels: As for `read`.
        weights: As for `read`.
        unknown: As for `read`.
        lookups: As for `read`.
        layer: As for `read`.
        duplicates: As for `read`.

    Raises:
        DataError: For a file, column or value that cannot be used.

    Example:
        >>> from jaxbio.data.learn import learn_schema
        >>> import pandas as pd
        >>> table = pd.DataFrame({"seq": ["ACGTAC", "GGTTAA"], "y": ["0.5", "1.5"]})
        >>> schema = learn_schema(read(table), {"y": ("number", False)})
        >>> read_for(table, schema).targets["y"].values.tolist()
        [[0.5], [1.5]]
    """
    targets: dict[str, str] = {}
    for spec in schema.targets:
        if spec.kind == "embedding":
            continue
        per_position = "class" if spec.kind == "class" else "number"
        kind = f"positions_{per_position}" if spec.per_position else spec.kind
        targets[spec.name] = kind
    options = {**schema.reading, "unknown": unknown, "lookups": lookups}
    options |= {"layer": layer, "duplicates": duplicates}
    data = held(data)
    with contextlib.closing(frames_of(data, ROWS, layer, duplicates)) as frames:
        first = next(frames, None)
    if first is None:
        raise DataError(f"{data!r:.60}: no rows to read")
    found, note = _named_as_in_training(first, options)
    options["ids"] = found if ids is None else ids
    if labels is not None:
        options["labels"] = labels
    elif not first.records or LABEL in first.columns:
        options["labels"] = None  # these rows have their labels elsewhere
    notes = note if ids is None else ()
    learned = options.get("weights")
    if weights is not None:
        options["weights"] = weights
    elif learned is not None and learned not in first.columns:
        options["weights"] = None
        notes += (
            f"{first.source}: no column {learned!r}, which held the weights of the "
            f"training rows: all rows weigh the same",
        )
    with _of_a_model():
        whole = read(data, inputs=_kinds_of(schema), targets=targets, **options)
    return dataclasses.replace(whole, notes=(*whole.notes, *notes))


def _named_as_in_training(
    frame: Frame, options: Mapping[str, Any]
) -> tuple[str | None, tuple[str, ...]]:
    """The column that names rows as those of training were, or a note without it."""
    name = options.get("ids")
    if name is None or name in frame.columns:
        return name, ()
    used = "the column id" if "id" in frame.columns else "their numbers"
    note = (
        f"{frame.source}: no column {name!r}, which named the training rows: rows are "
        f"named by {used} ({option('ids', 'COLUMN')} for another column)"
    )
    return None, (note,)


def infer(
    data: Data,
    *,
    inputs: Inputs = None,
    targets: Targets = None,
    exclude: Sequence[str] = (),
    labels: str | None = None,
    drop: Names = (),
    kinds: Mapping[str, str] | None = None,
    missing: Names = (),
    present: Names = (),
    decimal: str | None = None,
) -> tuple[dict[str, InputKind], dict[str, str]]:
    """Inputs and targets that `read` takes by default.

    Args:
        data: As for `read`; standard input can be read only once, so give its frames.
        inputs: As for `read`.
        targets: As for `read`.
        exclude: Columns with another use (ids, weights, groups).
        labels: As for `read`.
        drop: As for `read`.
        kinds: As for `read`.
        missing: As for `read`.
        present: As for `read`.
        decimal: As for `read`.

    Returns:
        The kind of each input and the kind of each target.

    Raises:
        DataError: For a file that cannot be read or has no column for an input.

    Example:
        >>> import pandas as pd
        >>> infer(pd.DataFrame({"age": [61, 47], "sex": ["m", "f"], "y": [1, 0]}))
        ({'age': 'numeric', 'sex': 'category'}, {'y': 'class'})
    """
    cells = {
        "missing": _several(missing),
        "present": _several(present),
        "decimal": decimal,
    }
    opened = _opener(data, labels, cells)
    given = _by_column(inputs)
    found = _infer(opened, given, targets, exclude, _several(drop), kinds)
    return found.inputs, found.targets


def _infer(
    opened: Callable[[], Iterable[Frame]],
    inputs: Mapping[str, InputKind | None] | None,
    targets: Targets,
    exclude: Sequence[str | None],
    drop: Sequence[str],
    kinds: Mapping[str, str] | None,
) -> Inference:
    others = [name for name in exclude if name is not None]
    names = None if targets is None or _is_kind(targets) else _names(targets)
    sample = thinned(opened())
    found = infer_from(
        sample, inputs=inputs, targets=names, exclude=others, drop=drop, kinds=kinds
    )
    if _is_kind(targets):
        return found._replace(targets=dict.fromkeys(found.targets, str(targets)))
    by_name = _given_kinds(targets)
    return found if by_name is None else found._replace(targets=by_name)


def _several(names: Names) -> Sequence[str]:
    return [names] if isinstance(names, str) else names


def _by_column(inputs: Inputs) -> Mapping[str, InputKind | None] | None:
    """The kind of each input, None for those to infer."""
    if inputs is None or isinstance(inputs, Mapping):
        return inputs
    return dict.fromkeys(_several(inputs))


def _given_kinds(targets: Targets) -> dict[str, str] | None:
    """The kinds of the targets, if nothing about them is to be inferred."""
    if isinstance(targets, Mapping):
        return dict(targets)
    return None if targets is None or len(targets) else {}


def _is_kind(targets: Targets) -> bool:
    return isinstance(targets, str) and targets in target_kinds()


def _names(targets: str | Sequence[str] | Mapping[str, str]) -> list[str]:
    return [targets] if isinstance(targets, str) else list(targets)


def stream(
    data: Data,
    inputs: Mapping[str, InputKind] | Schema,
    *,
    ids: str | None = None,
    unknown: str = "error",
    lookups: Lookups | None = None,
    rows: int = ROWS,
    options: Mapping[str, Any] | None = None,
    layer: str | None = None,
    duplicates: Duplicates = "error",
    keep: Sequence[str] = (),
    skip_bad: bool = False,
) -> Generator[Dataset, None, None]:
    """Read inputs of any number of rows in bounded memory.

    Args:
        data: As for `read`.
        inputs: The kind of each input, as for `read`, or the schema of a model. Columns
            may stand in any order; others are left out.
        ids: The column that names the rows; None for the one that named the training
            rows of a schema, if it is there.
        unknown: As for `read`.
        lookups: As for `read`.
        rows: The most rows of a part.
        options: `ids`, `labels`, `missing`, `present` and `decimal`, as for `read`;
            None for those by which the training rows of a schema were read.
        layer: As for `read`.
        duplicates: As for `read`.
        keep: Columns that go along as they stand, in `kept`; `["all"]` for all.
        skip_bad: Whether rows that cannot be read keep their places, marked in
            `unread`, with a note, and are no error.

    Yields:
        Data sets without targets.

    Raises:
        DataError: For a file, column or value that cannot be used.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"seq": ["ACGT", "GG"], "note": ["a", "b"]})
        >>> [part.inputs["seq"].strings() for part in stream(table, {"seq": "dna"})]
        [['ACGT', 'GG']]
    """
    kinds = _kinds_of(inputs)
    options = options or _options_of(inputs)
    canonical = one_spelling_of(options)
    shared = _items_of(lookups, kinds, unknown, canonical)
    example: Dataset | None = None
    for frame in frames_of(data, rows, layer, duplicates):
        found, note = (
            _named_as_in_training(frame, options) if ids is None else (ids, ())
        )
        how: dict[str, Any] = {"ids": found, "unknown": unknown, "lookups": shared}
        how |= {"canonical": canonical, "keep": keep, "parent": options.get("parent")}
        frame = _formatted(frame, options)
        if skip_bad:
            part = example = _with_places(frame, kinds, how, example)
        else:
            part = _to_predict(frame, kinds, how)
        yield dataclasses.replace(part, notes=(*part.notes, *note)) if note else part


@contextlib.contextmanager
def _for_prediction() -> Iterator[None]:
    """Errors of reading with the remedy that there is where rows are predicted."""
    try:
        yield
    except DataError as error:
        here, there = (option(name, True) for name in ("skip_bad", "skip_invalid"))
        if there not in str(error):
            raise
        raise DataError(str(error).replace(there, here)) from None


@contextlib.contextmanager
def _of_a_model() -> Iterator[None]:
    """Errors of reading without remedies that training rows alone can have."""
    try:
        yield
    except NotNumbersError as error:
        raise error.as_learned() from None


def _to_predict(
    frame: Frame, kinds: Mapping[str, InputKind], how: Mapping[str, Any]
) -> Dataset:
    """Rows for a model that was trained."""
    with _for_prediction(), _of_a_model():
        return to_dataset(frame, kinds, **how)


def _with_places(
    frame: Frame,
    kinds: Mapping[str, InputKind],
    how: Mapping[str, Any],
    example: Dataset | None,
) -> Dataset:
    """The rows of a frame; those that cannot be read are like one that can.

    Args:
        frame: The rows.
        kinds: The inputs.
        how: The other arguments of `to_dataset`.
        example: Rows that were read before; None for none.

    Raises:
        JaxbioError: If no row can be read, the error of the first.
    """
    faults = _faults(frame, lambda part: _to_predict(part, kinds, how))
    if not faults:
        return to_dataset(frame, kinds, **how)
    valid = np.setdiff1d(np.arange(len(frame)), list(faults))
    if valid.size:
        some = to_dataset(frame.take(valid), kinds, **how)
    elif example is not None:
        some = example.take([0])
    else:
        raise next(iter(faults.values()))
    places = np.zeros(len(frame), np.int64)
    places[valid] = np.arange(len(valid))
    unread = np.isin(np.arange(len(frame)), list(faults))
    first = "; ".join(str(error) for error in itertools.islice(faults.values(), 3))
    more = f"; and {len(faults) - 3:,} more" if len(faults) > 3 else ""
    note = (
        f"{frame.source}: {len(faults):,} of {len(frame):,} rows cannot be read and "
        f"get no prediction: {first}{more}"
    )
    return dataclasses.replace(
        some.take(places),
        ids=row_names(frame, how["ids"]),
        kept=kept_columns(frame, how["keep"]),
        notes=(*some.notes, note),
        unread=unread,
    )


def _faults(frame: Frame, read_rows: Callable[[Frame], Any]) -> dict[int, JaxbioError]:
    """What is wrong with each row that cannot be read, by its place."""
    try:
        read_rows(frame)
    except JaxbioError as error:
        if len(frame) == 1:
            return {0: error}
    else:
        return {}
    half = len(frame) // 2
    left = _faults(frame.take(slice(0, half)), read_rows)
    right = _faults(frame.take(slice(half, None)), read_rows)
    return left | {half + at: error for at, error in right.items()}


def from_frame(
    table: "pandas.DataFrame | Frame",
    inputs: Mapping[str, InputKind] | Schema,
    *,
    ids: str | None = None,
    unknown: str = "error",
    lookups: Lookups | None = None,
    keep: Sequence[str] = (),
    skip_bad: bool = False,
) -> Dataset:
    """The inputs of a DataFrame or frame; other arguments as for `stream`."""
    frame = table if isinstance(table, Frame) else Frame.from_table(table)
    if not len(frame):
        raise DataError(f"{frame.source} has no rows")
    how: dict[str, Any] = {"ids": ids, "unknown": unknown, "lookups": lookups}
    how |= {"keep": keep, "skip_bad": skip_bad, "rows": len(frame)}
    (data,) = stream(frame, inputs, **how)
    return data


def from_strings(
    strings: Sequence[Any],
    spec: InputSpec,
    *,
    unknown: str = "error",
    canonical: bool = False,
    parent: Mapping[str, Any] | None = None,
) -> Dataset:
    """Sequences as the one input of a model.

    Args:
        strings: The sequences.
        spec: The input.
        unknown: As for `read`.
        canonical: Whether molecules get the one spelling of RDKit.
        parent: The fields of the `Parent` that some may be written as mutations of.

    Raises:
        DataError: For an empty sequence or a symbol outside the alphabet.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> spec = SequenceSpec("seq", "dna", DNA)
        >>> from_strings(["ACGT"], spec).inputs["seq"].strings()
        ['ACGT']
    """
    if not len(strings):
        raise DataError(f"input {spec.name}: no sequences were given")
    for row, text in enumerate(strings, 1):
        if not isinstance(text, str):
            raise DataError(
                f"input {spec.name}, row {row}: {text!r} is no sequence: give strings"
            )
    if not isinstance(spec, SequenceSpec):
        raise DataError(f"input {spec.name} is {spec.kind}, not a sequence")
    if parent is not None:
        strings = Parent(**parent).sequences(list(strings))
    if canonical and spec.kind == "smiles":
        strings, _ = one_spelling(strings)
    column = Sequences.from_strings(
        list(strings), spec.alphabet, unknown=unknown, where=f"input {spec.name}"
    )
    return Dataset({spec.name: column}, source="sequences")


def _kinds_of(inputs: Mapping[str, InputKind] | Schema) -> Mapping[str, InputKind]:
    """Exactly the columns that a model takes, so that a glob finds no others."""
    if not isinstance(inputs, Schema):
        return inputs
    return {spec.name: spec.reading_kind for spec in inputs.own}


def _options_of(inputs: Mapping[str, InputKind] | Schema) -> Mapping[str, Any]:
    """How the training rows of a model were read."""
    return inputs.reading if isinstance(inputs, Schema) else {}


def one_spelling_of(options: Mapping[str, Any]) -> bool:
    """Whether molecules are read by their canonical SMILES.

    Args:
        options: Those of a schema's `reading`.

    Raises:
        JaxbioError: If a model was trained on these and RDKit is not here.
    """
    canonical = bool(options.get("canonical"))
    if canonical and not has_rdkit():
        raise JaxbioError(
            "the model was trained on canonical SMILES, which rdkit writes: pip "
            "install 'jaxbio[chem]'"
        )
    return canonical


def _formatted(frame: Frame, options: Mapping[str, Any]) -> Frame:
    """The frame with its cells read as was asked for."""
    missing, present = (options.get(name) or () for name in ("missing", "present"))
    decimal = options.get("decimal") or frame.format.decimal
    if frame.records or not (missing or present or options.get("decimal")):
        return frame
    format = CellFormat.of(missing=missing, present=present, decimal=decimal)
    return dataclasses.replace(frame, format=format)


def _items_of(
    lookups: Lookups | None,
    kinds: Mapping[str, InputKind],
    unknown: str,
    canonical: bool,
) -> dict[str, Callable[[Frame], DictionaryColumn]]:
    """What gives the values of lookups, all of inputs that are wanted."""
    for name in lookups or ():
        if name not in kinds:
            raise DataError(f"no input {name!r} to look up: {nearest(name, kinds)}")
    tables = read_lookups(lookups, kinds, unknown=unknown, canonical=canonical)
    return {name: table.column for name, table in tables.items()}


def _opener(
    data: Data,
    labels: str | None,
    cells: Mapping[str, Any],
    layer: str | None = None,
    duplicates: Duplicates = "error",
) -> Callable[[], Iterable[Frame]]:
    """A function that gives the frames, each time from the start."""
    data = held(data)

    alone: list[Frame] = []  # the only frame of a small file, which is read once

    def opened() -> Iterator[Frame]:
        if alone:
            yield from alone
            return
        count = 0
        for part in frames_of(data, ROWS, layer, duplicates):
            count += 1
            frame = part if labels is None else with_labels(part, labels)
            frame = _formatted(frame, cells)
            yield frame
        if count == 1:
            alone.append(frame)

    return opened
