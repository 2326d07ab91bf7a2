"""Grades as inputs: words with an order, such as none, mild, severe."""

import dataclasses
from collections.abc import Iterable

import numpy as np

from jaxbio.data.columns.base import Column, Origin, Reading, column_of
from jaxbio.data.columns.category import Category, CategorySpec
from jaxbio.data.columns.scales import order_of
from jaxbio.data.io.frames import Frame
from jaxbio.data.specs import Features, InputKind, Rows
from jaxbio.errors import DataError, option

_ORDERED = "ordinal="


@dataclasses.dataclass(frozen=True)
class OrdinalSpec(CategorySpec):
    """Grades; `categories` are their words, from the least to the greatest."""

    @property
    def reading_kind(self) -> InputKind:
        return kind_of(self.categories)

    def linear_features(self, values: Rows) -> Features:
        """A one for each grade that a row reaches, so that steps add up."""
        reached = values[:, None] >= np.arange(len(self.categories))
        return reached.astype(np.float32)


@dataclasses.dataclass(frozen=True)
class Ordinal(Category):
    """Words with an order; None stands for a missing one.

    Attributes:
        levels: The words, from the least to the greatest.
    """

    levels: tuple[str, ...] = ()
    name = "ordinal"
    spec = OrdinalSpec
    target_kinds = ()

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        named = isinstance(kind, str)
        return named and (kind == cls.name or kind.startswith(_ORDERED))

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """A column of grades, in the order that the kind names or their words have."""
        words = Category.from_frame(frame, column_of(frame, name)).values
        known = sorted({word for word in words if word is not None})
        text = str(kind).removeprefix(_ORDERED)
        between = " < " if " < " in text else "<"
        levels = tuple(map(str.strip, text.split(between)))
        if kind == cls.name:
            levels = order_of(known)
        if len(levels) < 2 or len(set(levels)) < len(levels) or not all(levels):
            raise DataError(
                f"{frame.source}, column {name}: the order of its grades is not known "
                f"({', '.join(known[:8])}): write it from the least to the greatest, "
                f"as in {option('inputs', {name: _ORDERED + 'low<medium<high'})}"
            )
        return cls(words, levels=levels)

    @property
    def reading_kind(self) -> InputKind:
        return kind_of(self.levels)

    @property
    def target_kind(self) -> str:
        return "class"

    def describe(self) -> str:
        shown = self.levels if len(self.levels) < 5 else (*self.levels[:3], "…")
        last = () if shown == self.levels else self.levels[-1:]
        return f"{len(self.levels)} grades ({' < '.join((*shown, *last))})"

    def notice(self, name: str) -> tuple[str, ...]:
        """Words that are no grades, which are taken as not known."""
        known = {*self.levels, None}
        others = sorted({word for word in self.values if word not in known})
        if not others:
            return ()
        return (
            f"{name}: {', '.join(map(repr, others[:5]))} are taken as not known, "
            f"beside {' < '.join(self.levels)}",
        )

    def learn(self, name: str, origin: Origin) -> OrdinalSpec:
        return OrdinalSpec(name, self.kind, self.levels)


def kind_of(levels: tuple[str, ...]) -> str:
    """The kind of grades in an order, as people write it.

    Example:
        >>> kind_of(("<30", "30-59", ">=60"))
        'ordinal=<30 < 30-59 < >=60'
    """
    return _ORDERED + " < ".join(levels)


def graded_kind(words: Iterable[str]) -> str:
    """The kind of grades that words stand for; empty for none.

    Example:
        >>> graded_kind(["severe", "none", "mild"]), graded_kind(["red", "blue"])
        ('ordinal=none < mild < severe', '')
    """
    levels = order_of(sorted(set(words)))
    return kind_of(levels) if levels else ""
