"""Variants that come from no VCF file: those of a table, and all of a region."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jaxbio.data.formats import read_frames
from jaxbio.data.io.parse import texts
from jaxbio.errors import DataError
from jaxbio.genome.matching import Genome
from jaxbio.genome.names import CODING, parse_coding, parse_variant
from jaxbio.genome.records import Record
from jaxbio.genome.transcripts import Transcripts
from jaxbio.predict.mutants import mutation_column

_AT_ONCE = 1 << 16  # bases
_APART = "\x1f"  # between the cells of a row


class TableSource:
    """Variants of a table, one a row, whose other columns go along.

    Attributes:
        path: The table.
        column: The one with the variants.
    """

    def __init__(
        self,
        path: str | Path,
        genome: Genome,
        column: str | None = None,
        *,
        genes: Transcripts | None = None,
    ):
        """Look for the column.

        Args:
            path: The table.
            genome: The genome.
            column: The column with the variants, as `parse_variant` reads them; None
                for one of the usual names.
            genes: What names of transcripts refer to, for variants such as
                `NM_000142.5:c.76A>G`.

        Raises:
            DataError: If there is no such column.
        """
        self.path, self._genome = Path(path), genome
        placed = None
        if genes is not None:
            placed = genes.placed(dict(genome.lengths), genome.resolve)
        self._genes = placed
        first = next(iter(read_frames(path)), None)
        if first is None:
            raise DataError(f"{path} has no rows")
        self.column = mutation_column(first, column)
        self._names = tuple(first.columns)

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def records(self) -> Iterator[Record]:
        """All rows, each time anew.

        Raises:
            DataError: For a cell that is no variant.
        """
        for frame in read_frames(self.path):
            columns = [texts(frame, name) for name in self._names]
            variants = texts(frame, self.column)
            for at, (row, text) in enumerate(zip(frame.rows, variants, strict=True)):
                where = f"{self.path}, row {row}, column {self.column}"
                if self._genes is not None and CODING.fullmatch(text.strip()):
                    named = parse_coding(text, self._genes, self._genome, where)
                else:
                    named = parse_variant(text, self._genome, where)
                cells = _APART.join(column[at] for column in columns)
                alternatives = (named.alternative,)
                yield Record(
                    int(row), cells, named.contig, named.position, text,
                    named.reference, alternatives,
                )  # fmt: skip

    def columns(self, records: Sequence[Record]) -> dict[str, Sequence[Any]]:
        """The columns of the table, and the alleles."""
        rows = [record.text.split(_APART) for record in records]
        found: dict[str, Sequence[Any]] = {
            name: [row[at] for row in rows] for at, name in enumerate(self._names)
        }
        own: dict[str, Sequence[Any]] = {
            "chrom": [record.contig for record in records],
            "pos": [record.position for record in records],
            "ref": [record.reference for record in records],
            "alt": [record.alternatives[0] for record in records],
        }
        return {**{n: x for n, x in own.items() if n not in found}, **found}
