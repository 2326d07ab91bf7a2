"""Files of intervals: BED and its kin, GFF3, GTF, GenBank, and tables."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxbio.data.formats import read_frames
from jaxbio.data.io.files import format_of, open_bytes, text_lines
from jaxbio.data.io.frames import Frame, joined
from jaxbio.data.io.parse import texts
from jaxbio.errors import DataError, nearest, option
from jaxbio.genome.gene_files import gff_rows
from jaxbio.genome.gene_records import genbank_records
from jaxbio.genome.intervals import (
    Intervals,
    check,
    from_columns,
    place,
    strand,
    typed,
)

ENDINGS = {
    ".bed": "bed",
    ".narrowpeak": "bed",
    ".broadpeak": "bed",
    ".gff": "gff",
    ".gff3": "gff",
    ".gtf": "gff",
}
"""What the endings of files of intervals stand for; tables and GenBank have others."""

_BED = (
    *("chrom", "start", "end", "name", "score", "strand"),
    *("thickStart", "thickEnd", "itemRgb", "blockCount", "blockSizes", "blockStarts"),
)
_PEAK = (*_BED[:6], "signalValue", "pValue", "qValue", "peak")
_HEADERS = ("track", "browser", "#")
_GFF_NAMES = ("Name", "gene_name", "gene", "locus_tag", "gene_id", "ID")
_GENBANK_NAMES = ("gene", "locus_tag", "protein_id", "product", "label", "note")
_LISTED = 8


class _Feature(NamedTuple):
    contig: str
    start: int
    end: int
    strand: str
    kind: str
    row: int
    told: Mapping[str, str]


def ending(path: str | Path) -> str:
    """The format of a file of intervals by its ending; empty for one of another kind.

    Example:
        >>> ending("a.narrowPeak.gz"), ending("genes.gtf"), ending("reads.fa")
        ('bed', 'gff', '')
    """
    name = Path(path).name.lower().removesuffix(".gz").removesuffix(".bz2")
    return ENDINGS.get(Path(name).suffix, "")


def read_file(path: str | Path, feature: str | None) -> Intervals:
    """Read a file; see `read_intervals`."""
    kind = ending(path)
    if kind == "bed":
        return _read_bed(path)
    if kind == "gff":
        return _chosen(_gff(path), str(path), feature)
    kind = format_of(path)
    if kind == "genbank":
        notes: list[str] = []
        found = _chosen(_genbank(path, notes), str(path), feature, notes)
        return found
    if kind in ("table", "excel", "parquet"):
        frame = joined(list(read_frames(path)))
        return from_columns(_cells(frame), frame.source, frame.rows)
    raise DataError(
        f"{path}: intervals are read from BED, narrowPeak, broadPeak, GFF3, GTF and "
        f"GenBank files (.bed .narrowPeak .broadPeak .gff3 .gff .gtf .gb, also .gz), "
        f"and tables with chrom, start and end: this one is {kind}"
    )


def _cells(frame: Frame) -> dict[str, np.ndarray]:
    return {
        name: values
        if values.dtype.kind in "biuf"
        else np.array(texts(frame, name), object)
        for name, values in frame.columns.items()
    }


def _read_bed(path: str | Path) -> Intervals:
    """A BED file; comments, `track` and `browser` lines are no rows."""
    source, names, lines, rows = str(path), None, [], []
    with open_bytes(path) as handle:
        for number, text in enumerate(text_lines(handle, source), 1):
            text = text.rstrip("\n")
            if not text.strip():
                continue
            if text.startswith(_HEADERS) and not text.startswith("track\t"):
                cells = text.lstrip("#").strip().split("\t")
                if not lines and cells[0].lower() in ("chrom", "chr", "contig"):
                    names = cells
                continue
            cells = text.split("\t") if "\t" in text else text.split()
            if not lines and not names and _is_header(cells):
                names = cells
                continue
            if len(cells) < 3 or (lines and len(cells) != len(lines[0])):
                wanted = f"{len(lines[0])} as above" if lines else "at least 3"
                raise DataError(
                    f"{source}, row {number}: {len(cells)} columns instead of "
                    f"{wanted}: {text[:60]!r}"
                )
            lines.append(cells)
            rows.append(number)
    if not lines:
        raise DataError(f"{source} has no intervals")
    called, notes = _bed_names(path, lines, names)
    columns = {
        name: np.array([cells[at] for cells in lines], object)
        for at, name in enumerate(called)
    }
    starts, ends, strands = [], [], []
    for at, (cells, row) in enumerate(zip(lines, rows, strict=True)):
        where = f"{source}, row {row}"
        starts.append(place(cells[1], "start", where))
        ends.append(place(cells[2], "end", where))
        check(starts[at], ends[at], where)
        own = columns["strand"][at] if "strand" in columns else "."
        strands.append(strand(own, where))
    own = {
        name: typed(values)
        for name, values in columns.items()
        if name not in ("chrom", "start", "end", "strand")
    }
    return Intervals(
        columns["chrom"],
        np.array(starts, np.int64),
        np.array(ends, np.int64),
        np.array(strands, object),
        {name: _as_text(x) if name == "name" else x for name, x in own.items()},
        np.array(rows, np.int64),
        source,
        tuple(notes),
    )


def _is_header(cells: list[str]) -> bool:
    """Check that the first line names columns."""
    return len(cells) >= 3 and not any(cell.lstrip("-").isdigit() for cell in cells)


def _bed_names(
    path: str | Path, lines: list[list[str]], header: list[str] | None
) -> tuple[list[str], list[str]]:
    """The names of the columns, and what was concluded from their contents."""
    count, first = len(lines[0]), lines[0]
    if header is not None and len(header) == count:
        return ["chrom", "start", "end", *header[3:]], []
    name = Path(path).name.lower()
    notes, called = [], _BED
    if ".narrowpeak" in name or ".broadpeak" in name:
        called = _PEAK
    elif count == 10 or (count == 9 and not _is_thick(first)):
        kind = "narrowPeak" if count == 10 else "broadPeak"
        called = _PEAK
        notes.append(f"{path}: its {count} columns are read as those of {kind}")
    elif count > 6 and not _is_thick(first):
        called = _BED[:6]
    if count > 5 and first[5] not in ("+", "-", "."):
        called = _BED[:5]
    more = [f"column_{at + 1}" for at in range(len(called), count)]
    return [*called[:count], *more], notes


def _is_thick(cells: list[str]) -> bool:
    """Check that the seventh and eighth columns are places, as thickStart is."""
    return all(cell.isdigit() for cell in cells[6:8])


def _as_text(values: np.ndarray) -> np.ndarray:
    """Names are text also where all of them are numbers."""
    if values.dtype.kind != "f":
        return values
    return np.array([None if x != x else f"{x:.12g}" for x in values], object)


def _gff(path: str | Path) -> Iterator[_Feature]:
    """Features of a GFF3 or GTF file."""
    source = str(path)
    with open_bytes(path) as handle:
        for row in gff_rows(handle, source):
            told = row.attributes
            name = next((told[key] for key in _GFF_NAMES if told.get(key)), "")
            told = {"name": name, "score": row.score, "type": row.kind, **told}
            side = strand(row.strand, f"{source}, row {row.line}")
            yield _Feature(
                row.contig, row.start, row.end, side, row.kind, row.line, told
            )


def _genbank(path: str | Path, notes: list[str]) -> Iterator[_Feature]:
    """Features of the records of a GenBank file, but not `source`."""
    source, number, odd = str(path), 0, []
    for record in genbank_records(path, source):
        for feature in record.features:
            number += 1
            if feature.type == "source" or feature.location is None:
                continue
            told = {
                key: "; ".join(map(str, value))
                for key, value in feature.qualifiers.items()
                if key != "translation"
            }
            name = next((told[key] for key in _GENBANK_NAMES if told.get(key)), "")
            told = {"name": name, "type": feature.type, **told}
            span = _span(feature.location)
            if span is None:
                odd.append(f"{name} ({feature.type})")
                continue
            side = {1: "+", -1: "-"}.get(feature.location.strand or 0, ".")
            yield _Feature(str(record.id), *span, side, feature.type, number, told)
    if odd:
        more = ", …" if len(odd) > _LISTED else ""
        notes.append(
            f"{source}: {len(odd):,} features are left out, which go over the origin "
            f"or have parts on both strands: {', '.join(odd[:_LISTED])}{more}"
        )


def _span(location: Any) -> tuple[int, int] | None:
    """From the first to the last place; None if its parts are not in one order."""
    parts = list(location.parts)
    if len({part.strand for part in parts}) > 1:
        return None
    order = parts[::-1] if location.strand == -1 else parts
    starts = [int(part.start) for part in order]
    if starts != sorted(starts):
        return None
    return starts[0], max(int(part.end) for part in parts)


def _chosen(
    features: Iterator[_Feature],
    source: str,
    wanted: str | None,
    notes: list[str] | None = None,
) -> Intervals:
    """The features of one type."""
    found = list(features)
    kinds = Counter(feature.kind for feature in found)
    listed = ", ".join(f"{kind} ({n:,})" for kind, n in kinds.most_common(12))
    if not found:
        raise DataError(f"{source} has no features")
    if wanted is None and len(kinds) > 1:
        example = "gene" if "gene" in kinds else kinds.most_common(1)[0][0]
        raise DataError(
            f"{source} has features of several types, {listed}: choose one, as in "
            f"{option('feature', example)}"
        )
    if wanted is not None and wanted not in kinds:
        hint = nearest(wanted, kinds)
        raise DataError(f"{source} has no features of type {wanted!r}: {hint}")
    some = [feature for feature in found if wanted in (None, feature.kind)]
    names = dict.fromkeys(key for feature in some for key in feature.told)
    columns = {
        name: np.array([feature.told.get(name) for feature in some], object)
        for name in names
        if name not in ("chrom", "start", "end", "strand")
    }
    own = {n: x if n == "name" else typed(x) for n, x in columns.items()}
    return Intervals(
        np.array([feature.contig for feature in some], object),
        np.array([feature.start for feature in some], np.int64),
        np.array([feature.end for feature in some], np.int64),
        np.array([feature.strand for feature in some], object),
        own,
        np.array([feature.row for feature in some], np.int64),
        source,
        tuple(notes or ()),
    )
