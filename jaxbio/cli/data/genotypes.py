"""`jaxbio data genotypes`: a VCF file to a table, joined with what else is known."""

import argparse
import functools
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from jaxbio.cli.console import Stopwatch, finish
from jaxbio.data.formats import read_frames
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.frames import joined
from jaxbio.data.io.parse import texts
from jaxbio.data.io.write import write_table
from jaxbio.errors import DataError, nearest
from jaxbio.genome.genotypes import ID, Genotypes, read_genotypes

_NAMES = (ID, "sample", "sample_id", "IID")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio data genotypes`."""
    parser.add_argument(
        "vcf", metavar="FILE", help="a VCF file with genotypes, also .gz .bz2; or -"
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write a row a sample and a column a variant with how often the "
        "sample has the alternative allele (empty where not called): .tsv .csv "
        ".parquet, also .gz",
    )
    parser.add_argument(
        "--join",
        metavar="TABLE[:COLUMN]",
        help="put the columns of a table in front, by the names of the samples in "
        f"COLUMN (default: {', '.join(_NAMES)}, whichever is there)",
    )
    parser.add_argument(
        "--min-maf",
        type=float,
        default=0.0,
        metavar="F",
        help="leave out alternative alleles that are, or whose absence is, rarer (0)",
    )
    parser.add_argument(
        "--max-missing",
        type=float,
        default=1.0,
        metavar="F",
        help="leave out variants not called in a larger share of the samples (1)",
    )
    parser.add_argument(
        "--region",
        metavar="CHROM:START-END",
        help="only variants that begin there; both ends count, from 1",
    )


def run(options: argparse.Namespace) -> int:
    """Write the table."""
    watch = Stopwatch()
    found = read_genotypes(
        options.vcf,
        region=options.region,
        min_maf=options.min_maf,
        max_missing=options.max_missing,
    )
    about, notes = {}, list(found.notes)
    if options.join is not None:
        about, note = _about(options.join, found)
        notes.append(note)
    # Types of Parquet columns have to be known from the first part on.
    whole = options.out.lower().endswith(".parquet")
    parts = found.parts(len(found.samples) if whole else None)
    write_table(_joined(about, parts), options.out)
    show = functools.partial(
        print, file=sys.stderr if options.out == STANDARD_INPUT else sys.stdout
    )
    for note in notes:
        show(note)
    samples, variants = len(found.samples), len(found.variants)
    show(
        f"{samples:,} samples by {variants:,} variants, {100 * found.missing:.2g} % of "
        f"the calls missing ({watch.seconds:.1f} s): {options.out}"
    )
    result = {"samples": samples, "variants": variants, "missing": found.missing}
    finish(
        options,
        {**result, "notes": notes, "seconds": watch.seconds, "out": options.out},
    )
    return 0


def _joined(
    about: dict[str, np.ndarray], parts: Iterator[dict[str, np.ndarray]]
) -> Iterator[dict[str, np.ndarray]]:
    """The parts of the table with the columns of another after the names."""
    start = 0
    for part in parts:
        names = part.pop(ID)
        here = slice(start, start + len(names))
        start += len(names)
        yield {ID: names, **{name: x[here] for name, x in about.items()}, **part}


def _about(text: str, found: Genotypes) -> tuple[dict[str, np.ndarray], str]:
    """The columns of a table in the order of the samples, and what was noticed."""
    path, chosen = text, None
    if not Path(text).exists() and ":" in text:
        path, _, chosen = text.rpartition(":")
    frame = joined(list(read_frames(path)))
    key = _key(list(frame.columns), chosen, path)
    rows: dict[str, int] = {}
    for at, name in enumerate(texts(frame, key)):
        if name in rows:
            raise DataError(
                f"{path}, row {frame.rows[at]}, column {key}: {name!r} stands there "
                f"twice, also in row {frame.rows[rows[name]]}: keep one row a sample"
            )
        rows[name] = at
    others = [name for name in frame.columns if name != key]
    both = Counter([ID, *found.variants, *others])
    twice = [name for name in others if both[name] > 1]
    if twice:
        raise DataError(
            f"{path}: the column {twice[0]!r} has the name of a column of the "
            f"genotypes: rename it"
        )
    places = np.array([rows.get(name, -1) for name in found.samples])
    if not (places >= 0).any():
        raise DataError(
            f"{path}, column {key}: none of the samples of {found.source} "
            f"({_some(found.samples)}) is among its names ({_some(list(rows))}): name "
            f"the column by {path}:COLUMN"
        )
    columns = {}
    for name in others:
        cells = np.array([*texts(frame, name), ""], object)
        cells[cells == ""] = None
        columns[name] = cells[places]
    lacking = int((places < 0).sum())
    return columns, (
        f"{path}: {len(places) - lacking:,} of {len(places):,} samples found by "
        f"column {key}"
        + (", empty cells for the others" if lacking else "")
        + f"; {len(rows) - len(places) + lacking:,} of its rows are not in the VCF file"
    )


def _key(names: Sequence[str], chosen: str | None, path: str) -> str:
    """The column that names the samples."""
    if chosen is not None:
        if chosen not in names:
            raise DataError(f"{path}: no column {chosen!r}: {nearest(chosen, names)}")
        return chosen
    found = [name for name in _NAMES if name in names]
    if not found:
        raise DataError(
            f"{path}: no column called {', '.join(_NAMES)}: say which names the "
            f"samples ({path}:COLUMN). Known: {', '.join(names[:12])}"
        )
    return found[0]


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:3])) + (", …" if len(names) > 3 else "")
