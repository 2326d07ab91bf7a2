"""Explanations where the truth is known.

    python -m benchmarks.accuracy.explain [PART…] [--seed 0]   trains and compares
    python -m benchmarks.accuracy.explain --table              the table of the results
    python -m benchmarks.accuracy.explain --write              into the documentation

- `columns`: a target that is a sum of eight columns with known coefficients and noise;
  the order of the Shapley values and of permutation importance beside that of the
  coefficients.
- `spot`: images of noise with a bright spot in those of one class; the share of test
  images in which the strongest point of Grad-CAM, and of occlusion, lies in the spot
  (pointing game).
- `motifs`: random DNA in which sites of two motifs of JASPAR, drawn from their
  matrices, add to the target; the share of planted sites of test sequences that a
  seqlet covers by half or more, among as many of the strongest seqlets as there are
  sites. Beside it the same of windows ranked by the matrices themselves, which no
  model can know better; and the share of those sites that both find.
- `clear_motifs`: the same, with sites drawn again until a scan with their matrix finds
  them at a chance of .0001.
- `ars1`: a yeast origin of replication; whether the 11 positions whose substitutions
  cost most are those of the A element of the wild type; and rules that imitate the
  model.
- `heart_disease`: rules that imitate a model, their agreement with it, and the score of
  both.

Models are what `jaxbio.fit(None, None, rows)` chooses. A line of JSON each
goes to `benchmarks/results/explain.jsonl`.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import jaxbio as jb
from benchmarks.accuracy.parts import run_parts
from benchmarks.accuracy.problems import whole
from benchmarks.accuracy.sets.tables import GAPS
from jaxbio.datasets.loaders import ars1_wild_type

RESULTS = Path(__file__).parents[1] / "results" / "explain.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "explain.md"
MARKS = ("<!-- explain -->", "<!-- /explain -->")
COEFFICIENTS = (4.0, -3.0, 2.0, -1.5, 1.0, -0.7, 0.4, 0.0)
ELEMENT = (121, 132)  # TAAACATAAAA, from 0; turned around it fits WTTTAYRTTTW
MOTIFS = {
    # JASPAR 2018 CORE: MA0002.2 (RUNX1) and MA0003.3 (TFAP2A), counts of A, C, G, T
    "MA0002.2": (
        (287, 234, 123, 57, 0, 87, 0, 17, 10, 131, 500),
        (496, 485, 1072, 0, 75, 127, 0, 42, 400, 463, 158),
        (696, 467, 149, 7, 1872, 70, 1987, 1848, 251, 81, 289),
        (521, 814, 656, 1936, 53, 1716, 13, 93, 1339, 1325, 1053),
    ),
    "MA0003.3": (
        (1706, 137, 0, 0, 33, 575, 3640, 1012, 0, 31, 1865),
        (1939, 968, 5309, 5309, 1646, 2682, 995, 224, 31, 4726, 798),
        (277, 4340, 139, 11, 658, 1613, 618, 5309, 5309, 582, 1295),
        (1386, 47, 0, 281, 2972, 438, 56, 0, 0, 21, 1350),
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, explain, compare and print the table."""
    return run_parts(
        str(__doc__), PARTS, table,
        results=RESULTS, page=PAGE, marks=MARKS, arguments=arguments,
    )  # fmt: skip


