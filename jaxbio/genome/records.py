"""Records of VCF and BCF files, line by line, and the same lines with more INFO.

What is not understood here is not touched: an annotated record is the text of the given
one but for the end of its INFO column.
"""

import contextlib
import importlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jaxbio._atomic import replacing
from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError, JaxbioError, option
from jaxbio.genome.vcf import header_of, lines_of

_COLUMNS = 8  # that every record has
_DIGITS = 18
_DECLARED = re.compile(r"##(INFO|contig)=<ID=([^,>]+)")
_WRITTEN = (".vcf", ".vcf.gz", ".bcf")
_TBI_MOST = 1 << 29  # bases of a contig that a .tbi index can hold


class Record(NamedTuple):
    """A record of a VCF file.

    Attributes:
        line: Its number in the file, from 1; of a BCF file that of the record.
        text: As it stands in the file, without its end.
        contig: CHROM.
        position: POS, from 1.
        name: ID.
        reference: REF.
        alternatives: The ALT alleles; none for `.`.
    """

    line: int
    text: str
    contig: str
    position: int
    name: str
    reference: str
    alternatives: tuple[str, ...]


class InfoField(NamedTuple):
    """A field of the INFO column.

    Attributes:
        name: Its ID.
        type: `Float`, `Integer` or `String`.
        description: What it says.
        number: `A` for a value an ALT allele, `1`, or `.` for any number.
    """

    name: str
    type: str
    description: str
    number: str = "A"

    @property
    def line(self) -> str:
        """The line of the header."""
        text = self.description.replace("\\", "\\\\").replace('"', '\\"')
        return (
            f"##INFO=<ID={self.name},Number={self.number},Type={self.type},"
            f'Description="{text}">'
        )


class VariantFile:
    """A VCF file, plain or compressed, or a BCF file (which needs pysam).

    Attributes:
        path: The file.
        header: Its lines, the last of which names the columns.
    """

    def __init__(self, path: str | Path):
        """Read the header.

        Raises:
            DataError: For a file that is missing, damaged, or no VCF.
        """
        self.path = Path(path)
        self.binary = self.path.name.lower().endswith(".bcf")
        if self.binary:
            with _bcf(self.path) as handle:
                self.header = str(handle.header).rstrip("\n").split("\n")
            return
        with open_bytes(self.path) as handle:
            _, self.header = header_of(lines_of(handle, str(path)), str(path))

    def declared(self, kind: str) -> set[str]:
        """The IDs of `INFO` or `contig` lines of the header."""
        found = (_DECLARED.match(line) for line in self.header)
        return {match[2] for match in found if match and match[1] == kind}

    def records(self) -> Iterator[Record]:
        """Records in the order of the file.

        Raises:
            DataError: For a record that is cut off, or has a wrong POS; for a file that
                is cut off.
        """
        columns = self.header[-1].count("\t") + 1
        for line, text in self._lines():
            cells = text.split("\t", 5)
            found = text.count("\t") + 1
            if found != columns:
                raise DataError(
                    f"{self.path}, row {line}: {found} columns, the header has "
                    f"{columns}: the row is cut off or damaged; copy or make the file "
                    f"again"
                )
            contig, position, name, reference, alternatives = cells[:5]
            if not (position.isascii() and position.isdigit()) or (
                len(position) > _DIGITS
            ):
                raise DataError(
                    f"{self.path}, row {line}, column POS: {position[:40]!r} is no "
                    f"number: correct it"
                )
            if not (contig and reference and alternatives):
                raise DataError(
                    f"{self.path}, row {line}: CHROM, REF or ALT is empty: fill it in"
                )
            several = () if alternatives == "." else tuple(alternatives.split(","))
            yield Record(line, text, contig, int(position), name, reference, several)

    def _lines(self) -> Iterator[tuple[int, str]]:
        if self.binary:
            with _bcf(self.path) as handle:
                try:
                    for number, record in enumerate(handle, 1):
                        yield number, str(record).rstrip("\n")
                except OSError as error:
                    raise DataError(
                        f"{self.path}: cut off or damaged ({error}): copy or make it "
                        f"again"
                    ) from None
            return
        with open_bytes(self.path) as handle:
            lines = lines_of(handle, str(self.path))
            header_of(lines, str(self.path))
            yield from lines


