"""All substitutions of regions, and a map of what they do."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from jaxbio.data.formats import read_frames
from jaxbio.data.io.parse import texts
from jaxbio.errors import DataError, nearest
from jaxbio.genome.alleles import BASES
from jaxbio.genome.intervals import read_intervals
from jaxbio.genome.matching import DELETED, Genome
from jaxbio.genome.records import Record
from jaxbio.genome.vcf import readings
from jaxbio.plot.mutation_maps import mutation_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_AT_ONCE = 1 << 16  # bases
_SCORES = ("llr", "logr", "diff")  # which of them a map shows, the first that is there


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


def regions_of(
    path: str | Path, genome: Genome, *, feature: str | None = None
) -> list[Interval]:
    """The regions of a file of intervals, such as BED, in a genome.

    Args:
        path: As for `read_intervals`.
        genome: The genome.
        feature: As for `read_intervals`.

    Raises:
        DataError: For a row that is no interval, or of a contig that the genome lacks.
    """
    read = read_intervals(path, feature=feature)
    named = read.columns.get("name", [None] * len(read))
    regions = []
    for at, name in enumerate(named):
        contig = genome.resolve(str(read.contigs[at]))
        if contig is None:
            raise DataError(
                f"{read.where(at)}: the genome has no contig {read.contigs[at]!r}: "
                f"{nearest(str(read.contigs[at]), genome.lengths)}"
            )
        if read.starts[at] == read.ends[at]:
            raise DataError(f"{read.where(at)}: the region has no bases")
        usual = f"{read.contigs[at]}:{read.starts[at] + 1}-{read.ends[at]}"
        name = str(name) if name not in (None, "", ".") else usual
        regions.append(Interval(contig, int(read.starts[at]), int(read.ends[at]), name))
    return regions


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


def saturation_map(table: str | Path, *, title: str = "") -> "Figure":
    """Draw the scores of all substitutions of one region.

    Args:
        table: What `score_variants` wrote for a `Saturation` of one region.
        title: Above the map.

    Returns:
        A map with a row a base (and one for its deletion): the log-likelihood ratio,
        the log ratio or the difference, of the first output.

    Raises:
        DataError: For a table of something else.
    """
    places: dict[int, str] = {}
    scores: list[tuple[int, str, float]] = []
    name = ""
    for frame in read_frames(table):
        if not {"pos", "ref", "alt"} <= set(frame.columns):
            raise DataError(f"{table} is no table of the variants of a region")
        name = name or next(
            (x for key in _SCORES for x in frame.columns if x.split("_")[0] == key), ""
        )
        columns = (texts(frame, column) for column in ("pos", "ref", "alt", name))
        for pos, ref, alt, score in zip(*columns, strict=True):
            places[int(pos)] = ref
            # A cell with "-" is read as one without anything.
            scores.append((int(pos), alt or DELETED, float(score or "nan")))
    if not scores:
        raise DataError(f"{table} has no rows")
    first, last = min(places), max(places)
    rows = [*BASES, DELETED] if any(alt == DELETED for _, alt, _ in scores) else BASES
    matrix = np.full((len(rows), last - first + 1), np.nan)
    for pos, alt, score in scores:
        matrix[list(rows).index(alt), pos - first] = score
    wild = "".join(places.get(place, "N") for place in range(first, last + 1))
    return mutation_map(matrix, list(rows), wild, first=first, title=title, name=name)
