"""Designed sequences: what is proposed, looked up where all of it was measured.

    python -m benchmarks.accuracy.design [SET…] [--seeds 3]   trains, proposes, looks up
    python -m benchmarks.accuracy.design gb1 --methods ppo    of some methods only
    python -m benchmarks.accuracy.design --table              the table of the results
    python -m benchmarks.accuracy.design --write              into the documentation

- `gb1`: four positions of protein G; of 160,000 variants 149,361 were measured. The
  model learns from the 5,089 variants of FLIP's split of low fitness, none fitter than
  the wild type, and 384 others are proposed. Searches begin from the best known one.
  Variants that nobody measured are passed over.
- `gb1_rounds`: the same in 4 rounds of 96; the truth of each is added to the rows from
  which the model of the next one learns.
- `promoters`: yeast promoters; what is proposed from the native promoter of median
  expression is judged by a network that learned from other rows.

All models are what `jaxbio.fit(None, None, rows)` chooses, the same for
every method. A line of JSON for each method, way and seed goes to
`benchmarks/results/design.jsonl`, in place of its former one.
"""

import argparse
import functools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import jax
import numpy as np
import pandas as pd

import jaxbio as jb
from benchmarks.accuracy.problems import folder, of_family
from benchmarks.report import read, write
from jaxbio.design import METHODS, Known, Term, choose, design, known_rows

RESULTS = Path(__file__).parents[1] / "results" / "design.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "design.md"
MARKS = ("<!-- design -->", "<!-- /design -->")
CALLS = 2000
SITES = (39, 40, 41, 54)  # of protein G, from 1
RANDOM = "variants drawn at random"
LISTED = ("mean", "ucb", "ei", "thompson", "diverse")
"""Ways to choose among all variants."""

