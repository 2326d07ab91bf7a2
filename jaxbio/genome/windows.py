"""Windows of a genome about intervals, as rows for training."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8

from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.data.reading import from_frame, read
from jaxbio.data.schema import Schema
from jaxbio.data.shuffles import shuffle_dinucleotides
from jaxbio.errors import DataError, JaxbioError, option, spelled
from jaxbio.genome.blocks import BLOCK, with_blocks
from jaxbio.genome.intervals import PLACE, Intervals, Table, read_intervals
from jaxbio.genome.negatives import Avoid, matched_negatives, shuffled_negatives
from jaxbio.genome.placement import (
    About,
    beyond,
    in_genome,
    resized,
    tell_missing,
)
from jaxbio.genome.reference import Reference
from jaxbio.genome.tracks import (
    PROFILE,
    Summary,
    Uncovered,
    track_columns,
    track_profiles,
    track_targets,
)

if TYPE_CHECKING:
    import pandas

    from jaxbio.tasks import Task

Genome = Reference | str | Path
"""A genome, or its file."""

SEQUENCE, LABEL = "sequence", "label"
SHUFFLED = "shuffled"
POSITIVE, NEGATIVE = "positive", "negative"
"""The two values of the column `label` where negatives are drawn."""

_OWN = ("id", *PLACE, SEQUENCE, BLOCK)
_USUAL: dict[str, Any] = {
    "about": "center",
    "offset": 0,
    "feature": None,
    "negatives": None,
    "ratio": 1.0,
    "avoid": "intervals",
    "summary": None,
    "bins": None,
    "uncovered": None,
    "seed": 0,
}


@dataclasses.dataclass(frozen=True)
class Windows:
    """Windows of one length, whose letters are read when they are asked for.

    Attributes:
        genome: Where they stand.
        places: The place of each, with the columns of its interval, `label` where
            negatives were drawn, the targets of tracks, and `block`.
        outside: Mask of windows without letters, as they reach beyond their contig or
            it is not in the genome.
        options: How they were made, as JSON values, the usual ones left out.
        targets: The kinds of the columns to learn, as `jaxbio.read` takes them; empty
            where the intervals' own columns are to be named.
        notes: What was done that is worth knowing.
        profiles: Of targets with a value a base, the values `[n length]`.
        shuffled: Mask of windows whose letters are shuffled; None for none.
    """

    genome: Reference
    places: Intervals
    outside: Bool[np.ndarray, "n"]
    options: Mapping[str, Any]
    targets: Mapping[str, str]
    notes: tuple[str, ...]
    profiles: Mapping[str, Float32[np.ndarray, "n length"]] = dataclasses.field(
        default_factory=dict
    )
    shuffled: Bool[np.ndarray, "n"] | None = None

    def __len__(self) -> int:
        return len(self.places)

    @property
    def tasks(self) -> "dict[str, Task] | None":
        """The task of each target where there are profiles; None to infer the tasks."""
        if not self.profiles:
            return None
        from jaxbio.tasks import Binary, Profile  # reading needs no JAX

        task = Profile(length=self.length, bins=int(self.options["bins"]))
        label: dict[str, Task] = {LABEL: Binary()} if LABEL in self.targets else {}
        return {**label, **dict.fromkeys(self.profiles, task)}

    @property
    def length(self) -> int:
        """The bases of each."""
        return int(self.options["length"])

    def letters(
        self, rows: slice | Int64[np.ndarray, "m"] = slice(None), *, upper: bool = True
    ) -> UInt8[np.ndarray, "m length"]:
        """Letters in ASCII, read on the strand of each; of windows outside N alone.

        Args:
            rows: Which.
            upper: Whether all are capitals; small ones often are repeats.
        """
        outside = self.outside[rows]
        found = np.full((len(outside), self.length), ord("N"), np.uint8)
        inside = np.flatnonzero(~outside)
        if inside.size:
            found[inside] = self.genome.windows(
                self.places.contigs[rows][inside],
                self.places.starts[rows][inside],
                self.length,
                reverse=self.places.strands[rows][inside] == "-",
                upper=upper,
            )
        if self.shuffled is not None:
            numbers = np.arange(len(self))[rows]
            seed = int(self.options.get("seed", _USUAL["seed"]))
            for at in np.flatnonzero(self.shuffled[rows]).tolist():
                # Each has an order of its own, in whatever parts windows are read.
                rng = np.random.default_rng([seed, int(numbers[at])])
                found[at] = shuffle_dinucleotides(found[at], rng)
        return found

    def frames(self, rows: int = ROWS) -> Iterator[Frame]:
        """The windows as rows of a table, some at a time.

        Args:
            rows: The most that are held at once.
        """
        return iter(WindowFrames(self, rows))

    def frame(self, rows: slice) -> Frame:
        """Some windows as rows of a table."""
        some = self.places.take(np.arange(len(self))[rows])
        text, size = self.letters(rows).tobytes().decode("ascii"), self.length
        letters = [text[at * size : (at + 1) * size] for at in range(len(some))]
        names = [some.place(at) for at in range(len(some))]
        if self.shuffled is not None:
            marks = self.shuffled[rows].tolist()
            pairs = zip(names, marks, strict=True)
            names = [f"{name}:{SHUFFLED}" if mark else name for name, mark in pairs]
        columns: dict[str, np.ndarray] = {
            "id": np.array(names, object),
            "chrom": some.contigs,
            "start": some.starts,
            "end": some.ends,
            "strand": some.strands,
            SEQUENCE: np.array(letters, object),
            **some.columns,
        }
        numbers = np.arange(len(some)) if some.rows is None else some.rows
        arrays = {name: values[rows] for name, values in self.profiles.items()}
        return Frame(columns, self.places.source, numbers, arrays=arrays)

    @property
    def table(self) -> "pandas.DataFrame":
        """All windows as a DataFrame: `id`, place, `sequence` and the columns."""
        return self.frame(slice(0, len(self))).table

    def dataset(self, **how: Any) -> Dataset:
        """The windows as a data set, of which a model keeps how they were made.

        Args:
            how: As for `jaxbio.read`, where something else is wanted than the letters
                as input and the `targets` (`targets=["score"]` for an interval's own
                column); rows are in the groups of the column `block`.

        Raises:
            DataError: If nothing says what is to be learned.
        """
        data = read(self.source, **{**self.reading, **how})
        return dataclasses.replace(data, notes=(*self.notes, *data.notes))

    @property
    def source(self) -> "WindowFrames":
        """The windows as `jaxbio.read` takes them."""
        return WindowFrames(self)

    @property
    def reading(self) -> dict[str, Any]:
        """Arguments of `jaxbio.read` that say what the windows are for."""
        return {
            "inputs": {SEQUENCE: "dna"},
            "targets": dict(self.targets) or [],
            "ids": "id",
            "groups": BLOCK,
            "windows": dict(self.options),
        }

    def for_prediction(
        self,
        schema: Schema,
        *,
        unknown: str = "error",
        keep: Sequence[str] | None = None,
        rows: int = ROWS,
    ) -> Iterator[Dataset]:
        """Rows as a model takes them, some at a time; windows outside count as unread.

        Args:
            schema: What the model takes.
            unknown: As for `jaxbio.read`.
            keep: Columns that go along; None for the place and `name`.
            rows: The most rows that are held at once.
        """
        kept = [name for name in (*PLACE, "name") if name in (*PLACE, *self.columns)]
        wanted = kept if keep is None else list(keep)
        only = [spec.name for spec in schema.own if isinstance(spec, SequenceSpec)]
        for number, frame in enumerate(self.frames(rows)):
            if len(only) == 1 and only[0] != SEQUENCE:  # as a table of training has it
                frame = frame.with_column(only[0], frame.columns[SEQUENCE])
            data = from_frame(frame, schema, ids="id", unknown=unknown, keep=wanted)
            some = self.outside[number * rows : number * rows + len(frame)]
            yield dataclasses.replace(data, unread=some if some.any() else None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the intervals' own columns, and of those that were made."""
        return tuple(self.places.columns)


