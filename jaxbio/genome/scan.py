"""Predictions along a whole genome, to bigWig or bedGraph, in bounded memory."""

import bz2
import contextlib
import gzip
import io
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, cast, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int64

from jaxbio._atomic import replacing
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, nearest, option
from jaxbio.genome.reference import Reference
from jaxbio.genome.tracks import bigwig_library
from jaxbio.genome.vcf import parse_region

ENDINGS = (".bw", ".bigwig", ".bedgraph", ".bg")
"""Files that hold values along a genome; text also packed."""

STRIDE = 50
"""Bases from a window to the next, where nothing else is said."""

_BASES = 1 << 23  # of windows that are held together
_MOST = 1 << 14  # windows
_LISTED = 6


@runtime_checkable
class Predicts(Protocol):
    """What predicts windows, such as `jaxbio.Predictor`."""

    schema: Schema

    def __call__(self, raw: Any, /) -> Any:
        """Predictions of a data set."""
        ...


class Cells(NamedTuple):
    """Values of neighbouring places on a contig, none overlapping another."""

    contig: str
    starts: Int64[np.ndarray, "n"]
    ends: Int64[np.ndarray, "n"]
    values: Float64[np.ndarray, "n"]


class Progress(NamedTuple):
    """How far a scan is."""

    contig: str
    done: int
    windows: int
    seconds: float


class Scan(NamedTuple):
    """A scan that ended: how many windows, and what is worth knowing."""

    windows: int
    written: int
    output: str
    notes: tuple[str, ...]


