"""Columns of a cohort's table in the order of the samples of a VCF file."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped

from jaxbio.data.io.frames import joined
from jaxbio.data.io.parse import texts, words
from jaxbio.data.lookup import frames_of
from jaxbio.errors import DataError, nearest, spelled

KEYS = ("id", "sample", "sample_id", "IID")
"""The usual names of the column with the samples."""


def cohort_columns(
    table: Any,
    samples: Sequence[str],
    *,
    column: str | None = None,
    taken: Collection[str] = (),
    source: str = "genotypes",
) -> tuple[dict[str, Shaped[np.ndarray, "samples"]], str]:
    """The columns of a table by the names of samples; see `Genotypes.join`.

    Args:
        table: A file, DataFrame or frame.
        samples: Names in the order that is wanted.
        column: The column with the names; None for the first of `KEYS` that is there.
        taken: Names that no other column may have.
        source: The origin of the samples, for messages.

    Returns:
        Columns of text, None for a missing cell; and a note on how many were found.

    Raises:
        DataError: As `Genotypes.join` does.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"id": ["bob", "ann"], "sex": ["M", "F"]})
        >>> columns, note = cohort_columns(table, ["ann", "eve"])
        >>> columns["sex"].tolist()
        ['F', None]
    """
    frame = joined(list(frames_of(table)))
    name = frame.source
    key = _key(list(frame.columns), column, name)
    rows: dict[str, int] = {}
    for at, sample in enumerate(words(frame, key)):
        if sample in rows:
            raise DataError(
                f"{name}, row {frame.rows[at]}, column {key}: {sample!r} stands there "
                f"twice, also in row {frame.rows[rows[sample]]}: keep one row a sample"
            )
        rows[sample] = at
    others = [other for other in frame.columns if other != key]
    for other in others:
        if other in taken:
            raise DataError(
                f"{name}: the column {other!r} has the name of a column of the "
                f"genotypes: rename it"
            )
    places = np.array([rows.get(sample, -1) for sample in samples])
    lacking = int((places < 0).sum())
    if lacking == len(places):
        raise DataError(
            f"{name}, column {key}: none of the samples of {source} ({_some(samples)}) "
            f"is among its names ({_some(list(rows))}): name another column "
            f"({_elsewhere()})"
        )
    cells = {
        other: [text or None for text in (*texts(frame, other), "")] for other in others
    }
    columns = {x: np.array(values, object)[places] for x, values in cells.items()}
    return columns, (
        f"{name}: {len(places) - lacking:,} of {len(places):,} samples found by "
        f"column {key}"
        + (", empty cells for the others" if lacking else "")
        + f"; {len(rows) - len(places) + lacking:,} of its rows are not in {source}"
    )


def _key(names: Sequence[str], chosen: str | None, source: str) -> str:
    """The column that names the samples."""
    found = [name for name in ((chosen,) if chosen else KEYS) if name in names]
    if found:
        return found[0]
    if chosen:
        raise DataError(f"{source}: no column {chosen!r}: {nearest(chosen, names)}")
    raise DataError(
        f"{source}: no column called {', '.join(KEYS)}: name the one with the samples "
        f"({_elsewhere()}). Known: {', '.join(names[:12])}"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:3])) + (", …" if len(names) > 3 else "")


def _elsewhere() -> str:
    return spelled("column='NAME'", "--join TABLE:NAME")
