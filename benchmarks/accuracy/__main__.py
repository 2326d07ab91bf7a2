"""Accuracy on public data sets, with what the package chooses by itself.

    python -m benchmarks.accuracy                    all sets
    python -m benchmarks.accuracy gue/tf_0 golub     some
    python -m benchmarks.accuracy survival           all sets of times of events
    python -m benchmarks.accuracy --list             their names
    python -m benchmarks.accuracy --write            the tables into the documentation

Each run is `jaxbio.fit(None, None, train, valid, seed=…)`: kinds of networks, sizes and
training follow from the data. Validation rows decide; where a set brings none, they are
held out of the training rows. Test rows are scored once. A line of JSON a set
goes to standard output and replaces that of the set in
`benchmarks/results/accuracy.jsonl`. Sets are looked for in the folder that the
environment variable `JAXBIO_DATA` names, as AREA/NAME/. Where scikit-survival is
installed, its Cox regression, forests and boosting are fitted beside survival sets.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

import jaxbio as jb
from benchmarks.accuracy.aims import AIMS, reached
from benchmarks.accuracy.problems import Problem
from benchmarks.accuracy.progress import Told
from benchmarks.accuracy.sets import drugs, expression, sequences, survival, tables
from benchmarks.accuracy.survival_peers import NAMES, installed, score_peers
from benchmarks.report import read, write
from jaxbio.errors import JaxbioError
from jaxbio.metrics import standard as metrics

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "accuracy.jsonl"
PAGES = {"sequences": (sequences,), "medicine": (drugs, tables, expression, survival)}
"""The pages of the documentation, and the fields whose sets each has."""
_SURVIVAL_MARKS = ("<!-- survival -->", "<!-- /survival -->")
PROBLEMS: dict[str, Problem] = {
    name: problem
    for fields in PAGES.values()
    for field in fields
    for name, problem in field.PROBLEMS.items()
}
_DRAWS = 200  # of test rows
LOWER = frozenset(("mse", "rmse"))
"""Measures of which less is better."""
_BRIER = "ibs"
_SURVIVAL = frozenset(("concordance", "antolini"))
_BESIDE = ("linear", "boosting", *NAMES, "trivial")
"""What stands beside survival models, in the order of their table."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen sets and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sets = "default: all; `survival` for all of that page"
    parser.add_argument("sets", nargs="*", metavar="SET", help=sets)
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument("--seeds", type=int, help="seeds of each set, at most")
    parser.add_argument("--list", action="store_true", help="print the names alone")
    parser.add_argument("--table", action="store_true", help="print the table alone")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(PROBLEMS))
        return 0
    chosen = [
        each
        for name in options.sets
        for each in (survival.PROBLEMS if name == "survival" else (name,))
    ]
    for name in chosen:
        if name not in PROBLEMS:
            parser.error(f"no set {name}: --list names them")
    for name in () if options.table or options.write else chosen or PROBLEMS:
        try:
            line = run(name, PROBLEMS[name], options.seed, options.seeds)
        except JaxbioError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        print(json.dumps(line), flush=True)
        keep(line, options.results)
    lines = read(options.results)
    print(table(lines))
    if any("ibs" in line for line in lines):
        print("\n" + survival_table(lines))
    if options.write:
        write_pages(options.results)
    return 0


