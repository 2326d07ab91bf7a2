"""AnnData files (`.h5ad`), some rows at a time, with nothing but h5py.

The layout is the published one of AnnData on disk: a matrix is a dataset or a group
with compressed rows or columns; a table is a group with one entry a column.
"""

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int64

from jaxbio.data.expression.table import (
    Duplicates,
    Expression,
    check_part,
    checked,
    single,
)
from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.data.io.hdf5 import Array, Group, open_hdf5
from jaxbio.errors import DataError, nearest, option

COUNTS = "counts"
"""The input of AnnData files."""


_ROWS = 4096


_DENSE_VALUES = 1 << 23  # of a dense matrix that are held at a time


_RAW = "raw"


_NA = "NA"  # the missing value among the logicals of R


_LOOKED_AT = 100_000


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
    duplicates: Duplicates = "error",
    rows: int = _ROWS,
) -> Iterator[Expression]:
    """Read an AnnData file some rows at a time, so that it may be of any size.

    Matrices with compressed columns have to be read whole first, as sparse as they are.

    Args:
        path: The file.
        counts: See `read_h5ad`.
        layer: See `read_h5ad`.
        names: See `read_h5ad`.
        duplicates: See `checked`.
        rows: The most rows at a time; fewer where a dense matrix has many columns.

    Yields:
        Sparse parts of the matrix with their rows of `obs`.

    Raises:
        DataError: As `read_h5ad`, once it comes to what is wrong.
    """
    before = 0
    for part in _stream(path, counts, layer, names, rows):
        yield check_part(part, counts=counts, duplicates=duplicates, before=before)
        before += len(part)


def _stream(
    path: str | Path, counts: bool, layer: str | None, names: str | None, rows: int
) -> Iterator[Expression]:
    """The parts, not yet checked."""
    with open_hdf5(path, "AnnData files", "singlecell") as file:
        choice = _choose(file, counts=counts, layer=layer)
        genes = _texts(_table(choice.genes), names, str(path))
        cells = _table(_member(file, "obs"))
        ids = _texts(cells, None, str(path))
        cells = {name: values for name, values in cells.items() if name != _INDEX}
        matrix = _matrix(choice.matrix)
        if matrix.shape != (len(ids), len(genes)):
            raise choice.matrix.error(
                f"has {matrix.shape[0]} rows and {matrix.shape[1]} columns, but "
                f"{len(ids)} cells and {len(genes)} genes are named",
                "the file is damaged; write it again",
            )
        for start, part in matrix.parts(rows):
            block = slice(start, start + part.shape[0])
            yield Expression(
                part,
                genes,
                ids[block],
                {name: values[block] for name, values in cells.items()},
                str(path),
                choice.notes,
            )


def _member(file: Group, name: str) -> Group:
    """One of the tables of the file."""
    item = file.get(name)
    if item is None:
        raise DataError(
            f"{file.source}: no {name} in the file, which AnnData files have: write it "
            f"with anndata's write_h5ad"
        )
    if isinstance(item, Array):
        raise item.error(
            "is in the layout of anndata before 0.7",
            "read the file with anndata and write it again",
        )
    return item


class _Chosen(NamedTuple):
    matrix: Group | Array
    genes: Group
    notes: tuple[str, ...] = ()


def _choose(file: Group, *, counts: bool, layer: str | None) -> _Chosen:
    """The matrix to read with the table of its genes."""
    genes = _member(file, "var")
    matrices: dict[str, _Chosen] = {}
    if (x := file.get("X")) is not None:
        matrices["X"] = _Chosen(x, genes)
    raw = file.get(_RAW)
    if isinstance(raw, Group) and (x := raw.get("X")) is not None:
        matrices[_RAW] = _Chosen(x, _member(raw, "var"))
    layers = file.get("layers")
    if isinstance(layers, Group):
        for name in layers.names():
            item = layers.get(name)
            assert item is not None
            matrices.setdefault(name, _Chosen(item, genes))
    if layer is not None:
        if layer not in matrices:
            hint = nearest(layer, matrices)
            raise DataError(f"{file.source}: no layer {layer!r}: {hint}")
        return matrices[layer]
    others = ", ".join(sorted(matrices)) or "none"
    if not counts:
        if "X" not in matrices:
            raise DataError(
                f"{file.source}: no X in the file (matrices: {others}): name the "
                f"matrix to read ({option('layer', 'NAME')})"
            )
        return matrices["X"]
    for name in ("X", "counts", _RAW):
        if name in matrices and _look_whole(matrices[name].matrix):
            if name == "X":
                return matrices[name]
            why = "X holds no whole numbers" if "X" in matrices else "there is no X"
            note = f"{why}: the counts are those of {name!r}"
            return matrices[name]._replace(notes=(note,))
    raise DataError(
        f"{file.source}: no raw counts in X, layers/counts or raw (matrices: "
        f"{others}): name the one that holds them ({option('layer', 'NAME')}), and "
        f"read values that are no counts as numbers ("
        f"{option('inputs', {COUNTS: 'numeric'})})"
    )


