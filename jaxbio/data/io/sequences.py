"""Sequence records from FASTA, FASTQ and GenBank files, frame by frame."""

import io
import itertools
import warnings
import zlib
from collections.abc import Iterable, Iterator
from typing import TextIO, cast

import numpy as np

from jaxbio.data.io.cells import CellFormat
from jaxbio.data.io.files import text_blocks, text_lines
from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.errors import DataError, JaxbioError

_AS_IT_IS = CellFormat(frozenset(("",)))  # NA may be asparagine and alanine
_MOST_SYMBOLS = 1 << 25
_CUT_OFF = "Premature end of file|Expected sequence length"
"""Warning of Biopython about a GenBank file that is cut off."""


def read_fasta(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    r"""Records of a FASTA file.

    Args:
        handle: The bytes of the file.
        source: What messages call it.
        rows: The most records of a frame.

    Yields:
        Frames with the columns `id` (the first word of the header), `description` (the
        whole header) and `sequence`.

    Raises:
        DataError: For a file that is not FASTA or a record without a sequence.

    Example:
        >>> import io
        >>> frame = next(read_fasta(io.BytesIO(b">a x=1\nAC\nGT\n"), "x.fa"))
        >>> frame.columns["id"].tolist(), frame.columns["sequence"].tolist()
        (['a'], ['ACGT'])
    """
    records = _fasta_records(text_blocks(handle, source), source)
    names = ("id", "description", "sequence")
    return _frames(records, names, source, rows)


Columns = tuple[list[str], ...]
"""Ids, headers, sequences and perhaps more of some records."""


def _fasta_records(blocks: Iterable[str], source: str) -> Iterator[Columns]:
    """The records of each block of text at once, except the last, which may go on."""
    header: str | None = None
    pieces: list[str] = []
    for block in blocks:
        # Each part but the first begins with a header; a block begins with a line.
        before, *parts = ("\n" + block).split("\n>")
        if header is None and before.strip():
            raise DataError(
                f"{source}: the file begins with {before.strip()[:20]!r}, a FASTA file "
                f"begins with '>': check that the ending of the name says what it holds"
            )
        pieces.append(before)
        if not parts:
            continue
        split = [part.partition("\n") for part in parts]
        headers, bodies = [lines[0].strip() for lines in split], [e[2] for e in split]
        if header is not None:
            headers.insert(0, header)
            bodies.insert(0, "".join(pieces))
        header, pieces = headers.pop(), [bodies.pop()]
        if headers:
            yield _columns(headers, bodies)
    if header is not None:
        yield _columns([header], ["".join(pieces)])


def _columns(headers: list[str], bodies: list[str]) -> Columns:
    # No text has a NUL in it, so it can stand between sequences while all of them are
    # freed of spaces and line ends in one go.
    sequences = "".join("\0".join(bodies).split()).split("\0")
    return [_word(header) for header in headers], headers, sequences


def _word(header: str) -> str:
    return header.split(None, 1)[0] if header else ""


def read_fastq(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    r"""Records of a FASTQ file, as `read_fasta`, with a column `quality` of symbols.

    Raises:
        DataError: For a file that is not FASTQ or is cut off.

    Example:
        >>> import io
        >>> frame = next(read_fastq(io.BytesIO(b"@a\nAC\n+\nII\n"), "x.fq"))
        >>> frame.columns["quality"].tolist()
        ['II']
    """
    names = ("id", "description", "sequence", "quality")
    return _frames(_fastq_records(handle, source), names, source, rows)


def _fastq_records(handle: io.BufferedIOBase, source: str) -> Iterator[Columns]:
    from Bio.SeqIO.QualityIO import FastqGeneralIterator

    text = _Lines(handle, source)
    count = 0
    try:
        for title, sequence, quality in FastqGeneralIterator(cast(TextIO, text)):
            count += 1
            yield [_word(title)], [title], [sequence], [quality]
    except JaxbioError:
        raise
    except ValueError as error:
        raise DataError(
            f"{source}, row {count + 1}: not a FASTQ record ({error}): check that the "
            f"file is whole and holds FASTQ"
        ) from None


class _Lines(io.TextIOBase):
    """The lines of a file, as parsers of text take them."""

    def __init__(self, handle: io.BufferedIOBase, source: str):
        self._lines = text_lines(handle, source)

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        return next(self._lines, "")

    def read(self, size: int | None = -1, /) -> str:
        return "" if size == 0 else "".join(self._lines)


def read_genbank(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    """Records of a GenBank file, as `read_fasta`, with a column `organism`.

    Raises:
        DataError: For a file that is not GenBank or a record without a sequence.
    """
    names = ("id", "description", "sequence", "organism")
    return _frames(_genbank_records(handle, source), names, source, rows)


def _genbank_records(handle: io.BufferedIOBase, source: str) -> Iterator[Columns]:
    from Bio import SeqIO
    from Bio.Seq import UndefinedSequenceError

    text = _Lines(handle, source)
    count = 0
    try:
        records = SeqIO.parse(cast(TextIO, text), "genbank")
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # details of annotations are not used
                warnings.filterwarnings("error", message=_CUT_OFF)
                record = next(records, None)
            if record is None:
                return
            count += 1
            try:
                sequence = str(record.seq)
            except UndefinedSequenceError:
                sequence = ""
            organism = record.annotations.get("organism", "")
            yield [record.id], [record.description], [sequence], [organism]
    except (JaxbioError, OSError, EOFError, zlib.error):
        raise  # the file is damaged, whatever it holds
    except Exception as error:  # Biopython's parser fails in many ways on bad files
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"{source}, row {count + 1}: not a GenBank record "
            f"({type(error).__name__}: {reason}): check that the file is whole and "
            f"holds GenBank"
        ) from None


def _frames(
    records: Iterable[Columns], names: tuple[str, ...], source: str, rows: int
) -> Iterator[Frame]:
    columns: Columns = tuple([] for _ in names)
    symbols = start = 0
    for block in records:
        ids, _, sequences, *_ = block
        done = 0
        while done < len(ids):
            most = rows - len(columns[0])
            end = done + _fitting(sequences[done:], most, _MOST_SYMBOLS - symbols)
            if not all(sequences[done:end]):
                at = sequences.index("", done)
                number = start + len(columns[0]) + at - done + 1
                raise DataError(
                    f"{source}, row {number} ({ids[at] or 'without a name'}): the "
                    f"record has no sequence: remove it or fill it in"
                )
            for column, more in zip(columns, block, strict=True):
                column += more[done:end]
            symbols += sum(map(len, sequences[done:end]))
            done = end
            if len(columns[0]) >= rows or symbols >= _MOST_SYMBOLS:
                yield _frame(columns, names, source, start)
                start += len(columns[0])
                columns, symbols = tuple([] for _ in names), 0
    if columns[0]:
        yield _frame(columns, names, source, start)
    elif not start:
        raise DataError(f"{source}: the file holds no records")


def _fitting(sequences: list[str], rows: int, symbols: int) -> int:
    """Number of sequences that fill a frame that lacks so much; all if they do not."""
    ends = itertools.accumulate(map(len, sequences[:rows]))
    return next((at for at, end in enumerate(ends, 1) if end >= symbols), rows)


def _frame(block: Columns, names: tuple[str, ...], source: str, start: int) -> Frame:
    ids, *others = block
    numbers = np.arange(start + 1, start + 1 + len(ids))
    if not all(ids):
        ids = [name or str(at) for name, at in zip(ids, numbers, strict=True)]
    columns = (np.array(column, object) for column in (ids, *others))
    named = dict(zip(names, columns, strict=True))
    return Frame(named, source, numbers, records=True, format=_AS_IT_IS)
