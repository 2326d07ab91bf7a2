"""What the cells of a column look like: its kind, or why it is not used.

The rules look at a sample of rows spread over the whole file, are the same for every
file, and can always be overruled by naming inputs and targets.
"""

import itertools
import math
import re
import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from jaxbio.alphabet import PROTEIN, SMILES
from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.code_lists import look_coded
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.expression.genes import SYMBOLS, gene_kind
from jaxbio.data.io.cells import CellFormat, is_nearly_number
from jaxbio.data.io.dates import CLOCK, UNCLEAR, days_of, is_date, is_unclear
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.images import IMAGE_ENDINGS
from jaxbio.data.io.parse import holds_lists, holds_words, parse_numbers, texts, words
from jaxbio.data.kinds import kinds_of_arrays
from jaxbio.data.molecules.smiles import INCHI
from jaxbio.data.mutations import are_mutations
from jaxbio.data.specs import InputKind
from jaxbio.errors import DataError, option, spelled

PARTS = frozenset(("set", "split", "fold", "validation", "partition", "subset"))
"""Names of columns that say to which part a row belongs."""

_IDS = frozenset(
    (
        *("id", "ids", "index", "idx", "row", "name", "column_1"),
        *("rowname", "rownames", "row_names", "unnamed: 0"),
    )
)
_INDIVIDUALS = frozenset(
    (
        *("patient", "patients", "subject", "participant", "donor", "individual"),
        *("animal", "mouse", "patientid", "subjectid", "mrn", "usubjid", "subj"),
        *("pat", "patid", "patnr", "patientennummer", "proband", "probandennummer"),
        *("person", "personid", "pid", "pedigree", "famid"),
    )
)
_ID_WORDS = frozenset(
    (
        *("id", "ids", "identifier", "uid", "uuid", "barcode", "accession", "sampleid"),
        *("patientid", "subjectid", "personid", "patid", "usubjid", "mrn", "famid"),
    )
)
_NUMBERING = frozenset(
    (
        *("no", "nr", "num", "number", "nummer", "code", "key", "name"),
        *("study", "trial"),
    )
)
"""What may stand beside a patient where a column names patients: their age does not."""

_CASES = frozenset(("case", "fall"))
"""What a number of makes names of rows; alone, they may be diseased or not."""

_CODE_WORDS = frozenset(
    (
        *("code", "type", "class", "category", "group", "grade", "stage", "site"),
        *("hospital", "center", "centre", "ward", "batch", "plate", "region"),
    )
)
_CLASS_WORDS = frozenset(("label", "class", "cluster", "family", "fold", "type"))
_BASES = frozenset("ACGTUN")
_RESIDUES = frozenset(PROTEIN.letters + "UO")
_RARE_RESIDUES = frozenset("BJOUXZ")
_SMILES = frozenset(SMILES.letters)
_CHROMOSOMES = frozenset(("X", "Y", "M", "MT", "W", "Z", "XY", "Un"))
_SHORTEST = 6
_LOOKED_AT = 2000  # symbols of a sequence
_FEW_LEVELS = 10  # that whole numbers have where they may be codes
_MOST_LEVELS = 50  # that a category with some numbers among its levels has
_FEW_WORDS = 3  # that stand for missing values
_MANY_WORDS = 4  # of a cell that is no name of a class
_WIDE = 2000  # columns from which on many are looked at together
_TOGETHER = 500
_MANY_ROWS = 50  # whose numbers are known as such, though some were left out
_FEW_LEFT_OUT = 1.1  # the mean step of these
_MANY_GENES = 500  # columns that may be counts of genes
_MANY_COUNTS = 20  # that no genotype or rank of an answer has
_HEAVY_TAIL = 1000  # times the median: the largest count of a gene in sequenced RNA
_LAST_DIGITS = re.compile(r"\d+$")
_WHOLE = re.compile(r"-?\d{1,9}")
_WITH_COMMA = re.compile(r"[-+]?\d*,\d+")


