"""Expression from files: AnnData, compressed rows in npz files, and wide tables."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data.expression.h5ad import read_h5ad
from jaxbio.data.expression.table import Duplicates, Expression, checked, single
from jaxbio.data.io.files import open_bytes
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.npz import open_npz
from jaxbio.data.io.parse import numbers, parse_numbers, texts
from jaxbio.data.io.tables import read_text_table
from jaxbio.errors import DataError, nearest

_NAMES = ("symbol", "name", "gene_name", "gene", "gene_id", "probe")
_LOOKED_AT = 200
_MATRIX = ("data", "indices", "indptr", "shape", "format")


def read_expression(path: str | Path, **options: Any) -> Expression:
    """Read expression of genes from a file, by its ending.

    Args:
        path: `.h5ad`, `.npz`, or a table with a row for each cell or sample.
        options: Those of `read_h5ad`, `read_counts` or `read_wide`.

    Returns:
        The matrix, float32 `[cells genes]`: sparse for the first two, else dense.

    Example:
        >>> read_expression("counts.npz", counts=True)  # doctest: +SKIP
        Expression(...)
    """
    name = Path(path).name.lower()
    if name.endswith(".h5ad"):
        return read_h5ad(path, **options)
    if name.endswith(".npz"):
        return read_counts(path, **options)
    return read_wide(path, **options)


def read_counts(
    path: str | Path,
    *,
    genes: str | Path | Sequence[str] | None = None,
    cells: str | Path | None = None,
    counts: bool = False,
    duplicates: Duplicates = "error",
) -> Expression:
    """Read a sparse matrix from an npz file, as `scipy.sparse.save_npz` writes it.

    The file has the arrays `data`, `indices`, `indptr` and `shape`, and may have
    `genes`, the names of the columns. Other arrays with one value a row are taken as
    columns about the cells.

    Args:
        path: The file.
        genes: Names of the columns, or a table of them as `genes.csv` or
            `genes.csv:COLUMN`. If neither this nor the file names them, they are
            numbered from 0, and a note says so.
        cells: A table about the rows, in their order.
        counts: Whether raw counts are needed.
        duplicates: See `checked`.

    Raises:
        DataError: For a file that is not such a matrix, tables of another length, and
            values that `checked` refuses.

    Example:
        >>> import os, tempfile
        >>> from scipy import sparse
        >>> file = os.path.join(tempfile.mkdtemp(), "counts.npz")
        >>> sparse.save_npz(file, sparse.csr_matrix(np.array([[0, 3]])))
        >>> table = read_counts(file, genes=["MYC", "TP53"], counts=True)
        >>> table.values.toarray().tolist(), table.genes
        ([[0.0, 3.0]], ('MYC', 'TP53'))
    """
    arrays = _arrays(path)
    matrix = _matrix(arrays, str(path))
    rows, columns = matrix.shape
    about = {
        name: values
        for name, values in arrays.items()
        if name not in (*_MATRIX, "genes") and values.shape == (rows,)
    }
    if cells is not None:
        about |= _about(cells, rows, "cells")
    notes: tuple[str, ...] = ()
    names: Sequence[Any]
    if isinstance(genes, str | Path):
        names = _gene_column(genes, columns)
    elif genes is not None:
        names = genes
    elif "genes" in arrays:
        names = arrays["genes"].tolist()
    else:
        names = range(columns)
        notes = ("the file does not name its genes: they are numbered from 0",)
    if len(names) != columns:
        raise DataError(
            f"{path}: {columns} columns, but {len(names)} names of genes: give one "
            f"name a column"
        )
    ids: list = (about["id"] if "id" in about else np.arange(rows)).tolist()
    table = Expression(
        matrix,
        tuple(str(name).strip() for name in names),
        tuple(str(name) for name in ids),
        about,
        str(path),
        notes,
    )
    return checked(table, counts=counts, duplicates=duplicates)


def _arrays(path: str | Path) -> dict[str, np.ndarray]:
    with open_bytes(path) as file, open_npz(file, str(path)) as stored:
        return {name: stored[name] for name in stored.names}


def _matrix(arrays: dict[str, np.ndarray], source: str) -> Any:
    from scipy import sparse

    lacking = [name for name in _MATRIX[:4] if name not in arrays]
    if lacking:
        raise DataError(
            f"{source}: no array {lacking[0]!r}: a sparse matrix has data, indices, "
            f"indptr and shape, as scipy.sparse.save_npz writes them "
            f"({nearest(lacking[0], arrays)})"
        )
    form = arrays.get("format", np.array("csr"))
    kind = form.item() if form.size == 1 else ""
    kind = kind.decode("latin-1") if isinstance(kind, bytes) else str(kind)
    if kind not in ("csr", "csc"):
        raise DataError(
            f"{source}: a sparse matrix of the format {kind!r}: convert it with "
            f".tocsr() before it is saved"
        )
    wanted = {"data": "biuf", **dict.fromkeys(("indices", "indptr", "shape"), "iu")}
    for name, kinds in wanted.items():
        if arrays[name].ndim != 1 or arrays[name].dtype.kind not in kinds:
            raise DataError(
                f"{source}: {name} is {arrays[name].dtype} "
                f"{list(arrays[name].shape)}, not a list of "
                f"{'numbers' if name == 'data' else 'whole numbers'}: write the file "
                f"with scipy.sparse.save_npz"
            )
    sides = arrays["shape"].tolist()
    lines = len(arrays["indptr"]) - 1
    if len(sides) != 2 or min(sides) < 0 or sides[kind == "csc"] != lines:
        raise DataError(
            f"{source}: the shape is {sides}, but indptr tells of {lines} "
            f"{'rows' if kind == 'csr' else 'columns'}: write the file again"
        )
    make = sparse.csr_matrix if kind == "csr" else sparse.csc_matrix
    parts = (
        single(arrays["data"]),
        *(_wide(arrays[name]) for name in ("indices", "indptr")),
    )
    try:
        matrix = make(parts, shape=tuple(sides))
        matrix.check_format(full_check=True)
    except (ValueError, OverflowError) as error:
        raise DataError(
            f"{source}: the arrays do not make a matrix ({error}): write the file again"
        ) from None
    matrix = matrix.tocsr()
    matrix.sum_duplicates()
    return matrix


def _wide(numbers: np.ndarray) -> np.ndarray:
    """Indices with which SciPy computes; files may have such of 16 bits."""
    suitable = numbers.dtype in (np.int32, np.int64)
    return numbers if suitable else numbers.astype(np.int64)


def _table(path: str | Path) -> Frame:
    with open_bytes(path) as file:
        frames = list(read_text_table(file, str(path), separator=_separator(path)))
    columns = {
        name: np.concatenate([frame.column(name) for frame in frames])
        for name in frames[0].columns
    }
    rows = np.concatenate([frame.rows for frame in frames])
    return dataclasses.replace(frames[0], columns=columns, rows=rows)


def _about(path: str | Path, rows: int, what: str) -> dict[str, np.ndarray]:
    columns = dict(_table(path).columns)
    count = len(next(iter(columns.values())))
    if count != rows:
        raise DataError(
            f"{path}: {count} rows for {rows} {what}: give one row each, in the same "
            f"order"
        )
    return columns


def _gene_column(path: str | Path, columns: int) -> list[str]:
    """Names from a table; without a choice, from the first column that has names."""
    text, column = str(path), None
    if not Path(text).exists() and ":" in text:
        text, _, column = text.rpartition(":")
    about = _about(text, columns, "genes")
    if column is None:
        # A table may number the columns and name them, too.
        names = [name for name in _NAMES if name in about] or list(about)
        words = [name for name in names if parse_numbers(about[name]) is None]
        column = (words or names)[0]
    if column not in about:
        raise DataError(f"{text}: no column {column!r}: {nearest(column, about)}")
    return about[column].tolist()


def read_wide(
    path: str | Path,
    *,
    ids: str | None = None,
    cells: Sequence[str] = (),
    counts: bool = False,
    duplicates: Duplicates = "error",
) -> Expression:
    r"""Read a table with a row for each cell or sample and a column for each gene.

    Args:
        path: A table with columns separated by commas or tabs.
        ids: The column that names the rows; if not given, the first one if it does not
            hold numbers.
        cells: Columns that are no genes, such as labels. One that holds words alone
            need not be named; a note counts those.
        counts: Whether raw counts are needed.
        duplicates: See `checked`; columns of the same name stop the reading of a table
            at once, as a table with a column for each gene cannot tell them apart.

    Returns:
        A dense matrix, NaN where a value is missing.

    Raises:
        DataError: For a column that is not there, text among numbers, and values that
            `checked` refuses.

    Example:
        >>> import os, tempfile
        >>> file = os.path.join(tempfile.mkdtemp(), "x.csv")
        >>> text = "sample,MYC,TP53,label\ns,1.5,NA,t\nr,2,3,n\n"
        >>> _ = open(file, "w").write(text)
        >>> table = read_wide(file)
        >>> table.genes, table.values.tolist(), table.cells["label"].tolist()
        (('MYC', 'TP53'), [[1.5, nan], [2.0, 3.0]], ['t', 'n'])
    """
    source = str(path)
    blocks: list[np.ndarray] = []
    about: list[dict[str, np.ndarray]] = []
    words: list[str] = []
    genes: list[str] = []
    with open_bytes(path) as file:
        for frame in read_text_table(file, source, separator=_separator(path)):
            if not genes:
                words = _not_genes(frame, ids, cells)
                genes = [name for name in frame.columns if name not in words]
                first = next(iter(frame.columns))
            blocks.append(numbers(frame, genes))
            about.append({name: np.array(texts(frame, name)) for name in words})
    joined: dict[str, np.ndarray] = {
        name: np.concatenate([part[name] for part in about]).astype(object)
        for name in words
    }
    values = np.concatenate(blocks)
    ids = ids or (first if first in words and first not in cells else None)
    names = joined.pop(ids) if ids else np.arange(1, len(values) + 1)
    guessed = [name for name in joined if name not in cells]
    notes = (
        (f"taken as labels, not genes, for their words: {', '.join(guessed)}",)
        if guessed
        else ()
    )
    table = Expression(
        values, tuple(genes), tuple(map(str, names)), joined, source, notes
    )
    return checked(table, counts=counts, duplicates=duplicates)


def _separator(path: str | Path) -> str:
    return "," if ".csv" in Path(path).name.lower() else "\t"


def _not_genes(frame: Frame, ids: str | None, cells: Sequence[str]) -> list[str]:
    """The columns with names and labels: those asked for, and those of words alone."""
    for name in (*cells, *([ids] if ids else ())):
        frame.column(name)
    names = [
        name
        for name in frame.columns
        if name in cells or name == ids or _words_alone(frame.column(name).tolist())
    ]
    if len(names) == len(frame.columns):
        raise DataError(
            f"{frame.source}: no column holds numbers: a table of expression has a row "
            f"for each sample and a column for each gene"
        )
    return names


def _words_alone(cells: list) -> bool:
    """Check that there are words and no numbers, in the rows looked at."""
    cells = cells[:_LOOKED_AT]
    if parse_numbers(cells) is not None:
        return False
    # One wrong cell among numbers is an error to be told of, not a column of labels.
    return not any(
        parsed is not None and not np.isnan(parsed[0])
        for parsed in (parse_numbers([cell]) for cell in cells)
    )
