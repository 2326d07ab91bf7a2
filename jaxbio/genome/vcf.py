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
            may have commas.

    Raises:
        DataError: If it is none of these, or ends before it starts.

    Example:
        >>> parse_region("chr2:1,000-2,000")
        Region(chromosome='chr2', start=1000, end=2000)
        >>> parse_region("MT")
        Region(chromosome='MT', start=1, end=None)
    """
    if ":" not in text and text:
        return Region(text, 1, None)
    found = re.fullmatch(r"(.+):([\d,]+)(-?)([\d,]*)", text, re.ASCII)
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
    return Region(found[1], start, end)


class Row(NamedTuple):
    """One line of the file."""

    where: str
    chromosome: str
    position: int
    name: str
    reference: str
    alternatives: Sequence[str]
    calls: Sequence[str]

    def own_name(self, alternative: str) -> str:
        """The name of an alternative allele by its place."""
        return f"{self.chromosome}:{self.position}:{self.reference}:{alternative}"


def lines_of(handle: io.BufferedIOBase, source: str) -> Iterator[tuple[int, str]]:
    """Lines of a file with their numbers from 1, without blank ones."""
    line = 0
    for block in text_blocks(handle, source):
        for text in block.removesuffix("\n").split("\n"):
            line += 1
            if text:
                yield line, text


def samples_of(lines: Iterator[tuple[int, str]], source: str) -> list[str]:
    """The names of the samples; the lines of the header are taken off.

    Raises:
        DataError: For a file that is no VCF, or has no samples.
    """
    line, text = next(lines)
    if not text.startswith("##fileformat=VCF"):
        raise DataError(
            f"{source}, row {line}: a VCF file begins with '##fileformat=VCF', not "
            f"{text[:30]!r}: convert the file (of BCF: bcftools view -O z)"
        )
    while text.startswith("##"):
        line, text = next(lines, (line + 1, ""))
    columns = text.split("\t")
    if columns[: len(FIXED) - 1] != list(FIXED[:-1]):
        raise DataError(
            f"{source}, row {line}: the line that names the columns (#CHROM, POS, …, "
            f"separated by tabs) is wanted here, not {text[:30]!r}: the header is "
            f"damaged or cut off"
        )
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
    if not (position.isascii() and position.isdigit()):
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
    return Row(where, chromosome, int(position), name, reference, found, calls)


def alleles_of(text: str, row: Row, samples: Sequence[str]) -> tuple[int | None, ...]:
    """The numbers of the alleles of a call, None for a missing one."""
    # A sign at the very beginning, as version 4.4 allows, says how the first is phased.
    parts = re.split(r"[/|]", text[1:] if text[:1] in "/|" else text)
    good = all(p == "." or (p.isascii() and p.isdigit()) for p in parts)
    if not good or len(parts) > MOST_ALLELES:
        raise DataError(
            f"{cell_of(row, text, samples)} is no genotype: write calls as 0/1, 0|1 or "
            f"1, and missing ones as ./."
        )
    return tuple(None if part == "." else int(part) for part in parts)


def cell_of(row: Row, text: str, samples: Sequence[str]) -> str:
    """The place of a call, for messages, and the call."""
    return f"{row.where}, column {samples[row.calls.index(text)]}: {text!r}"