def annotated(record: Record, values: Mapping[str, str]) -> str:
    r"""The text of a record with more fields in its INFO column.

    Args:
        record: The record.
        values: Text of each field; of one that is empty nothing is written.

    Example:
        >>> record = Record(1, "1\t5\t.\tA\tC\t.\tPASS\tDP=3", "1", 5, ".", "A", ("C",))
        >>> annotated(record, {"JB_DIFF": "0.5", "JB_SKIP": ""}).split("\t")[7]
        'DP=3;JB_DIFF=0.5'
    """
    new = ";".join(f"{name}={text}" for name, text in values.items() if text)
    if not new:
        return record.text
    cells = record.text.split("\t", _COLUMNS)
    info = cells[_COLUMNS - 1]
    cells[_COLUMNS - 1] = new if info in (".", "") else f"{info.rstrip(';')};{new}"
    return "\t".join(cells)


def check_out(path: str | Path) -> str:
    """The ending of an annotated file that can be written here.

    Raises:
        JaxbioError: For another ending, or one that needs pysam where that is missing.
    """
    name = Path(path).name.lower()
    ending = next((x for x in _WRITTEN if name.endswith(x)), None)
    if ending is None:
        raise JaxbioError(f"{path}: variants are written to {', '.join(_WRITTEN)}")
    if ending != ".vcf":
        _pysam(f"{path}: writing {ending}", option("out", "out.vcf", flag="-o"))
    return ending


def write_records(
    path: str | Path,
    header: Sequence[str],
    lines: Iterable[str],
    *,
    indexed: bool = True,
    longest: int = 0,
) -> str | None:
    """Write a VCF or BCF file, whole or not at all.

    Args:
        path: A name that ends in `.vcf`, `.vcf.gz` (compressed in blocks, as tabix
            needs it) or `.bcf`.
        header: Its lines.
        lines: The records.
        indexed: Whether a compressed file gets an index; its records must be sorted.
        longest: The bases of the longest contig, which decides which index that is.

    Returns:
        The name of the index; None without one.

    Raises:
        JaxbioError: For another ending, or where it cannot be written.
    """
    path, ending = Path(path), check_out(path)
    text = (f"{line}\n" for part in (header, lines) for line in part)
    if ending == ".vcf":
        with replacing(path) as temporary, temporary.open("w", newline="") as handle:
            handle.writelines(text)
        return None
    pysam = _pysam(str(path), "")
    large = longest >= _TBI_MOST or ending == ".bcf"
    index = path.with_name(path.name + (".csi" if large else ".tbi"))
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(replacing(index)) if indexed else None
        temporary = stack.enter_context(replacing(path))
        if ending == ".bcf":
            _write_bcf(pysam, temporary, text)
        else:
            with pysam.BGZFile(str(temporary), "wb") as handle:
                for block in _blocks(text):
                    handle.write(block)
        if place is not None:
            pysam.tabix_index(
                str(temporary), preset="bcf" if ending == ".bcf" else "vcf",
                csi=large, index=str(place), keep_original=True, force=True,
            )  # fmt: skip
    if place is None:  # that of an earlier file would lie
        index.unlink(missing_ok=True)
        return None
    return str(index)


def _write_bcf(pysam: Any, path: Path, text: Iterable[str]) -> None:
    plain = path.with_name(path.name + ".vcf")
    try:
        with plain.open("w", newline="") as handle:
            handle.writelines(text)
        with (
            pysam.VariantFile(str(plain)) as source,
            pysam.VariantFile(str(path), "wb", header=source.header) as out,
        ):
            for record in source:
                out.write(record)
    finally:
        plain.unlink(missing_ok=True)


def _blocks(text: Iterable[str], size: int = 1 << 16) -> Iterator[bytes]:
    buffer = io.StringIO()
    for line in text:
        buffer.write(line)
        if buffer.tell() >= size:
            yield buffer.getvalue().encode()
            buffer = io.StringIO()
    yield buffer.getvalue().encode()


@contextlib.contextmanager
def _bcf(path: Path) -> Iterator[Any]:
    pysam = _pysam(f"{path}: BCF files", "bcftools view -O z")
    if not path.exists():
        with open_bytes(path):  # says which files there are
            pass
    try:
        handle = pysam.VariantFile(str(path))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: no BCF file, or a damaged one ({error})") from None
    with handle:
        yield handle


def _pysam(what: str, instead: str) -> Any:
    try:
        return importlib.import_module("pysam")
    except ImportError:
        other = f", or use {instead}" if instead else ""
        raise JaxbioError(
            f"{what} needs pysam: pip install 'jaxbio[genomics]'{other}"
        ) from None
