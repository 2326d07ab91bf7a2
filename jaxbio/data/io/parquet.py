"""Tables from Parquet files, frame by frame."""

import contextlib
import dataclasses
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxbio.data.io.frames import ROWS, Frame, check_names, rows_at_once
from jaxbio.errors import DataError, JaxbioError

if TYPE_CHECKING:
    import pyarrow


def read_parquet(
    file: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    """Rows of a Parquet file; they count from 1.

    Decimal numbers are numbers, durations seconds. Columns of lists are there for who
    names them; structs, bytes and other things that are no cells of a table are left
    out. Notes say so.

    Args:
        file: A seekable binary file.
        source: What messages call it.
        rows: The most rows of a frame.

    Raises:
        JaxbioError: If pyarrow is missing or the file is not Parquet.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise JaxbioError(
            f"{source}: Parquet files need pyarrow: pip install 'jaxbio[data]'"
        ) from None
    with _told(source):
        parquet = pyarrow.parquet.ParquetFile(file)
        schema = parquet.schema_arrow
    names = check_names(schema.names, source)
    kinds = dict(zip(names, map(_kind, schema.types), strict=True))
    kept = [name for name, kind in kinds.items() if kind != "other"]
    if not kept:
        raise DataError(f"{source}: no column holds numbers or text")
    notes = _notes(kinds, dict(zip(names, schema.types, strict=True)), source)
    rows = rows_at_once(rows, len(kept))
    start = 1
    with _told(source):
        batches = iter(parquet.iter_batches(batch_size=rows))
    while True:
        with _told(source):
            batch = next(batches, None)
            if batch is None:
                break
            cells = dict(zip(names, batch.columns, strict=True))
            arrays = [_plain(cells[name], kinds[name]) for name in kept]
            # A new table: pandas' own notes may hide a column in an index, or be none.
            table = pyarrow.RecordBatch.from_arrays(arrays, kept)
            frame = Frame.from_table(table.to_pandas(ignore_metadata=True), source)
        numbers = np.arange(start, start + len(frame))
        start += len(frame)
        if len(frame):
            yield dataclasses.replace(frame, rows=numbers, notes=notes)
    if start == 1:
        raise DataError(f"{source}: the table has no rows")


@contextlib.contextmanager
def _told(source: str) -> Iterator[None]:
    try:
        yield
    except JaxbioError:
        raise
    except Exception as error:  # a damaged file makes pyarrow raise nearly anything
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise DataError(f"{source}: not a readable Parquet file: {reason}") from None


def _kind(type: "pyarrow.DataType") -> str:
    """What the values of a type are to us: `cell`, `list`, `other` or another.

    Lists of text are cells, too: they list words.
    """
    from pyarrow import types

    if types.is_dictionary(type):
        return _kind(type.value_type)
    if types.is_decimal(type):
        return "decimal"
    if types.is_duration(type):
        return "duration"
    if (
        types.is_list(type)
        or types.is_large_list(type)
        or types.is_fixed_size_list(type)
    ):
        inner = _kind(type.value_type)
        if _is_text(type.value_type):
            return "cell"
        return "list" if inner in ("cell", "decimal") else "other"
    plain = types.is_integer(type) or types.is_floating(type) or types.is_boolean(type)
    moment = types.is_temporal(type) and not types.is_interval(type)
    return (
        "cell" if _is_text(type) or plain or moment or types.is_null(type) else "other"
    )


def _is_text(type: "pyarrow.DataType") -> bool:
    from pyarrow import types

    view = hasattr(types, "is_string_view") and types.is_string_view(type)
    return types.is_string(type) or types.is_large_string(type) or view


def _plain(column: "pyarrow.Array", kind: str) -> "pyarrow.Array":
    """The cells as numbers where they are such by another name."""
    import pyarrow
    from pyarrow import compute

    if kind not in ("decimal", "duration"):
        return column
    if isinstance(column, pyarrow.DictionaryArray):
        column = column.dictionary_decode()
    if kind == "decimal":
        return column.cast(pyarrow.float64())
    whole = column.cast(pyarrow.duration("ns")).cast(pyarrow.int64())
    seconds = whole.cast(pyarrow.float64(), safe=False)
    return compute.call_function("divide", [seconds, pyarrow.scalar(1e9)])


def _notes(
    kinds: dict[str, str], types: dict[str, Any], source: str
) -> tuple[str, ...]:
    def named(kind: str) -> list[str]:
        return [name for name, each in kinds.items() if each == kind]

    notes = []
    if lists := named("list"):
        notes.append(
            f"{source}: columns of lists are used only where they are named: "
            f"{', '.join(lists)}"
        )
    if durations := named("duration"):
        notes.append(f"{source}: durations are in seconds: {', '.join(durations)}")
    if others := named("other"):
        told = ", ".join(f"{name} ({str(types[name])[:40]})" for name in others)
        notes.append(f"{source}: left out, as no numbers or text: {told}")
    return tuple(notes)
