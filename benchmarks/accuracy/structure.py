"""Accuracy of protein structure from sequence, on public chains.

    python -m benchmarks.accuracy.structure                   all parts
    python -m benchmarks.accuracy.structure residues distances   some
    python -m benchmarks.accuracy.structure --table           the table of the results
    python -m benchmarks.accuracy.structure --write           into the documentation

`residues` trains one ensemble on the chains of NetSurfP-2.0 (three states) together
with backbones and CASP11 targets (eight states, accessibility, torsions), and scores it
on NEW364, CB513, TS115, CASP12 and CASP13. `distances` trains on small backbones and
scores contacts and folded structures of other ones. `disorder` is CheZOD, `dssp` the
agreement of labels with DSSP files, `folding` what comes back from true distances.

Validation chains decide when to stop; test chains are scored once. Added training
chains that share k-mers with a test chain are left out; chains of the published
training set are not, and every score is given for all test chains and for the clean
ones, which share at most 20 % of their 6-mers with any training chain. A line of JSON
each goes to `benchmarks/results/structure.jsonl`.
"""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import jax
import numpy as np

import jaxbio as jb
from benchmarks.accuracy.progress import Told
from benchmarks.report import keep, read, write
from jaxbio.data import Dataset
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import concatenate
from jaxbio.data.similarity.overlap import CLEAN, kmer_overlap
from jaxbio.datasets import catalog, loaders
from jaxbio.datasets.chains import cgdms_chains, pdb_chains
from jaxbio.metrics import contact_metrics, regression_metrics
from jaxbio.structure import chain_tasks, fold, from_distances, predict_structures
from jaxbio.structure.chain import Chain
from jaxbio.structure.folding.thread import built
from jaxbio.structure.metrics import (
    check_backbone,
    lddt,
    q3,
    q8,
    rsa_metrics,
    sov,
    tm_score,
)
from jaxbio.structure.plot import predicted_structure
from jaxbio.tasks.distances import contact_probability

RESULTS = Path(__file__).parents[1] / "results" / "structure.jsonl"
PICTURE = RESULTS.with_suffix(".png")
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "structure.md"
MARKS = ("<!-- structure -->", "<!-- /structure -->")
RUNS = Path(__file__).parent / "runs"
RESIDUE_TARGETS = ("ss3", "ss8", "rsa", "sin_phi", "cos_phi", "sin_psi", "cos_psi")
_DRAWS = 200


