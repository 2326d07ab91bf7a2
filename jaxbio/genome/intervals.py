"""Intervals of a genome: places with a strand, a name, a score and further columns."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Union

import numpy as np
from jaxtyping import Bool, Int64, Shaped

from jaxbio.errors import DataError, nearest

if TYPE_CHECKING:
    import pandas

PLACE = ("chrom", "start", "end", "strand")
"""Columns that say where an interval is."""

_NAMES = {
    "chrom": ("chrom", "#chrom", "chr", "contig", "chromosome", "seqname", "seqid"),
    "start": ("start", "chromStart", "chromstart"),
    "end": ("end", "stop", "chromEnd", "chromend"),
    "strand": ("strand",),
}
_STRANDS = {"+": "+", "-": "-", ".": ".", "": ".", "?": ".", "1": "+", "-1": "-"}

Table = Union["pandas.DataFrame", str, Path]
"""A file with intervals, or a DataFrame with the columns `chrom`, `start`, `end`."""


@dataclasses.dataclass(frozen=True)
class Intervals:
    """Places of a genome, in the order of their file.

    Attributes:
        contigs: The name of each one's contig.
        starts: First places, from 0.
        ends: The places after the last.
        strands: `+`, `-` or `.` for neither.
        columns: What else the file says, such as `name` and `score`: numbers with NaN,
            or text with None.
        rows: The line of each, or the number of its feature.
        source: The file, for messages.
        notes: What was done in reading that is worth knowing.

    Example:
        >>> one = np.array(["chr1"], object), np.array([4]), np.array([9])
        >>> Intervals(*one, np.array(["-"], object)).place(0)
        'chr1:5-9(-)'
    """

    contigs: Shaped[np.ndarray, "n"]
    starts: Int64[np.ndarray, "n"]
    ends: Int64[np.ndarray, "n"]
    strands: Shaped[np.ndarray, "n"]
    columns: Mapping[str, Shaped[np.ndarray, "n"]] = dataclasses.field(
        default_factory=dict
    )
    rows: Int64[np.ndarray, "n"] | None = None
    source: str = "intervals"
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def take(
        self, chosen: Int64[np.ndarray, "m"] | Bool[np.ndarray, "n"]
    ) -> "Intervals":
        """Some of the intervals.

        Args:
            chosen: Their numbers, or one boolean an interval.
        """
        return dataclasses.replace(
            self,
            contigs=self.contigs[chosen],
            starts=self.starts[chosen],
            ends=self.ends[chosen],
            strands=self.strands[chosen],
            columns={name: values[chosen] for name, values in self.columns.items()},
            rows=None if self.rows is None else self.rows[chosen],
        )

    def place(self, at: int) -> str:
        """Where one is, as people write it: both ends count, from 1."""
        strand = "" if self.strands[at] == "." else f"({self.strands[at]})"
        return f"{self.contigs[at]}:{self.starts[at] + 1}-{self.ends[at]}{strand}"

    def where(self, at: int) -> str:
        """The file and row of one, for messages."""
        return f"{self.source}, row {at if self.rows is None else self.rows[at]}"

    @property
    def table(self) -> "pandas.DataFrame":
        """The intervals as a DataFrame."""
        import pandas

        return pandas.DataFrame(
            {
                "chrom": self.contigs,
                "start": self.starts,
                "end": self.ends,
                "strand": self.strands,
                **self.columns,
            }
        )


def read_intervals(data: Table | Intervals, *, feature: str | None = None) -> Intervals:
    r"""Read intervals.

    Args:
        data: A BED (3 to 12 columns, or more of your own), narrowPeak, broadPeak, GFF3,
            GTF or GenBank file, each also packed; a table with the columns `chrom`,
            `start`, `end` and perhaps `strand`, places as in BED; or a DataFrame with
            these.
        feature: Of GFF3, GTF and GenBank files, the type of features, such as `gene`;
            needed where a file has several.

    Returns:
        Intervals, places from 0 with the end not included, whatever the file counts.

    Raises:
        DataError: For a row that is no interval, with its line; for a file without any;
            and for several types of features of which none was chosen.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "peaks.bed"
        >>> _ = path.write_text("track name=x\nchr1\t10\t20\ta\t7\t-\n")
        >>> read_intervals(path).table.to_dict("records")
        [{'chrom': 'chr1', 'start': 10, 'end': 20, 'strand': '-', 'name': 'a',
          'score': 7.0}]
    """
    from jaxbio.genome.interval_files import read_file

    if isinstance(data, Intervals):
        return data
    if isinstance(data, str | Path):
        return read_file(data, feature)
    return from_columns(
        {str(name): data[name].to_numpy() for name in data.columns},
        "DataFrame",
        np.arange(len(data)),
    )


def from_columns(
    columns: Mapping[str, np.ndarray], source: str, rows: Sequence[int] | np.ndarray
) -> Intervals:
    """Intervals of the columns of a table, places as in BED.

    Args:
        columns: Text or numbers by name.
        source: What messages call the table.
        rows: The number of each row, for messages.

    Raises:
        DataError: For a column that is missing, or a row that is no interval.
    """
    found = {
        what: next((name for name in names if name in columns), None)
        for what, names in _NAMES.items()
    }
    for what in ("chrom", "start", "end"):
        if found[what] is None:
            raise DataError(
                f"{source}: intervals need the columns chrom, start and end, it has no "
                f"{what}: {nearest(what, columns)}"
            )
    numbers = np.asarray(rows, np.int64)
    if not len(numbers):
        raise DataError(f"{source} has no intervals")

    def places(what: str) -> Int64[np.ndarray, "n"]:
        values = columns[found[what] or ""]
        if values.dtype.kind in "iu":
            return values.astype(np.int64)
        return np.array(
            [
                place(str(value), what, f"{source}, row {row}")
                for value, row in zip(values.tolist(), numbers.tolist(), strict=True)
            ],
            np.int64,
        )

    starts, ends = places("start"), places("end")
    for at in np.flatnonzero((starts < 0) | (ends < starts))[:1]:
        check(int(starts[at]), int(ends[at]), f"{source}, row {numbers[at]}")
    own = columns.get(found["strand"] or "")
    strands = ["."] * len(numbers) if own is None else own.tolist()
    strands = [
        strand(
            "" if text is None or text != text else str(text), f"{source}, row {row}"
        )
        for text, row in zip(strands, numbers.tolist(), strict=True)
    ]
    used = set(found.values())
    return Intervals(
        np.array([str(name) for name in columns[found["chrom"] or ""]], object),
        starts,
        ends,
        np.array(strands, object),
        {name: typed(values) for name, values in columns.items() if name not in used},
        numbers,
        source,
    )


def place(text: str, what: str, where: str) -> int:
    """A place of a file.

    Raises:
        DataError: If the text is no whole number.
    """
    try:
        return int(text)
    except ValueError:
        raise DataError(
            f"{where}: {what} {text[:40]!r} is no whole number: an interval is its "
            f"contig, start and end, separated by tabs"
        ) from None


def check(start: int, end: int, where: str) -> None:
    """See that places count from 0 and end after their start.

    Raises:
        DataError: If not.
    """
    if start < 0 or end < start:
        raise DataError(
            f"{where}: start {start} and end {end}: places count from 0, and the end "
            f"comes after the start"
        )


def strand(text: str, where: str) -> str:
    """A strand as `+`, `-` or `.`.

    Raises:
        DataError: If the text is none.
    """
    if text not in _STRANDS:
        raise DataError(f"{where}: strand {text[:40]!r} is none of + - .")
    return _STRANDS[text]


def typed(values: np.ndarray) -> np.ndarray:
    """A column as numbers where all that is there are such, else text.

    Args:
        values: Text, in which `.` and nothing are missing, or anything else, which
            stays as it is.

    Example:
        >>> typed(np.array(["1", ".", "2.5"], object)).tolist()
        [1.0, nan, 2.5]
        >>> typed(np.array(["a", ".", "1"], object)).tolist()
        ['a', None, '1']
    """
    if values.dtype.kind not in "OUT":
        return values
    cells = [None if x in (None, ".", "") else x for x in values.tolist()]
    if any(cell is not None for cell in cells):
        try:
            return np.array([np.nan if x is None else float(x) for x in cells])
        except (TypeError, ValueError):
            pass
    return np.array(cells, object)
