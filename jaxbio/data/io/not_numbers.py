"""Text in the place of numbers: all of it is told at once."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jaxbio.data.io.cells import CellFormat, fault_of_number
from jaxbio.errors import DataError, option, spelled

_LISTED = 12


class Word(NamedTuple):
    """Text that stands in cells of a column of numbers.

    Attributes:
        row: The row where it stands first.
        column: The column.
        text: The text.
        cells: How many cells of the column hold it.
    """

    row: int
    column: str
    text: str
    cells: int


class NotNumbersError(DataError):
    """Text in the place of numbers.

    Attributes:
        source: The file.
        format: How its cells are written.
        words: The text, by column.
        learned: Whether a model has learned what the columns are, which no option
            changes any more.
    """

    def __init__(
        self,
        source: str,
        format: CellFormat,
        words: Sequence[Word],
        *,
        learned: bool = False,
    ):
        self.source, self.format, self.words = source, format, tuple(words)
        self.learned = learned
        super().__init__(_told(source, format, self.words, learned))

    def as_learned(self) -> "NotNumbersError":
        """The same of rows for a model that was trained."""
        return NotNumbersError(self.source, self.format, self.words, learned=True)


class NotNumbers:
    """Gathers the text in the place of numbers, of several columns or parts of a file.

    Example:
        >>> words = [Word(3, "age", "n.b.", 2), Word(9, "bmi", "n.b.", 1)]
        >>> found = NotNumbers()
        >>> for word in words:
        ...     with found.gathered():
        ...         raise NotNumbersError("x.csv", CellFormat(), [word])
        >>> found.refuse()
        Traceback (most recent call last):
            ...
        jaxbio.data.io.not_numbers.NotNumbersError: x.csv, row 3, column age: 'n.b.' is
        not a number (3 cells, of age and bmi): correct it; if it stands for a missing
        value, missing='n.b.'; if age holds classes, kinds={'age': 'category'}
    """

    def __init__(self):
        self._errors: list[NotNumbersError] = []

    @contextlib.contextmanager
    def gathered(self) -> Iterator[None]:
        """Keep an error of this kind for later, and go on."""
        try:
            yield
        except NotNumbersError as error:
            self._errors.append(error)

    def refuse(self) -> None:
        """Raise what was gathered, if anything, as one error.

        Raises:
            NotNumbersError: With all the words.
        """
        if self._errors:
            first = self._errors[0]
            words = [word for error in self._errors for word in error.words]
            raise NotNumbersError(first.source, first.format, _joined(words)) from None


def _joined(words: Iterable[Word]) -> list[Word]:
    """The words of several parts of a file, each once a column, by their first row."""
    found: dict[tuple[str, str], Word] = {}
    for word in words:
        key = word.column, word.text
        known = found.get(key, word._replace(cells=0))
        found[key] = known._replace(
            row=min(known.row, word.row), cells=known.cells + word.cells
        )
    return sorted(found.values(), key=lambda word: word.row)


def _told(source: str, format: CellFormat, words: Sequence[Word], learned: bool) -> str:
    """What is wrong, where, and what to do."""
    marked = [(word, fault_of_number(word.text, format)) for word in words]
    marks = [(word, fault) for word, fault in marked if fault]
    plain = [word for word, fault in marked if not fault]
    told = []
    if plain:
        told.append(f"{_where(source, plain[0])}: {_of_words(plain, learned)}")
    if marks:
        word, fault = marks[0]
        cells = sum(word.cells for word, _ in marks)
        more = f" ({cells:,} cells are no plain numbers)" if cells > 1 else ""
        told.append(f"{_where('' if plain else source, word)}: {fault}{more}")
    return "; and ".join(told)


def _where(source: str, word: Word) -> str:
    return f"{source}{source and ', '}row {word.row}, column {word.column}"


def _of_words(words: Sequence[Word], learned: bool) -> str:
    """What is to be done with words that are no numbers at all."""
    first, by_text = words[0], {}
    for word in words:
        by_text.setdefault(word.text, []).append(word)
    columns = list(dict.fromkeys(word.column for word in words))
    shown = repr(first.text[:40])
    kind = option("kinds", {first.column: "category"})
    if len(by_text) == 1:
        cells = sum(word.cells for word in words)
        more = f" ({cells:,} cells, of {_listed(columns)})" if cells > 1 else ""
        if learned:
            return (
                f"{shown} is not a number{more}: correct it; if it stands for a "
                f"missing value, {_marks([first.text])}"
            )
        return (
            f"{shown} is not a number{more}: correct it; if it stands for a missing "
            f"value, {option('missing', first.text[:40])}; if {first.column} holds "
            f"classes, {kind}"
        )
    common = sorted(by_text, key=lambda text: -sum(x.cells for x in by_text[text]))
    listed = "; ".join(
        f"{text[:40]!r} {sum(x.cells for x in by_text[text]):,} in "
        f"{_listed([x.column for x in by_text[text]])}"
        for text in common[:_LISTED]
    )
    rest = len(common) - _LISTED
    more = f"; and {rest:,} more" if rest > 0 else ""
    told = (
        f"{shown} is not a number. Words among numbers, and in how many cells: "
        f"{listed}{more}. Correct those that are slips"
    )
    if learned:
        return (
            f"{told}; if they all stand for missing values, {_marks(common[:_LISTED])}"
        )
    return (
        f"{told}; if they all stand for missing "
        f"values, {option('missing', [text[:40] for text in common[:_LISTED]])}; if "
        f"{first.column} holds classes, {kind}"
    )


def _marks(texts: Sequence[str]) -> str:
    """The option by which a trained model takes words as missing."""
    marks = [text[:40] for text in texts]
    given = marks[0] if len(marks) == 1 else marks
    return spelled(f"jaxbio.load(…, missing={given!r})", option("missing", given))


def _listed(names: Sequence[str]) -> str:
    """Names in a sentence, of many the first ones.

    Example:
        >>> _listed(["a"]), _listed(["a", "b", "c"]), _listed([*"abcdef"])
        ('a', 'a, b and c', 'a, b, c and 3 more')
    """
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3:,} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