PUBLISHED = {
    ("NEW364", "q3"): ".643 (one-hot net, BioNeMo)",
    ("CB513", "q3"): ".69 one-hot, .75 pretrained LSTM (TAPE)",
    ("CB513", "q8"): ".584 (UniRep)",
    ("CASP12", "rsa pearson"): ".707 (NetSurfP-3, language model)",
    ("CheZOD117", "spearman"): ".72 (SETH, language model)",
}
"""What others report, by chains and measure."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--members", type=int, help="networks (default: by the data)")
    parser.add_argument("--epochs", type=int, help="(default: by the data)")
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    only_table = options.table or options.write
    for part in () if only_table else options.parts or PARTS:
        if part not in PARTS:
            parser.error(f"no part {part}: known are {', '.join(PARTS)}")
        for line in PARTS[part](options):
            line = {"part": part, "seed": options.seed, **line}
            print(json.dumps(line), flush=True)
            keep(line, options.results)
    print(table(options.results))
    if options.write:
        write(PAGE, section(options.results), MARKS)
    return 0


# ---- states, accessibility and torsions of residues


def residues(options: argparse.Namespace) -> Iterator[dict]:
    """One ensemble for all labels of residues; missing labels are masked."""
    tests = residue_tests()
    flip = loaders.load("flip_secondary_structure")
    added, held = added_chains(list(tests.values()))
    train = concatenate([flip["train"], added])
    valid = concatenate([flip["valid"], held])
    run = trained("residues", train, valid, chain_tasks(RESIDUE_TARGETS), options)
    for name, data in tests.items():
        found = run.predictor(data, unknown="any").by_target
        rows = run.predictor.schema.encode(data, targets=False)
        clean = is_clean(data, train)
        for target in data.targets:
            linear = run.baselines[target]["linear"].predict(rows)
            plain = np.split(linear, rows.inputs["sequence"].offsets[1:-1])
            spec = run.predictor.schema.target(target)
            for metric, measure in _measures(target).items():
                scores, baseline = (
                    [
                        measure(truth, value, spec.classes)
                        for truth, value in zip(truths(data, target), each, strict=True)
                    ]
                    for each in (found[target], plain)
                )
                pooled = _pooled if metric != "rsa pearson" else _joined_pearson
                yield line_of(run, name, metric, scores, baseline, clean, pooled)


def residue_tests() -> dict[str, Dataset]:
    """The test sets; two of the name CASP12 have different chains and labels."""
    tests = {"NEW364": loaders.load("flip_secondary_structure")["test"]}
    for name in ("CB513", "TS115", "CASP12"):
        tests[name] = loaders.load("ss_test_sets", name)["all"]
    for name in ("CASP12", "CASP13"):
        data = loaders.load("casp_rsa_ss8", name)["all"]
        tests[f"{name} (DNSS2)"] = only(data, ("rsa",))
    return tests


def added_chains(tests: Sequence[Dataset]) -> tuple[Dataset, Dataset]:
    """Chains with further labels to train on, and some to validate."""
    sets = [
        loaders.load("cgdms_structures")["train"],
        loaders.load("casp_rsa_ss8", "CASP11")["all"],
        loaders.load("pfam40_pdb")["all"],
        loaders.load("ts50_pdb_dssp")["all"],
    ]
    data = concatenate([only(each, RESIDUE_TARGETS) for each in sets])
    tested = concatenate([only(each, ()) for each in tests])
    data = data.take(np.flatnonzero(is_clean(data, tested)))
    kept, held = jb.split(data, by="similarity", fractions=(0.9, 0.1), seed=0)
    return kept, held


def _measures(target: str) -> dict[str, Callable]:
    """For each measure a function of truth, prediction and classes of one chain."""

    def letters(values: np.ndarray, classes: Sequence[str]) -> str:
        return "".join(np.array(classes)[values.argmax(axis=-1)])

    def share(measure: Callable) -> Callable:
        def chain(truth: str, values: np.ndarray, classes: Sequence[str]):
            count = len(truth) - truth.count("?")
            value = measure(truth, letters(values, classes)) if count else None
            return (0.0 if value is None else value * count), count

        return chain

    def segments(truth: str, values: np.ndarray, classes: Sequence[str]):
        value = sov(truth, letters(values, classes))
        return (0.0, 0) if value is None else (value / 100, 1)

    if target == "ss3":
        return {"q3": share(q3), "sov": segments}
    if target == "ss8":
        return {"q8": share(q8)}
    return {
        "rsa pearson": lambda truth, values, _: (truth, values),
        "rsa two-state": lambda truth, values, _: (
            rsa_metrics(truth, values)["accuracy"] * len(truth), len(truth),
        ),
    }  # fmt: skip


def _pooled(scores: Sequence) -> float:
    """The share over all residues, from sums and counts of chains."""
    return float(sum(s[0] for s in scores) / sum(s[1] for s in scores))


def _joined_pearson(scores: Sequence) -> float:
    truth, values = (np.concatenate([s[at] for s in scores]) for at in (0, 1))
    return float(rsa_metrics(truth, values)["pearson"])


def truths(data: Dataset, target: str) -> list:
    """The labels of each chain."""
    column = data.targets[target]
    if hasattr(column, "offsets"):
        return np.split(column.values, column.offsets[1:-1])
    return list(column.values)


# ---- distances, contacts and folded structures


def distances(options: argparse.Namespace) -> Iterator[dict]:
    """A network with pairs, trained on small backbones alone."""
    parts = loaders.load("cgdms_structures")
    test = parts["valid"]  # published as validation chains; here they are the test
    kept = np.flatnonzero(is_clean(parts["train"], test, most=1.0 - 1e-9))
    train, valid = jb.split(
        parts["train"].take(kept), by="similarity", fractions=(0.9, 0.1), seed=0
    )
    run = trained("distances", train, valid, chain_tasks(train.targets), options)
    clean = is_clean(test, train)
    rows = run.predictor.schema.encode(test, targets=False)
    plain = run.baselines["cb"]["separation"].predict(rows)
    task = run.predictor.objective.tasks["cb"]
    begun = time.perf_counter()
    chains = cgdms_chains(catalog.path("cgdms_structures"), "valid")
    found = list(
        predict_structures(
            run.predictor, test.inputs["sequence"].strings(), seed=options.seed
        )
    )
    seconds = time.perf_counter() - begun
    contacts = [structure.distogram.contacts for structure in found]
    below = [contact_probability(each, task.edges) for each in plain]
    maps = [chain.distances("CB") for chain in chains]
    for label, key in (
        ("precision at L", "all_l"),
        ("precision at L/5", "all_l5"),
        ("long-range precision at L", "long_l"),
        ("long-range precision at L/5", "long_l5"),
    ):
        scores, baseline = (
            [
                contact_metrics([true], [each])[key]
                for true, each in zip(maps, p, strict=True)
            ]
            for p in (contacts, below)
        )
        yield line_of(run, "cgdms val", label, scores, baseline, clean, _mean)
    yield from _folded(run, chains, found, clean, seconds)


def _folded(run, chains, found, clean, seconds) -> Iterator[dict]:
    """Folded chains beside an ideal helix and a chain of predicted states alone."""
    folded = [structure.backbone.coordinates for structure in found]
    helices = [built(np.full((len(c), 2), np.deg2rad([-63.0, -42.0]))) for c in chains]
    random = np.random.default_rng(0)
    states = [built(_angles(structure.states["ss3"], random)) for structure in found]
    measures = {
        "TM-score": lambda true, model: tm_score(true, model),
        "lDDT of CA": lambda true, model: lddt(true, model).score,
    }
    for label, measure in measures.items():
        scores, helix, drawn = (
            [
                measure(chain.coordinates[:, 1], model[:, 1])
                for chain, model in zip(chains, models, strict=True)
            ]
            for models in (folded, helices, states)
        )
        line = line_of(run, "cgdms val, folded", label, scores, helix, clean, _mean)
        yield {**line, "random_chain": _mean(drawn), "fold_seconds": round(seconds, 1)}
    _draw(chains, found, clean)
    confidence = [float(structure.backbone.confidence.mean()) for structure in found]
    scores = [
        lddt(chain.coordinates[:, 1], model[:, 1]).score
        for chain, model in zip(chains, folded, strict=True)
    ]
    pearson = float(np.corrcoef(confidence, scores)[0, 1])
    yield {
        "set": "cgdms val, folded",
        "metric": "confidence against lDDT, pearson",
        "score": round(pearson, 4),
        "chains": len(scores),
    }


def _draw(chains, found, clean) -> None:
    """Draw the clean chain in the middle of the order of TM-scores."""
    scores = [
        (tm_score(chain.coordinates[:, 1], each.backbone.coordinates[:, 1]), at)
        for at, (chain, each) in enumerate(zip(chains, found, strict=True))
        if clean[at]
    ]
    score, at = sorted(scores)[len(scores) // 2]
    named = dataclasses.replace(
        found[at], name=f"{chains[at].name}, the median of {len(scores)} clean chains"
    )
    page = predicted_structure(named, true=chains[at])
    if page is not None:
        jb.plot.save(page, PICTURE)
    print(f"{PICTURE}: {chains[at].name}, TM-score {score:.3f}", file=sys.stderr)


def _angles(states: str, random: np.random.Generator) -> np.ndarray:
    """Torsions of helix and strand, and of coil those of either at random."""
    table = {"H": (-63.0, -42.0), "E": (-120.0, 130.0)}
    coil = [(-63.0, -42.0), (-75.0, 145.0), (-120.0, 130.0), (57.0, 40.0)]
    drawn = [coil[at] for at in random.choice(4, len(states), p=[0.35, 0.4, 0.2, 0.05])]
    angles = [table.get(s, d) for s, d in zip(states, drawn, strict=True)]
    noise = random.normal(0, 8, (len(states), 2))
    return np.deg2rad(np.array(angles) + noise)


def folding(options: argparse.Namespace) -> Iterator[dict]:
    """What comes back from true distances, with and without true torsions."""
    sets = {
        "pfam40": pdb_chains(catalog.path("pfam40_pdb")),
        "cgdms val": cgdms_chains(catalog.path("cgdms_structures"), "valid"),
    }
    for name, chains in sets.items():
        for with_torsions in (True, False):
            begun, scores, bonds, clashes = time.perf_counter(), [], [], []
            for chain in chains:
                backbone = refolded(chain, with_torsions, options.seed)
                true = chain.coordinates[:, 1]
                scores.append(tm_score(true, backbone.coordinates[:, 1]))
                found = check_backbone(backbone.coordinates, sequence=chain.sequence)
                bonds.append(found["bond_error"])
                clashes.append(found["clashes"])
            suffix = "" if with_torsions else " without torsions"
            yield {
                "set": f"{name}, true distances{suffix}",
                "metric": "TM-score",
                "score": round(float(np.mean(scores)), 4),
                "least": round(float(np.min(scores)), 4),
                "below_0.9": int(np.sum(np.array(scores) < 0.9)),
                "chains": len(scores),
                "clashes_per_chain": round(float(np.mean(clashes)), 2),
                "bond_error": round(float(np.max(bonds)), 4),
                "seconds": round(time.perf_counter() - begun, 1),
            }


def refolded(chain: Chain, with_torsions: bool, seed: int):
    """The backbone from the true distances of a chain."""
    edges = np.arange(2, 22.5, 0.5).astype(np.float32)
    torsions = chain.torsions[:, :2] if with_torsions else None
    table = from_distances(chain.distances("CB"), edges)
    return fold(table, edges, sequence=chain.sequence, torsions=torsions, seed=seed)


# ---- disorder, and the labels themselves


def disorder(options: argparse.Namespace) -> Iterator[dict]:
    """CheZOD scores of residues, with the settings that the data choose."""
    parts = loaders.load("chezod_disorder")
    run = trained("disorder", parts["train"], parts["valid"], None, options)
    test = parts["test"]
    rows = run.predictor.schema.encode(test, targets=False)
    offsets = rows.inputs["sequence"].offsets[1:-1]
    plain = np.split(run.baselines["chezod"]["linear"].predict(rows), offsets)
    found = run.predictor(test, unknown="any").by_target["chezod"]
    scores, baseline = (
        list(zip(truths(test, "chezod"), each, strict=True)) for each in (found, plain)
    )

    def spearman(chains: Sequence) -> float:
        truth, values = (np.concatenate([c[at] for c in chains]) for at in (0, 1))
        return float(regression_metrics(truth, values)["spearman"])

    clean = is_clean(test, parts["train"])
    yield line_of(run, "CheZOD117", "spearman", scores, baseline, clean, spearman)


def dssp(options: argparse.Namespace) -> Iterator[dict]:
    """How often the labels of structures are those of DSSP."""
    folder = catalog.path("ts50_pdb_dssp")
    if not (folder / "dssp").is_dir():
        print("the DSSP files of ts50_pdb_dssp are not here", file=sys.stderr)
        return
    hits = {"3": [], "8": []}
    for chain in pdb_chains(folder):
        truth = _dssp_states(folder / "dssp" / f"{chain.name.split('_')[0]}.dssp")
        hits["8"].append((q8(truth, chain.ss8) * len(truth), len(truth)))
        hits["3"].append((q3(truth, chain.ss8) * len(truth), len(truth)))
    for states, chains in hits.items():
        score, metric = _pooled(chains), f"agreement in {states} states"
        yield {
            "set": "TS50",
            "metric": metric,
            "score": round(score, 4),
            "chains": len(chains),
        }


def _dssp_states(path: Path) -> str:
    lines = path.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("  #")) + 1
    return "".join(
        line[16].replace(" ", "C") for line in lines[start:] if line[13] != "!"
    )


PARTS = {
    "dssp": dssp,
    "folding": folding,
    "distances": distances,
    "disorder": disorder,
    "residues": residues,
}


# ---- what the parts share


def trained(
    name: str, train: Dataset, valid: Dataset, tasks, options: argparse.Namespace
) -> jb.Run:
    """Train with the settings that the data choose, or go on with a run."""
    settings = {"members": options.members, "epochs": options.epochs}
    given = {key: value for key, value in settings.items() if value is not None}

    folder = RUNS / f"{name}-{options.seed}"
    run = jb.fit(
        None, tasks, train, valid, seed=options.seed, out=folder, resume=True,
        callbacks=[Told(name)], **given,
    )  # fmt: skip
    return run


def only(data: Dataset, names: Sequence[str]) -> Dataset:
    """The data set with these targets alone, and the sequence."""
    kept = {name: column for name, column in data.targets.items() if name in names}
    return dataclasses.replace(data, targets=kept)


def is_clean(data: Dataset, other: Dataset, *, most: float = CLEAN) -> np.ndarray:
    """Which chains share few k-mers with every chain of another set."""
    column, reference = data.inputs["sequence"], other.inputs["sequence"]
    assert isinstance(column, Sequences) and isinstance(reference, Sequences)
    return kmer_overlap(column, reference)[0] <= most


def line_of(
    run: jb.Run,
    name: str,
    metric: str,
    scores: Sequence,
    baseline: Sequence,
    clean: np.ndarray,
    pooled: Callable[[Sequence], float],
) -> dict:
    """A line: all chains, clean ones, baseline, an interval by drawing chains."""
    chosen = [score for score, new in zip(scores, clean, strict=True) if new]
    random = np.random.default_rng(0)
    drawn = [
        pooled([scores[at] for at in random.integers(0, len(scores), len(scores))])
        for _ in range(_DRAWS)
    ]
    score = pooled(scores)
    minutes = sum(r["seconds"] for member in run.history for r in member) / 60
    return {
        "set": name,
        "metric": metric,
        "score": round(score, 4),
        "interval": [round(float(v), 4) for v in np.quantile(drawn, [0.025, 0.975])],
        "clean": round(pooled(chosen), 4) if chosen else None,
        "baseline": round(pooled(baseline), 4),
        "chains": len(scores),
        "clean_chains": len(chosen),
        "members": run.training.members,
        "epochs": max((len(member) for member in run.history), default=0),
        "train_minutes": round(minutes, 1),
        "device": jax.devices()[0].platform,
        "versions": {"jaxbio": jb.__version__, "jax": jax.__version__},
        "published": PUBLISHED.get((name.split(" (")[0], metric), ""),
    }


def _mean(values: Sequence[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))


def section(path: Path) -> str:
    """The page's text between the marks: the table, how it was made, the picture."""
    trained = {
        line["part"]: line for line in read(path) if "train_minutes" in line
    }.values()
    runs = "; ".join(
        f"`{line['part']}` {line['members']} x {line['epochs']} epochs, "
        f"{line['train_minutes']:.0f} minutes on {line['device'].upper()}, seed "
        f"{line['seed']}"
        for line in trained
    )
    picture = f"../../benchmarks/results/{PICTURE.name}"
    return (
        f"{table(path)}\n\nTrained: {runs}.\n\n"
        f"![A predicted chain beside the known structure]({picture})"
    )


def table(path: Path) -> str:
    """The results as a Markdown table."""
    rows = [
        "| chains | measure | all | 95 % interval | clean | baseline | published |",
        "|---|---|---|---|---|---|---|",
    ]
    lines = read(path)
    order = list(PARTS)
    for line in sorted(lines, key=lambda line: order.index(line["part"])):
        low, high = line.get("interval") or (None, None)
        clean = line.get("clean")
        cells = [
            f"{line['set']} ({line['chains']})",
            line["metric"],
            f"{line['score']:.3f}",
            "" if low is None else f"{low:.3f} – {high:.3f}",
            "" if clean is None else f"{clean:.3f} ({line['clean_chains']})",
            f"{line['baseline']:.3f}" if "baseline" in line else "",
            line.get("published", ""),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
