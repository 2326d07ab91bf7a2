"""Cells with 20,000 genes, most of them 0: memory and time, without a dense copy.

    python benchmarks/speed/sparse.py [--quick]

An h5ad file of 50,000 invented cells x 20,000 genes in ten types, 5 % of the counts
not 0, is trained on for one epoch by `jaxbio train` (the default classifier and no
baselines) and predicted by `jaxbio predict`, each in a process of its own. Measured are
the seconds of the processes and the most memory that each had at once. The PyTorch
copies (`users/torch_cells.py`) have the same network, optimizer and batches: one makes
the matrix dense, as scripts on cells mostly do, the other each batch alone.

A ratio is the peer's seconds, or the peer's peak of memory, over jaxbio's; against `a
dense copy` it is the memory of one float32 matrix over all that jaxbio had. The file is
kept in the folder for temporary files.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import harness
import numpy as np

CELLS, GENES, TYPES = 50_000, 20_000, 10
QUICK = (5_000, 2_000)
SHARE = 0.05  # of the counts that are not 0
AT_ONCE = 1_000  # cells that are invented together
MARKERS, FOLD = 0.02, 4.0  # the share of a type's own genes, and how much more of them
PEERS = {"PyTorch dense": "dense", "PyTorch dense batches": "sparse"}
COPY = "a dense copy"
HERE = Path(__file__).parent
_GB = 1e9

# The peak of a process counts that of the process that started it, until it became
# itself: so a small one starts it.
_LAUNCH = """
import json, os, subprocess, sys, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
kib = used.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
code = os.waitstatus_to_exitcode(status)
print(json.dumps([code, time.perf_counter() - start, kib * 1024]))
"""


class Used(NamedTuple):
    """What a process took."""

    seconds: float
    peak: int  # bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("sparse", __doc__, arguments)
    cells, genes = QUICK if suite.quick else (CELLS, GENES)
    path = invented(cells, genes)
    size = sizes(path)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        ours = jaxbio_processes(path, root / "run", root / "ours.tsv")
        about = {**size, "jaxbio_accuracy": accuracy(path, root / "ours.tsv")}
        for case, used in ours.items():
            entries = {"ratio": size["dense_gb"] * _GB / used.peak}
            _write(suite, f"{case}, memory", COPY, entries, used, about)
        for peer, how in PEERS.items():
            if suite.peer("torch", "training, memory", peer) is None:
                continue
            with suite.attempt("training, memory", peer):
                out = root / f"{how}.tsv"
                theirs = torch_processes(path, how, root / f"{how}.pt", out)
                found = {**about, "peer_accuracy": accuracy(path, out)}
                for case, used in ours.items():
                    _compare(suite, case, peer, used, theirs[case], found)
    return 0


def _compare(
    suite: harness.Suite, case: str, peer: str, ours: Used, theirs: Used, about: dict
) -> None:
    """The two lines of a case and a peer."""
    seen = {
        "peer_s": harness._round(theirs.seconds),
        "peer_gb": harness._round(theirs.peak / _GB),
    }
    for what, ratio in (
        ("memory", theirs.peak / ours.peak),
        ("seconds", theirs.seconds / ours.seconds),
    ):
        _write(suite, f"{case}, {what}", peer, {"ratio": ratio, **seen}, ours, about)


def _write(
    suite: harness.Suite, case: str, peer: str, entries: dict, used: Used, about: dict
) -> None:
    cells = about["cells"]
    entries = {
        **entries,
        "ratio": harness._round(entries["ratio"]),
        "jaxbio_s": harness._round(used.seconds),
        "jaxbio_gb": harness._round(used.peak / _GB),
        "cells_s": harness._round(cells / used.seconds),
        "repeats": 1,
        "agreement": None,  # each starts from its own initial values
        **about,
    }
    suite.write(case, peer, entries)


def jaxbio_processes(path: Path, run: Path, out: Path) -> dict[str, Used]:
    """Train one epoch of the default classifier, and predict the same file."""
    jaxbio = (sys.executable, "-m", "jaxbio")
    options = ("--epochs", "1", "--members", "1", "--no-baselines", "--out", run)
    train = launch(*jaxbio, "train", path, "--target", "cell_type", *options)
    return {
        "training": train,
        "prediction": launch(*jaxbio, "predict", run, path, "-o", out),
    }


def torch_processes(path: Path, how: str, model: Path, out: Path) -> dict[str, Used]:
    """The same by `users/torch_cells.py`."""
    script = (sys.executable, HERE / "users" / "torch_cells.py", how, path, model)
    return {"training": launch(*script), "prediction": launch(*script, out)}


def launch(*command: Any) -> Used:
    """Run a command in a process of its own.

    Raises:
        RuntimeError: If it fails; what it said stands on standard error.
    """
    words = [sys.executable, "-S", "-c", _LAUNCH, *map(str, command)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True)
    code, seconds, peak = json.loads(done.stdout)
    if code:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {code}")
    return Used(seconds, peak)


def sizes(path: Path) -> dict[str, Any]:
    """Rows, columns and bytes of the matrix, dense and as it is stored."""
    import h5py

    with h5py.File(path, "r") as file:
        matrix: Any = file["X"]
        cells, genes = map(int, matrix.attrs["shape"])
        stored = int(matrix["data"].shape[0])
    return {
        "cells": cells,
        "genes": genes,
        "not_zero": harness._round(stored / (cells * genes)),
        "dense_gb": harness._round(cells * genes * 4 / _GB),
        "sparse_gb": harness._round(stored * 8 / _GB),
    }


def accuracy(path: Path, predicted: Path) -> float:
    """The share of cells whose type was named, training rows among them."""
    import h5py

    with h5py.File(path, "r") as file:
        column: Any = file["obs/cell_type"]
        codes, names = column["codes"][...], column["categories"].asstr()[...]
    with predicted.open(newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        found = [row["cell_type"] for row in rows]
    return harness._round(float(np.mean(np.array(found) == names[codes])))


def invented(cells: int, genes: int) -> Path:
    """The file, made if it is not there yet."""
    path = Path(tempfile.gettempdir()) / f"jaxbio-sparse-{cells}x{genes}.h5ad"
    if not path.exists():
        begun = path.with_suffix(".begun")
        write_cells(begun, cells, genes)
        begun.replace(path)
    return path


def write_cells(path: Path, cells: int, genes: int, *, seed: int = 0) -> None:
    """Invent cells and write them, a thousand at a time.

    A cell draws its molecules from the genes' abundances, which are log-normal; each
    type has some genes of its own that are four times as abundant.
    """
    import h5py

    random = np.random.default_rng(seed)
    weights = random.lognormal(0, 1, genes) * np.ones((TYPES, 1))
    weights[random.random(weights.shape) < MARKERS] *= FOLD
    weights /= weights.sum(axis=1, keepdims=True)
    depth = molecules(weights)
    types = random.integers(0, TYPES, cells)
    bounds = np.cumsum(weights.ravel())  # one type after the other
    bounds[genes - 1 :: genes] = np.arange(1, TYPES + 1)
    with h5py.File(path, "w") as file:
        x = file.create_group("X")
        x.attrs["encoding-type"] = "csr_matrix"
        x.attrs["shape"] = (cells, genes)
        data, indices = (
            x.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(1 << 17,))
            for name, dtype in (("data", np.float32), ("indices", np.int32))
        )
        stored = np.zeros(cells + 1, np.int64)
        for start in range(0, cells, AT_ONCE):
            here = types[start : start + AT_ONCE]
            drawn = random.poisson(depth * random.lognormal(0, 0.3, len(here)))
            rows = np.repeat(np.arange(len(here)), drawn)
            at = np.searchsorted(bounds, here[rows] + random.random(len(rows)), "right")
            found, count = np.unique(rows * genes + at % genes, return_counts=True)
            for dataset, values in ((data, count), (indices, found % genes)):
                dataset.resize(len(dataset) + len(found), axis=0)
                dataset[-len(found) :] = values
            stored[start + 1 : start + len(here) + 1] = np.bincount(
                found // genes, minlength=len(here)
            )
        x["indptr"] = np.cumsum(stored)
        _write_tables(file, types, genes)


def _write_tables(file: Any, types: np.ndarray, genes: int) -> None:
    for name, index in (
        ("obs", [f"cell{at}" for at in range(len(types))]),
        ("var", [f"gene{at}" for at in range(genes)]),
    ):
        table = file.create_group(name)
        table.attrs["_index"] = "_index"
        table.attrs["column-order"] = ["cell_type"] if name == "obs" else []
        table["_index"] = index
    column = file["obs"].create_group("cell_type")
    column["codes"] = types.astype(np.int8)
    column["categories"] = [f"type{at}" for at in range(TYPES)]


def molecules(weights: np.ndarray) -> float:
    """The molecules of a cell of which the given share of genes is seen."""
    low, high = 0.0, 1e7
    for _ in range(60):
        middle = (low + high) / 2
        seen = -np.expm1(-middle * weights).mean()
        low, high = (middle, high) if seen < SHARE else (low, middle)
    return low


if __name__ == "__main__":
    sys.exit(main())
