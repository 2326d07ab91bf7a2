"""Effects of mutations: what changes in a prediction beside what was measured.

    python -m benchmarks.accuracy.effects [SET…]     trains and scores
    python -m benchmarks.accuracy.effects --table    the table of the results
    python -m benchmarks.accuracy.effects --write    into the documentation

- `human_utr_snv`: mean ribosome load of 5' UTRs; the logarithm of a variant's over its
  mother's, both predicted by networks that saw neither (5 folds by mother).
- `ars1`: a yeast origin of replication; the change of the log odds of being selected
  by each of the single substitutions of the wild type, beside their enrichment among
  the sequences that were not learned from, all other mutations averaged out.
- `satmut_mpra`: effects of substitutions in regulatory elements, learned from other
  elements (a fifth of the elements tested). Beside it stands the mean effect of each
  kind of substitution (A>C, ...) in the elements that were learned from.

Networks are what `jaxbio.fit(None, None, train)` chooses. A line of JSON each goes to
`benchmarks/results/effects.jsonl`.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import pearsonr, spearmanr

import jaxbio as jb
from benchmarks.accuracy.parts import run_parts
from benchmarks.accuracy.problems import folder, whole
from benchmarks.accuracy.progress import Told
from jaxbio.datasets import catalog
from jaxbio.datasets.loaders import ars1_wild_type

RESULTS = Path(__file__).parents[1] / "results" / "effects.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "sequences.md"
MARKS = ("<!-- effects -->", "<!-- /effects -->")
_DRAWS = 200
_WINDOW = 100  # bases of an element on either side and around a substitution
_LEARNED = 50_000  # of the 603,577 sequences of the origin
_BARCODES = 10  # that a measured effect has at least, as its authors ask for


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, score and print the table."""
    return run_parts(
        str(__doc__), SETS, table,
        results=RESULTS, page=PAGE, marks=MARKS, arguments=arguments,
    )  # fmt: skip


def human_utr_snv(seed: int) -> Iterator[dict]:
    """Variants of 5' UTRs and their mothers, left out together."""
    rows = whole("human_utr_snv")()
    texts = np.array(rows.inputs["sequence"].strings(), object)
    load = np.asarray(rows.targets["expression"].values)[:, 0].astype(float)
    measured = dict(zip(texts, load, strict=True))
    expected = np.full(len(rows), np.nan)
    mothers = np.full(len(rows), np.nan)
    for at, (train, test) in enumerate(jb.folds(rows, by="group", n=5, seed=seed)):
        done = jb.fit(
            None, None, rows.take(train), seed=seed, callbacks=[Told(f"fold {at}")]
        )
        own = np.asarray(rows.groups)[test]
        expected[test] = done.predictor(list(texts[test])).values[:, 0]
        mothers[test] = done.predictor(list(own)).values[:, 0]
    groups = np.asarray(rows.groups)
    variants = (texts != groups) & np.array([group in measured for group in groups])
    truth = np.log2(load / [measured.get(group, np.nan) for group in groups])
    found = np.log2(np.maximum(expected, 0.1) / np.maximum(mothers, 0.1))
    yield {
        "metric": "pearson",
        **scored(pearsonr, truth[variants], found[variants]),
        "published": ".692 (CNN trained on random regions)",
    }


def ars1(seed: int) -> Iterator[dict]:
    """Single substitutions of the wild type, beside enrichments in other rows."""
    rows = whole("ars1")()
    file = catalog.path("ars1") / "ars_sequences.txt.gz"
    counts = pd.read_csv(file, sep="\t", comment="#")
    wild = ars1_wild_type()
    order = np.random.default_rng(seed).permutation(len(rows))
    train, test = order[:_LEARNED], order[_LEARNED:]
    done = jb.fit(None, None, rows.take(train), seed=seed, callbacks=[Told("ars1")])
    places = [(at, x) for at, base in enumerate(wild) for x in "ACGT" if x != base]
    mutants = [wild[:at] + x + wild[at + 1 :] for at, x in places]
    odds = np.asarray(done.predictor([wild, *mutants]).values, float).reshape(-1)
    odds = np.log(odds / (1 - odds))
    effects = odds[1:] - odds[0]
    truth = enrichments(counts.iloc[test], wild, places)
    naive = enrichments(counts.iloc[train], wild, places)
    yield {
        "metric": "spearman",
        **scored(spearmanr, truth, effects),
        "beside": "enrichment among the sequences that were learned from",
        "baseline": round(float(spearmanr(truth, naive)[0]), 4),
    }