class WindowFrames(Sequence[Frame]):
    """Windows as parts of a table, each of which is made when it is asked for."""

    def __init__(self, windows: Windows, rows: int = ROWS):
        """Divide windows.

        Args:
            windows: All.
            rows: The most windows of a part.
        """
        self._windows, self._rows = windows, rows

    def __len__(self) -> int:
        return -(-len(self._windows) // self._rows)

    def __getitem__(self, at: Any) -> Any:
        begin = range(len(self))[at] * self._rows
        end = min(begin + self._rows, len(self._windows))
        return self._windows.frame(slice(begin, end))


def read_windows(
    intervals: Table | Intervals | None,
    genome: Genome,
    length: int,
    *,
    about: About = "center",
    offset: int = 0,
    feature: str | None = None,
    negatives: Literal["matched", "shuffled"] | None = None,
    ratio: float = 1.0,
    avoid: Avoid = "intervals",
    tracks: Mapping[str, str | Path] | Sequence[str | Path] | None = None,
    summary: Summary | None = None,
    bins: int | None = None,
    uncovered: Uncovered | None = None,
    seed: int = 0,
    keep_all: bool = False,
) -> Windows:
    r"""Cut windows of one length about the intervals of a file.

    Args:
        intervals: What `read_intervals` takes; None for the whole genome, window after
            window.
        genome: A FASTA or GenBank file, or a genome that was opened.
        length: Bases of each window.
        about: The point of an interval that its window stands about, as seen on its
            strand: its `center`, `start` or `end`, or the `summit` of a narrowPeak. The
            base there has `length // 2` bases before it.
        offset: How many bases downstream windows are moved, on their strands; -50 lets
            more of what is upstream in.
        feature: As for `read_intervals`.
        negatives: `matched` to draw other places, matched by the share of G and C and
            by that of small letters (repeats) where the genome has such; `shuffled` for
            the same windows with their letters in another order that keeps all pairs of
            neighbours. The column `label` then says `positive` or `negative`.
        ratio: How many negatives there are for each window.
        avoid: What negatives never overlap: the `intervals` and their windows, or the
            `windows` alone, where intervals such as genes leave no room. They never
            overlap one another, or an N.
        tracks: bigWig files whose values are to be learned, by name; without names they
            are called as the files.
        summary: What of the values of a window: their `mean`, `sum` or `max`, or all
            of them as a `profile` (`jaxbio.Profile`); None for the mean, or with `bins`
            for the profile.
        bins: In how many parts a window's values are summarised; None for one.
        uncovered: Bases without a value: `missing` to leave them out, or `zero`; None
            for `zero` in profiles, as no count is what files of counts leave out, and
            else `missing`.
        seed: For negatives.
        keep_all: Whether windows without letters, beyond a contig's end or of one that
            is not in the genome, keep their places, as prediction needs; else they are
            left out, counted and named.

    Returns:
        The windows, in the order of the intervals, then negatives.

    Raises:
        DataError: For files that cannot be used, windows of no length, and if no window
            is left.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "g.fa").write_text(">chr1\nAACCGGTTAC\n")
        >>> rows = ["chr1\t2\t6\tx\t1\t-\n", "chr1\t9\t10\ty\t2\t+\n"]
        >>> _ = (folder / "a.bed").write_text("".join(rows))
        >>> windows = read_windows(folder / "a.bed", folder / "g.fa", 4)
        >>> windows.table[["id", "sequence", "name"]].values.tolist()
        [['chr1:3-6(-)', 'CCGG', 'x']]
        >>> windows.notes[-1]
        '1 of 2 windows reach beyond their contig and are left out: y (row 2)'
    """
    how = {"about": about, "offset": offset, "feature": feature, "negatives": negatives}
    how |= {"ratio": ratio, "avoid": avoid, "summary": summary, "bins": bins}
    how |= {"uncovered": uncovered, "seed": seed}
    options = {name: value for name, value in how.items() if value != _USUAL[name]}
    notes: list[str] = []
    if not isinstance(genome, Reference):
        genome = Reference(genome)
        notes += genome.notes
    if intervals is None:
        found = _tiles(genome, length)
    else:
        found = read_intervals(intervals, feature=feature)
    found, known = in_genome(found, genome, notes)
    placed = resized(found, length, about, offset)
    outside = ~known | beyond(placed, genome)
    tell_missing(found, known, outside, notes, kept=keep_all)
    if not keep_all:
        placed, outside = placed.take(~outside), outside[~outside]
    if not (~outside).any():
        raise DataError(
            f"{found.source}: no window of {length:,} bases is left: "
            + "; ".join(notes)
        )
    targets: dict[str, str] = {}
    shuffled = None
    if negatives == SHUFFLED and tracks:
        raise DataError(
            f"tracks have no values of shuffled letters: "
            f"{option('negatives', 'matched')} takes other places"
        )
    if negatives is not None:
        others = _negatives(
            placed.take(~outside), found.take(known), genome, negatives, notes,
            ratio=ratio, avoid=avoid, seed=seed,
        )  # fmt: skip
        if negatives == SHUFFLED:
            shuffled = np.arange(len(placed) + len(others)) >= len(placed)
        placed, outside = _labelled(placed, others), _padded(outside, len(others))
        targets[LABEL] = "class"
    profiles: dict[str, Any] = {}
    if tracks:
        summary = summary or ("mean" if bins is None else PROFILE)
        named = _by_name(tracks)
        options["tracks"] = {name: str(Path(x).resolve()) for name, x in named.items()}
        if summary == PROFILE:
            options["bins"] = bins or 1
        placed, profiles = _with_tracks(
            placed, outside, named, genome, notes,
            summary=summary, bins=bins, uncovered=uncovered,
        )  # fmt: skip
        targets |= track_targets(named, bins, summary)
    placed = with_blocks(_without_clash(placed), genome.lengths, notes)
    source = f"{found.source} in {genome.path}"
    placed = dataclasses.replace(placed, source=source)
    options = {"length": length, **options}
    told = (*found.notes, *notes)
    return Windows(genome, placed, outside, options, targets, told, profiles, shuffled)


def read_like(
    options: Mapping[str, Any],
    intervals: Table | Intervals | None,
    genome: Genome,
    *,
    labels: bool,
    **given: Any,
) -> Windows:
    """Cut windows as those that a model was trained on.

    Args:
        options: `Schema.reading` of the model.
        intervals: As for `read_windows`.
        genome: As for `read_windows`.
        labels: Whether negatives and tracks are wanted too, as for evaluation; else
            every interval keeps its place.
        given: Arguments of `read_windows` that are to be others.

    Raises:
        DataError: As for `read_windows`; if the model was trained on something else and
            no length is given.
    """
    how = dict(options.get("windows") or {})
    if not labels:
        for name in ("negatives", "ratio", "avoid", "seed", "tracks"):
            how.pop(name, None)
    how |= {name: value for name, value in given.items() if value is not None}
    if "length" not in how:
        raise DataError(
            f"the model was not trained on windows of a genome, and does not say how "
            f"long they are: give {option('length', 1000)}"
        )
    length = how.pop("length")
    return read_windows(intervals, genome, length, keep_all=not labels, **how)


def _by_name(
    tracks: Mapping[str, str | Path] | Sequence[str | Path],
) -> dict[str, str | Path]:
    if isinstance(tracks, Mapping):
        return dict(tracks)
    if isinstance(tracks, str | Path):
        tracks = [tracks]
    named = {Path(track).name.rsplit(".", 1)[0]: track for track in tracks}
    if len(named) < len(tracks):
        how = spelled("tracks={'first': 'a/x.bw', …}", "--tracks first=a/x.bw …")
        raise DataError(f"two tracks have one name: give others, as in {how}")
    return named


def _negatives(
    inside: Intervals,
    intervals: Intervals,
    genome: Reference,
    negatives: str,
    notes: list[str],
    *,
    ratio: float,
    avoid: Avoid,
    seed: int,
) -> Intervals:
    """Other places than those of windows, or the same ones for letters in disorder."""
    if negatives == SHUFFLED:
        return shuffled_negatives(inside, ratio=ratio, seed=seed, notes=notes)
    length = int(inside.ends[0] - inside.starts[0])
    return matched_negatives(
        inside, intervals, genome, length,
        ratio=ratio, avoid=avoid, seed=seed, notes=notes,
    )  # fmt: skip


def _with_tracks(
    placed: Intervals,
    outside: Bool[np.ndarray, "n"],
    tracks: Mapping[str, str | Path],
    genome: Reference,
    notes: list[str],
    *,
    summary: Summary,
    bins: int | None,
    uncovered: Uncovered | None,
) -> tuple[Intervals, dict[str, Any]]:
    """Windows with columns of tracks, and the profiles of these, one of both."""
    if summary == PROFILE:
        _check_names(tracks, placed)
        profiles = track_profiles(
            placed, tracks, genome,
            bins=bins or 1, uncovered=uncovered or "zero", notes=notes,
        )  # fmt: skip
        return placed, profiles
    if bins is None:  # else columns are called `NAME_bin_1` and so on
        _check_names(tracks, placed)
    values = track_columns(
        placed, outside, tracks, genome,
        summary=summary, bins=bins, uncovered=uncovered or "missing", notes=notes,
    )  # fmt: skip
    return dataclasses.replace(placed, columns={**placed.columns, **values}), {}


def _check_names(tracks: Mapping[str, Any], placed: Intervals) -> None:
    """Refuse a track with the name of a column."""
    for name, path in tracks.items():
        if name in (*_OWN, LABEL, *placed.columns):
            how = spelled("tracks={'signal': …}", f"--tracks signal={path}")
            raise DataError(
                f"{path}: windows have a column {name!r} already: give the track "
                f"another name, as in {how}"
            )


def _tiles(genome: Reference, length: int) -> Intervals:
    """Windows one after the other over all contigs."""
    parts = [
        (name, np.arange(0, size - length + 1, length))
        for name, size in genome.lengths.items()
    ]
    starts = np.concatenate([each for _, each in parts])
    names = [name for name, each in parts for _ in range(len(each))]
    return Intervals(
        np.array(names, object),
        starts.astype(np.int64),
        (starts + length).astype(np.int64),
        np.full(len(starts), ".", object),
        source=f"windows of {length:,} bases",
    )


def _labelled(placed: Intervals, others: Intervals) -> Intervals:
    """Windows, then negatives, with the column `label`."""
    count, more = len(placed), len(others)
    columns = {}
    for name, values in placed.columns.items():
        name = f"{LABEL}_given" if name == LABEL else name
        empty = np.full(more, np.nan if values.dtype.kind == "f" else None)
        columns[name] = np.concatenate([values.astype(empty.dtype), empty])
    label = np.array([POSITIVE] * count + [NEGATIVE] * more, object)
    rows = np.arange(count) if placed.rows is None else placed.rows
    return dataclasses.replace(
        placed,
        contigs=np.concatenate([placed.contigs, others.contigs]),
        starts=np.concatenate([placed.starts, others.starts]),
        ends=np.concatenate([placed.ends, others.ends]),
        strands=np.concatenate([placed.strands, others.strands]),
        columns={LABEL: label, **columns},
        rows=np.concatenate([rows, np.zeros(more, np.int64)]),
    )


def _padded(mask: Bool[np.ndarray, "n"], more: int) -> np.ndarray:
    return np.concatenate([mask, np.zeros(more, bool)])


def _without_clash(placed: Intervals) -> Intervals:
    """Columns of the intervals whose names the windows' own columns have, renamed."""
    columns = {
        f"{name}_given" if name in _OWN else name: values
        for name, values in placed.columns.items()
    }
    return dataclasses.replace(placed, columns=columns)


def check_learnable(windows: Windows, target: Any) -> None:
    """See that something says what is to be learned of windows.

    Args:
        windows: The windows.
        target: What the user said; None or nothing for nothing.

    Raises:
        JaxbioError: With what there is.
    """
    if windows.targets or target:
        return
    listed = ", ".join(name for name in windows.columns if name != BLOCK)
    raise JaxbioError(
        f"{windows.places.source}: what is to be learned? Whether a place is among "
        f"these intervals ({option('negatives', 'matched')}), the values of bigWig "
        f"files ({spelled('tracks=[...]', '--tracks FILE')}), or a column "
        f"({spelled('targets=[...]', '--target COLUMN')}): {listed or 'there is none'}"
    )
