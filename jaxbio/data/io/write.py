"""Tables to files, row by row, whole or not at all."""

import bz2
import contextlib
import csv
import gzip
import io
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, cast

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.errors import DataError, JaxbioError

_SEPARATORS = {".tsv": "\t", ".txt": "\t", ".csv": ","}
_PACKERS = (".gz", ".bz2")

if TYPE_CHECKING:
    import pandas

Table = Union["pandas.DataFrame", Mapping[str, np.ndarray]]
"""A DataFrame, or columns of text (None for a missing one) and numbers by name."""


def write_table(
    tables: Iterable[Table],
    path: str | Path,
    *,
    formulas: bool = False,
    plain: Collection[str] = (),
) -> int:
    r"""Write the rows of tables with the same columns, one table after the other.

    Numbers have as many digits as their type needs to be read back unchanged.

    Args:
        tables: The tables; only one is held at a time.
        path: A file ending in `.tsv`, `.csv` (each also `.gz` or `.bz2`) or `.parquet`,
            or `-` for tab-separated text on standard output.
        formulas: Whether text that a spreadsheet would run, such as `=A1`, stays as it
            is; else it gets a `'` before it, by which it is text there. Numbers and
            Parquet files are never changed.
        plain: Columns of which the text stays as it is.

    Returns:
        The number of rows written.

    Raises:
        JaxbioError: For an ending that is not known, a folder that cannot be written
            to, a full disk, or no table at all. Nothing half-written is left behind.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.tsv"
        >>> write_table([{"id": np.array(["a"], object), "y": np.array([0.5])}], path)
        1
        >>> path.read_text().splitlines()
        ['id\ty', 'a\t0.5']
    """
    harmless = tables if formulas else (_harmless(each, plain) for each in tables)
    if str(path) == STANDARD_INPUT:
        return _write_standard(harmless)
    path = Path(path)
    name = path.name.lower()
    for packer in _PACKERS:
        name = name.removesuffix(packer)
    ending = Path(name).suffix
    if ending not in (*_SEPARATORS, ".parquet") or (
        ending == ".parquet" and path.suffix.lower() in _PACKERS
    ):
        raise DataError(
            f"{path}: tables are written to names ending in .tsv, .csv (each also .gz "
            f"or .bz2) or .parquet"
        )
    with replacing(path) as temporary:
        if ending == ".parquet":
            return _write_parquet(tables, temporary)
        with _packed(temporary) as handle:
            return _write_text(harmless, handle, _SEPARATORS[ending])


def _write_standard(tables: Iterable[Table]) -> int:
    """Rows to standard output; to a terminal as messages are written."""
    out = sys.stdout
    raw = getattr(out, "raw", out)
    if raw is None or raw.closed:
        raise JaxbioError("standard output is closed: give a file")
    handle = out if raw.isatty() else raw
    try:
        count = _write_text(tables, cast(io.TextIOBase, handle), "\t")
        handle.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise JaxbioError(
            f"cannot write to standard output: {error.strerror or error}"
        ) from error
    return count


_FORMULA = re.compile(r"[=+\-@\t\r].")


def _harmless(table: Table, plain: Collection[str]) -> Table:
    """The table with a mark before text that a spreadsheet would run."""
    changed: dict[str, np.ndarray] = {}
    for name in table if isinstance(table, Mapping) else table.columns:
        values = np.asarray(table[name])
        if name in plain or values.dtype.kind not in "OUT":
            continue
        cells = [_as_text(value) for value in values.tolist()]
        if any(new is not old for new, old in zip(cells, values.tolist(), strict=True)):
            changed[name] = np.array(cells, object)
    if not changed:
        return table
    if isinstance(table, Mapping):
        return {name: changed.get(name, values) for name, values in table.items()}
    return table.assign(**changed)


def _as_text(value: Any) -> Any:
    if not isinstance(value, str) or not _FORMULA.match(value):
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value


@contextlib.contextmanager
def _packed(path: Path) -> Iterator[io.TextIOBase]:
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(path.open("wb"))
        packed: Any = plain
        if path.suffix.lower() == ".gz":
            # Neither name nor time, so that the same rows make the same file.
            packed = gzip.GzipFile("", "wb", fileobj=plain, mtime=0)
        elif path.suffix.lower() == ".bz2":
            packed = bz2.BZ2File(plain, "wb")
        stack.enter_context(packed)
        yield stack.enter_context(io.TextIOWrapper(packed, "utf-8", newline=""))


def _write_text(tables: Iterable[Table], handle: io.TextIOBase, separator: str) -> int:
    count, names = 0, None
    for table in tables:
        _check_columns(names, table)
        first, names = names is None, list(table)
        # One line end everywhere: files of two systems compare equal.
        if not isinstance(table, Mapping):
            table.to_csv(
                handle, sep=separator, index=False, header=first, lineterminator="\n"
            )
            count += len(table)
            continue
        if first:
            _write_rows(handle, [[name] for name in names], separator)
        cells = [_cells(column) for column in table.values()]
        _write_rows(handle, cells, separator)
        count += len(cells[0])
    if names is None:
        raise DataError("there is nothing to write")
    return count


def _cells(column: np.ndarray) -> list[str]:
    """The values as text, as pandas writes them; what is missing is empty."""
    if column.dtype.kind != "f":
        return ["" if value is None else str(value) for value in column.tolist()]
    cells = column.astype("U").astype(object)
    cells[np.isnan(column)] = ""
    return cells.tolist()


def _write_rows(
    handle: io.TextIOBase, columns: list[list[str]], separator: str
) -> None:
    """Rows from columns; cells are quoted where they must be."""
    rows = zip(*columns, strict=True)
    special = re.compile(f'[\\r\\n"{separator}]')
    if len(columns) == 1 or any(special.search("".join(column)) for column in columns):
        writer = csv.writer(handle, delimiter=separator, lineterminator="\n")
        writer.writerows(rows)
    else:  # the same, several times faster
        handle.write("".join([separator.join(row) + "\n" for row in rows]))


def _write_parquet(tables: Iterable[Table], path: Path) -> int:
    try:
        import pandas
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise JaxbioError(
            f"{path.name}: Parquet files need pyarrow: pip install 'jaxbio[data]'"
        ) from None
    count, columns = 0, None
    with contextlib.ExitStack() as stack:
        writer = None
        for part in tables:
            _check_columns(columns, part)
            columns = list(part)
            frame = pandas.DataFrame(part) if isinstance(part, Mapping) else part
            if writer is None:
                schema = _parquet_schema(pyarrow, frame)
                writer = stack.enter_context(
                    pyarrow.parquet.ParquetWriter(path, schema)
                )
            table = pyarrow.Table.from_pandas(
                frame, schema=schema, preserve_index=False
            )
            writer.write_table(table)
            count += len(frame)
    if columns is None:
        raise DataError("there is nothing to write")
    return count


def _parquet_schema(pyarrow, frame: "pandas.DataFrame"):
    """The columns' types; text where the first rows are all missing."""
    schema = pyarrow.Schema.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_type(pyarrow.string())
        if pyarrow.types.is_null(field.type)
        else field
        for field in schema
    ]
    return pyarrow.schema(fields)


def _check_columns(names: list | None, table: Table) -> None:
    if names is not None and names != list(table):
        raise DataError(
            f"tables with different columns cannot go into one file: {names} and "
            f"{list(table)}"
        )
