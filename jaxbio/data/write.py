"""Tables to files, row by row, whole or not at all."""

import bz2
import contextlib
import gzip
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import pandas as pd

from jaxbio.atomic import replacing
from jaxbio.data.files import STANDARD_INPUT
from jaxbio.errors import DataError, JaxbioError

_SEPARATORS = {".tsv": "\t", ".txt": "\t", ".csv": ","}
_PACKERS = (".gz", ".bz2")


def write_table(frames: Iterable[pd.DataFrame], path: str | Path) -> int:
    r"""Write the rows of tables with the same columns, one table after the other.

    Args:
        frames: The tables; only one is held at a time.
        path: A file ending in `.tsv`, `.csv` (each also `.gz` or `.bz2`) or `.parquet`,
            or `-` for tab-separated text on standard output.

    Returns:
        The number of rows written.

    Raises:
        JaxbioError: For an ending that is not known, a folder that cannot be written
            to, a full disk, or no table at all. Nothing half-written is left behind.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.tsv"
        >>> write_table([pd.DataFrame({"id": ["a"], "y": [0.5]})], path)
        1
        >>> path.read_text().splitlines()
        ['id\ty', 'a\t0.5']
    """
    if str(path) == STANDARD_INPUT:
        return _write_text(frames, cast(io.TextIOBase, sys.stdout), "\t")
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
            return _write_parquet(frames, temporary)
        with _packed(temporary) as handle:
            return _write_text(frames, handle, _SEPARATORS[ending])


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


def _write_text(
    frames: Iterable[pd.DataFrame], handle: io.TextIOBase, separator: str
) -> int:
    count, columns = 0, None
    for frame in frames:
        _check_columns(columns, frame)
        # One line end everywhere: files of two systems compare equal.
        frame.to_csv(
            handle,
            sep=separator,
            index=False,
            header=columns is None,
            lineterminator="\n",
        )
        columns = list(frame.columns)
        count += len(frame)
    if columns is None:
        raise DataError("there is nothing to write")
    return count


def _write_parquet(frames: Iterable[pd.DataFrame], path: Path) -> int:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise JaxbioError(
            f"{path.name}: Parquet files need pyarrow: pip install 'jaxbio[data]'"
        ) from None
    count, columns = 0, None
    with contextlib.ExitStack() as stack:
        writer = None
        for frame in frames:
            _check_columns(columns, frame)
            columns = list(frame.columns)
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


def _parquet_schema(pyarrow, frame: pd.DataFrame):
    """The columns' types; text where the first rows are all missing."""
    schema = pyarrow.Schema.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_type(pyarrow.string())
        if pyarrow.types.is_null(field.type)
        else field
        for field in schema
    ]
    return pyarrow.schema(fields)


def _check_columns(columns: list | None, frame: pd.DataFrame) -> None:
    if columns is not None and columns != list(frame.columns):
        raise DataError(
            f"tables with different columns cannot go into one file: {columns} and "
            f"{list(frame.columns)}"
        )
