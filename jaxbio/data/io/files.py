r"""Files by their ending: which formats there are, and how a file becomes text.

Compression is told by the first bytes. Text is UTF-8, with or without a byte-order
mark, or UTF-16 with one, as spreadsheets save it; a part that is not UTF-8 is read as
Latin-1. Any line ends become `\n`.
"""

import bz2
import codecs
import contextlib
import gzip
import io
import os
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from jaxbio.errors import DataError, nearest, spelled

ENDINGS = {
    ".csv": "table",
    ".tsv": "table",
    ".txt": "table",
    ".gct": "table",
    ".raw": "table",
    ".parquet": "parquet",
    **dict.fromkeys((".fa", ".fasta", ".fna", ".faa", ".ffn", ".frn"), "fasta"),
    **dict.fromkeys((".fastq", ".fq"), "fastq"),
    **dict.fromkeys((".gb", ".gbk", ".genbank"), "genbank"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "excel"),
    **dict.fromkeys((".sav", ".zsav", ".dta", ".sas7bdat", ".xpt"), "statistics"),
    **dict.fromkeys((".smi", ".smiles"), "smi"),
    **dict.fromkeys((".sdf", ".sd", ".mol"), "sdf"),
    ".npz": "npz",
    ".h5ad": "h5ad",
}
"""The format of each ending; any of them may be followed by `.gz` or `.bz2`."""

_WITH_SHEET = re.compile(r"(?i)(.+\.(?:xlsx|xlsm|xlsb|xls|ods))#(.+)", re.DOTALL)

_PLACES = (".bed", ".narrowpeak", ".broadpeak", ".gff", ".gff3", ".gtf")
"""Of intervals without letters."""

_ELSEWHERE = {
    **dict.fromkeys((".rds", ".rda", ".rdata"), "R"),
    **dict.fromkeys((".pkl", ".pickle"), "Python objects, which can run code,"),
    **dict.fromkeys((".json", ".jsonl"), "JSON"),
    ".mat": "MATLAB",
    ".npy": "one array of NumPy, whose columns have no names,",
    ".por": "SPSS in the portable format",
}
"""What other programs keep tables in."""

STANDARD_INPUT = "-"
_MAGIC = {".gz": b"\x1f\x8b", ".bz2": b"BZh"}
_BLOCK = 1 << 20  # bytes
_MIB = 1 << 20

LINE_LIMIT = "JAXBIO_LINE_MB"
"""The environment variable with the longest line that is read, in MiB; 64 if unset.

A file whose lines never end would fill the memory. A whole chromosome on one line needs
about 300.
"""
_LINE_MB = 64


def split_sheet(path: str | Path) -> tuple[str, str | None]:
    """A path, and the sheet that is named behind it.

    Args:
        path: Such as `clinic.xlsx` or `clinic.xlsx#Follow up`.

    Example:
        >>> split_sheet("clinic.xlsx#Follow up"), split_sheet("clinic.xlsx")
        (('clinic.xlsx', 'Follow up'), ('clinic.xlsx', None))
    """
    text = str(path)
    parts = None if Path(text).exists() else _WITH_SHEET.fullmatch(text)
    return (parts[1], parts[2]) if parts else (text, None)


def format_of(path: str | Path) -> str:
    """The format that the ending of a name stands for.

    Args:
        path: The name of a file.

    Returns:
        `table`, `excel`, `statistics`, `parquet`, `fasta`, `fastq`, `genbank`, `smi`,
        `sdf`, `npz` or `h5ad`.

    Raises:
        DataError: For an ending that is not known.

    Example:
        >>> format_of("reads/chip.fq.gz"), format_of("labels.csv")
        ('fastq', 'table')
    """
    name = Path(split_sheet(path)[0]).name.lower()
    for packed in _MAGIC:
        name = name.removesuffix(packed)
    ending = Path(name).suffix
    if ending in _PLACES:
        how = spelled("jaxbio.genome.read_windows", "--genome genome.fa --length 1000")
        raise DataError(
            f"{path} holds places in a genome, whose letters stand elsewhere: name the "
            f"genome, as in {how}"
        )
    if ending == ".vcf":
        how = spelled(
            "jaxbio.genome.read_genotypes", f"jaxbio data genotypes {path} -o table.tsv"
        )
        raise DataError(
            f"{path} has a row for each variant: {how} gives a table with a row for "
            f"each sample"
        )
    if ending in _ELSEWHERE:
        raise DataError(
            f"{path}: files of {_ELSEWHERE[ending]} are not read: save the table as "
            f".csv or .parquet"
        )
    if ending not in ENDINGS:
        raise DataError(
            f"{path}: files ending in {ending or 'nothing'!r} are not known: rename it "
            f"to what it holds ({', '.join(ENDINGS)}, each also .gz or .bz2)"
        )
    return ENDINGS[ending]