def columns(seed: int) -> Iterator[dict]:
    """A sum of columns."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1500, len(COEFFICIENTS))).astype(np.float32)
    y = x @ np.array(COEFFICIENTS, np.float32) + rng.normal(size=1500)
    names = tuple(f"x{at}" for at in range(1, 1 + len(COEFFICIENTS)))
    rows = jb.Dataset(
        {name: jb.data.Numeric(x[:, [at]], (name,)) for at, name in enumerate(names)},
        {"y": jb.data.Numeric(y[:, None].astype(np.float32), ("y",))},
    )
    train, test = rows.take(range(1200)), rows.take(range(1200, 1500))
    run = _fit(train, seed)
    sizes = np.abs(COEFFICIENTS)
    found = jb.explain.contributions(run.predictor, test.take(range(100)))
    shares = [
        np.abs(found.values[:, found.columns.index(name)]).mean() for name in names
    ]
    yield {"metric": "rank of Shapley values", **_ranks(sizes, np.array(shares))}
    worse = jb.explain.permutation_importance(run.predictor, test, seed=seed)
    places = [worse.columns.index(name) for name in names]
    losses = worse.drops.mean(axis=1)[places]
    yield {"metric": "rank of permutation importance", **_ranks(sizes, losses)}


def _ranks(truth: np.ndarray, found: np.ndarray) -> dict:
    return {"score": round(float(spearmanr(truth, found)[0]), 4), "of": len(truth)}


def spot(seed: int) -> Iterator[dict]:
    """Images of which some have a bright spot."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 120, (1200, 32, 32, 1)).astype(np.uint8)
    corners = rng.integers(0, 26, (1200, 2))
    has = rng.random(1200) < 0.5
    for at in np.flatnonzero(has):
        row, column = corners[at]
        pixels[at, row : row + 6, column : column + 6] += 110
    rows = jb.Dataset(
        {"image": jb.data.Images(pixels)},
        {"spot": jb.data.Category.from_values(np.where(has, "yes", "no"))},
    )
    run = _fit(rows.take(range(1000)), seed)
    test = 1000 + np.flatnonzero(has[1000:])
    for name, maps in (
        ("Grad-CAM", jb.explain.activation_maps),
        ("occlusion", jb.explain.occlusion_maps),
    ):
        found = maps(run.predictor, rows.take(test), label="yes")
        points = found.reshape(len(found), -1).argmax(axis=1)
        away = np.stack([points // 32, points % 32], axis=1) - corners[test]
        inside = ((away >= 0) & (away < 6)).all(axis=1)
        score = round(float(inside.mean()), 4)
        yield {"metric": f"pointing game of {name}", "score": score, "of": len(test)}


def motifs(seed: int, *, clear: bool = False) -> Iterator[dict]:
    """Sites of two motifs in random DNA."""
    texts, y, planted = planted_rows(seed, clear=clear)
    column = jb.data.Sequences.from_strings(texts, jb.DNA)
    values = np.array(y, np.float32)[:, None]
    rows = jb.Dataset({"dna": column}, {"y": jb.data.Numeric(values, ("y",))})
    run = _fit(rows.take(range(3800)), seed)
    found = jb.explain.sequence_attributions(
        run.predictor, rows.take(range(3800, 4000))
    )
    sites = [(row, *site) for row, some in enumerate(planted[3800:]) for site in some]
    seqlets = jb.explain.find_seqlets(
        [each.values for each in found], width=11, p_value=0.01, seed=seed
    )
    raising = [(one.row, one.start) for one in seqlets if one.contribution > 0]
    covered = covers(raising[: len(sites)], sites)
    best = covers(by_matrices(texts[3800:])[: len(sites)], sites)
    yield {
        "metric": "planted sites among top seqlets",
        "score": round(float(covered.mean()), 4), "of": len(sites),
        "beside": f"{best.mean():.3f} by the matrices themselves",
    }  # fmt: skip
    yield {
        "metric": "sites found by the matrices, among top seqlets",
        "score": round(float(covered[best].mean()), 4), "of": int(best.sum()),
    }  # fmt: skip


def clear_motifs(seed: int) -> Iterator[dict]:
    """Sites that a scan with their matrix finds."""
    return motifs(seed, clear=True)


Planted = list[list[tuple[int, int]]]
"""The first position and the one after the last of the sites of each sequence."""


def planted_rows(
    seed: int, n: int = 4000, *, clear: bool = False
) -> tuple[list[str], list[float], Planted]:
    """Sequences, how many sites each has, with noise, and where they are."""
    rng = np.random.default_rng(seed)
    texts, y, planted = [], [], []
    clear_sites = {name: _clear_sites(name, rng) for name in MOTIFS}
    for _ in range(n):
        text, sites = rng.choice(list("ACGT"), 100), []
        halves = rng.permutation(2)  # of the sequence, so that sites do not overlap
        for half, (name, counts) in zip(halves, MOTIFS.items(), strict=True):
            if rng.random() < 0.5:
                start = int(50 * half + rng.integers(0, 50 - len(counts[0])))
                site = next(clear_sites[name]) if clear else drawn(counts, rng)
                text[start : start + len(counts[0])] = site
                sites.append((start, start + len(counts[0])))
        texts.append("".join(text))
        y.append(len(sites) + 0.1 * rng.normal())
        planted.append(sites)
    return texts, y, planted


def _clear_sites(name: str, rng: np.random.Generator) -> Iterator[list[str]]:
    """Drawn sites that a scan with their matrix finds."""
    while True:
        some = [drawn(MOTIFS[name], rng) for _ in range(200)]
        codes = [jb.DNA.encode("".join(site)) for site in some]
        found = jb.explain.find_sites(_matrix(name), codes, p_value=1e-4)
        for site, scanned in zip(some, found, strict=True):
            if any(one.strand == "+" for one in scanned):
                yield site


@functools.cache
def _matrix(name: str) -> jb.explain.Motif:
    counts = np.array(MOTIFS[name], float).T
    total = counts.sum(axis=1, keepdims=True)
    return jb.explain.Motif(name, counts / total, int(total[0, 0]))


def by_matrices(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Windows that do not overlap, those most like a motif first: row and start."""
    found = []
    for row, text in enumerate(texts):
        codes = jb.DNA.encode(text)
        windows = np.lib.stride_tricks.sliding_window_view(codes, 11)
        odds = [_odds(name)[np.arange(11), windows].sum(axis=1) for name in MOTIFS]
        best = np.max(odds, axis=0)
        free = np.ones(len(best), bool)
        for start in np.argsort(-best, kind="stable").tolist():
            if free[start]:
                found.append((float(best[start]), row, start))
                free[max(0, start - 10) : start + 11] = False
    return [(row, start) for _, row, start in sorted(found, reverse=True)]


@functools.cache
def _odds(name: str) -> np.ndarray:
    return np.log(np.maximum(_matrix(name).frequencies, 1e-4) / 0.25)


def covers(
    found: Sequence[tuple[int, int]], sites: Sequence[tuple[int, int, int]]
) -> np.ndarray:
    """Which sites, each of a row, a window of 11 covers by half or more.

    Args:
        found: Row and start of each window.
        sites: Row, start and end of each site.
    """
    starts: dict[int, list[int]] = {}
    for row, start in found:
        starts.setdefault(row, []).append(start)
    return np.array(
        [
            any(
                min(start + 11, last) - max(start, first) >= 6
                for start in starts.get(row, ())
            )
            for row, first, last in sites
        ]
    )


def drawn(counts: Sequence[Sequence[int]], rng: np.random.Generator) -> list[str]:
    """A site of a matrix of counts `[4 len]`."""
    shares = np.array(counts, float) / np.sum(counts, axis=0)
    return [str(rng.choice(list("ACGT"), p=column)) for column in shares.T]


def ars1(seed: int) -> Iterator[dict]:
    """The A element of an origin, from variants of it."""
    rows = whole("ars1")()
    order = np.random.default_rng(seed).permutation(len(rows))
    run = _fit(rows.take(order[:20_000]), seed)
    label = run.predictor.schema.targets[0].classes[1]
    how = {"label": label}
    (effects,) = jb.explain.substitution_effects(
        run.predictor, [ars1_wild_type()], **how
    )
    cost = -effects.sum(axis=1) / 3
    sums = np.convolve(cost, np.ones(11), "valid")
    start = int(sums.argmax())
    shared = max(min(start + 11, ELEMENT[1]) - max(start, ELEMENT[0]), 0)
    yield {
        "metric": "positions of the A element among the 11 that cost most",
        "score": shared, "of": 11,
    }  # fmt: skip
    yield from _rules(run, rows.take(order[20_000:23_000]), seed)


def heart_disease(seed: int) -> Iterator[dict]:
    """Rules beside the model that they imitate."""
    data = GAPS["heart_disease"]()
    train, test = jb.split(data, by="random", fractions=(0.7, 0.3), seed=seed)
    run = _fit(train, seed)
    yield from _rules(run, test, seed)


def _rules(run: jb.Run, test: jb.Dataset, seed: int) -> Iterator[dict]:
    found = jb.explain.rules(run.predictor, test, seed=seed)
    yield {
        "metric": "agreement of rules with the model",
        "score": round(found.fidelity, 4), "of": found.tested,
        "beside": f"{found.trivial:.3f} without a rule; right: rules "
        f"{found.score:.3f}, model {found.model_score:.3f}",
    }  # fmt: skip


def _fit(rows: jb.Dataset, seed: int) -> jb.Run:
    return jb.fit(None, None, rows, seed=seed)


PARTS: dict[str, Callable[[int], Iterator[dict]]] = {
    "columns": columns,
    "spot": spot,
    "heart_disease": heart_disease,
    "motifs": motifs,
    "clear_motifs": clear_motifs,
    "ars1": ars1,
}


def table(lines: Sequence[dict]) -> str:
    """The lines as a table in Markdown."""
    rows = ["| part | measure | score | of | beside | minutes |", "|---" * 6 + "|"]
    rows += [
        f"| {line['set']} | {line['metric']} | {line['score']:g} | {line['of']} | "
        f"{line.get('beside', '')} | {line['minutes']:.1f} |"
        for line in sorted(lines, key=lambda line: [*PARTS].index(line["set"]))
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