class Guess(NamedTuple):
    """What a column looks like.

    Attributes:
        kind: Its kind as an input; an error, to be raised if it is to be one; None if
            it is none.
        reason: Why it is none.
        otherwise: The kind that it may be as well.
        unit: Whether it names what rows belong to, such as patients, several rows each.
    """

    kind: InputKind | DataError | None
    reason: str = ""
    otherwise: str = ""
    unit: bool = False


NAMES = "names the rows"
"""Why a column whose texts are all different is no input."""


def recognize(frame: Frame) -> dict[str, Guess]:
    """What each column looks like that could be an input or target.

    Args:
        frame: Some rows, best spread over the file.

    Example:
        >>> import pandas as pd
        >>> table = {"id": ["a", "b"], "seq": ["ACGTACGT", "GGGTTTAA"], "y": [1.5, 2.0]}
        >>> guesses = recognize(Frame.from_table(pd.DataFrame(table)))
        >>> {name: guess.kind or guess.reason for name, guess in guesses.items()}
        {'id': 'names the rows', 'seq': 'dna', 'y': 'numeric'}
    """
    if frame.records:
        names = [name for name in ("sequence", "label") if name in frame.columns]
    else:
        names = list(frame.columns)
    numeric = set(_all_numbers(frame, names) if len(names) > _WIDE else ())
    guesses = {
        name: Guess("numeric") if name in numeric else _guess(frame, name)
        for name in names
    }
    return guesses | {n: Guess(k) for n, k in kinds_of_arrays(frame.arrays).items()}


def _all_numbers(frame: Frame, names: Sequence[str]) -> Iterable[str]:
    """The columns of a wide table that begin with numbers, many looked at at once."""
    for start in range(0, len(names), _TOGETHER):
        together = names[start : start + _TOGETHER]
        cells = [frame.column(name)[:_FEW_LEVELS].tolist() for name in together]
        flat = parse_numbers(itertools.chain.from_iterable(cells), frame.format)
        if flat is not None and not np.isnan(flat).all():
            yield from together


def hold_counts(frame: Frame, names: Sequence[str]) -> bool:
    """Check that columns look like counts of genes in cells or samples.

    They are many, hold whole numbers without gaps, but for rows that have none at all,
    and are not numbered like pixels or variants. Few are large: the largest is above
    twenty, and above a thousand times the median, which is 0 where most genes of a cell
    are not found.

    Args:
        frame: The rows.
        names: The columns.
    """
    if len(names) < _MANY_GENES:
        return False
    stems = {_LAST_DIGITS.sub("", name) for name in names}
    if len(stems) == 1 and gene_kind(names) == SYMBOLS:
        return False
    parts, there = [], None
    for start in range(0, len(names), _TOGETHER):
        cells = [frame.column(name).tolist() for name in names[start:][:_TOGETHER]]
        flat = parse_numbers(itertools.chain.from_iterable(cells), frame.format)
        if flat is not None:  # rows that have nothing at all, as others lack them
            table = flat.reshape(len(cells), -1)
            there = ~np.isnan(table).all(axis=0) if there is None else there
            flat = table[:, there].ravel()
        if flat is None or not (np.isfinite(flat) & (flat >= 0)).all():
            return False
        if (flat % 1).any():
            return False
        parts.append(flat)
    values = np.concatenate(parts)
    if not values.size:
        return False
    least = max(_MANY_COUNTS, _HEAVY_TAIL * np.median(values))
    return bool(values.max(initial=0) > least)


def names_individuals(column: str) -> bool:
    """Check that a column is called as those that name patients, donors or animals.

    A column that is called `id` and nothing else does so where it names several rows.

    Example:
        >>> names_individuals("PatientID"), names_individuals("Pat-ID")
        (True, True)
        >>> names_individuals("Patient Age"), names_individuals("drug_id")
        (False, False)
    """
    called = set(_words_of(column))
    return called == {"id"} or bool(_INDIVIDUALS & called and _names_units(column))


def _names_units(column: str) -> bool:
    """Check that a column is called as those that name rows, or what rows belong to."""
    called = set(_words_of(column))
    alone = _INDIVIDUALS & called and called <= _INDIVIDUALS | _NUMBERING
    cases = len(called) > 1 and _CASES & called and called <= _CASES | _NUMBERING
    return bool(_ID_WORDS & called or alone or cases)