def _look_whole(matrix: Group | Array) -> bool:
    """Check that the first stored values are whole and none is negative."""
    if isinstance(matrix, Group):
        values = matrix.array("data").numbers(slice(_LOOKED_AT))
    else:
        columns = max(matrix.shape[-1] if matrix.shape else 1, 1)
        values = matrix.numbers(slice(max(1, _LOOKED_AT // columns)))
    return bool(np.all(values >= 0) and np.all(values == np.floor(values)))


class _Dense:
    """A matrix of which every value is stored."""

    def __init__(self, stored: Array):
        stored.check_kind("biuf", "numbers", ndim=2)
        self.stored = stored
        self.shape = stored.shape

    def parts(self, rows: int) -> Iterator[tuple[int, Any]]:
        """Sparse parts of some rows each, with the number of the first row."""
        from scipy import sparse

        cells, genes = self.shape
        rows = max(1, min(rows, _DENSE_VALUES // max(genes, 1)))
        for start in range(0, max(cells, 1), rows):
            part = self.stored.numbers(slice(start, start + rows))
            yield start, sparse.csr_matrix(single(part))


class _Compressed:
    """A matrix of compressed rows or columns, whose bounds and indices were checked."""

    def __init__(self, stored: Group):
        kind = stored.attribute("encoding-type", stored.attribute("h5sparse_format"))
        self.kind = str(kind or "").removesuffix("_matrix")
        if self.kind not in ("csr", "csc"):
            raise stored.error(
                f"is stored as {self.kind or 'something unknown'!r}",
                "write it with anndata's write_h5ad",
            )
        shape = stored.attribute("shape", stored.attribute("h5sparse_shape"))
        if not (
            isinstance(shape, list)
            and len(shape) == 2
            and all(isinstance(side, int) and side >= 0 for side in shape)
        ):
            raise stored.error(f"has the shape {shape!r}, not two whole numbers")
        self.shape = (shape[0], shape[1])
        self.stored = stored
        self.data, self.indices = stored.array("data"), stored.array("indices")
        self.data.check_kind("biuf", "numbers", ndim=1)
        self.indices.check_kind("iu", "whole numbers", ndim=1)
        self.bounds = self._bounds()

    def _bounds(self) -> Int64[np.ndarray, "bounds"]:
        """Where each compressed row begins and ends among what is stored."""
        lines = self.shape[0 if self.kind == "csr" else 1]
        pointers = self.stored.array("indptr")
        if len(pointers) != lines + 1:
            raise pointers.error(
                f"has {len(pointers)} bounds for {lines} "
                f"{'rows' if self.kind == 'csr' else 'columns'}, not {lines + 1}"
            )
        bounds = pointers.whole_numbers()
        if bounds[0] != 0 or (np.diff(bounds) < 0).any():
            raise pointers.error("does not rise from 0")
        if not bounds[-1] == len(self.data) == len(self.indices):
            raise pointers.error(
                f"ends at {bounds[-1]}, but data has {len(self.data)} values and "
                f"indices has {len(self.indices)}"
            )
        return bounds

    def parts(self, rows: int) -> Iterator[tuple[int, Any]]:
        """Sparse parts of some rows each, with the number of the first row."""
        cells, genes = self.shape
        if self.kind == "csc":
            whole = self._between(self.bounds, cells).T.tocsr()
            for start in range(0, max(cells, 1), rows):
                yield start, whole if rows >= cells else whole[start : start + rows]
            return
        for start in range(0, max(cells, 1), rows):
            yield start, self._between(self.bounds[start : start + rows + 1], genes)

    def _between(self, bounds: Int64[np.ndarray, "bounds"], width: int) -> Any:
        """Compressed rows (of a csc matrix, its columns) between the bounds."""
        from scipy import sparse

        stored = slice(int(bounds[0]), int(bounds[-1]))
        indices = self.indices.read(stored)
        if indices.size and not (indices.min() >= 0 and indices.max() < width):
            at = indices.max() if indices.max() >= width else indices.min()
            raise self.indices.error(
                f"has {at}, but only 0 to {width - 1} exist",
                "the file is damaged; write it again",
            )
        if indices.dtype not in (np.int32, np.int64):
            indices = indices.astype(np.int64)
        part = sparse.csr_matrix(
            (single(self.data.numbers(stored)), indices, bounds - bounds[0]),
            shape=(len(bounds) - 1, width),
        )
        part.sum_duplicates()
        return part


def _matrix(stored: Group | Array) -> _Dense | _Compressed:
    return _Compressed(stored) if isinstance(stored, Group) else _Dense(stored)


_INDEX = "_index"


Table = Mapping[str, np.ndarray]


def _table(group: Group) -> Table:
    """The columns of a table, its index under `_index`."""
    index = str(group.attribute("_index", _INDEX))
    order = group.attribute("column-order", [])
    names = [str(name) for name in (order if isinstance(order, list) else [order])]
    lacking = [name for name in (index, *names) if name not in group]
    if lacking:
        raise group.error(
            f"has no column {lacking[0]!r}, of which it tells",
            "the file is damaged; write it again",
        )
    ids = _column(group, index)
    columns = {name: _column(group, name) for name in names}
    for name, values in columns.items():
        if len(values) != len(ids):
            raise group.error(
                f"has {len(ids)} rows, but {len(values)} in the column {name!r}",
                "the file is damaged; write it again",
            )
    return {**columns, _INDEX: ids}


def _column(group: Group, name: str) -> np.ndarray:
    item = group.get(name)
    assert item is not None
    if isinstance(item, Array):
        old = group.get("__categories")  # anndata 0.7
        if isinstance(old, Group) and name in old:
            return _by_code(item, _plain(old.array(name)))
        return _plain(item)
    if "codes" in item:
        return _by_code(item.array("codes"), _values(item, "categories"))
    values = _plain(item.array("values"))
    if "mask" not in item:
        return values
    mask = item.array("mask")
    mask.check_kind("b", "true and false", ndim=1)
    if len(mask) != len(values):
        raise mask.error(f"has {len(mask)} rows for {len(values)} values")
    masked = mask.read()
    if not masked.any():
        return values
    values = values.astype(object)
    values[masked] = None
    return values


def _values(group: Group, name: str) -> np.ndarray:
    """Values, or strings of which some may be missing."""
    return _column(group, name) if name in group else _plain(group.array(name))


def _by_code(codes: Array, categories: np.ndarray) -> np.ndarray:
    numbers = codes.whole_numbers()
    wrong = (numbers < -1) | (numbers >= len(categories))
    if wrong.any():
        row = int(wrong.argmax())
        raise codes.error(
            f"has the code {numbers[row]} in row {row + 1}, but there are "
            f"{len(categories)} categories",
            "the file is damaged; write it again",
        )
    table = np.array([*categories.tolist(), None], object)  # -1 is a missing label
    return table[numbers]


def _plain(stored: Array) -> np.ndarray:
    """A list of values; of an enumeration, such as the logicals of R, their names."""
    if stored.levels:
        codes = stored.whole_numbers()
        unknown = ~np.isin(codes, list(stored.levels))
        if unknown.any():
            raise stored.error(f"has the code {codes[unknown][0]}, which has no name")
        names = {
            code: None if name == _NA else name for code, name in stored.levels.items()
        }
        return np.array([names[code] for code in codes.tolist()], object)
    if stored.dtype.kind in "biuf":
        stored.check_kind("biuf", "numbers", ndim=1)
        return stored.numbers()
    return stored.texts()


def _texts(table: Table, name: str | None, source: str) -> tuple[str, ...]:
    if name is not None and name not in table:
        raise DataError(f"{source}: no column {name!r}: {nearest(name, table)}")
    return tuple(str(value) for value in table[name or _INDEX])


def cell_frames(
    path: str | Path,
    *,
    rows: int = ROWS,
    layer: str | None = None,
    duplicates: Duplicates = "error",
) -> Iterator[Frame]:
    """The values of an AnnData file, with what is known of each cell.

    Args:
        path: The file.
        rows: The most rows of a frame.
        layer: Which matrix, with values of any kind; the raw counts if not given.
        duplicates: See `checked`.

    Yields:
        Frames with the columns of `obs`; values stay sparse.
    """
    from jaxbio.data.expression import stream_h5ad

    start = 0
    parts = stream_h5ad(
        path, counts=layer is None, layer=layer, duplicates=duplicates, rows=rows
    )
    for part in parts:
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
