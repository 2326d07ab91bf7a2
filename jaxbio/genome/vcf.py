"""Rows of VCF files, each line checked.

The format is that of the VCF specification (versions 4.0 to 4.4); nothing but FORMAT/GT
is looked at.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jaxbio.data.io.files import text_blocks
from jaxbio.errors import DataError

FIXED = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
"""The columns before those of the samples."""

MOST_ALLELES = 127
"""The most alleles of one call: what a byte holds."""


_RANGE = re.compile(r"(.+):([\d,]{1,20})(-?)([\d,]{0,20})", re.ASCII)

_QUOTED = re.compile(r"\{[^{}]+\}")

_SYMBOLIC = re.compile(r"(?:^|;)(END|SVLEN)=([^;]+)")

_DIGITS = 18  # of a position, so that it fits into 64 bits


class Region(NamedTuple):
    """Part of a chromosome; both ends belong to it, positions count from 1."""

    chromosome: str
    start: int
    end: int | None

    def has(self, row: "Row") -> bool:
        """Tell whether a variant begins in it."""
        return (
            row.chromosome == self.chromosome
            and self.start <= row.position
            and (self.end is None or row.position <= self.end)
        )


def parse_region(text: str) -> Region:
    """Part of a chromosome, as people write it.

    Args:
        text: `CHROM`, `CHROM:START-END`, `CHROM:START-` or `CHROM:POSITION`; numbers
            may have commas. A name that holds colons may stand in braces, as in
            `{HLA-A*01:01}:5-9`.

    Raises:
        DataError: If it is none of these, or ends before it starts.

    Example:
        >>> parse_region("chr2:1,000-2,000")
        Region(chromosome='chr2', start=1000, end=2000)
        >>> parse_region("MT")
        Region(chromosome='MT', start=1, end=None)
    """
    if (":" not in text and text) or _QUOTED.fullmatch(text):
        return Region(text.strip("{}") if "{" in text else text, 1, None)
    found = _RANGE.fullmatch(text)
    if not found or (found[4] and not found[3]):
        raise DataError(f"region {text!r}: write CHROM:START-END, as chr2:1000-2000")
    start = int(found[2].replace(",", "") or 0)
    end = int(found[4].replace(",", "")) if found[4].strip(",") else None
    end = end if found[3] else start
    if start < 1 or (end is not None and end < start):
        raise DataError(
            f"region {text!r}: positions count from 1, and the end comes after the "
            f"start"
        )
    name = found[1]
    return Region(name[1:-1] if _QUOTED.fullmatch(name) else name, start, end)


def readings(text: str) -> tuple[Region, ...]:
    """What a region may mean: the names of contigs may hold colons, too.

    Args:
        text: As for `parse_region`.

    Returns:
        One or two readings; a name in braces, as in `{HLA-A*01:01}:5`, has one.

    Raises:
        DataError: As `parse_region`, for a text that is no name either.

    Example:
        >>> [(region.chromosome, region.start) for region in readings("HLA-A*01:01")]
        [('HLA-A*01:01', 1), ('HLA-A*01', 1)]
    """
    name = Region(text, 1, None)
    if ":" not in text or "{" in text or re.search(r"\s|^:", text):
        return (parse_region(text),)
    return (name, parse_region(text)) if _RANGE.fullmatch(text) else (name,)


class Row(NamedTuple):
    """One line of the file."""

    where: str
    chromosome: str
    position: int
    name: str
    reference: str
    alternatives: Sequence[str]
    calls: Sequence[str]
    info: str = "."

    def own_name(self, number: int) -> str:
        """The name of an alternative allele, from 1, by its place.

        A symbolic one, such as `<DEL>`, is told by where it ends, or else its length.
        """
        alternative = self.alternatives[number - 1]
        name = f"{self.chromosome}:{self.position}:{self.reference}:{alternative}"
        if not is_symbolic(alternative):
            return name
        told = dict(_SYMBOLIC.findall(self.info))
        lengths = told.get("SVLEN", "").split(",")
        if "END" in told:
            return f"{name}:END={told['END']}"
        length = lengths[min(number, len(lengths)) - 1]
        return f"{name}:SVLEN={length}" if length else name


def is_symbolic(allele: str) -> bool:
    """Check that an allele is a symbol, not bases.

    Example:
        >>> is_symbolic("<DUP:TANDEM>"), is_symbolic("ACG")
        (True, False)
    """
    return allele.startswith("<")


def lines_of(handle: io.BufferedIOBase, source: str) -> Iterator[tuple[int, str]]:
    """Lines of a file with their numbers from 1, without blank ones."""
    line = 0
    for block in text_blocks(handle, source):
        for text in block.removesuffix("\n").split("\n"):
            line += 1
            if text:
                yield line, text


def header_of(lines: Iterator[tuple[int, str]], source: str) -> tuple[int, list[str]]:
    """The lines of a header, which are taken off.

    Returns:
        The number of the last line, the one that names the columns, and all lines.

    Raises:
        DataError: For a file that is no VCF, or whose header is damaged.
    """
    line, text = next(lines)
    if not text.startswith("##fileformat=VCF"):
        raise DataError(
            f"{source}, row {line}: a VCF file begins with '##fileformat=VCF', not "
            f"{text[:30]!r}: convert the file (of BCF: bcftools view -O z)"
        )
    header = []
    while text.startswith("##"):
        header.append(text)
        line, text = next(lines, (line + 1, ""))
    columns = text.split("\t")
    if columns[: len(FIXED) - 1] != list(FIXED[:-1]):
        raise DataError(
            f"{source}, row {line}: the line that names the columns (#CHROM, POS, …, "
            f"separated by tabs) is wanted here, not {text[:30]!r}: the header is "
            f"damaged or cut off"
        )
    return line, [*header, text]


def samples_of(lines: Iterator[tuple[int, str]], source: str) -> list[str]:
    """The names of the samples; the lines of the header are taken off.

    Raises:
        DataError: For a file that is no VCF, or has no samples.
    """
    line, header = header_of(lines, source)
    columns = header[-1].split("\t")
    samples = columns[len(FIXED) :]
    if columns[len(FIXED) - 1 : len(FIXED)] != ["FORMAT"] or not samples:
        raise DataError(
            f"{source}, row {line}: the file has no samples (no FORMAT and columns "
            f"after it): give one with genotypes, not one of sites alone"
        )
    twice = [name for name, count in Counter(samples).items() if count > 1]
    if twice or "" in samples:
        raise DataError(
            f"{source}, row {line}: the sample {(twice or [''])[0]!r} stands there "
            f"twice or has no name: give each a name of its own (bcftools reheader)"
        )
    return samples


def row_of(text: str, where: str, samples: int) -> Row:
    r"""The parts of a line.

    Args:
        text: The line.
        where: What messages say of it.
        samples: How many there are.

    Raises:
        DataError: For a line that is cut off, has no GT or a wrong POS.

    Example:
        >>> row = row_of("1\t5\trs7\tA\tC,G\t.\t.\t.\tGT:DP\t0/1:9", "x", 1)
        >>> row.alternatives, row.calls
        (['C', 'G'], ['0/1'])
    """
    cells = text.split("\t")
    if len(cells) != len(FIXED) + samples:
        raise DataError(
            f"{where}: {len(cells)} columns, the header has {len(FIXED) + samples}: "
            f"the row is cut off or damaged; copy or make the file again"
        )
    chromosome, position, name, reference, alternatives = cells[:5]
    if not (position.isascii() and position.isdigit() and len(position) <= _DIGITS):
        position = position if len(position) < 40 else f"{position[:40]}…"
        raise DataError(f"{where}, column POS: {position!r} is no number: correct it")
    if not (chromosome and reference and alternatives):
        raise DataError(f"{where}: CHROM, REF or ALT is empty: fill it in")
    fields = cells[8].split(":")
    if "GT" not in fields:
        raise DataError(
            f"{where}, column FORMAT: no GT in {cells[8]!r}: leave out rows without "
            f"genotypes (bcftools view -i 'GT!=\"\"'), or call them"
        )
    calls, at = cells[9:], fields.index("GT")
    if len(fields) > 1:
        calls = [call.split(":", at + 1) for call in calls]
        calls = [call[at] if at < len(call) else "." for call in calls]
    found = [] if alternatives == "." else alternatives.split(",")
    place = int(position)
    return Row(where, chromosome, place, name, reference, found, calls, cells[7])


def alleles_of(text: str, row: Row, samples: Sequence[str]) -> tuple[int | None, ...]:
    """The numbers of the alleles of a call, None for a missing one."""
    # A sign at the very beginning, as version 4.4 allows, says how the first is phased.
    parts = re.split(r"[/|]", text[1:] if text[:1] in "/|" else text)
    good = all(p == "." or (p.isascii() and p.isdigit() and len(p) < 10) for p in parts)
    if not good or len(parts) > MOST_ALLELES:
        raise DataError(
            f"{cell_of(row, text, samples)} is no genotype: write calls as 0/1, 0|1 or "
            f"1, and missing ones as ./."
        )
    return tuple(None if part == "." else int(part) for part in parts)


def cell_of(row: Row, text: str, samples: Sequence[str]) -> str:
    """The place of a call, for messages, and the call."""
    shown = text if len(text) < 80 else f"{text[:80]}…"
    return f"{row.where}, column {samples[row.calls.index(text)]}: {shown!r}"