def _guess(frame: Frame, name: str) -> Guess:
    if holds_words(frame.column(name)):
        return Guess("codes")
    if holds_lists(frame.column(name)):
        return Guess(None, "lists, used where they are named, as values by position")
    values = texts(frame, name)
    if not all(values):
        values = [value for value in values if value]
    if not values:
        return Guess(None, "every cell is missing")
    if frame.records and name == "sequence":
        return Guess(_sequence_kind(values, frame, name) or _nearest_kind(values))
    distinct = set(values)
    if _counts_up(values) or (
        name.lower() in _IDS and len(set(words(frame, name))) == len(frame)
    ):
        return Guess(None, NAMES)
    named = _names_units(name) and len(distinct) > _FEW_LEVELS
    if all(value.lower().endswith(IMAGE_ENDINGS) for value in values):
        return Guess("image")
    if all(value.startswith(INCHI) for value in values):
        return Guess("smiles")
    if name == frame.key or (named and not _is_measured(distinct, frame.format)):
        if len(distinct) > 0.9 * len(values):
            return Guess(None, NAMES)
        reason = f"names {len(distinct)} units of several rows each"
        return Guess(None, reason, unit=True)
    if statistics.fmean(map(is_date, distinct)) >= 0.9:
        return _guess_dates(distinct)
    if statistics.fmean(CLOCK.fullmatch(x) is not None for x in distinct) >= 0.9:
        return Guess(None, "times of day")
    if _are_codes(distinct) and 2 * len(distinct) <= len(values):
        return Guess("category", otherwise="numeric")
    if is_mostly_numbers(values, frame.format):
        return Guess("numeric", otherwise=_other_than_number(name, distinct, frame))
    called = set(_words_of(name))
    if "smiles" in called and statistics.fmean(map(_is_molecule, values)) >= 0.9:
        return Guess("smiles")
    if called & {"sequence", "seq"} or _may_be_sequences(values):
        kind = _sequence_kind(values, frame, name)
        if kind is not None:
            return Guess(kind)
    if are_mutations(distinct):
        return Guess(
            None,
            f"mutations, which say nothing without the sequence that they change: "
            f"{option('parent', 'wild.fa')} gives it",
        )
    if look_coded(values):
        return Guess("category")
    some_numbers = any(parse_numbers([value]) is not None for value in distinct)
    sizes = statistics.fmean(len(value.split()) for value in distinct)
    if len(distinct) > max(len(values) / 2, 2) or (
        sizes >= _MANY_WORDS and len(distinct) > _MOST_LEVELS
    ):
        what = "text and numbers" if some_numbers else "free text"
        return Guess(None, f"{what}, {len(distinct)} different values")
    return Guess("category", otherwise="numeric" if some_numbers else "")


def _guess_dates(distinct: set[str]) -> Guess:
    """Dates as numbers, if all of them can be read."""
    if days_of(distinct) is not None:
        return Guess("numeric")
    if is_unclear(distinct):
        return Guess(None, UNCLEAR)
    odd = next((x for x in sorted(distinct) if days_of([x, "1970-01-31"]) is None), "")
    return Guess(None, f"dates, but for some such as {odd!r}" if odd else UNCLEAR)


