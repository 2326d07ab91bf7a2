"""A reference genome: bases and windows at any place of a FASTA file.

A file that is not packed is mapped into memory, not read: the index says where each
contig's bases stand (the `.fai` file of samtools, which is written beside the genome
where there is none). Packed files, GenBank files and contigs whose lines have unequal
lengths are held in memory.
"""

import contextlib
import dataclasses
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from jaxbio._atomic import replacing
from jaxbio.data.formats import read_frames
from jaxbio.data.io.files import format_of
from jaxbio.data.io.parse import texts
from jaxbio.errors import DataError, JaxbioError, nearest

Letters = UInt8[np.ndarray, "bases"]
"""Letters in ASCII."""

_NEWLINE, _RETURN, _HEADER = b"\n\r>"
_CHUNK = 1 << 24  # bytes that are looked at together
_HELD = 1 << 29  # bytes of contigs that are kept without their line ends
_WORTH_HOLDING = 64  # a contig is held if so many windows would cover it
_UPPER = np.arange(256, dtype=np.uint8)
_UPPER[ord("a") : ord("z") + 1] -= 32
_PAIRS = ("ACGTUNRYSWKMBDHVacgtunryswkmbdhv", "TGCAANYRSWMKVHDBtgcaanyrswmkvhdb")
_OTHER = np.arange(256, dtype=np.uint8)
_OTHER[list(_PAIRS[0].encode())] = list(_PAIRS[1].encode())
_MITOCHONDRIA = frozenset(("M", "MT"))


@dataclasses.dataclass(frozen=True)
class _Contig:
    """Where the bases of a contig stand.

    Attributes:
        length: How many there are.
        offset: The first byte.
        bases: Of a line.
        width: Of a line, with its end.
    """

    length: int
    offset: int
    bases: int
    width: int

    def byte(self, place: int) -> int:
        """Where a base stands in the file."""
        line, rest = divmod(place, self.bases)
        return self.offset + line * self.width + rest


