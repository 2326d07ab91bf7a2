"""Rows that are written as mutations of a parent sequence, such as A42G."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from jaxbio.alphabet import DNA, PROTEIN, RNA, Alphabet
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import holds_lists, texts
from jaxbio.data.mutations import (
    are_mutations,
    is_written_as_mutation,
    mutated,
    parse_mutations,
)
from jaxbio.errors import DataError, JaxbioError, option

MUTATIONS = "mutations"
"""The kind of an input that is written so."""

_ALPHABETS = {"dna": DNA, "rna": RNA, "protein": PROTEIN}


@dataclasses.dataclass(frozen=True)
class Parent:
    """The sequence of which rows are mutants.

    Attributes:
        sequence: Its letters.
        kind: `dna`, `rna` or `protein`.
        column: The column in which the mutations stand.
        first: The number of the first letter in the names of mutations.

    Example:
        >>> Parent.of("MAKW", column="variant").sequences(["A2G:K3R", "WT"])
        ['MGRW', 'MAKW']
    """

    sequence: str
    kind: str
    column: str = ""
    first: int = 1

    @classmethod
    def of(
        cls,
        letters: str,
        *,
        kind: str | None = None,
        column: str = "",
        first: int = 1,
        where: str = "parent",
    ) -> "Parent":
        """A parent from its letters.

        Args:
            letters: The sequence, in any case.
            kind: `dna`, `rna` or `protein`; by its letters if not given.
            column: The column with the mutations.
            first: The number of the first letter.
            where: What messages call it.

        Raises:
            DataError: For letters that belong to none of these kinds.
        """
        text = "".join(letters.split()).upper()
        kind = kind or _kind_of(text)
        if kind not in _ALPHABETS:
            raise JaxbioError(f"{where} is {kind}: a parent is {', '.join(_ALPHABETS)}")
        _ALPHABETS[kind].encode_rows([text])  # tells of letters that are none
        if not text:
            raise DataError(f"{where}: the sequence is empty")
        return cls(text, kind, column, first)

    @property
    def alphabet(self) -> Alphabet:
        """The alphabet of the sequence."""
        return _ALPHABETS[self.kind]

    def sequences(self, cells: list[str], where: list[str] | None = None) -> list[str]:
        """The sequences of rows.

        Args:
            cells: Mutations, as `parse_mutations` reads them, or whole sequences, which
                stay as they are. Missing ones stay missing.
            where: What messages call each.

        Raises:
            DataError: For a mutation that cannot be read or does not fit the parent.
        """
        where = where or [f"mutation {at + 1}" for at in range(len(cells))]
        changed = [at for at, cell in enumerate(cells) if is_written_as_mutation(cell)]
        variants = parse_mutations(
            [cells[at] for at in changed],
            self.sequence,
            symbols=self.alphabet.letters,
            first=self.first,
            where=[where[at] for at in changed],
        )
        result = list(cells)
        for at, variant in zip(changed, variants, strict=True):
            result[at] = mutated(self.sequence, variant)
        return result

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return dataclasses.asdict(self)


def _kind_of(text: str) -> str:
    """The kind of a sequence by its letters."""
    for kind, bases in (("dna", "ACGTN"), ("rna", "ACGUN")):
        if set(text) <= set(bases):
            return kind
    return "protein"


def with_parent(frame: Frame, parent: Parent | Mapping[str, Any] | None) -> Frame:
    """The frame with whole sequences for mutations.

    Args:
        frame: Rows.
        parent: The parent, or its fields; None to leave the rows as they are.

    Raises:
        DataError: For a mutation that cannot be read or does not fit the parent.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"variant": ["A2G", "K3R"], "score": [0.5, 1.0]})
        >>> parent = Parent.of("MAKW", column="variant")
        >>> with_parent(Frame.from_table(table), parent).columns["variant"].tolist()
        ['MGKW', 'MARW']
    """
    if parent is None:
        return frame
    if not isinstance(parent, Parent):
        parent = Parent(**parent)
    name = parent.column
    if name not in frame.columns or frame.records:
        return frame  # rows of whole sequences; a column that is missing is told later
    where = [f"{frame.source}, row {row}, column {name}" for row in frame.rows]
    return frame.with_column(name, parent.sequences(texts(frame, name), where))


def mutation_column(frame: Frame, parent: Parent) -> str:
    """The column whose cells are mutations; of several the one that fits the parent.

    Args:
        frame: Some rows.
        parent: What they change.

    Raises:
        DataError: If there is none, or several.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"mutant": ["A2G", "K3R:W4A"], "y": [0.5, 1.0]})
        >>> mutation_column(Frame.from_table(table), Parent.of("MAKW"))
        'mutant'
    """
    found = [name for name in frame.columns if _are_mutations(frame, name)]
    if len(found) > 1:  # as in MaveDB, of the DNA and of the protein
        found = [name for name in found if _fits(frame, name, parent)] or found
    if len(found) == 1:
        return found[0]
    if not found:
        raise DataError(
            f"{frame.source}: no column looks like mutations, such as A42G or "
            f"A42G:K50R: name it, as in {option('inputs', {'variant': MUTATIONS})}"
        )
    raise DataError(
        f"{frame.source}: {' and '.join(found[:2])} both look like mutations: say "
        f"which changes the parent, as in {option('inputs', {found[0]: MUTATIONS})}"
    )


def _fits(frame: Frame, name: str, parent: Parent) -> bool:
    try:
        parent.sequences(texts(frame, name))
    except DataError:
        return False
    return True


def _are_mutations(frame: Frame, name: str) -> bool:
    column = frame.column(name)
    if holds_lists(column) or column.dtype.kind in "biuf":
        return False
    cells = [cell for cell in texts(frame, name) if cell]
    return are_mutations(cells[:: max(1, len(cells) // 2000)])