def enrichments(
    counts: pd.DataFrame, wild: str, places: Sequence[tuple[int, str]]
) -> np.ndarray:
    """Log ratio of reads after and before selection, less that of the wild base."""
    letters = np.array([list(text) for text in counts["sequence"]])
    before = counts["library_ct"].to_numpy(float)
    after = counts["selected_ct"].to_numpy(float)

    def ratio(at: int, base: str) -> float:
        here = letters[:, at] == base
        return float(np.log((after[here].sum() + 1) / (before[here].sum() + 1)))

    return np.array([ratio(at, x) - ratio(at, wild[at]) for at, x in places])


def satmut_mpra(seed: int) -> Iterator[dict]:
    """Substitutions in elements that were not learned from."""
    rows = substitutions()
    data = jb.read(
        rows[["before", "after", "effect", "element"]],
        inputs={"before": "dna", "after": "dna"},
        targets={"effect": "number"},
        groups="element",
    )
    train, test = jb.folds(data, by="group", n=5, seed=seed)[0]
    done = jb.fit(None, None, data.take(train), seed=seed, callbacks=[Told("satmut")])
    found = done.predictor(data.take(test)).values[:, 0]
    learned, tested = rows.iloc[train], rows.iloc[test]
    means = learned.groupby("kind")["effect"].mean()
    truth = tested["effect"].to_numpy(float)
    plain = tested["kind"].map(means).to_numpy(float)
    yield {
        "metric": "pearson",
        **scored(pearsonr, truth, found),
        "beside": "mean effect of each kind of substitution",
        "baseline": round(float(pearsonr(truth, plain)[0]), 4),
        "elements": int(tested["element"].nunique()),
    }


def substitutions() -> pd.DataFrame:
    """Measured substitutions with the bases around, before and after."""
    file = folder("genomics", "satmut_mpra") / "elements.tsv.gz"
    whole = pd.read_csv(file, sep="\t", keep_default_na=False, dtype=str)
    whole = whole[(whole["Release"] == "GRCh38") & (whole["Pos"] != "NA")]
    whole["Pos"] = whole["Pos"].astype(int)
    parts = []
    for element, some in whole.groupby("Element"):
        bases = dict(zip(some["Pos"], some["Ref"], strict=True))
        first, last = min(bases), max(bases)
        text = "".join(bases.get(at, "N") for at in range(first, last + 1))
        good = some[(some["Alt"] != "-") & (some["Barcodes"].astype(int) >= _BARCODES)]
        for at, ref, alt, effect in zip(
            good["Pos"] - first, good["Ref"], good["Alt"], good["Coefficient"],
            strict=True,
        ):  # fmt: skip
            half = _WINDOW // 2
            padded = "N" * half + text + "N" * half
            before = padded[at : at + _WINDOW]
            after = before[:half] + alt + before[half + 1 :]
            # One region was measured in several cells: it is one element here.
            name = element.split(".")[0].split("-")[0]
            parts.append((before, after, float(effect), name, f"{ref}>{alt}"))
    columns = ["before", "after", "effect", "element", "kind"]
    return pd.DataFrame(parts, columns=columns)


def scored(measure: Callable, truth: np.ndarray, found: np.ndarray) -> dict:
    """A correlation, with a 95 % interval by drawing mutations anew."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(truth), (_DRAWS, len(truth)))
    several = [measure(truth[some], found[some])[0] for some in draws]
    return {
        "score": round(float(measure(truth, found)[0]), 4),
        "interval": np.quantile(several, (0.025, 0.975)).round(4).tolist(),
        "mutations": len(truth),
    }


SETS: dict[str, Callable[[int], Iterator[dict]]] = {
    "human_utr_snv": human_utr_snv,
    "ars1": ars1,
    "satmut_mpra": satmut_mpra,
}


def table(lines: Sequence[dict]) -> str:
    """The lines as a table in Markdown."""
    rows = [
        "| set | measure | mutations | jaxbio | beside | minutes |",
        "|---" * 6 + "|",
    ]
    for line in lines:
        low, high = line["interval"]
        beside = line.get("published", "")
        if "baseline" in line:
            beside = f"{line['baseline']:.3f} ({line['beside']})"
        rows.append(
            f"| {line['set']} | {line['metric']} | {line['mutations']:,} | "
            f"{line['score']:.3f} ({low:.3f} – {high:.3f}) | {beside} | "
            f"{line['minutes']:.1f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
