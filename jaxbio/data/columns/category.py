"""Labels as text, one a row or one a position."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Num


@dataclasses.dataclass(frozen=True)
class Category:
    """Labels as text; None stands for a missing one.

    With one label a position, each row's text holds one character a position and `?`
    stands for a missing label.
    """

    values: np.ndarray
    per_position: bool = False
    kind = "category"

    @classmethod
    def from_values(cls, values: Iterable[Any]) -> "Category":
        """Labels from any values: 1 and 1.0 are the same label, NaN and '' are missing.

        Example:
            >>> Category.from_values([1.0, "a", None, np.nan, True]).values.tolist()
            ['1', 'a', None, None, 'True']
        """
        return cls(np.array([_label(value) for value in values], dtype=object))

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Category":
        """The chosen rows."""
        return dataclasses.replace(self, values=self.values[indices])

    def _without(self, rows: np.ndarray) -> "Category":
        values = self.values.copy()
        values[rows] = None
        return dataclasses.replace(self, values=values)


def _label(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if is_missing(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def is_missing(value: Any) -> bool:
    """Check that a cell of a table holds nothing: None, NaN, or pandas' NA.

    Example:
        >>> [is_missing(value) for value in (None, np.nan, "", 0)]
        [True, True, False, False]
    """
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA is neither true nor false
        return True
