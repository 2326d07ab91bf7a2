"""Names by which the rows of several files are matched."""

from collections.abc import Iterable

import numpy as np

from jaxbio.data.io.frames import Frame, Values
from jaxbio.data.io.parse import is_missing
from jaxbio.errors import DataError

_SHOWN = 3


def names_of(values: Values) -> list[str]:
    """What rows are called, whether files hold text or numbers.

    Example:
        >>> names_of(np.array([1.0, np.nan])), names_of(np.array([" P1", None], object))
        (['1', ''], ['P1', ''])
    """
    if values.dtype.kind == "f":
        whole = np.where(np.isnan(values), 0, values)
        if (whole == whole.astype(np.int64)).all():
            texts = [str(int(value)) for value in whole]
            missing = np.isnan(values).tolist()
            return [
                "" if gone else text for text, gone in zip(texts, missing, strict=True)
            ]
    return [
        "" if is_missing(value) else str(value).strip() for value in values.tolist()
    ]


def places(table: Frame, key: str) -> dict[str, int]:
    """The row of each name; none of rows without a name.

    Args:
        table: The rows.
        key: The column with their names.

    Raises:
        DataError: For a name that occurs twice.
    """
    found: dict[str, int] = {}
    for at, name in enumerate(names_of(table.columns[key])):
        if name in found:
            raise DataError(
                f"{table.source}, rows {table.rows[found[name]]} and {table.rows[at]}: "
                f"{key} {name!r} occurs twice, and a joined file has one row for each: "
                f"leave one out"
            )
        if name:
            found[name] = at
    return found


def listed(names: Iterable[str]) -> str:
    """The first few names.

    Example:
        >>> listed("abcde")
        'a, b, c, …'
    """
    each = list(names)
    return ", ".join(each[:_SHOWN]) + (", …" if len(each) > _SHOWN else "")
