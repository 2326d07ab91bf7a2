"""AnnData files (`.h5ad`), some rows at a time, with nothing but h5py.

The layout is the published one of AnnData on disk: a matrix is a dataset or a group
with compressed rows or columns; a table is a group with one entry a column.
"""

import contextlib
import dataclasses
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxbio.data.expression.table import Duplicates, Expression, check_part, checked
from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.errors import DataError, nearest

COUNTS = "counts"
"""The input of AnnData files."""


_ROWS = 4096


_DENSE_VALUES = 1 << 23  # of a dense matrix that are held at a time


_RAW = "raw"


def read_h5ad(
    path: str | Path,
    *,
    counts: bool = False,
    layer: str | None = None,
    names: str | None = None,
    duplicates: Duplicates = "error",
) -> Expression:
    """Read an AnnData file; the matrix is sparse whether or not the file's is.

    Args:
        path: The file.
        counts: Whether raw counts are needed. If so and `layer` is not given, they are
            looked for in `X`, the layer `counts` and `raw`; the first that holds whole
            numbers is read, and a note says so.
        layer: Which matrix: `"X"`, `"raw"`, or the name of a layer.
        names: The column of the table of genes that names them, such as
            `gene_symbols`; the index if not given.
        duplicates: See `checked`.

    Returns:
        A sparse matrix with the columns of `obs`.

    Raises:
        DataError: For a file that is damaged, in an old layout, lacks the layer or the
            column, or has values that `checked` refuses.

    Example:
        >>> read_h5ad("cells.h5ad", counts=True).genes  # doctest: +SKIP
        ('TP53', 'MYC')
    """
    from scipy import sparse

    # All rows at once: parts and what is joined of them would be two copies.
    chunks = list(_stream(path, counts, layer, names, sys.maxsize))
    first = chunks[0]
    cells = {
        name: np.concatenate([chunk.cells[name] for chunk in chunks])
        for name in first.cells
    }
    ids = tuple(name for chunk in chunks for name in chunk.ids)
    matrices = [chunk.values for chunk in chunks]
    del chunks
    values = sparse.vstack(matrices, "csr") if len(matrices) > 1 else matrices[0]
    table = dataclasses.replace(first, values=values, ids=ids, cells=cells)
    return checked(table, counts=counts, duplicates=duplicates)


def stream_h5ad(
    path: str | Path,
    *,
    counts: bool = False,
    layer: str | None = None,
    names: str | None = None,
    rows: int = _ROWS,
) -> Iterator[Expression]:
    """Read an AnnData file some rows at a time, so that it may be of any size.

    Matrices with compressed columns have to be read whole first, as sparse as they are.

    Args:
        path: The file.
        counts: See `read_h5ad`.
        layer: See `read_h5ad`.
        names: See `read_h5ad`.
        rows: The most rows at a time; fewer where a dense matrix has many columns.

    Yields:
        Sparse parts of the matrix with their rows of `obs`.

    Raises:
        DataError: As `read_h5ad`, once it comes to what is wrong; genes that occur
            twice are refused.
    """
    before = 0
    for part in _stream(path, counts, layer, names, rows):
        check_part(part, counts=counts, before=before)
        before += len(part)
        yield part


def _stream(
    path: str | Path, counts: bool, layer: str | None, names: str | None, rows: int
) -> Iterator[Expression]:
    """The parts, not yet checked."""
    with _opened(path) as file:
        choice = _choose(file, str(path), counts=counts, layer=layer)
        genes = _texts(_table(choice.genes, str(path)), names, str(path))
        cells = _table(file["obs"], str(path))
        ids = _texts(cells, None, str(path))
        cells = {name: values for name, values in cells.items() if name != _INDEX}
        for start, part in _parts(choice.matrix, str(path), rows):
            if part.shape[1] != len(genes):
                raise DataError(
                    f"{path}: the matrix has {part.shape[1]} columns, but "
                    f"{len(genes)} genes are named: the file is damaged"
                )
            block = slice(start, start + part.shape[0])
            yield Expression(
                part,
                genes,
                ids[block],
                {name: values[block] for name, values in cells.items()},
                str(path),
                choice.notes,
            )


@contextlib.contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    try:
        import h5py
    except ImportError:
        raise DataError(
            f"{path}: AnnData files need h5py: pip install 'jaxbio[singlecell]'"
        ) from None
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise DataError(
            f"{path}: not a whole HDF5 file ({error}): copy or download it again"
        ) from None
    with file:
        lacking = [name for name in ("X", "obs", "var") if name not in file]
        if lacking:
            raise DataError(
                f"{path}: no {' and no '.join(lacking)} in the file, which AnnData "
                f"files have: write it with anndata's write_h5ad"
            )
        try:
            yield file
        except OSError as error:
            raise DataError(
                f"{path}: cannot be read to its end ({error}): copy or download it "
                f"again"
            ) from None


class _Chosen(NamedTuple):
    matrix: Any
    genes: Any
    notes: tuple[str, ...] = ()


def _choose(file: Any, source: str, *, counts: bool, layer: str | None) -> _Chosen:
    """The matrix to read with the table of its genes."""
    matrices = {"X": _Chosen(file["X"], file["var"])}
    for name in file.get("layers", {}):
        matrices[name] = _Chosen(file["layers"][name], file["var"])
    if _RAW in file and "X" in file[_RAW]:
        matrices[_RAW] = _Chosen(file[_RAW]["X"], file[_RAW]["var"])
    if layer is not None:
        if layer not in matrices:
            raise DataError(f"{source}: no layer {layer!r}: {nearest(layer, matrices)}")
        return matrices[layer]
    if not counts:
        return matrices["X"]
    for name in ("X", "counts", _RAW):
        if name in matrices and _look_whole(matrices[name].matrix):
            if name == "X":
                return matrices[name]
            note = f"X holds no whole numbers: the counts are those of {name!r}"
            return matrices[name]._replace(notes=(note,))
    others = ", ".join(sorted(matrices))
    raise DataError(
        f"{source}: no raw counts in X, layers/counts or raw (matrices: {others}): "
        f"name the one that holds them (layer=), or read the values as numbers"
    )