ROUNDS = ("mean", "ucb", "thompson", "evolution", "policy", "random")
"""What is also done in rounds, each with three trainings."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, propose, look up and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], metavar="SET")
    parser.add_argument("--seeds", type=int, default=3, help="(default: 3)")
    parser.add_argument("--first", type=int, default=0, help="seed (default: 0)")
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME", default=[],
        choices=[*METHODS, *LISTED], help="only these (default: those of each set)",
    )  # fmt: skip
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    names = () if options.table or options.write else options.sets or SETS
    for name in names:
        for seed in range(options.first, options.first + options.seeds):
            for line in SETS[name](seed, options.methods):
                about = {"jax": jax.__version__, "device": jax.devices()[0].platform}
                line = {
                    "set": name.removesuffix("_rounds"),
                    **line,
                    "seed": seed,
                    **about,
                }
                print(json.dumps(line), flush=True)
                keep(line, options.results)
    print(table(read(options.results)))
    if options.write:
        write(PAGE, table(read(options.results)), MARKS)
    return 0


def gb1(seed: int, methods: Sequence[str] = ()) -> Iterator[dict]:
    """Variants of four positions of protein G."""
    variants, truth, first, model = _learned(seed)
    if not methods:
        rest = truth.keys() - set(variants)
        rng = np.random.default_rng(seed)
        drawn = rng.choice(sorted(rest), 384, replace=False).tolist()
        yield {"method": RANDOM, "way": "at once", **values(drawn, truth), "calls": 0}
    for method in methods or (*METHODS, *LISTED):
        began = time.perf_counter()
        known = known_rows(model.predictor, first, [Term("fitness")])
        found, calls = propose(model.predictor, method, known, truth, 384, seed)
        yield {
            "method": method, "way": "at once", **values(found, truth), "calls": calls,
            "seconds": round(time.perf_counter() - began, 1),
        }  # fmt: skip


def gb1_rounds(seed: int, methods: Sequence[str] = ()) -> Iterator[dict]:
    """The same in rounds, of which each model learns from those before."""
    _, truth, first, model = _learned(seed)
    for method in methods or ROUNDS:
        began = time.perf_counter()
        found, calls, now, rows = [], 0, model, first
        for number in range(4):
            known = known_rows(now.predictor, rows, [Term("fitness")])
            some, used = propose(now.predictor, method, known, truth, 96, seed)
            found, calls = found + some, calls + used
            new = measured(some, truth)
            if number < 3:
                now = jb.run.retrain(now, rows, new)
            rows = jb.data.concatenate([rows, new])
        yield {
            "method": method, "way": "in 4 rounds", **values(found, truth),
            "calls": calls, "seconds": round(time.perf_counter() - began, 1),
        }  # fmt: skip


def _learned(seed: int) -> tuple[list[str], dict[str, float], jb.Dataset, jb.Run]:
    """Variants that were learned from, all that were measured, their rows, a run."""
    whole = folder("protein", "flip_gb1")
    landscape = pd.read_csv(whole / "landscape.csv.gz")
    truth = dict(zip(landscape["variant"], landscape["fitness"], strict=True))
    split = pd.read_csv(whole / "low_vs_high.csv.gz")
    variants = split[split["set"] == "train"]["sequence"].map(_sites).tolist()
    first = measured(variants, truth)
    run = jb.fit(None, None, first, seed=seed)
    return variants, truth, first, run


def _sites(text: str) -> str:
    return "".join(text[at - 1] for at in SITES)


def measured(variants: Sequence[str], truth: dict[str, float]) -> jb.Dataset:
    """Variants with their fitness."""
    table = pd.DataFrame({"variant": list(variants)})
    table["fitness"] = table["variant"].map(truth)
    return jb.read(table, inputs={"variant": "protein"}, targets={"fitness": "number"})


def propose(
    predictor: jb.Predictor,
    method: str,
    known: Known,
    truth: dict[str, float],
    n: int,
    seed: int,
) -> tuple[list[str], int]:
    """Proposals of a method that were measured, and the calls that it took."""
    terms = [Term("fitness")]
    if method in METHODS:
        (best,) = known.top(1).values()
        start = {"best": jb.PROTEIN.decode(known.codes[best])}
        found = design(
            predictor, start, terms, method=method, n=2 * n, calls=CALLS, known=known,
            seed=seed,
        )  # fmt: skip
    else:
        how: dict = {"diversity": 0.1} if method == "diverse" else {"optimism": method}
        every = {text: text for text in truth}
        found = choose(predictor, every, terms, n=n, known=known, seed=seed, **how)
    return [text for text in found.sequences if text in truth][:n], found.calls


def promoters(seed: int, methods: Sequence[str] = ()) -> Iterator[dict]:
    """Yeast promoters, by the opinion of a network that learned from others."""
    native = of_family("yeast_promoter_expression", "complex")()["test"]
    rows, judge = _judge()
    model = jb.fit(None, None, rows, seed=seed)
    usual = np.asarray(native.targets["expression"].values)[:, 0]
    middle = int(np.argsort(usual)[len(usual) // 2])
    start = {"native": native.inputs["sequence"].strings()[middle]}
    free = range(18, 98)  # the others are those of the plasmid
    rules = jb.design.Constraints(free=tuple(free))
    for method in methods or METHODS:
        began = time.perf_counter()
        found = design(
            model.predictor, start, [Term("expression")], constraints=rules,
            method=method, n=96, calls=CALLS, judge=judge, seed=seed,
        )  # fmt: skip
        truth = dict(zip(found.sequences, found.table["judge_expression"], strict=True))
        before = float(found.table["judge_expression_start"][0])
        yield {
            "method": method, "way": "at once",
            **values(found.sequences, truth), "calls": found.calls,
            "predicted": round(float(found.table["expression"].mean()), 3),
            "start": round(before, 3),
            "seconds": round(time.perf_counter() - began, 1),
        }  # fmt: skip


@functools.cache
def _judge() -> tuple[jb.Dataset, jb.Predictor]:
    """Rows to learn from, and the judge of all seeds, which learned from the others."""
    train = of_family("yeast_promoter_expression", "complex")()["train"]
    order = np.random.default_rng(0).permutation(len(train))
    rest = train.take(order[3000:])
    run = jb.fit(None, None, rest, seed=100)
    return train.take(order[:3000]), run.predictor


def values(texts: Sequence[str], truth: dict[str, float]) -> dict:
    """Of the truth of proposals the mean, the best and the mean of the ten best."""
    found = np.sort([truth[text] for text in texts])[::-1]
    return {
        "mean": round(float(found.mean()), 4),
        "best": round(float(found[0]), 4),
        "top10": round(float(found[:10].mean()), 4),
        "proposals": len(found),
    }


SETS: dict[str, Callable[[int, Sequence[str]], Iterator[dict]]] = {
    "gb1": gb1,
    "gb1_rounds": gb1_rounds,
    "promoters": promoters,
}
_KEY = ("set", "way", "method", "seed")


def keep(line: dict, path: Path) -> None:
    """Put a line in place of that of the same set, way, method and seed."""
    lines = {tuple(item[name] for name in _KEY): item for item in read(path)}
    lines[tuple(line[name] for name in _KEY)] = line
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in lines.values()))


def table(lines: Sequence[dict]) -> str:
    """Means over seeds as a table in Markdown, with the least and the most."""
    rows = [
        "| set | proposals | method | calls | mean | best | mean of top 10 | seeds |",
        "|---" * 8 + "|",
    ]
    groups: dict[tuple, list[dict]] = {}
    for line in lines:
        groups.setdefault((line["set"], line["way"], line["method"]), []).append(line)
    for (name, way, method), some in groups.items():
        cells = []
        for key in ("mean", "best", "top10"):
            found = [line[key] for line in some]
            cells.append(f"{np.mean(found):.2f} ({min(found):.2f} – {max(found):.2f})")
        count = int(np.mean([line["proposals"] for line in some]))
        calls = int(np.mean([line["calls"] for line in some]))
        rows.append(
            f"| {name} | {count} {way} | {method} | {calls:,} | "
            f"{' | '.join(cells)} | {len(some)} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
