"""What pretraining is worth: promoters of E. coli, with few labels and many.

    python -m benchmarks.accuracy.masked             leaves the run that is begun with
    python -m benchmarks.accuracy.transfer           trains and scores
    python -m benchmarks.accuracy.transfer --table   the table of the results
    python -m benchmarks.accuracy.transfer --write   into the documentation

The network that `benchmarks.accuracy.masked` trained on the letters of genes goes on
with labels: promoters of E. coli against fragments of its genes (promoter_cnnprom).
Beside it the same encoder begins anew, and stands the linear model of k-mers that every
run has. All is chosen by the package, but for the encoder. The fragments may lie in
genes that were learned from, without labels; promoters do not. A fifth of the sequences
is tested, the same for all, and some of the others are learned from, drawn anew for
each seed.

A line of JSON each goes to `benchmarks/results/transfer.jsonl`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import jax
import numpy as np

import jaxbio as jb
from benchmarks.accuracy.masked import RUNS
from benchmarks.accuracy.problems import whole
from benchmarks.accuracy.progress import Told
from benchmarks.report import keep, read, write
from jaxbio.errors import JaxbioError

RESULTS = Path(__file__).parents[1] / "results" / "transfer.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "sequences.md"
MARKS = ("<!-- transfer -->", "<!-- /transfer -->")
SIZES = (100, 300, 1000, 3000)
"""Labelled sequences that are learned from."""

METRIC = "mcc"


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, score and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--run", type=Path, default=RUNS / "masked-all-0")
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if not (options.table or options.write):
        if not options.run.is_dir():
            raise JaxbioError(f"no run {options.run}: benchmarks.accuracy.masked first")
        trunk = jb.load(options.run)
        for line in lines(trunk, options.seeds):
            print(json.dumps(line), flush=True)
            keep(line, options.results)
    print(table(options.results))
    if options.write:
        write(PAGE, table(options.results), MARKS)
    return 0


def lines(trunk: jb.Predictor, seeds: int) -> Iterator[dict]:
    """A line for each number of labelled sequences."""
    rows = whole("promoter_cnnprom", "ecoli")()
    train, test = jb.folds(rows, by="stratified", n=5, seed=0)[0]
    for size in SIZES:
        began = time.perf_counter()
        scores: dict[str, list[float]] = {}
        for seed in range(seeds):
            drawn = np.random.default_rng(seed).permutation(train)[:size]
            for name, score in each(trunk, rows.take(drawn), rows.take(test), seed):
                scores.setdefault(name, []).append(score)
        yield {
            "set": "promoter_cnnprom/ecoli",
            "metric": f"{METRIC}, {size:,} sequences",
            "seeds": seeds,
            "test": len(test),
            **{name: [round(x, 4) for x in found] for name, found in scores.items()},
            "minutes": round((time.perf_counter() - began) / 60, 1),
            "jax": jax.__version__,
            "device": jax.devices()[0].platform,
        }


def each(
    trunk: jb.Predictor, train: jb.Dataset, test: jb.Dataset, seed: int
) -> Iterator[tuple[str, float]]:
    """The scores of the network that begins with another, of one anew, and beside."""
    told = [Told(f"{len(train)} sequences, seed {seed}")]
    begun = jb.fit(None, None, train, init=trunk, seed=seed, callbacks=told)
    anew = jb.fit(trunk.model.trunk, None, train, seed=seed, callbacks=told)
    for name, done in (("pretrained", begun), ("anew", anew)):
        measured = done.evaluate(test).scores["label"]
        yield name, measured["model"][METRIC]
    yield "linear", measured["linear"][METRIC]


def table(path: Path) -> str:
    """The lines of a file as a table in Markdown: means, and each seed's."""
    names = ("pretrained", "anew", "linear")
    rows = ["| labelled sequences | " + " | ".join(names) + " |", "|---" * 4 + "|"]
    for line in read(path):
        cells = [
            f"{np.mean(line[name]):.3f} ({', '.join(f'{x:.3f}' for x in line[name])})"
            for name in names
        ]
        size = line["metric"].split(", ")[1].partition(" ")[0]
        rows.append(f"| {size} | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
