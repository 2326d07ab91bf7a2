"""Splits by what rows have in common: a drug, a protein, a cell or a scaffold."""

import contextlib
from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Int64, Num

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.molecules.smiles import murcko_scaffolds
from jaxbio.data.splits.cold import (
    cold_folds,
    cold_split,
    label_reversal,
    scaffold_split,
)
from jaxbio.errors import DataError


def entity_parts(
    data: Dataset,
    method: str,
    name: str,
    shares: Num[np.ndarray, "parts"],
    *,
    seed: int = 0,
) -> Int64[np.ndarray, "n"]:
    """The part of each row of a split by entities.

    Args:
        data: The rows.
        method: `"cold"`, `"scaffold"` or `"label_reversal"`.
        name: The input that counts, or several with `+` between them; may be empty for
            scaffolds.
        shares: The share of each part.
        seed: The same seed gives the same parts.

    Returns:
        The number of the part; -1 for rows of none, which would tie two together.

    Raises:
        DataError: As in `cold`, or for an input that is missing or does not fit.

    Example:
        >>> from jaxbio.alphabet import SMILES
        >>> texts = ["C", "C", "CC", "C", "CC"]
        >>> data = Dataset({"drug": Sequences.from_strings(texts, SMILES)})
        >>> entity_parts(data, "cold", "drug", np.array([0.6, 0.4])).tolist()
        [0, 0, 1, 0, 1]
    """
    entities = _entities(data, method, name)
    fractions = shares.tolist()
    codes = next(iter(entities.values()))
    with _of(data):
        if method == "cold":
            parts = cold_split(entities, fractions=fractions, seed=seed)
        elif method == "scaffold":
            parts = scaffold_split(
                codes, fractions=fractions, seed=seed, classes=_classes(data)
            )
        else:
            label = _two_classes(data)
            options = {"fractions": fractions, "seed": seed, "name": name}
            parts = label_reversal(codes, label, **options)
    part = np.full(len(data), -1)
    for number, rows in enumerate(parts.rows):
        part[rows] = number
    return part


def entity_folds(
    data: Dataset, method: str, name: str, *, n: int = 5, seed: int = 0
) -> list[tuple[Int64[np.ndarray, "train"], Int64[np.ndarray, "test"]]]:
    """Cross-validation by entities; see `cold.cold_folds`.

    Args:
        data: The rows.
        method: `"cold"` or `"scaffold"`.
        name: As in `entity_parts`.
        n: The number of folds.
        seed: The same seed gives the same folds.

    Returns:
        For each fold the row numbers to train on and those to test on.

    Raises:
        DataError: As in `entity_parts`, and for label reversal.
    """
    if method == "label_reversal":
        raise DataError("a split by label_reversal has no folds: use split, or cold")
    entities = _entities(data, method, name)
    with _of(data):
        return cold_folds(entities, n=n, seed=seed)


def entity_codes(data: Dataset, name: str) -> Int64[np.ndarray, "n"]:
    """A number for the value that each row has in an input.

    Values and not numbers of items tell entities apart, so that mutants of a kinase
    that are given with one sequence are one protein, as they are to a model.

    Args:
        data: The rows.
        name: The input.

    Returns:
        Numbers from 0 in the order in which values first come.

    Raises:
        DataError: For an input that does not exist, or a row without a value.

    Example:
        >>> from jaxbio.alphabet import SMILES
        >>> data = Dataset({"drug": Sequences.from_strings(["CO", "C", "CO"], SMILES)})
        >>> entity_codes(data, "drug").tolist()
        [0, 1, 0]
    """
    column = data.input(name)
    _all_there(data, name, column.missing())
    return _numbered(column.identities())


def scaffold_codes(data: Dataset, name: str = "") -> Int64[np.ndarray, "n"]:
    """A number for the Murcko scaffold of each row's molecule.

    Args:
        data: The rows.
        name: The input with the molecules; the first of SMILES if not given.

    Returns:
        Numbers from 0 in the order in which scaffolds first come; all molecules without
        rings have the same.

    Raises:
        DataError: Without molecules, for a row without one, or one that is not valid.
        JaxbioError: Without rdkit.
    """
    names = [at for at, column in data.inputs.items() if column.kind == "smiles"]
    if not name and not names:
        raise DataError(
            f"{data.source}: a scaffold split needs an input of SMILES; use "
            f"'cold:NAME', random or group"
        )
    name = name or names[0]
    column = data.input(name)
    values = column.values if isinstance(column, DictionaryColumn) else column
    if not isinstance(values, Sequences) or column.kind != "smiles":
        raise DataError(
            f"{data.source}: input {name} is {column.kind}; a scaffold split needs "
            f"SMILES"
        )
    _all_there(data, name, column.missing())
    shared = isinstance(column, DictionaryColumn)
    indices = column.indices if shared else np.arange(len(column))
    used, first, place = np.unique(indices, return_index=True, return_inverse=True)
    texts = values.take(used).strings()
    scaffolds = murcko_scaffolds(texts, f"{data.source}, input {name}", first + 1)
    return _numbered(np.array(scaffolds, object)[place])


def _numbered(values: np.ndarray) -> Int64[np.ndarray, "n"]:
    numbers: dict[object, int] = {}
    codes = (numbers.setdefault(value, len(numbers)) for value in values.tolist())
    return np.fromiter(codes, np.int64, len(values))


def _all_there(data: Dataset, name: str, missing: Bool[np.ndarray, "n"]) -> None:
    if missing.any():
        row = int(np.argmax(missing))
        at = str(row if data.ids is None else data.ids[row])
        raise DataError(
            f"{data.source}, row {at}: no {name} ({int(missing.sum())} rows without "
            f"one): fill it in or leave the row out"
        )


@contextlib.contextmanager
def _of(data: Dataset) -> Iterator[None]:
    """Messages that say where the rows came from."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{data.source}: {error}") from None


def _entities(
    data: Dataset, method: str, name: str
) -> dict[str, Int64[np.ndarray, "n"]]:
    """The numbers of the entities that a split is by, such as the drugs of the rows."""
    if method == "scaffold":
        return {"scaffold": scaffold_codes(data, name)}
    names = name.split("+") if name not in data.inputs else [name]
    single = method == "label_reversal" and len(names) > 1
    if not all(names) or single or len(set(names)) < len(names):
        listed = " or ".join(f"{method}:{entry}" for entry in data.inputs)
        both = "" if method == "label_reversal" else ", or several, cold:A+B"
        raise DataError(f"a split by {method} names an input: {listed}{both}")
    return {entity: entity_codes(data, entity) for entity in names}


def _classes(data: Dataset) -> np.ndarray | None:
    """The class of each row, of the first target that has such."""
    for column in data.targets.values():
        if isinstance(column, Category) and not column.per_position:
            return np.array([value or "" for value in column.values])
    return None


def _two_classes(data: Dataset) -> np.ndarray:
    name, column = next(iter(data.targets.items()), ("", None))
    if not isinstance(column, Category) or column.per_position:
        reason = f"target {name} is {column.kind}" if column else "there is no target"
        raise DataError(
            f"a split by label_reversal needs a target of two classes; {reason}"
        )
    return column.values
