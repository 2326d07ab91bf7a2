"""Labels as text, one a row or one a position."""

import dataclasses
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Int32, Shaped, UInt64

from jaxbio.data.batching.layouts import Ragged, offsets_of
from jaxbio.data.columns.base import (
    Column,
    Lengths,
    Origin,
    Reading,
    Table,
    column_of,
    listed,
)
from jaxbio.data.columns.track import whole
from jaxbio.data.hashing import hash_text
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import is_missing, texts
from jaxbio.data.specs import (
    MISSING_LABEL,
    Features,
    InputKind,
    InputSpec,
    Rows,
    TargetSpec,
)
from jaxbio.errors import DataError

_WHOLE = re.compile(r"([-+]?\d+)\.0+")
_POSITIONS = "positions_class"
COIL = "C"
"""What DSSP leaves blank: a residue without secondary structure."""


@dataclasses.dataclass(frozen=True)
class CategorySpec(InputSpec):
    """A category, as the training rows showed it.

    Attributes:
        categories: The labels seen in training, sorted.
    """

    categories: tuple[str, ...] = ()

    def linear_features(self, values: Rows) -> Features:
        """A one for the category of each row."""
        ones = values[:, None] == np.arange(len(self.categories))
        return ones.astype(np.float32)

    def example(self, rows: int, length: int) -> np.ndarray:
        """The first category."""
        return np.zeros(rows, np.int32)


