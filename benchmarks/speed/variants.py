"""Variants of a VCF file to a table, against PyTorch loops; memory of a million.

    python benchmarks/speed/variants.py [--quick] [--million]

Random SNVs of a random genome of 200,000 bases, both strands, through a network of
DeepSTARR's shape with the same weights on both sides. Both read the files and write the
table anew each time. The loop of PyTorch is what its users write: Biopython, strings
cut and changed, a table look-up, and the four windows of a variant together, or those
of 64 variants.

`--million` scores 1,000,000 SNVs of a genome of 4 million bases by a network of 16
channels in a process of its own, and writes its seconds and its peak of memory.
"""

import csv
import itertools
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import harness
import numpy as np
import predict

import jaxbio as jb
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.genome import score_variants

LENGTH, HALF = predict.SHAPE.length, predict.SHAPE.length // 2
CASE = "SNVs of a VCF file"
LOOPS = {"PyTorch loop": 1, "PyTorch batches": 64}
_OTHER = str.maketrans("ACGTN", "TGCAN")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite(
        "variants",
        __doc__,
        arguments,
        lambda parser: parser.add_argument("--million", action="store_true"),
    )
    with tempfile.TemporaryDirectory() as folder:
        if suite.options.million:
            million(suite, Path(folder))
        elif suite.alone or suite.peer("torch", CASE, *LOOPS) is not None:
            measure(suite, Path(folder))
    return 0


def measure(suite: harness.Suite, folder: Path) -> None:
    """The rows against PyTorch."""
    count, repeats = (300, 3) if suite.quick else (2_000, 5)
    genome, vcf = write_files(folder, bases=200_000, count=count)
    predictor = predict.trained_run(folder / "run")
    ours_at, theirs_at = folder / "a.tsv", folder / "b.tsv"

    def ours() -> None:
        score_variants(predictor, vcf, genome, ours_at, background=0)

    if suite.alone:
        suite.compare(CASE, "none", ours, None, agreement=None, repeats=repeats)
        return
    twin = predict.torch_twin(predictor)
    ours()
    for peer, size in LOOPS.items():
        if not suite.wants(peer):
            continue

        def theirs(size: int = size) -> None:
            torch_file(twin, vcf, genome, theirs_at, size)

        theirs()
        found = harness.agree(table_of(ours_at, "diff"), table_of(theirs_at, "diff"))
        suite.compare(
            CASE, peer, ours, theirs,
            agreement=found, repeats=repeats, warmup=1, rows=count,
        )  # fmt: skip


def write_files(folder: Path, *, bases: int, count: int) -> tuple[Path, Path]:
    """A random genome, and a VCF file of random SNVs in order."""
    random = np.random.default_rng(0)
    letters = "".join(random.choice(list("ACGT"), bases))
    genome, vcf = folder / "genome.fa", folder / "in.vcf"
    lines = (letters[at : at + 60] for at in range(0, bases, 60))
    genome.write_text(">chr1\n" + "\n".join(lines) + "\n")
    places = np.sort(random.integers(LENGTH, bases - LENGTH, count)).tolist()
    steps = random.integers(1, 4, count).tolist()
    with vcf.open("w") as handle:
        handle.write("##fileformat=VCFv4.2\n##contig=<ID=chr1>\n")
        handle.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for place, step in zip(places, steps, strict=True):
            old = letters[place]
            new = "ACGT"[("ACGT".index(old) + step) % 4]
            handle.write(f"chr1\t{place + 1}\t.\t{old}\t{new}\t.\tPASS\t.\n")
    return genome, vcf


def torch_file(twin: Any, vcf: Path, genome: Path, out: Path, size: int) -> None:
    """Scores of all variants, the windows of some of them together."""
    from Bio import SeqIO

    contigs = {x.id: str(x.seq).upper() for x in SeqIO.parse(genome, "fasta")}
    with vcf.open() as source, out.open("w", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        writer.writerow(["pos", *(f"diff_{name}" for name in predict.TARGETS)])
        rows = (line.split("\t")[:5] for line in source if not line.startswith("#"))
        while some := list(itertools.islice(rows, size)):
            windows = []
            for contig, position, _, _, alternative in some:
                place = int(position) - 1
                start = place - HALF
                text = contigs[contig][start : start + LENGTH]
                changed = text[:HALF] + alternative + text[HALF + 1 :]
                for each in (text, changed):
                    windows += [each, each.translate(_OTHER)[::-1]]
            outputs = torch_windows(twin, windows).reshape(len(some), 2, 2, -1)
            before, after = outputs.mean(axis=2).transpose(1, 0, 2)
            for row, values in zip(some, (after - before).tolist(), strict=True):
                writer.writerow([row[1], *values])


def torch_windows(twin: Any, windows: list[str]) -> np.ndarray:
    """The outputs of windows."""
    import torch

    rows = [predict.ONE_HOT[np.frombuffer(x.encode(), np.uint8)] for x in windows]
    inputs = torch.from_numpy(np.stack(rows)).transpose(1, 2).contiguous()
    return predict.torch_predict(twin, inputs)


def table_of(path: Path, name: str) -> np.ndarray:
    """The columns of differences."""
    with path.open(newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    columns = [f"{name}_{target}" for target in predict.TARGETS]
    return np.array([[float(row[x]) for x in columns] for row in rows])


def million(suite: harness.Suite, folder: Path) -> None:
    """The rate and the memory of a long file, by the command."""
    count = 100_000 if suite.quick else 1_000_000
    genome, vcf = write_files(folder, bases=4_000_000, count=count)
    small_run(folder / "run")
    words = ["variants", folder / "run", "--vcf", vcf, "--genome", genome]
    words += ["-o", folder / "out.vcf", "--background", "0"]

    def work() -> None:
        subprocess.run(
            [sys.executable, "-m", "jaxbio", *map(str, words)],
            check=True, capture_output=True,
        )  # fmt: skip

    seconds = harness.seconds(work)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    entries = {
        "ratio": None,
        "jaxbio_s": round(seconds, 1),
        "rows": count,
        "rate": round(count / seconds),
        "peak_mib": round(peak),
    }
    suite.write(f"{count:,} SNVs, both strands", "none", entries)


def small_run(folder: Path) -> None:
    """A run of one short epoch on 100 bases."""
    random = np.random.default_rng(0)
    rows = ["".join(row) for row in random.choice(list("ACGT"), (256, 100))]
    values = random.normal(size=(len(rows), 1)).astype(np.float32)
    data = jb.Dataset(
        {"sequence": Sequences.from_strings(rows, jb.DNA)},
        {"activity": Numeric(values, ("activity",))},
    )
    encoder = jb.CNN(channels=(16,), kernel_sizes=(7,), kmers=0, positions=False)
    model = jb.Network(encoder, hidden=(16,), skip=False, average_strands=False)
    options: dict[str, Any] = {"epochs": 1, "members": 1, "batch_size": 32}
    jb.fit(model, None, data, data, out=folder, baselines=False, **options)


if __name__ == "__main__":
    sys.exit(main())
