"""Bases of a reference genome by contig and place, from a FASTA file.

Plain files are read a contig at a time by their index (`.fai`, as samtools writes it),
which is made when it is missing. Files that are compressed in blocks (bgzip) are read so,
too, where pysam is installed; others that are compressed are held in memory whole.
"""

import collections
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from jaxbio._atomic import replacing
from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError, JaxbioError

_HELD = 1 << 30  # bytes of contigs that are held
_LINE_ENDS = b"\r\n \t"
_BGZIP = b"BC\x02\x00"
_UPPER = bytes(range(256)).upper()
_OTHER = np.arange(256, dtype=np.uint8)
_OTHER[list(b"ACGTUMRWSYKVHDBN")] = list(b"TGCAAKYWSRMBDHVN")
_MITOCHONDRION = ("M", "MT")


class _Place(NamedTuple):
    """Where a contig stands in a file, as in a line of an index."""

    length: int
    offset: int
    bases: int
    width: int


class Reference:
    """A genome.

    Attributes:
        path: The file.
        lengths: The bases of each contig, in the order of the file.
        notes: What a reader should know, such as that an index was made.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "g.fa"
        >>> _ = path.write_text(">chr1 the first\\nACgt\\nAC\\n")
        >>> genome = Reference(path)
        >>> genome.resolve("1"), genome.lengths, genome.fetch("chr1", 2, 6)
        ('chr1', {'chr1': 6}, 'GTAC')
        >>> genome.windows(["chr1"], [-2], 5).tobytes()
        b'NNACG'
    """

    def __init__(self, path: str | Path):
        """Find the contigs.

        Raises:
            DataError: For a file that is missing, damaged or no FASTA.
        """
        self.path = Path(path)
        self.notes: tuple[str, ...] = ()
        self._held: collections.OrderedDict[str, UInt8[np.ndarray, "len"]]
        self._held = collections.OrderedDict()
        self._all = False  # whether all contigs are held
        self._handle: Any = None
        self._places: dict[str, _Place] = {}
        with open_bytes(self.path) as handle:  # says what is wrong with it
            first = handle.read(1)
        if first != b">":
            raise DataError(
                f"{path}: a FASTA file begins with '>', not {first.decode('latin-1')!r}"
            )
        with self.path.open("rb") as handle:
            packed = handle.read(18)
        if packed[:2] == b"\x1f\x8b" or packed[:3] == b"BZh":
            self._open_packed(bgzip=_BGZIP in packed)
        else:
            self._places = self._index()
            if not self._places:
                self._hold_all()
            else:
                self.lengths = {n: place.length for n, place in self._places.items()}
        if not any(self.lengths.values()):
            raise DataError(f"{path} has no bases")

    def resolve(self, name: str) -> str | None:
        """The genome's spelling of the name of a contig; None for one that it lacks.

        `1` and `chr1` are the same, and so are `M`, `MT`, `chrM` and `chrMT`.
        """
        if name in self.lengths:
            return name
        bare = name[3:] if name[:3].lower() == "chr" else name
        spelt = _MITOCHONDRION if bare.upper() in _MITOCHONDRION else (bare,)
        for each in spelt:
            for lead in ("", "chr", "Chr", "CHR"):
                if lead + each in self.lengths:
                    return lead + each
        return None

    def fetch(self, contig: str, start: int, end: int) -> str:
        """Bases in capitals; what lies beyond the ends of the contig is left out.

        Args:
            contig: In the genome's spelling.
            start: The first base, from 0.
            end: The base after the last.
        """
        letters = self._contig(contig)
        return letters[max(start, 0) : max(end, 0)].tobytes().decode("latin-1")

    def windows(
        self,
        contigs: Sequence[str],
        starts: Sequence[int] | Int64[np.ndarray, "n"],
        length: int,
        reverse: Bool[np.ndarray, "n"] | None = None,
    ) -> UInt8[np.ndarray, "n length"]:
        """Windows of one length, letters in ASCII, N beyond the ends of contigs.

        Args:
            contigs: That of each window, in the genome's spelling.
            starts: The first base of each, from 0; also below 0.
            length: Of all windows.
            reverse: Which windows are read on the other strand; None for none.
        """
        begin = np.asarray(starts, np.int64)
        result = np.full((len(begin), length), ord("N"), np.uint8)
        for contig, rows in _by_contig(contigs):
            letters = self._contig(contig)
            at = begin[rows]
            inside = (at >= 0) & (at + length <= len(letters))
            if inside.any():
                views = np.lib.stride_tricks.sliding_window_view(letters, length)
                result[rows[inside]] = views[at[inside]]
            for row in rows[~inside].tolist():
                least, most = max(begin[row], 0), min(begin[row] + length, len(letters))
                if least < most:
                    here = slice(int(least - begin[row]), int(most - begin[row]))
                    result[row, here] = letters[least:most]
        if reverse is not None:
            result[reverse] = _OTHER[result[reverse, ::-1]]
        return result

    def _contig(self, name: str) -> UInt8[np.ndarray, "len"]:
        """All letters of a contig, in capitals; the last ones asked for are held."""
        if name in self._held:
            self._held.move_to_end(name)
            return self._held[name]
        if name not in self.lengths:
            raise DataError(f"{self.path} has no contig {name!r}")
        if self._handle is not None:
            raw = self._handle.fetch(name).encode("latin-1")
        else:
            raw = self._read(name)
        letters = np.frombuffer(raw.translate(_UPPER), np.uint8)
        self._held[name] = letters
        while len(self._held) > 1 and sum(map(len, self._held.values())) > _HELD:
            self._held.popitem(last=False)
        return letters

    def _read(self, name: str) -> bytes:
        place = self._places[name]
        lines = -(-place.length // place.bases) if place.length else 0
        with self.path.open("rb") as handle:
            handle.seek(place.offset)
            raw = handle.read(lines * place.width).translate(None, _LINE_ENDS)
        raw = raw[: place.length]
        if len(raw) < place.length or b">" in raw:
            raise DataError(
                f"{self.path}: the index {self.path.name}.fai is of another file: "
                f"remove it, and a new one is made"
            )
        return raw

    def _index(self) -> dict[str, _Place]:
        """Where contigs stand; nothing if their lines differ in length."""
        path = self.path.with_name(self.path.name + ".fai")
        if path.exists() and path.stat().st_mtime >= self.path.stat().st_mtime:
            return _read_index(path)
        places = _scan(self.path)
        if places:
            lines = ("\t".join(map(str, (n, *place))) for n, place in places.items())
            with contextlib.suppress(JaxbioError), replacing(path) as temporary:
                temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
                self.notes = (f"made the index {path.name} of {self.path.name}",)
        return places

    def _open_packed(self, *, bgzip: bool) -> None:
        if bgzip:
            with contextlib.suppress(ImportError, OSError, ValueError):
                import pysam

                index = [Path(f"{self.path}{x}").exists() for x in (".fai", ".gzi")]
                handle = pysam.FastaFile(str(self.path))
                names = zip(handle.references, handle.lengths, strict=True)
                self._handle, self.lengths = handle, dict(names)
                if not all(index):
                    self.notes = (f"made the index of {self.path.name}",)
                return
        self._hold_all()

    def _hold_all(self) -> None:
        with open_bytes(self.path) as handle:
            for name, parts in _contigs(handle, self.path):
                raw = b"".join(parts).translate(_UPPER, _LINE_ENDS)
                self._held[name] = np.frombuffer(raw, np.uint8)
        self.lengths = {name: len(letters) for name, letters in self._held.items()}

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])


