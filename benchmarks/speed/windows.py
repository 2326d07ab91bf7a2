"""Windows of a genome: their letters, against a loop of pyfaidx.

    python benchmarks/speed/windows.py [--quick]

A genome of five contigs, 20 Mbp in all, in lines of 60, with its index, lies in the
page cache. Windows of 1,000 bases begin at random places, all on one strand or half of
them on the other. pyfaidx is used as its documentation shows:
`genome[contig][start:end]` for each window, `.reverse.complement` for the other strand,
`str` of it. Both sides give the same letters in capitals, ours as one array. Files are
opened before the clock runs; both are warmed up, and take turns.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import harness
import numpy as np

from jaxbio.genome import Reference

LENGTH = 1000
ANYWHERE = {"device": "cpu", "threads": 1}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("windows", __doc__, arguments)
    bases, count, repeats = 4_000_000, 10_000, 9
    if suite.quick:
        bases, count, repeats = 400_000, 1_000, 3
    pyfaidx = suite.peer("pyfaidx", "windows", "pyfaidx")
    if pyfaidx is None:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "genome.fa"
        write_genome(path, bases)
        ours = Reference(path)
        theirs = pyfaidx.Fasta(str(path), sequence_always_upper=True)
        random = np.random.default_rng(0)
        contigs = random.choice(list(ours.lengths), count).tolist()
        starts = random.integers(0, bases - LENGTH, count)
        for case, share in (("one strand", 0.0), ("both strands", 0.5)):
            reverse = random.random(count) < share

            def our_windows(reverse: np.ndarray = reverse) -> np.ndarray:
                return ours.windows(contigs, starts, LENGTH, reverse=reverse)

            def their_windows(reverse: np.ndarray = reverse) -> list[str]:
                return [
                    str(theirs[contig][start : start + LENGTH].reverse.complement)
                    if back
                    else str(theirs[contig][start : start + LENGTH])
                    for contig, start, back in zip(
                        contigs, starts.tolist(), reverse.tolist(), strict=True
                    )
                ]

            their_letters = "".join(their_windows()).encode()
            suite.compare(
                f"{count:,} x {LENGTH:,}, {case}",
                "pyfaidx",
                our_windows,
                their_windows,
                agreement=harness.agree(
                    our_windows().ravel(), np.frombuffer(their_letters, np.uint8)
                ),
                repeats=repeats,
                windows=count,
                **ANYWHERE,
            )
    return 0


def write_genome(path: Path, bases: int) -> None:
    """A genome of five contigs, in lines of 60."""
    random = np.random.default_rng(0)
    pool = np.frombuffer(b"ACGT", np.uint8)
    with path.open("wb") as file:
        for number in range(5):
            file.write(f">chr{number + 1}\n".encode())
            letters = pool[random.integers(0, 4, bases)].tobytes()
            for at in range(0, bases, 60):
                file.write(letters[at : at + 60] + b"\n")


if __name__ == "__main__":
    sys.exit(main())