def run(name: str, problem: Problem, seed: int, most: int | None = None) -> dict:
    """Train and score one set.

    Returns:
        The JSON line: the mean score over all runs, those of the baselines on the same
        rows, each run's, and a 95 % interval by drawing test rows, of the runs with the
        first seed. For survival also the scores of `peers`, and `ibs`, the integrated
        Brier scores of all.
    """
    began = time.perf_counter()
    scores: dict[str, list[float]] = {}
    sharpness: dict[str, list[float]] = {}
    drawn: list[Drawn] = []
    chosen, raced = [], []
    seeds = [seed + at for at in range(min(problem.seeds, most or problem.seeds))]
    for number, parts in _runs(problem, seeds):
        title = f"{name} seed {number}"
        done = jb.fit(
            None, None, parts["train"], parts.get("valid"), seed=number,
            callbacks=[Told(title)],
        )  # fmt: skip
        evaluation = done.evaluate(parts["test"])
        measured = dict(next(iter(evaluation.scores.values())))
        (target,) = done.predictor.schema.targets
        if problem.metric in _SURVIVAL and target.kind == "survival":
            measured |= _peers(done, parts, number)
        for label, values in measured.items():
            score = _score(problem.metric, values, evaluation.rows)
            scores.setdefault(label, []).append(score)
            sharpness.setdefault(label, []).append(_score(_BRIER, values, 0))
        if number == seed:
            drawn.append(_drawn(problem.metric, done, parts["test"]))
        chosen.append(_told(done, "weights by validation rows: "))
        raced.append(_told(done, "short runs on "))
        print(f"{title}: {scores['model'][-1]:.4f}", file=sys.stderr, flush=True)
    device = jax.devices()[0]
    means = _means(scores)
    further: dict[str, Any] = {}
    if problem.metric in _SURVIVAL:
        further["peers"] = {name: means.pop(name) for name in NAMES if name in means}
        further["ibs"] = _means(sharpness)
    return {
        "set": name,
        "metric": problem.metric,
        "how": problem.how,
        "score": means.pop("model"),
        "interval": _interval(drawn),
        "baselines": means,
        **further,
        "runs": [round(score, 4) for score in scores["model"]],
        "seeds": seeds,
        "rows": sum(count for count, _ in drawn),
        "published": problem.published,
        "published_by": problem.by,
        "race": raced[0],
        "weights": chosen[0],
        "minutes": round((time.perf_counter() - began) / 60, 1),
        "device": device.platform,
        "versions": {"jaxbio": jb.__version__, "jax": jax.__version__},
    }


def _runs(problem: Problem, seeds: Sequence[int]) -> Iterator[tuple[int, Any]]:
    for seed in seeds:
        for parts in problem.runs(seed):
            yield seed, parts


def _score(metric: str, measured: dict, rows: int) -> float:
    if metric == "right":
        return measured["accuracy"] * rows
    if metric == "mse":
        return measured["rmse"] ** 2
    value = measured.get(metric)
    return float("nan") if value is None else value


def _told(done: jb.Run, start: str) -> str:
    """What a note says after its first words; nothing where there is no such note."""
    return next((x.removeprefix(start) for x in done.notes if x.startswith(start)), "")


def _peers(done: jb.Run, parts: Any, seed: int) -> Mapping[str, Any]:
    """The scores of the models of scikit-survival; none where it is not installed."""
    if installed():
        return score_peers(done, parts, seed)
    print("scikit-survival is not installed: no peers", file=sys.stderr)
    return {}


def _means(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {label: round(float(np.mean(x)), 4) for label, x in scores.items()}


Drawn = tuple[int, Callable[[np.ndarray], float] | None]
"""How many rows there are, and the score of some of them; None where there is none."""


def _drawn(metric: str, done: jb.Run, rows: jb.Dataset) -> Drawn:
    """Scores of rows that are drawn, for the interval.

    Rows without any input have no prediction, and are not scored.
    """
    (name,) = done.predictor.objective.tasks
    truth: Any = done.predictor.schema.encode(rows).targets[name]
    predicted = done.predictor(rows).by_target[name]
    answered = ~np.isnan(predicted.reshape(len(predicted), -1)).any(axis=1)
    truth, predicted = truth[answered], predicted[answered]
    if metric in _SURVIVAL:
        spec = done.predictor.schema.target(name)
        task = done.predictor.objective.tasks[name]

        def of_curves(some: np.ndarray) -> float:
            # A row that is drawn twice weighs twice: it is no pair with itself.
            weights = np.bincount(some, minlength=len(truth))
            scores = task.metrics(truth, predicted, spec, weights)
            return _score(metric, scores, len(truth))

        return len(truth), of_curves
    if predicted.ndim == 2 and predicted.shape[1] == 1:
        truth, predicted = np.reshape(truth, -1), predicted[:, 0]
    if np.ndim(truth) == 2:  # labels
        return len(truth), None
    measure = (
        metrics.multiclass_metrics
        if predicted.ndim == 2
        else metrics.regression_metrics
        if metric in ("mse", "rmse", "r2", "pearson", "spearman")
        else metrics.binary_metrics
    )
    return len(truth), lambda some: _score(
        metric, measure(truth[some], predicted[some]), len(truth)
    )


def _interval(drawn: Sequence[Drawn]) -> list[float] | None:
    """95 % of the means over the runs, of rows of each drawn with replacement."""
    if any(measure is None for _, measure in drawn):
        return None
    rng = np.random.default_rng(0)
    means = [
        np.nanmean(
            [
                measure(rng.integers(0, count, count))
                for count, measure in drawn
                if measure is not None
            ]
        )
        for _ in range(_DRAWS)
    ]
    return [round(float(x), 4) for x in np.nanquantile(means, [0.025, 0.975])]


def keep(line: dict, path: Path) -> None:
    """Put a set's line in place of its former one."""
    lines = {item["set"]: item for item in read(path)}
    lines[line["set"]] = line
    order = [name for name in PROBLEMS if name in lines]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(lines[name]) + "\n" for name in order))