class Reference:
    r"""A genome whose bases can be had at any place.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "g.fa"
        >>> _ = path.write_text(">chr1 first\nACGTA\nCCg\n>chrM\nTT\n")
        >>> genome = Reference(path)
        >>> genome.lengths, genome.fetch("chr1", 4, 8), genome.resolve("1")
        ({'chr1': 8, 'chrM': 2}, 'ACCG', 'chr1')
        >>> genome.windows(["chr1", "chrM"], [6, -1], 4).tobytes()
        b'CGNNNTTN'
    """

    def __init__(self, path: str | Path):
        """Read the index, or make it.

        Args:
            path: A FASTA file (also packed), or GenBank.

        Raises:
            DataError: If it cannot be read, has no bases, or two contigs of one name.
        """
        self.path = Path(path)
        self.notes: list[str] = []
        self._contigs: dict[str, _Contig] = {}
        # In capitals, by contig and whether it is the other strand.
        self._held: OrderedDict[tuple[str, bool], Letters] = OrderedDict()
        self._kept: dict[str, Letters] = {}
        if not self.path.is_file():
            raise DataError(f"{path}: there is no such file")
        plain = format_of(path) == "fasta" and self.path.suffix not in (".gz", ".bz2")
        if plain and self.path.stat().st_size:
            self._data = np.memmap(self.path, np.uint8, "r")
            self._open()
        else:
            self._read()
        if not self.lengths:
            raise DataError(f"{path} has no sequences: is it a FASTA file?")
        self._known = _spellings(self.lengths)

    @property
    def lengths(self) -> dict[str, int]:
        """The bases of each contig, in the order of the file."""
        return self._lengths

    def resolve(self, name: str) -> str | None:
        """The genome's name of a contig; None for one that it lacks.

        `chr1` and `1` are one contig, and so are `chrM` and `MT`, unless the genome has
        both.
        """
        return name if name in self._lengths else self._known.get(_plain(name))

    def contig(self, name: str) -> str:
        """The genome's name of a contig.

        Raises:
            DataError: For one that it lacks, with what there is.
        """
        found = self.resolve(name)
        if found is None:
            raise DataError(
                f"{self.path} has no contig {name!r}: {nearest(name, self._lengths)}"
            )
        return found

    def fetch(self, contig: str, start: int, end: int) -> str:
        """Bases from `start` to `end`, from 0, the end not included, in capitals.

        Raises:
            DataError: For a contig that is not there, or places beyond its ends.
        """
        name = self.contig(contig)
        length = self._lengths[name]
        if not 0 <= start <= end <= length:
            raise DataError(
                f"{self.path}: {name}:{start + 1}-{end} is beyond the contig, which "
                f"has {length:,} bases"
            )
        return (
            _UPPER[self._bases(name, start, end)].tobytes().decode("ascii", "replace")
        )

    def windows(
        self,
        contigs: Sequence[str] | np.ndarray,
        starts: Sequence[int] | Int64[np.ndarray, "n"],
        length: int,
        *,
        reverse: Sequence[bool] | Bool[np.ndarray, "n"] | None = None,
        upper: bool = True,
    ) -> UInt8[np.ndarray, "n length"]:
        """Letters of windows.

        Args:
            contigs: The contig of each.
            starts: Its first place, from 0; may be below 0.
            length: Of all.
            reverse: Which are read on the other strand.
            upper: Whether letters are capitals; small ones often are repeats.

        Returns:
            In ASCII, N beyond the ends of contigs.

        Raises:
            DataError: For a contig that is not there.
        """
        places = np.asarray(starts, np.int64)
        found = np.full((len(places), length), ord("N"), np.uint8)
        rows_of: dict[str, list[int]] = {}
        for row, given in enumerate(contigs):
            rows_of.setdefault(given, []).append(row)
        back = np.zeros(len(places), bool)
        if reverse is not None:
            back |= np.asarray(reverse, bool)
        for given, some in rows_of.items():
            rows, name = np.array(some), self.contig(str(given))
            self._fill(found, rows[~back[rows]], name, places, upper, back=False)
            self._fill(found, rows[back[rows]], name, places, upper, back=True)
        return found

    def _fill(
        self,
        found: UInt8[np.ndarray, "n length"],
        rows: Int64[np.ndarray, "some"],
        name: str,
        places: Int64[np.ndarray, "n"],
        upper: bool,
        *,
        back: bool,
    ) -> None:
        """Write the windows of one contig and strand into their rows."""
        size, length, starts = self._lengths[name], found.shape[1], places[rows]
        if upper and len(rows) * length * _WORTH_HOLDING > size:
            self._hold(name, back)
        held = self._held.get((name, back))
        letters = held if upper else (None if back else self._kept.get(name))
        if letters is not None and length <= size:
            inside = (starts >= 0) & (starts + length <= size)
            views = np.lib.stride_tricks.sliding_window_view(letters, length)
            own = starts[inside]
            found[rows[inside]] = views[size - length - own if back else own]
            rows, starts = rows[~inside], starts[~inside]
        self._copy(found, rows, name, starts, upper)
        if back and len(rows):
            found[rows[::-1]] = _turned(found[rows]).reshape(len(rows), length)

    def _copy(
        self,
        found: UInt8[np.ndarray, "n length"],
        rows: Int64[np.ndarray, "some"],
        name: str,
        starts: Int64[np.ndarray, "some"],
        upper: bool,
    ) -> None:
        """Write windows one by one, as they stand on the forward strand."""
        size, length = self._lengths[name], found.shape[1]
        for row, start in zip(rows.tolist(), starts.tolist(), strict=True):
            first, last = max(start, 0), min(start + length, size)
            if first < last:
                some = self._bases(name, first, last)
                found[row, first - start : last - start] = (
                    _UPPER[some] if upper else some
                )

    def _bases(self, name: str, start: int, end: int) -> Letters:
        """Letters as they stand in the file."""
        if name in self._kept:
            return self._kept[name][start:end]
        contig = self._contigs[name]
        if start == end:
            return np.zeros(0, np.uint8)
        raw = np.asarray(self._data[contig.byte(start) : contig.byte(end - 1) + 1])
        return raw[(raw != _NEWLINE) & (raw != _RETURN)]

    def _hold(self, name: str, back: bool) -> None:
        """Keep a strand of a contig without line ends, if it is not too long."""
        if (name, back) in self._held:
            self._held.move_to_end((name, back))
            return
        size = self._lengths[name]
        if size > _HELD:
            return
        while self._held and sum(map(len, self._held.values())) + size > _HELD:
            self._held.popitem(last=False)
        letters = _UPPER[self._bases(name, 0, size)]
        self._held[name, back] = _turned(letters) if back else letters

    def _open(self) -> None:
        """Take the index that is there, or make one."""
        file = self.path.with_name(self.path.name + ".fai")
        found = _read_index(file, self.path) if file.is_file() else None
        if found is None:
            found = self._indexed()
            if not self._kept:
                self._write(file, found)
        self._contigs = found
        self._lengths = {name: contig.length for name, contig in found.items()}

    def _indexed(self) -> dict[str, _Contig]:
        """Where contigs stand, by looking at the whole file."""
        found: dict[str, _Contig] = {}
        for name, begin, end in _records(self._data):
            if name in found:
                raise DataError(
                    f"{self.path} has two contigs named {name!r}: rename one, or leave "
                    f"it out"
                )
            contig = _regular(self._data, begin, end)
            if contig is None:
                raw = np.asarray(self._data[begin:end])
                self._kept[name] = raw[(raw != _NEWLINE) & (raw != _RETURN)]
                contig = _Contig(len(self._kept[name]), begin, 1, 1)
            found[name] = contig
        return found

    def _write(self, file: Path, found: Mapping[str, _Contig]) -> None:
        lines = [
            f"{name}\t{c.length}\t{c.offset}\t{c.bases}\t{c.width}\n"
            for name, c in found.items()
        ]
        with contextlib.suppress(JaxbioError), replacing(file) as temporary:
            temporary.write_text("".join(lines), encoding="utf-8")
            self.notes.append(f"{file} was written: the index of the genome")

    def _read(self) -> None:
        """Hold all contigs in memory."""
        for frame in read_frames(self.path):
            if "sequence" not in frame.columns:
                raise DataError(f"{self.path}: a genome is a FASTA or GenBank file")
            letters = texts(frame, "sequence")
            for name, text in zip(texts(frame, "id"), letters, strict=True):
                if name in self._kept:
                    raise DataError(f"{self.path} has two contigs named {name!r}")
                self._kept[name] = np.frombuffer(text.encode("ascii"), np.uint8)
        self._lengths = {name: len(each) for name, each in self._kept.items()}
        total = sum(self._lengths.values())
        if total > _HELD:
            self.notes.append(
                f"{self.path}: {total / 1e9:.1f} billion bases are held in memory; a "
                f"file that is not packed needs none"
            )