@contextlib.contextmanager
def open_bytes(path: str | Path) -> Iterator[io.BufferedIOBase]:
    """Open a file or standard input (`-`), unpacked, for reading.

    Args:
        path: The name of a file, or `-`.

    Yields:
        The content as a stream of bytes.

    Raises:
        DataError: For a file that is missing, may not be read or is damaged.
    """
    try:
        with contextlib.ExitStack() as stack:
            if str(path) == STANDARD_INPUT:
                if sys.stdin is None:
                    raise DataError("standard input is closed: give a file")
                plain = peekable(cast(io.BufferedIOBase, sys.stdin.buffer))
            else:
                plain = stack.enter_context(Path(path).open("rb"))
            start = plain.peek(3)[:3]
            _check_packing(path, start)
            if start.startswith(_MAGIC[".gz"]):
                yield stack.enter_context(gzip.open(plain))
            elif start == _MAGIC[".bz2"]:
                yield stack.enter_context(bz2.open(plain))
            else:
                yield plain
    except FileNotFoundError:
        raise DataError(f"{path}: no such file{_similar(Path(path))}") from None
    except (EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: the compressed file is cut off or damaged ({error}): copy or "
            f"download it again"
        ) from None
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror or error}): check that it is a "
            f"whole file and that you may read it"
        ) from None


def peekable(handle: io.BufferedIOBase) -> io.BufferedReader:
    """The same stream of bytes with `peek`, to look at its beginning."""
    if isinstance(handle, io.BufferedReader):
        return handle
    return io.BufferedReader(cast(io.RawIOBase, handle))


def _check_packing(path: str | Path, start: bytes) -> None:
    magic = _MAGIC.get(Path(path).suffix.lower())
    if magic and start and not start.startswith(magic):
        raise DataError(
            f"{path}: the content is not compressed, as the ending "
            f"{Path(path).suffix!r} says: rename the file"
        )


def _similar(path: Path) -> str:
    with contextlib.suppress(OSError):
        names = sorted(item.name for item in path.parent.iterdir())
        if names:
            return f" in {path.parent}: {nearest(path.name, names)}"
    return f": the folder {path.parent} does not exist or is empty"


def text_blocks(
    handle: io.BufferedIOBase, source: str, *, size: int = _BLOCK
) -> Iterator[str]:
    r"""Text in blocks of whole lines.

    Args:
        handle: The bytes.
        source: What the messages call the file.
        size: About how many bytes a block holds; a line is never cut.

    Yields:
        One or more lines, each with its `\n`, which the last of all may lack.

    Raises:
        DataError: For a file that is empty or is not text, and a line longer than
            `LINE_LIMIT` says.

    Example:
        >>> list(text_blocks(io.BytesIO(b"a\r\nb"), "x.txt"))
        ['a\n', 'b']
    """
    handle = _as_utf8(handle)
    rest: list[bytes] = []
    lead = ""  # blank lines at the top, which count as lines
    start = blank = True
    for data in _whole_lines(handle, source, size, rest):
        block = lead + _decode(data, source, start=start)
        start, blank = False, blank and not block.strip()
        lead = block if blank else ""
        if not blank:
            yield block
    if blank:
        raise DataError(f"{source}: the file is empty")


def text_lines(handle: io.BufferedIOBase, source: str) -> Iterator[str]:
    r"""Lines of text, each with its `\n`.

    Args:
        handle: The bytes.
        source: What the messages call the file.

    Raises:
        DataError: As `text_blocks`.

    Example:
        >>> list(text_lines(io.BytesIO(b"a\r\nb"), "x.txt"))
        ['a\n', 'b']
    """
    for block in text_blocks(handle, source):
        yield from io.StringIO(block, newline="\n")


def _as_utf8(handle: io.BufferedIOBase) -> io.BufferedIOBase:
    """The bytes of UTF-16 as those of UTF-8; all others as they are."""
    handle = peekable(handle)
    if not handle.peek(2).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return handle
    return _Recoded(handle)


class _Recoded(io.BufferedIOBase):
    """UTF-16, read as UTF-8."""

    def __init__(self, handle: io.BufferedIOBase):
        self._stream = codecs.EncodedFile(cast(IO[bytes], handle), "utf-8", "utf-16")

    def read(self, size: int | None = -1, /) -> bytes:
        return self._stream.read(-1 if size is None else size)


def longest_line() -> int:
    """The most bytes that a line may have.

    Raises:
        DataError: If `LINE_LIMIT` is no whole number above 0.
    """
    text = os.environ.get(LINE_LIMIT) or str(_LINE_MB)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise DataError(f"{LINE_LIMIT}={text}: give whole MiB, 1 or more")
    return int(text) * _MIB


def _whole_lines(
    handle: io.BufferedIOBase, source: str, size: int, rest: list[bytes]
) -> Iterator[bytes]:
    most = longest_line()
    while data := _read(handle, source, size):
        # A carriage return at the very end may be half of a Windows line end.
        cut = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
        if cut:
            yield b"".join([*rest, data[:cut]])
            rest.clear()
        elif b"\0" in data:
            raise _binary(source)
        rest.append(data[cut:])
        if len(rest) * size > most and sum(map(len, rest)) > most:
            raise DataError(
                f"{source}: a line does not end after {most // _MIB} MiB: check that "
                f"this is a text file; if it is, say how long lines may be, in MiB: "
                f"{LINE_LIMIT}=512"
            )
    if last := b"".join(rest):
        yield last


def _read(handle: io.BufferedIOBase, source: str, size: int) -> bytes:
    try:
        return handle.read(size)
    except UnicodeError as error:
        raise DataError(
            f"{source}: the text begins as UTF-16 and is none ({error}): save it as "
            f"UTF-8"
        ) from None


def _decode(data: bytes, source: str, *, start: bool) -> str:
    if b"\0" in data:
        raise _binary(source)
    try:
        text = data.decode("utf-8-sig" if start else "utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _binary(source: str) -> DataError:
    return DataError(
        f"{source}: the content is binary, not text: check that the ending of the name "
        f"says what the file holds"
    )
