"""Any file, frame by frame: which reader reads what."""

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jaxbio.data.expression.h5ad import cell_frames
from jaxbio.data.expression.table import Duplicates
from jaxbio.data.io.excel import read_excel
from jaxbio.data.io.files import (
    STANDARD_INPUT,
    format_of,
    open_bytes,
    peekable,
    split_sheet,
)
from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.data.io.geo import MARK as GEO, read_series_matrix
from jaxbio.data.io.image_archive import (
    SPLIT,
    archive_frames,
    archive_parts,
    image_folder,
)
from jaxbio.data.io.images import find_parts
from jaxbio.data.io.parquet import read_parquet
from jaxbio.data.io.sequences import read_fasta, read_fastq, read_genbank
from jaxbio.data.io.statistics import read_statistics
from jaxbio.data.io.tables import read_npz, read_text_table
from jaxbio.data.molecules.files import read_sdf, read_smi
from jaxbio.errors import DataError

_READERS: dict[str, Callable[..., Iterator[Frame]]] = {
    "table": read_text_table,
    "excel": read_excel,
    "statistics": read_statistics,
    "smi": read_smi,
    "sdf": read_sdf,
    "parquet": read_parquet,
    "npz": read_npz,
    "fasta": read_fasta,
    "fastq": read_fastq,
    "genbank": read_genbank,
}
_NEED_SEEKING = ("parquet", "npz")


def read_frames(
    path: str | Path,
    *,
    rows: int = ROWS,
    layer: str | None = None,
    duplicates: Duplicates = "error",
) -> Iterator[Frame]:
    r"""Read a file of any size in bounded memory.

    Args:
        path: A file; its ending says what it holds. `-` is standard input with a table
            or FASTA; a folder has images in one folder for each class; of a spreadsheet
            `FILE.xlsx#NAME` is the sheet of that name.
        rows: The most rows of a frame; tables with very many columns get fewer.
        layer: For AnnData files, which matrix: `X`, `raw` or the name of a layer; the
            raw counts if not given.
        duplicates: For AnnData files, what to do with a gene that occurs twice:
            `error`, or `sum` to add its columns up.

    Yields:
        Frames of raw values with the numbers of their rows.

    Raises:
        DataError: For a file that is missing, empty, damaged, or not what its ending
            says.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.tsv"
        >>> _ = path.write_text("seq\tlabel\nACGT\t1\nGGCC\t0\n")
        >>> [frame.rows.tolist() for frame in read_frames(path, rows=1)]
        [[2], [3]]
    """
    if not _is_h5ad(path):
        _check_plain(path, layer, duplicates)
    if str(path) == STANDARD_INPUT:
        yield from _read_standard_input(rows)
        return
    if Path(path).is_dir():
        yield from image_folder(path)
        return
    source = str(path)
    kind = format_of(path)
    if kind == "h5ad":
        yield from cell_frames(path, rows=rows, layer=layer, duplicates=duplicates)
        return
    if kind == "npz" and archive_parts(path):
        yield from archive_frames(path)
        return
    with open_bytes(split_sheet(path)[0]) as handle, contextlib.ExitStack() as stack:
        options = {"separator": ","} if ".csv" in Path(path).suffixes[-2:] else {}
        if kind in _NEED_SEEKING and not isinstance(handle, io.BufferedReader):
            handle = stack.enter_context(io.BytesIO(handle.read()))
        reader = _READERS[kind]
        if kind == "table":
            first, handle = _first_byte(handle)
            if first == GEO:
                reader, options = read_series_matrix, {}
        yield from reader(handle, source, rows=rows, **options)


def split_of(data: Any) -> str | None:
    """The column that says which part of a file is for training, which for testing.

    Args:
        data: What is read.

    Returns:
        Its name; None where a file does not divide its rows itself.

    Example:
        >>> split_of("cells.h5ad") is None
        True
    """
    if isinstance(data, str | Path) and Path(data).is_dir():
        return SPLIT if find_parts(data) else None
    if not isinstance(data, str | Path) or not str(data).lower().endswith(".npz"):
        return None
    parts = archive_parts(data)
    return SPLIT if "train" in parts and len(parts) > 1 else None


def _check_plain(path: str | Path, layer: str | None, duplicates: Duplicates) -> None:
    given = {"layer": layer is not None, "duplicates": duplicates != "error"}
    for name, is_given in given.items():
        if is_given:
            raise DataError(
                f"{path}: {name} (--{name}) is for AnnData files (.h5ad): leave it out"
            )


def _is_h5ad(path: str | Path) -> bool:
    return str(path).lower().endswith(".h5ad")


def _read_standard_input(rows: int) -> Iterator[Frame]:
    source = "standard input"
    with open_bytes(STANDARD_INPUT) as handle:
        first, handle = _first_byte(handle)
        known = {b">": read_fasta, b"@": read_fastq, GEO: read_series_matrix}
        reader = known.get(first, read_text_table)
        yield from reader(handle, source, rows=rows)


def _first_byte(handle: io.BufferedIOBase) -> tuple[bytes, io.BufferedIOBase]:
    """The first byte that is not blank, and the stream as if it had not been read."""
    handle = peekable(handle)
    return handle.peek(1).removeprefix(b"\xef\xbb\xbf").lstrip()[:1], handle