def is_mostly_numbers(cells: Sequence[str], format: CellFormat) -> bool:
    """Check that cells are numbers, but for slips that are to be named as such.

    Chromosomes 1 to 22 and X are categories, and so are 1, 2, 3 and unclear.

    Args:
        cells: Cells that are not missing.
        format: How they are written.

    Example:
        >>> [is_mostly_numbers(cells.split(), CellFormat())
        ...  for cells in ("1 2 >3", "1 2 3 unclear", "1.5 2.5 3.5 4.5 oops")]
        [True, False, True]
        >>> bmi = [f"{20 + row / 7:.1f}" for row in range(20)]
        >>> is_mostly_numbers([*bmi, *20 * ["unknown"]], CellFormat())
        True
    """
    if parse_numbers(cells, format) is not None:
        return True
    distinct = set(cells)
    with_units = [format.measurement(cell) for cell in distinct]
    bounds = sum(bool(each and each.bound) for each in with_units)
    # Where most are bounds, they are names of ranges, as <30 and >30.
    if all(with_units) and 2 * bounds <= len(with_units):
        return True
    values = {cell: parse_numbers([cell], format) for cell in distinct}
    numbers = [
        float(value[0])
        for value in values.values()
        if value is not None and math.isfinite(value[0])
    ]
    rest = {cell for cell, value in values.items() if value is None}
    if numbers and all(map(is_nearly_number, rest)):
        return True
    commas = any(map(_WITH_COMMA.fullmatch, rest))
    if not numbers and commas and all(map(is_nearly_number, rest)):
        return True
    levels = len(numbers) <= _MOST_LEVELS and all(x == round(x) for x in numbers)
    share = statistics.fmean(cell not in rest for cell in cells)
    # Measurements and a word or two, such as "not done", however often.
    measured = not levels and len(numbers) > _FEW_LEVELS
    if measured and share >= 0.2 and len(rest) <= _FEW_WORDS:
        return True
    if share < 0.8:
        return False
    return not levels or (len(numbers) > _FEW_LEVELS and not rest <= _CHROMOSOMES)


def _are_codes(distinct: Iterable[str]) -> bool:
    """Check for digits that are filled up with zeros, as in codes of hospitals.

    Example:
        >>> _are_codes(["030001", "120014"]), _are_codes(["0", "12"])
        (True, False)
    """
    padded = any(len(value) > 1 and value[0] == "0" for value in distinct)
    widths = {len(value) if value.isdecimal() else 0 for value in distinct}
    return padded and len(widths) == 1 and widths != {0}


def _is_measured(distinct: set[str], format: CellFormat) -> bool:
    """Check for numbers with decimals, which name nothing."""
    values = parse_numbers(distinct, format)
    return values is not None and bool((values != np.round(values)).any())


def _other_than_number(name: str, distinct: set[str], frame: Frame) -> str:
    """What a column of numbers may be as well."""
    values = parse_numbers(distinct, frame.format)
    if values is None or not np.isfinite(values).all() or len(values) < 3:
        return ""
    if (values != np.round(values)).any():
        return ""
    if len(values) <= _FEW_LEVELS or (
        _CODE_WORDS & set(_words_of(name)) and len(values) <= _MOST_LEVELS
    ):
        return "category"
    days = values % 100, values // 100 % 100, values // 10000
    dates = (
        (days[0] >= 1)
        & (days[0] <= 31)
        & (days[1] >= 1)
        & (days[1] <= 12)
        & (days[2] >= 1900)
        & (days[2] <= 2100)
    )
    return "dates" if dates.all() else ""


