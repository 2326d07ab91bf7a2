"""Prediction from a FASTA.gz on the disk to a TSV, against PyTorch.

    python benchmarks/speed/predict.py [--quick]

50,000 random sequences of 249 nt, some in lower case and some with an N, through a
network of DeepSTARR's shape with the same weights on both sides. Both read the file and
write the table anew each time; networks are loaded and compiled before. PyTorch has the
loader that its users write: Biopython, a table look-up for each sequence, batches of
256, `inference_mode`, the csv module.

Two more rows say where the ratio comes from: the networks alone, with up to 10,000 of
the sequences in memory in the form that suits each side, and the reading alone.
"""

import csv
import dataclasses
import gzip
import itertools
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import harness
import numpy as np
import twins
from flax import nnx

import jaxbio as jb
from jaxbio.data import concatenate, stream, write_table
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences

SHAPE = twins.DEEPSTARR
TARGETS = ("developmental", "housekeeping")
BATCH, SOME = 256, 10_000
CASE, PEER = "FASTA.gz to TSV", "PyTorch loader"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("predict", __doc__, arguments)
    rows, repeats = (5_000, 3) if suite.quick else (50_000, 5)
    if suite.peer("torch", CASE, PEER) is None and not suite.alone:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        measure(suite, Path(folder), rows, repeats)
    return 0


def measure(suite: harness.Suite, folder: Path, rows: int, repeats: int) -> None:
    """All rows of the benchmark, with files in a folder."""
    fasta, ours_at, theirs_at = (folder / n for n in ("x.fa.gz", "a.tsv", "b.tsv"))
    write_fasta(fasta, rows)
    predictor = trained_run(folder / "run")

    def ours() -> None:
        parts = predictor.stream(fasta)
        write_table((part.columns() for part in parts), ours_at)

    if suite.alone:
        suite.compare(CASE, "none", ours, None, agreement=None, repeats=repeats)
        return
    twin = torch_twin(predictor)
    ours()
    torch_file(twin, fasta, theirs_at)
    agreement = harness.agree(table_of(ours_at), table_of(theirs_at))
    few = min(rows, SOME) // BATCH
    batches = [inputs for _, inputs in itertools.islice(torch_batches(fasta), few)]
    data = concatenate(list(stream(fasta, predictor.schema))).take(range(few * BATCH))
    cases = {
        (CASE, PEER, rows): (ours, lambda: torch_file(twin, fasta, theirs_at)),
        ("network alone", "PyTorch eager", few * BATCH): (
            lambda: predictor(data),
            lambda: [torch_predict(twin, inputs) for inputs in batches],
        ),
        ("reading alone", "Biopython and NumPy", rows): (
            lambda: [len(part) for part in stream(fasta, predictor.schema)],
            lambda: [len(names) for names, _ in torch_batches(fasta)],
        ),
    }
    for (case, peer, count), (mine, other) in cases.items():
        options = {"agreement": agreement, "repeats": repeats, "rows": count}
        suite.compare(case, peer, mine, other, warmup=1, **options)


def write_fasta(path: Path, rows: int, *, seed: int = 0) -> None:
    """Random DNA; a tenth of the rows in lower case, one symbol in 2,000 is N."""
    random = np.random.default_rng(seed)
    bases = np.frombuffer(b"ACGT", np.uint8)
    with gzip.open(path, "wb", compresslevel=6) as file:
        for start in range(0, rows, 10_000):
            count = min(10_000, rows - start)
            letters = bases[random.integers(0, 4, (count, SHAPE.length))]
            letters[random.random(letters.shape) < 1 / 2000] = ord("N")
            letters[random.random(count) < 0.1] |= 0x20
            file.writelines(
                b">seq%d chr1:%d\n%s\n"
                % (start + at, 250 * (start + at), row.tobytes())
                for at, row in enumerate(letters)
            )


def trained_run(folder: Path, shape: twins.Shape = SHAPE) -> jb.Predictor:
    """A run of one short epoch, written to the disk and loaded again."""
    random = np.random.default_rng(0)
    rows = ["".join(row) for row in random.choice(list("ACGT"), (256, shape.length))]
    values = random.normal(size=(len(rows), len(TARGETS))).astype(np.float32)
    data = jb.Dataset(
        {"sequence": Sequences.from_strings(rows, jb.DNA)},
        {"activity": Numeric(values, TARGETS)},
    )
    encoder = jb.CNN(
        channels=shape.channels,
        kernel_sizes=shape.kernel_sizes,
        dilations=shape.dilations or (1,) * len(shape.channels),
        pool_windows=shape.pool_windows or (1,) * len(shape.channels),
        residual=shape.residual,
        norm=shape.norm,
        pool=shape.pool,
        kmers=0,
        positions=False,
    )
    model = jb.Network(encoder, hidden=shape.dense, skip=False, average_strands=False)
    task = jb.Regression(standardize=False)  # outputs are predictions
    options: dict[str, Any] = {"epochs": 1, "members": 1, "batch_size": 32}
    jb.fit(model, task, data, data, out=folder, baselines=False, **options)
    return jb.load(folder)