def scan_genome(
    predictor: Predicts,
    genome: Reference | str | Path,
    out: str | Path,
    *,
    stride: int | None = None,
    length: int | None = None,
    region: str | None = None,
    strand: Literal["+", "-"] = "+",
    output: str | None = None,
    on_progress: Callable[[Progress], Any] = lambda progress: None,
) -> Scan:
    """Predict windows along a genome, and write a value a place.

    A window begins every `stride` bases, from the first of each contig. Its prediction
    is the value of the `stride` bases about its middle, so that values lie side by
    side; a model with a value a base gives these bases their own. Where no window has
    its middle there is none. Windows of which more than half is N get none either.

    Args:
        predictor: A model whose only input are sequences.
        genome: A FASTA or GenBank file, or a genome that was opened.
        out: A file ending in `.bw` or `.bigWig`, or `.bedGraph` (also `.gz`).
        stride: Bases from a window to the next, at most the length; if not given 50, or
            half a window of a model with a value a base.
        length: Of windows; None for that of training.
        region: A contig, or `chr1:1-1000` of it, both ends included, from 1.
        strand: On which windows are read; places are always those of the forward one.
        output: Which of the model's outputs, such as `label:positive`, if it has
            several; of two classes the second if not given.
        on_progress: Called after each part.

    Returns:
        How many windows there were, and notes.

    Raises:
        DataError: For another kind of model, an output, region or ending that there is
            not, and a genome all of whose contigs are shorter than a window.
    """
    spec, name = _sequence_of(predictor.schema), output_of(predictor.schema, output)
    length = length or _length_of(predictor.schema, spec)
    by_base = name in predictor.schema.by_position
    if stride is None:
        stride = max(length // 2, 1) if by_base else min(STRIDE, length)
    if not 1 <= stride <= length:
        raise DataError(
            f"{option('stride', stride)}: windows of {length:,} bases lie 1 to "
            f"{length:,} bases apart"
        )
    kind = _kind_of(out)
    if kind == "bigwig":
        bigwig_library()  # is missed before the long work
    notes: list[str] = []
    if not isinstance(genome, Reference):
        genome = Reference(genome)
        notes += genome.notes
    spans = _spans(genome, region, length, stride, notes)
    total = sum(-(-(last - first) // stride) for _, first, last, _ in spans)
    counts = {"windows": 0, "unknown": 0, "written": 0}
    begun = time.perf_counter()

    def cells() -> Iterator[Cells]:
        rows = max(min(_BASES // length, _MOST), 1)
        for contig, first, last, (low, high) in spans:
            for begin in range(first, last, stride * rows):
                starts = np.arange(begin, min(begin + stride * rows, last), stride)
                values = _values(
                    predictor, spec, name, genome, contig, starts, length, strand
                )
                counts["windows"] += len(starts)
                lead = length // 2 - stride // 2
                if by_base:
                    counts["unknown"] += int(np.isnan(values).all(axis=1).sum())
                    middle = values[:, lead : lead + stride]
                    found = _runs(contig, starts + lead, middle)
                else:
                    counts["unknown"] += int(np.isnan(values).sum())
                    places = starts + lead
                    found = Cells(contig, places, places + stride, values)
                found = found._replace(
                    starts=np.clip(found.starts, low, high),
                    ends=np.clip(found.ends, low, high),
                )
                values = found.values
                there = ~np.isnan(values) & (found.ends > found.starts)
                counts["written"] += int(there.sum())
                yield Cells(contig, *(each[there] for each in found[1:]))
                seconds = time.perf_counter() - begun
                on_progress(Progress(contig, counts["windows"], total, seconds))

    write = _write_bigwig if kind == "bigwig" else _write_bedgraph
    write(cells(), genome.lengths, Path(out))
    if counts["unknown"]:
        notes.append(
            f"{counts['unknown']:,} of {counts['windows']:,} windows are more than "
            f"half N and get no value"
        )
    return Scan(counts["windows"], counts["written"], name, tuple(notes))


def output_of(schema: Schema, wanted: str | None) -> str:
    """The column of predictions that is meant.

    Args:
        schema: The targets.
        wanted: Its name; None for the only one, or the second of two classes.

    Raises:
        DataError: If there is none of that name, or several to choose from.
    """
    names: list[str] = []
    for spec in schema.targets:
        if spec.per_position and not spec.classes and spec.kind != "points":
            names.append(spec.name)
        elif not spec.per_position and spec.kind != "points":
            more = [f"{spec.name}:{label}" for label in spec.classes]
            names += more or list(spec.columns)
    if not names:
        raise DataError(
            "the model predicts no numbers: classes by position are written by predict "
            "with intervals"
        )
    if wanted is not None:
        if wanted not in names:
            raise DataError(f"no output {wanted!r}: {nearest(wanted, names)}")
        return wanted
    only = len(schema.targets) == 1
    if len(names) == 1 or (only and len(schema.targets[0].classes) == 2):
        return names[-1]
    listed = ", ".join(names[:40]) + (", …" if len(names) > 40 else "")
    raise DataError(
        f"the model has {len(names):,} outputs, a file holds one: choose it, as in "
        f"{option('output', names[0])}. There are {listed}"
    )


def _sequence_of(schema: Schema) -> SequenceSpec:
    first, *others = schema.own
    if others or not isinstance(first, SequenceSpec) or first.alphabet.size > 5:
        listed = ", ".join(f"{x.name} ({x.kind})" for x in schema.own)
        raise DataError(
            f"a genome is read by a model whose only input are DNA or RNA sequences; "
            f"this one takes {listed}"
        )
    return first


def _length_of(schema: Schema, spec: SequenceSpec) -> int:
    kept = (schema.reading.get("windows") or {}).get("length")
    if kept:
        return int(kept)
    if spec.fixed_length:
        return spec.max_length
    raise DataError(
        f"the model was trained on sequences of {spec.min_length:,} to "
        f"{spec.max_length:,} bases: how long are windows to be? Give "
        f"{option('length', spec.max_length)}"
    )


def _kind_of(out: str | Path) -> str:
    name = Path(out).name.lower()
    text = name.removesuffix(".gz").removesuffix(".bz2")
    if name.endswith(ENDINGS[:2]):
        return "bigwig"
    if text.endswith(ENDINGS[2:]):
        return "bedgraph"
    raise DataError(
        f"{out}: values along a genome are written to names ending in .bw, .bigWig or "
        f".bedGraph (also .gz)"
    )


def _spans(
    genome: Reference, region: str | None, length: int, stride: int, notes: list[str]
) -> list[tuple[str, int, int, tuple[int, int]]]:
    """Contigs, the first start and the end of starts on each, and the bases wanted."""
    wanted: Mapping[str, tuple[int, int]] = {
        name: (0, size) for name, size in genome.lengths.items()
    }
    if region is not None:
        asked = parse_region(region)
        name = genome.contig(asked.chromosome)
        size = genome.lengths[name]
        if asked.start > size or (asked.end is not None and asked.end > size):
            raise DataError(f"region {region}: {name} has {size:,} bases")
        wanted = {name: (asked.start - 1, asked.end or size)}
    spans, short = [], []
    for name, (low, high) in wanted.items():
        size = genome.lengths[name]
        if size < length:
            short.append(f"{name} ({size:,})")
            continue
        # The cells that reach into the bases wanted: cell k begins at lead + k stride.
        lead = length // 2 - stride // 2
        first = max((low - lead) // stride, 0) * stride
        last = min(max(high - lead, 0), size - length + 1)
        if first < last:
            spans.append((name, first, last, (low, high)))
    if short:
        more = ", …" if len(short) > _LISTED else ""
        notes.append(
            f"{len(short):,} contigs are shorter than windows of {length:,} bases and "
            f"get no values: {', '.join(short[:_LISTED])}{more}"
        )
    if not spans:
        raise DataError(
            f"{genome.path}: no window of {length:,} bases has its middle there: "
            + ("; ".join(notes) or f"region {region}")
        )
    return spans


def _values(
    predictor: Predicts,
    spec: SequenceSpec,
    name: str,
    genome: Reference,
    contig: str,
    starts: Int64[np.ndarray, "n"],
    length: int,
    strand: str,
) -> Float64[np.ndarray, "n *length"]:
    """The predictions of windows, or of their bases; NaN where more than half is N."""
    reverse = np.full(len(starts), strand == "-")
    names = [contig] * len(starts)
    letters = genome.windows(names, starts, length, reverse=reverse)
    known = (letters == ord("N")).sum(axis=1) * 2 <= length
    by_base = name in predictor.schema.by_position
    values = np.full((len(starts), length) if by_base else len(starts), np.nan)
    some = letters[known]
    if len(some):
        codes = spec.alphabet.encode(some.tobytes(), unknown="any")
        offsets = np.arange(len(some) + 1, dtype=np.int64) * length
        column = Sequences(codes, offsets, spec.alphabet)
        data = Dataset({spec.name: column}, source=f"{genome.path}, {contig}")
        predictions = predictor(data)
        if by_base:
            along = np.stack(predictions.by_target[name])
            values[known] = along[:, ::-1] if strand == "-" else along
        else:
            values[known] = predictions.columns()[name]
    return values


def _runs(
    contig: str,
    starts: Int64[np.ndarray, "n"],
    values: Float64[np.ndarray, "n stride"],
) -> Cells:
    """Values of bases; neighbours of one value are one cell.

    Example:
        >>> found = _runs("a", np.array([4, 6]), np.array([[1.0, 2], [2, 2]]))
        >>> found.starts.tolist(), found.ends.tolist(), found.values.tolist()
        ([4, 5], [5, 8], [1.0, 2.0])
    """
    places = (starts[:, None] + np.arange(values.shape[1])).reshape(-1)
    flat = values.reshape(-1)
    new = np.ones(len(flat), bool)
    new[1:] = (flat[1:] != flat[:-1]) | (places[1:] != places[:-1] + 1)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(flat)) - 1
    return Cells(contig, places[first], places[last] + 1, flat[first])


def _write_bigwig(
    parts: Iterator[Cells], lengths: Mapping[str, int], path: Path
) -> None:
    """Write a bigWig file; an error on the way leaves none."""
    failed: list[BaseException] = []

    def rows() -> Iterator[tuple[str, int, int, float]]:
        try:  # the library prints errors of an iterator, and ends
            for part in parts:
                columns = (each.tolist() for each in part[1:])
                for start, end, value in zip(*columns, strict=True):
                    yield part.contig, start, end, value
        except BaseException as error:
            failed.append(error)

    with replacing(path) as temporary:
        temporary.touch()  # says now what cannot be written
        try:
            writer = bigwig_library().open(str(temporary), "w")
            writer.write(dict(lengths), rows())
        except (ValueError, RuntimeError) as error:
            failed.append(DataError(f"cannot write {path}: {error}"))
        if failed:
            raise failed[0]


def _write_bedgraph(
    parts: Iterator[Cells], lengths: Mapping[str, int], path: Path
) -> None:
    """Write a bedGraph file; an error on the way leaves none."""
    openers: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open}
    with replacing(path) as temporary, contextlib.ExitStack() as stack:
        opener = openers.get(path.suffix.lower(), open)
        handle = cast(io.TextIOBase, stack.enter_context(opener(temporary, "wt")))
        for part in parts:
            columns = (each.tolist() for each in part[1:])
            handle.writelines(
                f"{part.contig}\t{start}\t{end}\t{value:.6g}\n"
                for start, end, value in zip(*columns, strict=True)
            )
