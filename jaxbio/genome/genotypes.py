"""Genotypes of VCF files as a table: a row a sample, a column an alternative allele."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int8, Shaped

from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError, nearest
from jaxbio.genome.cohort import cohort_columns
from jaxbio.genome.vcf import (
    MOST_ALLELES,
    Region,
    Row,
    alleles_of,
    cell_of,
    lines_of,
    readings,
    row_of,
    samples_of,
)

if TYPE_CHECKING:
    import pandas

ID = "id"
"""The column with the names of the samples."""

MISSING = -1
"""The dosage of a call that was not made."""

_NO_ALLELE = ("*", "<*>", "<NON_REF>")  # "some other allele", which has its own row
_CELLS = 1 << 19  # of a part of the table
_ROUNDING = 1e-6  # .29 x 100 is less than 29


@dataclasses.dataclass(frozen=True)
class Genotypes:
    """Copies of each alternative allele in each sample.

    Attributes:
        samples: The names of the rows.
        variants: The names of the columns: the ID of the VCF where a variant has one of
            its own, else `CHROM:POS:REF:ALT`.
        dosages: How many of the alleles of a call are the alternative one: 0, 1 or 2
            where there are two copies, 0 or 1 where there is one (X, Y, MT), -1 where
            any allele of the call is missing.
        frequencies: Of each alternative allele among the called ones; NaN without any.
        source: The file.
        notes: Variants that were left out and samples that were found, in words.
        about: Further columns of the samples, from `join`.
    """

    samples: tuple[str, ...]
    variants: tuple[str, ...]
    dosages: Int8[np.ndarray, "samples variants"]
    frequencies: Float[np.ndarray, "variants"]
    source: str = "genotypes"
    notes: tuple[str, ...] = ()
    about: Mapping[str, Shaped[np.ndarray, "samples"]] = dataclasses.field(
        default_factory=dict
    )

    @property
    def missing(self) -> float:
        """The share of the calls that were not made."""
        return float((self.dosages == MISSING).mean())

    def join(
        self, table: "str | Path | pandas.DataFrame", column: str | None = None
    ) -> "Genotypes":
        """The genotypes with the columns of a table, such as phenotypes and ancestry.

        Args:
            table: A file or DataFrame with a row a sample.
            column: The one with the names of the samples; None for `id`, `sample`,
                `sample_id` or `IID`, whichever is there.

        Returns:
            The same samples and variants, the columns as text in `about`, None where
            the table says nothing, and a note on how many samples were found.

        Raises:
            DataError: If the table has no such column, none of the samples, one of them
                twice, or a column with the name of another one.

        Example:
            >>> import pandas as pd
            >>> dosages = np.array([[0], [2]], np.int8)
            >>> found = Genotypes(("ann", "bob"), ("rs1",), dosages, np.array([0.5]))
            >>> outcome = pd.DataFrame({"id": ["bob", "ann"], "ill": ["yes", "no"]})
            >>> found.join(outcome).table().values.tolist()
            [['ann', 'no', 0.0], ['bob', 'yes', 2.0]]
        """
        taken = {ID, *self.variants, *self.about}
        columns, note = cohort_columns(
            table, self.samples, column=column, taken=taken, source=self.source
        )
        about = {**self.about, **columns}
        return dataclasses.replace(self, about=about, notes=(*self.notes, note))

    def table(self) -> "pandas.DataFrame":
        """The dosages as numbers, NaN where not called, for `jaxbio.read`.

        Returns:
            A DataFrame with the column `id`, those of `join`, and one of float32 for
            each variant.
        """
        import pandas

        values = self.dosages.astype(np.float32)
        values[self.dosages == MISSING] = np.nan
        frame = pandas.DataFrame(values, columns=list(self.variants))
        names = pandas.DataFrame({ID: list(self.samples), **self.about})
        return pandas.concat([names, frame], axis=1)

    def parts(self, rows: int | None = None) -> Iterator[dict[str, np.ndarray]]:
        """The same as columns of some samples at a time, for `write_table`.

        Args:
            rows: Samples of a part; None for about half a million calls.

        Yields:
            Columns by name; whole numbers, None where not called.
        """
        rows = rows or max(1, _CELLS // len(self.variants))
        cells = np.array([0, *range(1, MOST_ALLELES + 1), None], object)
        for start in range(0, len(self.samples), rows):
            here = slice(start, start + rows)
            columns = {ID: np.array(self.samples[here], object)}
            columns |= {name: values[here] for name, values in self.about.items()}
            found = cells[self.dosages[here].T]  # the last one for -1
            yield columns | dict(zip(self.variants, found, strict=True))


def read_genotypes(
    path: str | Path,
    *,
    region: str | None = None,
    min_maf: float = 0.0,
    max_missing: float = 1.0,
) -> Genotypes:
    r"""Read the genotypes of a VCF file, line by line.

    Held are only the dosages that are kept, a byte each. Phased and unphased calls are
    alike; a call with a missing allele (`./1`) is missing. Alleles `*`, `<*>` and
    `<NON_REF>` get no column.

    Args:
        path: A VCF file, plain, `.gz` (bgzip too) or `.bz2`; `-` for standard input.
        region: `CHROM:START-END`, with both ends, counted from 1, or `CHROM`: only
            variants whose POS lies in it.
        min_maf: Leave out alternative alleles of which the frequency, or that
            of all other alleles together, is smaller (0 to 0.5).
        max_missing: Leave out variants with a larger share of samples without a call.

    Returns:
        The genotypes, variants in the order of the file.

    Raises:
        DataError: For a file that is no VCF, has no samples or no GT, or is cut off; a
            row, call or number that cannot be read; variants that stand there twice;
            and if nothing is left.

    Example:
        >>> import tempfile
        >>> from jaxbio.genome.vcf import FIXED
        >>> file = Path(tempfile.mkdtemp()) / "x.vcf"
        >>> head = "##fileformat=VCFv4.2\n" + "\t".join([*FIXED, "ann", "bob"])
        >>> row = "1\t5\t.\tA\tC,G\t.\tPASS\t.\tGT\t0/1\t2|2"
        >>> _ = file.write_text(head + "\n" + row + "\n")
        >>> found = read_genotypes(file)
        >>> found.variants, found.dosages.tolist()
        (('1:5:A:C', '1:5:A:G'), [[1, 0], [0, 2]])
    """
    check_share("least frequency", min_maf, most=0.5)
    check_share("most missing", max_missing)
    wanted = list[Region]() if region is None else list(readings(region))
    met: set[Region] = set()
    source = "standard input" if str(path) == "-" else str(path)
    kept = _Kept(min_maf, max_missing)
    chromosomes: dict[str, None] = {}
    with open_bytes(path) as handle:
        lines = lines_of(handle, source)
        samples = samples_of(lines, source)
        for line, text in lines:
            row = row_of(text, f"{source}, row {line}", len(samples))
            chromosomes[row.chromosome] = None
            here = [reading for reading in wanted if reading.has(row)]
            met.update(here)
            if here or region is None:
                kept.add(row, samples)
    if not chromosomes:
        raise DataError(f"{source}: there is a header but no variants below it")
    if len(met) > 1:
        names = " and ".join(repr(each.chromosome) for each in wanted)
        raise DataError(
            f"{source}: the region {region} may be of the chromosomes {names}, which "
            f"are both there: write the name in braces, as {{{region}}}, or "
            f"{{{wanted[1].chromosome}}}:{wanted[1].start}"
        )
    if wanted and not kept.rows:
        there = any(each.chromosome in chromosomes for each in wanted)
        hint = nearest(wanted[-1].chromosome, chromosomes)
        raise DataError(
            f"{source}: no variant in the region {region}: "
            f"{'widen it' if there else hint}"
        )
    return kept.genotypes(samples, source)


def check_share(name: str, value: float, *, most: float = 1.0) -> None:
    """Refuse a number that is no share.

    Raises:
        DataError: If it is not from 0 to `most`.
    """
    if not 0 <= value <= most:
        raise DataError(f"{name} {value:g}: give a share from 0 to {most:g}")


class _Kept:
    """The variants that are kept, one after the other."""

    def __init__(self, min_maf: float, max_missing: float):
        self.min_maf, self.max_missing = min_maf, max_missing
        self.rows = 0
        self.times: Counter[str] = Counter()  # that an ID was given to an alternative
        self.names: list[tuple[str, str]] = []  # the ID and that of place and alleles
        self.frequencies: list[float] = []
        self.bytes = bytearray()
        self.known: dict[str, tuple[int | None, ...]] = {}
        self.left_out: Counter[str] = Counter()

    def add(self, row: Row, samples: Sequence[str]) -> None:
        """Look at a row, and keep those of its alternatives that are wanted."""
        self.rows += 1
        self.times.update([row.name] * max(len(row.alternatives), 1))
        called = Counter(row.calls)
        for text in called:
            if text not in self.known:
                self.known[text] = alleles_of(text, row, samples)
            if any((a or 0) > len(row.alternatives) for a in self.known[text]):
                raise DataError(
                    f"{cell_of(row, text, samples)} names an allele beyond the "
                    f"{len(row.alternatives)} in ALT: the row is damaged; make the "
                    f"file again"
                )
        alleles = {text: self.known[text] for text in called}
        gaps = sum(n for text, n in called.items() if None in alleles[text])
        if gaps > self.max_missing * len(samples) + _ROUNDING:
            self.left_out["with more calls missing"] += 1
            return
        real = [a for a in row.alternatives if a not in _NO_ALLELE]
        self.left_out["without an alternative allele"] += not real
        whole = {text: found for text, found in alleles.items() if None not in found}
        copies = sum(len(found) * called[text] for text, found in whole.items())
        for number, alternative in enumerate(row.alternatives, 1):
            if alternative in _NO_ALLELE:
                continue
            dosage = {text: found.count(number) for text, found in whole.items()}
            count = sum(times * called[text] for text, times in dosage.items())
            frequency = count / copies if copies else float("nan")
            least = self.min_maf * max(copies, 1) - _ROUNDING
            if min(count, copies - count) < least:
                self.left_out["rarer"] += 1
                continue
            self.names.append((row.name, row.own_name(number)))
            self.frequencies.append(frequency)
            cells = {text: dosage.get(text, MISSING) % 256 for text in alleles}
            self.bytes += bytes(map(cells.__getitem__, row.calls))

    def genotypes(self, samples: list[str], source: str) -> Genotypes:
        """All that was kept."""
        told = [f"{count:,} {what}" for what, count in self.left_out.items() if count]
        if not self.names:
            raise DataError(
                f"{source}: no variant is left ({', '.join(told)}): ask for less"
            )
        shape = len(self.names), len(samples)
        dosages = np.frombuffer(self.bytes, np.int8).reshape(shape).T
        notes = (f"left out: {', '.join(told)}",) if told else ()
        frequencies = np.array(self.frequencies)
        names = tuple(self._names(source))
        return Genotypes(tuple(samples), names, dosages, frequencies, source, notes)

    def _names(self, source: str) -> list[str]:
        chosen = [
            place if name in (".", "", ID) or self.times[name] > 1 else name
            for name, place in self.names
        ]
        twice = [name for name, count in Counter(chosen).items() if count > 1]
        if twice:
            raise DataError(
                f"{source}: {chosen.count(twice[0])} rows have the same allele "
                f"{twice[0]!r}, and {len(twice) - 1} more alleles stand there several "
                f"times: {_keep_one(twice)}"
            )
        return chosen


def _keep_one(names: Sequence[str]) -> str:
    if any("<" in name for name in names):
        # bcftools takes symbolic alleles of one place for the same, whatever they span.
        return "keep one row each, or tell them apart by INFO/END or INFO/SVLEN"
    return "keep one row each (bcftools norm -d exact)"
