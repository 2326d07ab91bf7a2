"""Results beside the cells of an AnnData file, in a copy of it."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Num, Shaped

from jaxbio._atomic import replacing
from jaxbio.errors import DataError, JaxbioError

_CATEGORICAL = {"encoding-type": "categorical", "encoding-version": "0.2.0"}
_ARRAY = {"encoding-type": "array", "encoding-version": "0.2.0"}
_TEXTS = {"encoding-type": "string-array", "encoding-version": "0.2.0"}
_FRAME = {"encoding-type": "dataframe", "encoding-version": "0.2.0"}
_TABLE = {"encoding-type": "dict", "encoding-version": "0.1.0"}


def add_to_h5ad(
    source: str | Path,
    target: str | Path,
    *,
    obs: Mapping[str, Shaped[np.ndarray, "cells"]] | None = None,
    obsm: Mapping[str, Num[np.ndarray, "cells columns"]] | None = None,
) -> None:
    """Copy an AnnData file and write columns of cells into the copy.

    Scanpy and anndata read it: `adata.obs[NAME]` is categorical, `adata.obsm[NAME]` a
    matrix. What has the same name is replaced.

    Args:
        source: The file.
        target: The copy; it appears when it is whole.
        obs: A class for each cell, by name.
        obsm: Numbers for each cell, by name.

    Raises:
        DataError: For a file in the layout of anndata before 0.7, or one whose number
            of cells is another.
        JaxbioError: If the copy cannot be written.
    """
    import h5py  # the file was read by it

    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)
        with h5py.File(temporary, "r+") as file:
            table = file.get("obs")
            if not isinstance(table, h5py.Group) or "column-order" not in table.attrs:
                raise DataError(
                    f"{source}: its cells are in a layout of before anndata 0.7: write "
                    f"it again with anndata, or name a .tsv for the results"
                )
            index: Any = table[table.attrs.get("_index", "_index")]
            for name, values in {**(obs or {}), **(obsm or {})}.items():
                if len(values) != len(index):
                    raise DataError(
                        f"{source}: {len(index)} cells, and {len(values)} values of "
                        f"{name}"
                    )
            for name, values in (obs or {}).items():
                _write_classes(h5py, table, name, values)
            for name, values in (obsm or {}).items():
                _write_matrix(file, name, values)


def write_h5ad(
    path: str | Path,
    matrix: Iterable[Num[np.ndarray, "some columns"]],
    *,
    obs_names: Shaped[np.ndarray, "rows"],
    var_names: Shaped[np.ndarray, "columns"],
) -> None:
    """Write an AnnData file with a dense matrix and the names of its rows and columns.

    Args:
        path: The file; it appears when it is whole.
        matrix: The rows, some at a time.
        obs_names: The names of all rows.
        var_names: The names of the columns.

    Raises:
        JaxbioError: Without h5py, or if the file cannot be written.
    """
    try:
        import h5py
    except ImportError:
        raise JaxbioError(
            f"{path}: AnnData files need h5py: pip install 'jaxbio[singlecell]'"
        ) from None
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        shape = (len(obs_names), len(var_names))
        data = file.create_dataset("X", shape, np.float32)
        data.attrs.update(_ARRAY)
        at = 0
        for rows in matrix:
            data[at : at + len(rows)] = rows
            at += len(rows)
        for name, names in (("obs", obs_names), ("var", var_names)):
            group = file.create_group(name)
            group.attrs.update(_FRAME)
            group.attrs["_index"] = "_index"
            none = np.array([], object)
            group.attrs.create("column-order", none, dtype=h5py.string_dtype())
            texts = group.create_dataset(
                "_index", data=names.astype(object), dtype=h5py.string_dtype()
            )
            texts.attrs.update(_TEXTS)
        for name in ("layers", "obsm", "obsp", "uns", "varm", "varp"):
            file.create_group(name).attrs.update(_TABLE)


def _write_classes(h5py: Any, table: Any, name: str, values: np.ndarray) -> None:
    """A categorical column, as anndata writes it."""
    categories, codes = np.unique(values.astype(str), return_inverse=True)
    if name in table:
        del table[name]
    group = table.create_group(name)
    group.attrs.update(_CATEGORICAL)
    group.attrs["ordered"] = False
    kind = np.int8 if len(categories) < 128 else np.int32
    group.create_dataset("codes", data=codes.astype(kind)).attrs.update(_ARRAY)
    texts = group.create_dataset(
        "categories", data=categories.astype(object), dtype=h5py.string_dtype()
    )
    texts.attrs.update(_TEXTS)
    order = [str(each) for each in table.attrs["column-order"]]
    if name not in order:
        names = np.array([*order, name], object)
        table.attrs.create("column-order", names, dtype=h5py.string_dtype())


def _write_matrix(file: Any, name: str, values: np.ndarray) -> None:
    """A matrix of `obsm`."""
    if "obsm" not in file:
        file.create_group("obsm").attrs.update(_TABLE)
    group = file["obsm"]
    if name in group:
        del group[name]
    group.create_dataset(name, data=np.asarray(values)).attrs.update(_ARRAY)