def torch_twin(predictor: jb.Predictor, shape: twins.Shape = SHAPE) -> Any:
    """The network of a run in PyTorch, for one-hot `[batch symbols len]`."""
    import torch

    (member,) = predictor.members
    shape = dataclasses.replace(shape, outputs=len(TARGETS))
    values: dict[str, Any] = {}
    for kind in ("params", "model_state") if shape.norm == "batch" else ("params",):
        network = member[kind]
        values[kind] = {"cnn": network["encoders"]["sequence"]}
        if kind == "params":
            if shape.dense:
                values[kind]["dense"] = network["trunks"]["row"]
            values[kind]["head"] = network["heads"]["activity"]
    module = twins.conv_net(shape)
    weights = nnx.state(module, nnx.Param)
    nnx.replace_by_pure_dict(weights, values["params"])
    nnx.update(module, weights)
    twin = twins.torch_conv_net(module, shape)

    if shape.norm != "batch":
        return twin.eval().to(harness.torch_device())
    stack = values["model_state"]["cnn"]["stack"]
    blocks = stack["blocks"]
    finishes = [stack["finish"], *(blocks[at]["finish"] for at in sorted(blocks))]
    norms = [part for part in twin.modules() if isinstance(part, torch.nn.BatchNorm1d)]
    for norm, finish in zip(norms, finishes, strict=True):
        statistics = finish["norm"]["layer"]
        norm.running_mean.copy_(torch.tensor(np.asarray(statistics["mean"])))
        norm.running_var.copy_(torch.tensor(np.asarray(statistics["var"])))
    return twin.eval().to(harness.torch_device())


def one_hot_table() -> np.ndarray:
    """A row of four numbers for each byte; N is a quarter of each base."""
    table = np.zeros((256, 4), np.float32)
    for letters in ("ACGT", "acgt"):
        table[list(letters.encode())] = np.eye(4)
    table[list(b"Nn")] = 0.25
    return table


ONE_HOT = one_hot_table()


def torch_batches(path: Path) -> Iterator[tuple[list[str], Any]]:
    """Names and one-hot sequences of a file, 256 at a time."""
    import torch
    from Bio import SeqIO

    def batch(rows: list[np.ndarray]) -> Any:
        return torch.from_numpy(np.stack(rows)).transpose(1, 2).contiguous()

    names: list[str] = []
    rows: list[np.ndarray] = []
    with gzip.open(path, "rt") as handle:
        for record in SeqIO.parse(handle, "fasta"):
            names.append(record.id)
            rows.append(ONE_HOT[np.frombuffer(bytes(record.seq), np.uint8)])
            if len(rows) == BATCH:
                yield names, batch(rows)
                names, rows = [], []
    if rows:
        yield names, batch(rows)


def torch_predict(twin: Any, inputs: Any) -> np.ndarray:
    """The outputs of a batch."""
    import torch

    with torch.inference_mode():
        return twin(inputs.to(harness.torch_device())).cpu().numpy()


def torch_file(twin: Any, path: Path, out: Path) -> None:
    """From FASTA.gz to TSV."""
    with out.open("w", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        writer.writerow(["id", *TARGETS])
        for names, inputs in torch_batches(path):
            outputs = torch_predict(twin, inputs)
            for name, values in zip(names, outputs.tolist(), strict=True):
                writer.writerow([name, *values])


def table_of(path: Path) -> np.ndarray:
    """The numbers of a table; its names must be those of the FASTA, in order."""
    with path.open(newline="") as handle:
        header, *rows = csv.reader(handle, delimiter="\t")
    if header != ["id", *TARGETS]:
        raise SystemExit(f"{path}: the columns are {header}")
    if [row[0] for row in rows] != [f"seq{at}" for at in range(len(rows))]:
        raise SystemExit(f"{path}: the names are out of order")
    return np.array([row[1:] for row in rows], np.float64)


if __name__ == "__main__":
    sys.exit(main())