def table(lines: Sequence[dict]) -> str:
    """The results as a Markdown table; the best of each row in bold."""
    rows = [
        "| set | measure | rows | jaxbio | 95 % interval | linear | boosting "
        "| majority or mean | published | aim | minutes |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        form = "{:.1f}" if line["metric"] == "right" else "{:.3f}"
        own = {"jaxbio": line["score"], **line["baselines"]}
        known = {name: value for name, value in own.items() if value == value}
        best = (min if line["metric"] in LOWER else max)(known.values())

        def cell(value: float | None, form: str = form, best: float = best) -> str:
            if value is None or value != value:
                return ""
            text = form.format(value)
            return f"**{text}**" if text == form.format(best) else text

        bounds = line["interval"]
        interval = " – ".join(map(form.format, bounds)) if bounds else ""
        by = f" ({line['published_by']})" if line["published_by"] else ""
        runs = f", {len(line['runs'])} runs" if len(line["runs"]) > 1 else ""
        cells = [
            line["set"],
            f"{line['metric']}; {line['how']}{runs}",
            f"{line['rows']:,}" if line["rows"] else "",
            cell(line["score"]),
            interval,
            *(cell(own.get(name)) for name in ("linear", "boosting", "trivial")),
            f"{line['published']}{by}",
            _aim(line, form),
            f"{line['minutes']:.1f}",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _aim(line: dict, form: str) -> str:
    """The aim of a set, and whether it was missed."""
    name, less = line["set"], line["metric"] in LOWER
    met = reached(name, line["score"], less_is_better=less)
    if met is None:
        return ""
    return form.format(AIMS[name]) + ("" if met else ", missed")


def survival_table(lines: Sequence[dict]) -> str:
    """Survival sets with all that was fitted beside them, and Brier scores below.

    The best number of a row is bold.
    """
    head = ("set", "measure", "jaxbio", *_BESIDE)
    rows = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for line in lines:
        if "ibs" not in line:
            continue
        own = {"jaxbio": line["score"], **line["baselines"], **line["peers"]}
        sharp = {"jaxbio" if k == "model" else k: v for k, v in line["ibs"].items()}
        measures = ((line["metric"], own, max), ("integrated Brier", sharp, min))
        for measure, values, choose in measures:
            texts = {k: f"{v:.3f}" for k, v in values.items() if v == v}
            best = choose(texts.values(), default="")
            cells = [texts.get(name, "") for name in head[2:]]
            shown = [f"**{x}**" if x and x == best else x for x in cells]
            rows.append("| " + " | ".join([line["set"], measure, *shown]) + " |")
    return "\n".join(rows)


def write_pages(path: Path) -> None:
    """Put the tables into the pages of the documentation."""
    for page, fields in PAGES.items():
        names = {name for field in fields for name in field.PROBLEMS}
        lines = [line for line in read(path) if line["set"] in names]
        marks = (f"<!-- {page} -->", f"<!-- /{page} -->")
        file = ROOT / "docs" / "benchmarks" / f"{page}.md"
        write(file, table(lines), marks)
        if any("ibs" in line for line in lines):
            write(file, survival_table(lines), _SURVIVAL_MARKS)


if __name__ == "__main__":
    sys.exit(main())