def _turned(letters: UInt8[np.ndarray, "..."]) -> Letters:
    """The other strand of all rows as one text, the last row first."""
    # Bytes are translated, and words turned, several times as fast as single letters.
    other = letters.tobytes().translate(_OTHER.tobytes())
    rest = -len(other) % 8
    words = np.frombuffer(other + bytes(rest), np.uint64)
    return words[::-1].byteswap().view(np.uint8)[rest:]


def _records(data: np.ndarray) -> Iterator[tuple[str, int, int]]:
    """The name of each record, and where its lines begin and end."""
    starts: list[int] = []
    for begin in range(0, len(data), _CHUNK):
        part = np.asarray(data[begin : begin + _CHUNK])
        for at in np.flatnonzero(part == _HEADER) + begin:
            if at == 0 or data[at - 1] in (_NEWLINE, _RETURN):
                starts.append(int(at))
    for at, start in enumerate(starts):
        stop = starts[at + 1] if at + 1 < len(starts) else len(data)
        end = _line_end(data, start, stop)
        header = np.asarray(data[start + 1 : end]).tobytes().decode("utf-8", "replace")
        words = header.split()
        if not words:
            raise DataError(f"a record at byte {start:,} has no name after '>'")
        yield words[0], min(end + 1, stop), stop


def _line_end(data: np.ndarray, start: int, stop: int) -> int:
    """Where the line that begins at a byte has its end."""
    for begin in range(start, stop, _CHUNK):
        found = np.flatnonzero(data[begin : min(begin + _CHUNK, stop)] == _NEWLINE)
        if found.size:
            return begin + int(found[0])
    return stop


def _regular(data: np.ndarray, begin: int, limit: int) -> _Contig | None:
    """Where bases stand if all lines but the last have one length; else None."""
    end = limit
    while end > begin and data[end - 1] in (_NEWLINE, _RETURN):
        end -= 1
    if begin == end:
        return _Contig(0, begin, 1, 1)
    stop = _line_end(data, begin, limit)
    ending = 0 if stop == limit else 1 + int(data[stop - 1] == _RETURN)
    bases = stop - begin - max(ending - 1, 0)
    width = bases + ending
    if not bases:
        return None
    full, rest = divmod(end - begin, width)
    places = begin + bases + width * np.arange(full, dtype=np.int64)
    ends = sum(
        int(np.isin(data[at : min(at + _CHUNK, end)], (_NEWLINE, _RETURN)).sum())
        for at in range(begin, end, _CHUNK)
    )
    right = all(
        bool((data[part + step] == mark).all())
        for step, mark in enumerate((_RETURN, _NEWLINE)[2 - ending :])
        for part in np.array_split(places, 1 + len(places) // _CHUNK)
    )
    if rest > bases or not right or ends != full * ending:
        return None
    return _Contig(end - begin - full * ending, begin, bases, width)


def _read_index(file: Path, genome: Path) -> dict[str, _Contig] | None:
    """An index that fits the genome; None for one that is older or damaged."""
    if file.stat().st_mtime < genome.stat().st_mtime:
        return None
    size, found = genome.stat().st_size, {}
    try:
        for line in file.read_text(encoding="utf-8").splitlines():
            name, *numbers = line.split("\t")
            contig = _Contig(*map(int, numbers[:4]))
            if contig.length and contig.byte(contig.length - 1) >= size:
                return None
            found[name] = contig
    except (ValueError, TypeError, ZeroDivisionError):
        return None
    return found or None


def _plain(name: str) -> str:
    """A contig's name without what spellings differ in."""
    short = name[3:] if name.lower().startswith("chr") else name
    return "MT" if short in _MITOCHONDRIA else short


def _spellings(names: Mapping[str, int]) -> dict[str, str]:
    """The contigs by their plain names, where these tell them apart."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(_plain(name), []).append(name)
    return {plain: each[0] for plain, each in found.items() if len(each) == 1}


def open_reference(
    path: str | Path, on_note: Callable[[str], None] = warnings.warn
) -> Reference:
    """A genome, of which is told whatever is worth knowing.

    Args:
        path: As for `Reference`.
        on_note: Called with each note, such as on an index that was written.
    """
    genome = Reference(path)
    for note in genome.notes:
        on_note(note)
    return genome