def _by_contig(
    contigs: Sequence[str],
) -> Iterator[tuple[str, Int64[np.ndarray, "rows"]]]:
    """Each contig and the rows that have it."""
    if len(set(contigs)) == 1:
        yield contigs[0], np.arange(len(contigs))
        return
    rows: dict[str, list[int]] = {}
    for row, contig in enumerate(contigs):
        rows.setdefault(contig, []).append(row)
    for contig, some in rows.items():
        yield contig, np.array(some, np.int64)


def _contigs(handle: Any, path: Path) -> Iterator[tuple[str, list[bytes]]]:
    name, parts, known = "", [], set()
    for line in handle:
        if not line.startswith(b">"):
            parts.append(line)
            continue
        if name:
            yield name, parts
        name, parts = _name(line, path, known), []
    yield name, parts


def _name(line: bytes, path: Path, known: set[str]) -> str:
    """The name in a line of a header."""
    words = line[1:].split(None, 1)
    name = words[0].decode("latin-1") if words else ""
    if not name or name in known:
        raise DataError(
            f"{path}: a contig has no name, or {name!r} stands there twice: give each "
            f"a name of its own"
        )
    known.add(name)
    return name


def _scan(path: Path) -> dict[str, _Place]:
    """The places of contigs; nothing if the lines of one differ in length."""
    places: dict[str, _Place] = {}
    known: set[str] = set()
    name, length, offset, bases, width, short = "", 0, 0, 0, 0, False
    at, even = 0, True
    with path.open("rb") as handle:
        for line in handle:
            at += len(line)
            if line.startswith(b">"):
                if name:
                    places[name] = _Place(length, offset, max(bases, 1), max(width, 1))
                name = _name(line, path, known)
                length, offset, bases, width, short = 0, at, 0, 0, False
                continue
            own = len(line.strip())
            even = even and (not own or not short)
            if not own:
                short = True
                continue
            if not width:
                bases, width = own, len(line)
            even = even and own <= bases and len(line) - own in (width - bases, 0)
            short = short or own < bases
            length += own
    places[name] = _Place(length, offset, max(bases, 1), max(width, 1))
    return places if even else {}


def _read_index(path: Path) -> dict[str, _Place]:
    places = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        cells = line.split("\t")
        if len(cells) < 5 or not all(x.isascii() and x.isdigit() for x in cells[1:5]):
            raise DataError(
                f"{path}, row {number}: no line of an index: remove the file, and a new "
                f"one is made"
            )
        places[cells[0]] = _Place(*map(int, cells[1:5]))
    return places
