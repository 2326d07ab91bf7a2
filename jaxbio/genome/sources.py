"""Variants that come from no VCF file: those of a table, and all of a region."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jaxbio.data.formats import read_frames
from jaxbio.data.io.parse import texts
from jaxbio.errors import DataError, nearest
from jaxbio.genome.alleles import BASES
from jaxbio.genome.matching import Genome
from jaxbio.genome.names import DELETED, parse_variant
from jaxbio.genome.records import Record
from jaxbio.genome.vcf import readings
from jaxbio.predict.mutants import mutation_column

_APART = "\x1f"  # between the cells of a row


class Interval(NamedTuple):
    """Part of a contig.

    Attributes:
        contig: In the genome's spelling.
        start: From 0.
        end: Not included.
        name: What it is called.
    """

    contig: str
    start: int
    end: int
    name: str


class TableSource:
    """Variants of a table, one a row, whose other columns go along.

    Attributes:
        path: The table.
        column: The one with the variants.
    """

    def __init__(self, path: str | Path, genome: Genome, column: str | None = None):
        """Look for the column.

        Args:
            path: The table.
            genome: The genome.
            column: The column with the variants, as `parse_variant` reads them; None
                for one of the usual names.

        Raises:
            DataError: If there is no such column.
        """
        self.path, self._genome = Path(path), genome
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
                named = parse_variant(text, self._genome, where)
                cells = _APART.join(column[at] for column in columns)
                alternatives = (named.alternative,)
                yield Record(
                    int(row), cells, named.contig, named.position, text,
                    named.reference, alternatives,
                )  # fmt: skip

    def columns(self, records: Sequence[Record]) -> dict[str, Sequence[Any]]:
        """The columns of the table, and the alleles."""
        cells = list(zip(*(record.text.split(_APART) for record in records)))
        found: dict[str, Sequence[Any]] = dict(zip(self._names, cells, strict=False))
        own: dict[str, Sequence[Any]] = {
            "chrom": [record.contig for record in records],
            "pos": [record.position for record in records],
            "ref": [record.reference for record in records],
            "alt": [record.alternatives[0] for record in records],
        }
        return {**{n: x for n, x in own.items() if n not in found}, **found}


class Saturation:
    """All substitutions of regions, and perhaps the deletion of each base.

    Attributes:
        intervals: The regions.
        notes: What became of regions that reach beyond their contigs.
    """

    def __init__(
        self, genome: Genome, intervals: Sequence[Interval], *, deletions: bool = False
    ):
        """Cut regions at the ends of their contigs.

        Args:
            genome: The genome.
            intervals: The regions.
            deletions: Whether the deletion of each base is among the variants.

        Raises:
            DataError: For no region, or one that begins beyond its contig.
        """
        if not intervals:
            raise DataError("there are no regions to saturate")
        self._genome, self.deletions = genome, deletions
        kept, cut = [], []
        for interval in intervals:
            length = genome.lengths[interval.contig]
            if interval.start >= length:
                raise DataError(
                    f"region {interval.name}: {interval.contig} has {length:,} bases"
                )
            if interval.end > length:
                cut.append(interval.name)
            kept.append(interval._replace(end=min(interval.end, length)))
        self.intervals = tuple(kept)
        self.notes: tuple[str, ...] = ()
        if cut:
            self.notes = (
                f"{len(cut):,} regions reach beyond the end of their contig and are "
                f"cut there: {', '.join(cut[:3])}{', …' if len(cut) > 3 else ''}; BED "
                f"starts count from 0",
            )

    @property
    def name(self) -> str:
        """How many regions there are."""
        first, *more = self.intervals
        return f"{len(more) + 1:,} regions" if more else f"region {first.name}"

    def records(self) -> Iterator[Record]:
        """A record a base that is A, C, G or T; other letters have no variants."""
        line = 0
        for contig, start, end, name in self.intervals:
            for at in range(start, end, _AT_ONCE):
                stop = min(at + _AT_ONCE, end)
                letters = self._genome.fetch(contig, at, stop)
                for place, base in enumerate(letters, at + 1):
                    if base not in BASES:
                        continue
                    line += 1
                    others = tuple(x for x in BASES if x != base)
                    if self.deletions:
                        others += (DELETED,)
                    yield Record(line, name, contig, place, name, base, others)

    def columns(self, records: Sequence[Record]) -> dict[str, Sequence[Any]]:
        """The region and the position."""
        found: dict[str, Sequence[Any]] = {
            "chrom": [record.contig for record in records],
            "pos": [record.position for record in records],
        }
        if len(self.intervals) > 1:
            found = {"region": [record.text for record in records], **found}
        return found


_AT_ONCE = 1 << 16  # bases


def region_of(text: str, genome: Genome) -> Interval:
    """A region as people write it, in a genome.

    Args:
        text: `CHROM`, `CHROM:START-END` or `CHROM:POSITION`; both ends belong to it.
        genome: The genome.

    Raises:
        DataError: If it is none, or of a contig that the genome lacks.
    """
    tried = readings(text)
    for region in tried:
        contig = genome.resolve(region.chromosome)
        if contig is not None:
            end = genome.lengths[contig] if region.end is None else region.end
            return Interval(contig, region.start - 1, end, text)
    raise DataError(
        f"region {text!r}: the genome has no contig {tried[-1].chromosome!r}: "
        f"{nearest(tried[-1].chromosome, genome.lengths)}"
    )