@dataclasses.dataclass(frozen=True)
class Category(Table):
    """Labels as text; None stands for a missing one.

    With one label a position, each row's text holds one character a position and `?`
    stands for a missing label.
    """

    values: Shaped[np.ndarray, "n"]
    per_position: bool = False
    name = "category"
    spec = CategorySpec
    target_kinds = ("class", _POSITIONS)

    @classmethod
    def from_values(cls, values: Iterable[Any]) -> "Category":
        """Labels from any values: 1 and 1.0 are the same label, NaN and '' are missing.

        Example:
            >>> Category.from_values([1.0, "a", None, np.nan, True]).values.tolist()
            ['1', 'a', None, None, 'True']
        """
        return cls(np.array([_label(value) for value in values], dtype=object))

    @classmethod
    def from_frame(cls, frame: Frame, name: str) -> "Category":
        """A column as labels; an empty cell and the marks of nothing are missing.

        Whole numbers are one label however they are written: `1`, `1.0`.

        Example:
            >>> cells = np.array(["NA", "a", "1.0"], object)
            >>> frame = Frame({"x": cells}, "x.csv", np.arange(3))
            >>> Category.from_frame(frame, "x").values.tolist()
            [None, 'a', '1']
        """
        values = texts(frame, name)
        dotted = {value for value in values if "." in value}
        matches = {value: _WHOLE.fullmatch(value) for value in dotted}
        plain = {value: match[1] for value, match in matches.items() if match}
        return cls.from_values([plain.get(value, value) for value in values])

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """A column of labels."""
        return cls.from_frame(frame, column_of(frame, name))

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> Column:
        if kind != _POSITIONS:
            return cls.from_frame(frame, name)
        values = [text and text.replace(" ", COIL) for text in texts(frame, name)]
        return cls(np.array([text or None for text in values], object), True)

    @property
    def target_kind(self) -> str:
        return self.target_kinds[self.per_position]

    def nothing(self, rows: int) -> "Category":
        return dataclasses.replace(self, values=np.full(rows, None, dtype=object))

    def missing(self) -> Bool[np.ndarray, "n"]:
        return np.array([value is None for value in self.values], bool)

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        words = ["" if value is None else f"={value}" for value in self.values]
        table = {text: hash_text(text) for text in set(words)}
        return np.array([table[text] for text in words], np.uint64)

    def buffers(self) -> list[Any]:
        return [repr(self.values.tolist()).encode()]

    def describe(self) -> str:
        if self.per_position:
            letters = sorted(set().union(*filter(None, self.values)) - {MISSING_LABEL})
            return f"{len(letters)} classes per position ({listed(letters)})"
        classes = self._classes()
        return f"{len(classes)} classes ({listed(classes)})"

    def notice(self, name: str) -> tuple[str, ...]:
        """Classes that differ in capitals alone."""
        twins: dict[str, list[str]] = {}
        for label in [] if self.per_position else self._classes():
            twins.setdefault(label.lower(), []).append(label)
        return tuple(
            f"{name}: {' and '.join(map(repr, labels))} are different classes: write "
            f"them alike if they are not"
            for labels in twins.values()
            if len(labels) > 1
        )

    def learn(self, name: str, origin: Origin) -> CategorySpec:
        return CategorySpec(name, self.kind, tuple(self._classes()))

    def encode(self, spec: CategorySpec, origin: Origin) -> Int32[np.ndarray, "n"]:
        """The number of each category; -1 for a missing or unknown one."""
        return self._codes(spec.categories)

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """Categories that training did not show."""
        if not isinstance(spec, CategorySpec):
            return ()
        known = {*spec.categories, None}
        strange = [at for at, value in enumerate(self.values) if value not in known]
        if not strange:
            return ()
        return (
            f"{origin.row(strange[0])}, column {spec.name}: category "
            f"{self.values[strange[0]]!r} was not in the training rows "
            f"({', '.join(spec.categories[:12])}); {len(strange)} rows are treated as "
            f"unknown",
        )

    def learn_target(self, spec: TargetSpec, origin: Origin) -> TargetSpec:
        where = f"{origin.source}, target {spec.name}"
        labels = [value for value in self.values if value is not None]
        if spec.kind != "class":
            raise DataError(
                f"{where}: numbers were asked for, the column holds text"
                if not spec.per_position
                else f"{where}: {spec.kind} were asked for, it holds letters"
            )
        if spec.per_position:
            counts: Mapping[str, int] = Counter("".join(labels))
            classes = _ordered(counts.keys() - {MISSING_LABEL})
        else:
            counts = Counter(labels)
            classes = _ordered(counts.keys())
        if len(classes) < 2 and spec.per_position:
            raise DataError(
                f"{where}: {len(classes)} class over all positions, not two"
            )
        if len(classes) < 2:
            raise DataError(
                f"{where}: {len(classes)} class in {len(self)} training rows "
                f"({', '.join(classes) or 'every value is missing'}); a classifier "
                f"needs two or more"
            )
        if len(classes) == len(labels) > 2 and not spec.per_position:
            raise DataError(
                f"{where}: {len(classes)} classes in {len(labels)} training rows, one "
                f"a row: a classifier needs several rows of each; numbers are a target "
                f"of the kind number"
            )
        frequencies = tuple(counts[name] for name in classes)
        return dataclasses.replace(spec, classes=classes, frequencies=frequencies)

    def encode_target(self, spec: TargetSpec, origin: Origin, lengths: Lengths) -> Any:
        if spec.kind != "class":
            return super().encode_target(spec, origin, lengths)
        where = f"{origin.source}, target {spec.name}"
        if spec.per_position:
            return whole(self._letters(spec, where), lengths)
        codes = self._codes(spec.classes)
        unseen = self.unseen(spec.classes)
        if unseen and (codes < 0).all():  # of some, `coverage` and scores tell
            raise DataError(
                f"{where}: class {next(iter(unseen))[:40]!r} was not in the training "
                f"rows ({', '.join(spec.classes[:12])})"
            )
        return codes

    def unseen(self, classes: Collection[str]) -> Counter:
        """How many rows are of classes that are not among these, by class."""
        return Counter(v for v in self.values if v is not None and v not in classes)

    def _classes(self) -> list[str]:
        return sorted({value for value in self.values if value is not None})

    def _codes(self, classes: tuple[str, ...]) -> Int32[np.ndarray, "n"]:
        code = {name: index for index, name in enumerate(classes)}
        return np.array([code.get(value, -1) for value in self.values], np.int32)

    def _letters(self, spec: TargetSpec, where: str) -> Ragged:
        code: dict[str, float] = {name: at for at, name in enumerate(spec.classes)}
        code[MISSING_LABEL] = np.nan
        text = "".join(value or "" for value in self.values)
        unseen = set(text) - code.keys()
        if unseen:
            raise DataError(
                f"{where}: class {min(unseen)!r} was not in the training rows "
                f"({', '.join(spec.classes)})"
            )
        codes = np.array([code[letter] for letter in text], np.float32)
        sizes = [len(value or "") for value in self.values]
        return Ragged(codes, offsets_of(sizes), np.nan)


def _label(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if is_missing(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _ordered(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in order; by value if all are numbers, so that 10 follows 9."""
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(sorted(labels))