def _look_whole(matrix: Any) -> bool:
    """Check that the first stored values are whole and none is negative."""
    if _is_group(matrix):
        values = matrix["data"][:100_000]
    else:
        values = matrix[: max(1, 100_000 // max(matrix.shape[1], 1))]
    return bool(np.all(values >= 0) and np.all(values == np.floor(values)))


def _is_group(item: Any) -> bool:
    return hasattr(item, "keys")


def _parts(matrix: Any, source: str, rows: int) -> Iterator[tuple[int, Any]]:
    """Sparse parts of some rows each, with the number of the first row."""
    from scipy import sparse

    if not _is_group(matrix):
        cells, genes = matrix.shape
        rows = max(1, min(rows, _DENSE_VALUES // max(genes, 1)))
        for start in range(0, max(cells, 1), rows):
            part = matrix[start : start + rows].astype(np.float32)
            yield start, sparse.csr_matrix(part)
        return
    attributes = matrix.attrs
    kind = attributes.get("encoding-type", attributes.get("h5sparse_format", ""))
    kind = str(kind).removesuffix("_matrix")
    if kind not in ("csr", "csc"):
        raise DataError(
            f"{source}: the matrix is stored as {kind or 'something unknown'!r}: "
            f"write it with anndata's write_h5ad"
        )
    shape = attributes["shape" if "shape" in attributes else "h5sparse_shape"]
    cells, genes = (int(size) for size in shape)
    if kind == "csc":
        whole = _compressed(matrix, slice(None), (genes, cells)).T.tocsr()
        for start in range(0, max(cells, 1), rows):
            yield start, whole if rows >= cells else whole[start : start + rows]
        return
    bounds = matrix["indptr"][...]
    for start in range(0, max(cells, 1), rows):
        pointers = bounds[start : start + rows + 1].astype(np.int64)
        yield start, _compressed(matrix, pointers, (len(pointers) - 1, genes))


def _compressed(matrix: Any, bounds: Any, shape: tuple[int, int]) -> Any:
    """Compressed rows (of a csc matrix, its columns) between the bounds."""
    from scipy import sparse

    bounds = matrix["indptr"][...] if isinstance(bounds, slice) else bounds
    stored = slice(int(bounds[0]), int(bounds[-1]))
    part = sparse.csr_matrix(
        (
            matrix["data"][stored].astype(np.float32, copy=False),
            matrix["indices"][stored],
            bounds - bounds[0],
        ),
        shape=shape,
    )
    part.sort_indices()
    return part


_INDEX = "_index"


Table = Mapping[str, np.ndarray]


def _table(group: Any, source: str) -> Table:
    """The columns of a table, its index under `_index`."""
    if not _is_group(group):
        raise DataError(
            f"{source}: {group.name} is in the layout of anndata before 0.7: read the "
            f"file with anndata and write it again"
        )
    index = group.attrs.get("_index", "_index")
    order = [str(name) for name in group.attrs.get("column-order", [])]
    columns = {name: _column(group, name) for name in order if name in group}
    return {**columns, _INDEX: _column(group, str(index))}


def _column(group: Any, name: str) -> np.ndarray:
    item = group[name]
    if not _is_group(item):
        old = group.get("__categories", {}).get(name)  # anndata 0.7
        return _plain(item) if old is None else _by_code(_plain(item), _plain(old))
    if "codes" in item:
        return _by_code(item["codes"][...], _plain(item["categories"]))
    values = _plain(item["values"])
    masked = item["mask"][...] if "mask" in item else np.zeros(len(values), bool)
    if not masked.any():
        return values
    values = values.astype(object)
    values[masked] = None
    return values


def _by_code(codes: np.ndarray, categories: np.ndarray) -> np.ndarray:
    table = np.array([*categories.tolist(), None], object)  # -1 is a missing label
    return table[codes]


def _plain(dataset: Any) -> np.ndarray:
    if _is_group(dataset):  # strings of which some may be missing
        return _plain(dataset["values"])
    values = dataset[...]
    if values.dtype.kind in "biuf":
        return values
    return np.array(
        [text.decode() if isinstance(text, bytes) else str(text) for text in values],
        object,
    )


def _texts(table: Table, name: str | None, source: str) -> tuple[str, ...]:
    if name is not None and name not in table:
        raise DataError(f"{source}: no column {name!r}: {nearest(name, table)}")
    return tuple(str(value) for value in table[name or _INDEX])


def cell_frames(path: str | Path, *, rows: int = ROWS) -> Iterator[Frame]:
    """The raw counts of an AnnData file, with what is known of each cell.

    Yields:
        Frames with the columns of `obs`; counts stay sparse.
    """
    from jaxbio.data.expression import stream_h5ad

    start = 0
    for part in stream_h5ad(path, counts=True, rows=rows):
        columns = {name: np.asarray(values) for name, values in part.cells.items()}
        columns["id"] = np.array(part.ids, object)
        numbers = np.arange(start, start + len(part))
        start += len(part)
        yield Frame(
            columns,
            str(path),
            numbers,
            vectors={COUNTS: part.genes},
            arrays={COUNTS: part.values},
            notes=part.notes,
        )
