"""What the vectors of a pretrained model are worth: disorder of residues.

    jaxbio models get antiberty
    python -m benchmarks.accuracy.pretrained             trains and scores
    python -m benchmarks.accuracy.pretrained --table     the table of the results
    python -m benchmarks.accuracy.pretrained --write     into the documentation
    python -m benchmarks.accuracy.pretrained --model esm2-8m

CheZOD scores say how disordered each residue of a protein is, by its chemical shifts.
What the package chooses by itself learns them from the letters of 1,050 proteins, and
from the vectors of a pretrained model, which stays as it is (`--model NAME`). Beside
both stands the linear model of letters within a window. 118 other proteins decide when
to stop, 117 are scored once; those of over 510 residues are left out.

AntiBERTy has read antibodies alone, which these proteins are not; its weights are the
ones that the Python package index has. Where those of ESM-2 are at hand, they are the
natural choice.

A line of JSON goes to `benchmarks/results/pretrained.jsonl`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import jax
import numpy as np

import jaxbio as jb
from benchmarks.accuracy.progress import Told
from benchmarks.report import keep, read, write

RESULTS = Path(__file__).parents[1] / "results" / "pretrained.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "sequences.md"
MARKS = ("<!-- pretrained -->", "<!-- /pretrained -->")
METRIC = "spearman"
MOST = 510
"""Residues of a protein: AntiBERTy has learned so many positions."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, score and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="antiberty", help="(default: antiberty)")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if not (options.table or options.write):
        whole = jb.datasets.load("chezod_disorder")
        parts = {name: part.take(short(part)) for name, part in whole.items()}
        line = scored(options.model, parts, options.seeds)
        print(json.dumps(line), flush=True)
        keep(line, options.results)
    print(table(options.results))
    if options.write:
        write(PAGE, table(options.results), MARKS)
    return 0


def short(rows: jb.Dataset) -> np.ndarray:
    """Mask of the proteins that every model takes."""
    column = rows.inputs["sequence"]
    assert isinstance(column, jb.data.Sequences)
    return column.lengths <= MOST


def scored(model: str, parts: dict[str, jb.Dataset], seeds: int) -> dict:
    """A line with the scores of each seed, on validation and test proteins."""
    began = time.perf_counter()
    scores: dict[str, dict[str, list[float]]] = {"valid": {}, "test": {}}
    for seed in range(seeds):
        for name, run in each(model, parts, seed):
            for part, found in scores.items():
                measured = run.evaluate(parts[part]).scores["chezod"]
                found.setdefault(name, []).append(round(measured["model"][METRIC], 4))
                if name == "anew":
                    plain = round(measured["linear"][METRIC], 4)
                    found.setdefault("linear", []).append(plain)
    return {
        "set": "chezod_disorder",
        "metric": f"{METRIC}, {model}",
        "test": len(parts["test"]),
        **scores["test"],
        "valid": scores["valid"],
        "minutes": round((time.perf_counter() - began) / 60, 1),
        "jax": jax.__version__,
        "device": jax.devices()[0].platform,
    }


def each(
    model: str, parts: dict[str, jb.Dataset], seed: int
) -> Iterator[tuple[str, jb.Run]]:
    """The run on the vectors of a model, and the one on letters."""
    rows = parts["train"], parts["valid"]
    told = [Told(f"{model}, seed {seed}")]
    vectors = jb.Pretrained(model)
    yield "vectors", jb.fit(vectors, None, *rows, seed=seed, callbacks=told)
    yield "anew", jb.fit(None, None, *rows, seed=seed, callbacks=told)


def table(path: Path) -> str:
    """The lines of a file as a table in Markdown: means, and each seed's."""
    names = ("vectors", "anew", "linear")
    rows = ["| model | " + " | ".join(names) + " |", "|---" * 4 + "|"]
    for line in read(path):
        cells = [
            f"{np.mean(line[name]):.3f} ({', '.join(f'{x:.3f}' for x in line[name])})"
            for name in names
        ]
        rows.append(f"| {line['metric'].split(', ')[1]} | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
