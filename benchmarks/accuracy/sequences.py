"""Accuracy on public data sets, with the settings that the package chooses by itself.

    python -m benchmarks.accuracy.sequences                 all sets
    python -m benchmarks.accuracy.sequences gue/tf_0 golub  some
    python -m benchmarks.accuracy.sequences --table         the table of the results

Each set is trained through `jaxbio.fit` without any setting but the seed: model, size
and training follow from the data. Validation rows decide when to stop; test
rows are scored once. One JSON line a set goes to standard output and replaces the line
of that set in `benchmarks/results/sequences.jsonl`.
"""

import argparse
import dataclasses
import json
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np

import jaxbio as jb
from benchmarks.report import read, write
from jaxbio.data.dataset import Dataset
from jaxbio.datasets import loaders
from jaxbio.errors import JaxbioError
from jaxbio.metrics import standard as metrics

RESULTS = Path(__file__).parents[1] / "results" / "sequences.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "sequences.md"
MARKS = ("<!-- sequences -->", "<!-- /sequences -->")


@dataclasses.dataclass(frozen=True)
class Problem:
    """One line of the table.

    Attributes:
        metric: The score, a key of the task's metrics, or `right` for a count.
        published: A published figure, with its source in `by`.
        by: Who published it.
        folds: Folds of cross-validation, for sets without a split of their own.
        fold_by: How rows are dealt to folds.
        seeds: Runs with different seeds, whose mean is the score.
    """

    metric: str
    published: str
    by: str = ""
    folds: int = 0
    fold_by: str = "random"
    seeds: int = 1


PROBLEMS = {
    "splice_uci_primate": Problem(
        "accuracy", ".93", "KBANN", folds=10, fold_by="group"
    ),
    "gue/prom_core_all": Problem("mcc", ".694", "DNABERT-2"),
    "gue/prom_core_notata": Problem("mcc", ".680", "DNABERT-2"),
    "gue/prom_core_tata": Problem("mcc", ".742", "DNABERT-2", seeds=3),
    "gue/prom_300_tata": Problem("mcc", ".716", "DNABERT-2", seeds=3),
    "gue/tf_0": Problem("mcc", ".720", "DNABERT-2", seeds=3),
    "gue/tf_1": Problem("mcc", ".761", "DNABERT-2", seeds=3),
    "gue/tf_2": Problem("mcc", ".665", "DNABERT-2", seeds=3),
    "crispr_guides/WT_SpCas9": Problem("spearman", ".868", "EnAC", folds=5),
    "flip_gb1/one_vs_rest": Problem("spearman", ".32", "FLIP", seeds=3),
    "flip_gb1/two_vs_rest": Problem("spearman", ".61", "FLIP", seeds=3),
    "flip_gb1/three_vs_rest": Problem("spearman", ".83", "FLIP", seeds=3),
    "flip_gb1/low_vs_high": Problem("spearman", ".59", "FLIP", seeds=3),
    "golub": Problem("right", "29 of 34", "Golub 1999", seeds=3),
    "gfp_fluorescence": Problem("spearman", ".68", "TAPE transformer"),
}


