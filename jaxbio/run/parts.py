"""The rows of a run: read, divided, and with some that decide when to stop."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaxbio.data.dataset import Dataset
from jaxbio.data.describe import kinds_of
from jaxbio.data.formats import split_of
from jaxbio.data.reading import read
from jaxbio.data.splits.random_grouped import (
    by_column,
    natural_split,
    split,
)
from jaxbio.errors import TrainingError, option

_GROUPED = ("group", "chromosome", "column")

FEW = 1000
"""Rows below which no part of them decides alone when to stop.

Within the training rows of FreeSolv (359) and of Wisconsin breast cancer (391) folds
were better than a tenth that decides in each of three draws, within those of Pima
diabetes (429) as good.
"""


def read_parts(
    source: Any,
    *,
    valid: Any = None,
    test: Any = None,
    by: str | None = None,
    fractions: Sequence[float] | None = None,
    seed: int = 0,
    on_read: Callable[[Dataset], Any] = lambda whole: None,
    **how: Any,
) -> dict[str, Dataset]:
    """Read the rows of a run, and divide them if they stand in one file.

    Args:
        source: The training rows, or all of them, as for `read`.
        valid: The rows that decide when to stop; read with the kinds of columns that
            the training rows have, as is `test`.
        test: The rows that are scored at the end.
        by: How to divide, as for `split`; `group:COLUMN`, `chromosome:COLUMN` and
            `column:COLUMN` name the column with the groups or parts. None for the parts
            that the file itself has, as archives of images have, else stratified by
            classes where the first target has such, else at random.
        fractions: The shares of the parts; by default a tenth each for validation and
            test, but of fewer than 1,000 rows a fifth for test alone: training takes
            turns in what it is validated on.
        seed: For random splits.
        on_read: Called with the rows of `source` before they are divided.
        how: As for `read`: `inputs`, `targets`, …

    Returns:
        Data sets by part: `train`, `valid`, `test`.
    """
    own = split_of(source) if by is None and valid is None and test is None else None
    by = f"column:{own}" if own else by
    kind, _, column = (by or "").partition(":")
    groups = (column or None) if kind in _GROUPED else None
    whole = read(source, groups=groups, **how)
    on_read(whole)
    how["inputs"], how["targets"] = kinds_of(whole)
    how["parent"] = whole.provenance.options.get("parent")
    given = {"valid": valid, "test": test}
    given = {
        name: read(each, **how) for name, each in given.items() if each is not None
    }
    if given:
        return {"train": whole, **given}
    if kind == "column":
        parts = by_column(whole)
        note = (
            f"the file divides its rows itself: {_sizes(parts)} "
            f"({option('by', 'random')} for another way)"
        )
        return _with_note(parts, note) if own else parts
    names = ("train", "valid", "test")
    if fractions is None:
        # Of few rows no part decides alone when to stop; see `make_plan`.
        few = len(whole) < FEW and kind in ("", "random", "stratified", "group")
        names = ("train", "test") if few else names
        fractions = (0.8, 0.2) if few else (0.8, 0.1, 0.1)
    method = by or natural_split(whole)
    divided = split(whole, by=method, fractions=tuple(fractions), seed=seed)
    if by is None and method == "group":
        note = (
            f"rows of one {whole.provenance.groups or 'group'} are in one part "
            f"({option('by', 'random')} for another way)"
        )
        return _with_note(dict(zip(names, divided, strict=False)), note)
    left_out = len(whole) - sum(map(len, divided))
    if left_out:
        note = (
            f"{left_out} of {len(whole)} rows are in no part: their values of "
            f"{column.replace('+', ' and ')} are in different ones"
        )
        return _with_note(dict(zip(names, divided, strict=False)), note)
    return dict(zip(names, divided, strict=False))


def checked_parts(parts: Mapping[str, Any]) -> dict[str, Dataset]:
    """The parts that are given, all of them data sets with rows."""
    sets = {name: part for name, part in parts.items() if part is not None}
    for name, part in sets.items():
        if not isinstance(part, Dataset):
            raise TrainingError(
                f"the {name} rows are a {type(part).__name__}: give a data set, as "
                f"jaxbio.read makes it of a file or a DataFrame"
            )
        if name != "train" and not len(part):
            raise TrainingError(
                f"{part.source}: no {name} rows: leave this part out, or give some"
            )
    return sets


def with_valid(
    sets: dict[str, Dataset], seed: int
) -> tuple[dict[str, Dataset], list[str]]:
    """The parts with validation rows, and a note if they had to be held out."""
    if "valid" in sets:
        return sets, []
    rest, valid = _hold_out(sets["train"], seed)
    note = (
        f"no validation rows were given: {len(valid)} of the training rows decide when "
        f"to stop"
    )
    return {**sets, "train": rest, "valid": valid}, [note]


def _hold_out(train: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    if len(train) < 2:
        raise TrainingError(
            f"{train.source}: {len(train)} training row; two are the least, and a "
            f"hundred or more are advisable"
        )
    by = "group" if train.groups is not None else natural_split(train)
    rest, valid = split(train, by=by, fractions=(0.9, 0.1), seed=seed)
    return rest, valid


def _with_note(parts: dict[str, Dataset], note: str) -> dict[str, Dataset]:
    name, first = next(iter(parts.items()))
    return {**parts, name: dataclasses.replace(first, notes=(*first.notes, note))}


def _sizes(parts: Mapping[str, Dataset]) -> str:
    return ", ".join(f"{name} {len(part):,}" for name, part in parts.items())