def _words_of(name: str) -> list[str]:
    """The words of a column's name.

    Example:
        >>> _words_of("patientID"), _words_of("hospital_code")
        (['patient', 'id'], ['hospital', 'code'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.split(r"[\W_\d]+", apart) if word]


def may_be_otherwise(name: str, target: Column) -> tuple[str, ...]:
    """A note on whole numbers that could be classes, or classes that could be numbers.

    Args:
        name: The target.
        target: Its values.
    """
    called = bool(_CLASS_WORDS & set(_words_of(name)))
    if isinstance(target, Category) and not target.per_position:
        classes = {str(value) for value in target.values if value is not None}
        levels = {int(value) for value in classes if _WHOLE.fullmatch(value)}
        if called or len(levels) < 3 or len(levels) < len(classes):
            return ()
        if max(levels) - min(levels) >= len(levels):  # some are left out, as of codes
            return ()
        numbers = option("targets", {name: spelled("number", "regression")})
        return (
            f"{name}: whole numbers, {min(levels)} to {max(levels)}, are learned as "
            f"{len(levels)} classes: if they are amounts or grades, {numbers}",
        )
    if not (called and isinstance(target, Numeric) and target.values.shape[1] == 1):
        return ()
    known = target.values[np.isfinite(target.values)]
    distinct = np.unique(known)
    if len(distinct) < 3 or (distinct % 1).any():
        return ()
    classes = option("targets", {name: spelled("class", "multiclass")})
    return (
        f"{name}: whole numbers, {distinct[0]:.0f} to {distinct[-1]:.0f}, are learned "
        f"as numbers: if they name classes, {classes}",
    )


def _counts_up(values: Sequence[str]) -> bool:
    """Check for numbers of rows; of many rows a few may have been taken out."""
    numbers = parse_numbers(values) if values[0].isdigit() else None
    if numbers is None or len(values) < 3 or not np.isfinite(numbers).all():
        return False
    steps = np.diff(numbers)
    if (steps == 1).all():
        return True
    up = bool((steps >= 1).all() and (numbers % 1 == 0).all())
    few = float(steps.mean()) <= _FEW_LEFT_OUT
    return up and few and len(values) >= _MANY_ROWS


def _may_be_sequences(values: Sequence[str]) -> bool:
    lengths = [len(value) for value in values]
    middle = statistics.median(lengths)
    distinct = len(set(values))
    # Variants at a few sites are short, but of one length and nearly all different.
    variants = len(set(lengths)) == 1 and middle >= 4 and distinct > 20
    return (middle >= _SHORTEST or variants) and (
        distinct > len(values) / 2 or distinct > 20 or middle >= 30
    )


def _sequence_kind(
    values: Sequence[str], frame: Frame, name: str
) -> InputKind | DataError | None:
    heads = [value[:_LOOKED_AT] for value in values]
    bases = [is_nucleic(head) for head in heads]
    share = statistics.fmean(bases)
    if share >= 0.9:
        letters = set().union(*(head.upper() for head in heads))
        return "rna" if "U" in letters and "T" not in letters else "dna"
    if frame.records and len(values) < 10 and share > 0.5:
        return "dna"  # of few records one with a slip is already a large share
    if statistics.fmean(_is_protein(head) for head in heads) >= 0.9:
        if share > 0.02:
            return _mixed(frame, name, bases)
        common = set("".join(heads).upper()) - _RARE_RESIDUES
        return "protein" if len(common) > 4 else None
    smiles = statistics.fmean(_is_smiles(head) for head in heads) >= 0.9
    return "smiles" if smiles and not frame.records else None


def _nearest_kind(values: Sequence[str]) -> str:
    """The kind by the letters alone; the other symbols are then named as unknown."""
    heads = ["".join(filter(str.isalpha, value[:_LOOKED_AT])) for value in values]
    return "dna" if statistics.fmean(map(is_nucleic, heads)) >= 0.5 else "protein"


def is_nucleic(text: str) -> bool:
    """Check that at least nine of ten symbols are nucleotides."""
    text = text.upper()
    return sum(text.count(base) for base in _BASES) >= 0.9 * len(text)


def _is_protein(text: str) -> bool:
    letters = set(text)
    rare = sum(text.count(letter) for letter in letters & _RARE_RESIDUES)
    return letters <= _RESIDUES and rare <= 0.05 * len(text)


def _is_smiles(text: str) -> bool:
    atoms = "C" in text or "c" in text or "N" in text or "O" in text
    bonds = any(mark in text for mark in ("(", "=", "#", "[", "c1", "C1", "CC"))
    return atoms and bonds and set(text) <= _SMILES


def _is_molecule(text: str) -> bool:
    return set(text) <= _SMILES and any(map(str.isalpha, text))


def _mixed(frame: Frame, name: str, bases: list[bool]) -> DataError:
    nucleic, protein = bases.index(True), bases.index(False)
    rows = [row for row, value in enumerate(texts(frame, name)) if value]
    return DataError(
        f"{frame.source}, column {name}: mixed alphabets: row "
        f"{frame.rows[rows[nucleic]]} looks like nucleotides, row "
        f"{frame.rows[rows[protein]]} like protein: separate them, or say what the "
        f"column is, for example {name}:protein"
    )