def main() -> int:
    """Run the chosen sets and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument("--seeds", type=int, help="runs of each set, at most")
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    for name in () if options.table or options.write else options.sets or PROBLEMS:
        if name not in PROBLEMS:
            parser.error(f"no set {name}: known are {', '.join(PROBLEMS)}")
        try:
            problem = PROBLEMS[name]
            most = options.seeds or problem.seeds
            problem = dataclasses.replace(problem, seeds=min(problem.seeds, most))
            line = run(name, problem, options.seed)
        except JaxbioError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        print(json.dumps(line), flush=True)
        keep(line, options.results)
    print(table(options.results))
    if options.write:
        write(PAGE, table(options.results), MARKS)
    return 0


def run(name: str, problem: Problem, seed: int) -> dict:
    """Train and score one set.

    Returns:
        The JSON line: the mean score and that of the linear baseline on the same rows,
        each run's score, and a 95 % interval (bootstrap over the test rows of the first
        run, or over all rows of a cross-validation).
    """
    start = time.perf_counter()
    scores, baselines, truths, predictions = [], [], [], []
    aurocs: list[float] = []
    for number, parts in enumerate(_runs(name, problem, seed)):
        run_seed = seed + (0 if problem.folds else number)
        done = jb.fit(None, None, parts["train"], parts.get("valid"), seed=run_seed)
        evaluation = done.evaluate(parts["test"])
        measured = next(iter(evaluation.scores.values()))
        scores.append(_score(problem.metric, measured["model"], parts["test"]))
        baselines.append(_score(problem.metric, measured["linear"], parts["test"]))
        aurocs += [
            measured["model"][key] for key in ("auroc",) if key in measured["model"]
        ]
        truth, predicted = _values(done, parts["test"])
        if problem.folds or not truths:
            truths.append(truth)
            predictions.append(predicted)
        print(f"{name}: run {number + 1} {scores[-1]:.4f}", file=sys.stderr, flush=True)
    device = jax.devices()[0]
    counted = [seed] if problem.folds else [seed + at for at in range(problem.seeds)]
    return {
        "set": name,
        "metric": problem.metric,
        "score": round(float(np.mean(scores)), 4),
        "baseline": round(float(np.mean(baselines)), 4),
        "published": problem.published,
        "published_by": problem.by,
        "seconds": round(time.perf_counter() - start, 1),
        "seeds": counted,
        "folds": problem.folds,
        "runs": [round(float(score), 4) for score in scores],
        "auroc": round(float(np.mean(aurocs)), 4) if aurocs else None,
        "interval": _interval(problem.metric, truths, predictions),
        "model": type(done.model).__name__,
        "members": done.training.members,
        "device": f"{device.platform} ({platform.processor() or platform.machine()})",
        "versions": {"jaxbio": jb.__version__, "jax": jax.__version__},
    }


def _runs(name: str, problem: Problem, seed: int) -> Iterator[dict[str, Dataset]]:
    """The parts of each run: the same for every seed, or one fold after another."""
    family, _, variant = name.partition("/")
    parts = loaders.load(family, variant)
    if not problem.folds:
        yield from [parts] * problem.seeds
        return
    rows = parts["all"]
    folds = jb.folds(rows, by=problem.fold_by, n=problem.folds, seed=seed)
    for train, test in folds:
        yield {"train": rows.take(train), "test": rows.take(test)}


def _score(metric: str, measured: dict, test: Dataset) -> float:
    if metric == "right":
        return measured["accuracy"] * len(test)
    return measured[metric]


def _values(done: jb.Run, rows: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Truth and prediction as the metrics take them, for the interval."""
    (name,) = done.predictor.objective.tasks
    truth = done.predictor.schema.encode(rows).targets[name]
    predicted = done.predictor(rows).by_target[name]
    if predicted.ndim == 2 and predicted.shape[1] == 1:
        return truth[:, 0], predicted[:, 0]
    return truth, predicted


def _interval(metric: str, truths: list, predictions: list) -> list[float] | None:
    truth, predicted = np.concatenate(truths), np.concatenate(predictions)
    measure = (
        metrics.regression_metrics
        if metric == "spearman"
        else metrics.multiclass_metrics
        if predicted.ndim == 2
        else metrics.binary_metrics
    )
    name = "accuracy" if metric == "right" else metric
    bounds = metrics.bootstrap_interval(measure, truth, predicted, name=name, n=200)
    scale = len(truth) if metric == "right" else 1
    return bounds and [round(float(bound) * scale, 4) for bound in bounds]


def keep(line: dict, path: Path) -> None:
    """Put a set's line in place of its former one."""
    lines = {item["set"]: item for item in read(path)}
    lines[line["set"]] = line
    order = [name for name in PROBLEMS if name in lines]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(lines[name]) + "\n" for name in order))


def table(path: Path) -> str:
    """The results as a Markdown table."""
    rows = [
        "| set | measure | jaxbio | 95 % interval | AUROC | linear baseline "
        "| published | minutes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in read(path):
        form = "{:.1f}" if line["metric"] == "right" else "{:.3f}"
        low, high = (form.format(bound) for bound in line["interval"])
        auroc = f"{line['auroc']:.3f}" if line["auroc"] else ""
        cells = [
            line["set"],
            f"{line['metric']}, {_runs_in_words(line)}",
            form.format(line["score"]),
            f"{low} – {high}",
            auroc,
            form.format(line["baseline"]),
            f"{line['published']} ({line['published_by']})",
            f"{line['seconds'] / 60:.1f}",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _runs_in_words(line: dict) -> str:
    if line["folds"]:
        return f"{line['folds']}-fold"
    return f"{len(line['seeds'])} run" + ("s" if len(line["seeds"]) > 1 else "")


if __name__ == "__main__":
    sys.exit(main())
