"""Accuracy in medicine: images, tables with gaps, expression and affinities.

    python benchmarks/accuracy_medicine.py                  all parts
    python benchmarks/accuracy_medicine.py images tables    some
    python benchmarks/accuracy_medicine.py images --only retinamnist
    python benchmarks/accuracy_medicine.py --table          the table of the results
    python benchmarks/accuracy_medicine.py --write          the README's section

The sets lie in the folder that the environment variable `JAXBIO_DATA` names, as
AREA/NAME/; a set that is not there is left out, with a note. Validation rows decide
when to stop and between settings; test rows are scored once, and those of
cross-validation decide nothing in their own fold. Beside every score stands a plain
baseline that was fitted on the same rows, and the line says whether the model beats
it. A line of JSON each goes to `benchmarks/results/medicine.jsonl`.
"""

import argparse
import collections
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import report
import threadpoolctl

import jaxbio as jb
from jaxbio.data import Dataset
from jaxbio.data.splits import by_column
from jaxbio.metrics import binary_metrics, multiclass_metrics

RESULTS = Path(__file__).parent / "results" / "medicine.jsonl"
README = Path(__file__).parents[1] / "README.md"
MARKS = ("<!-- medicine -->", "<!-- /medicine -->")


@dataclasses.dataclass(frozen=True)
class Goal:
    """What was set out to be reached, and what others published."""

    target: float | None = None
    published: str = ""


RESNETS = "ResNet-18 at 28 and 224, MedMNIST"
GOALS = {
    ("pneumoniamnist", "AUROC"): Goal(0.955, f".944, .956 ({RESNETS})"),
    ("pneumoniamnist", "accuracy"): Goal(0.87, f".854, .864 ({RESNETS})"),
    ("retinamnist", "AUROC"): Goal(0.74, f".717, .710 ({RESNETS})"),
    ("retinamnist", "accuracy"): Goal(0.53, f".524, .493 ({RESNETS})"),
    ("heart_disease", "AUROC, hospitals left out"): Goal(0.81, ".796 (boosting)"),
    ("golub", "right of 34"): Goal(33, "29 strong calls (Golub 1999)"),
    ("alon", "accuracy, 10-fold"): Goal(0.860),
    ("singh", "accuracy, 10-fold"): Goal(0.915),
    ("shipp", "accuracy, 10-fold"): Goal(0.961),
    ("worm_neuron", "macro F1, 5-fold"): Goal(0.94),
    ("mouse_bladder_2100", "macro F1, 5-fold"): Goal(0.88),
    ("pbmc68k_reduced", "macro F1, 5-fold"): Goal(0.70),
    ("gpcr_label_reversal", "AUROC"): Goal(0.84, ".842 (TransformerCPI)"),
    ("davis", "MSE"): Goal(0.229, ".261 DeepDTA, .229 GraphDTA, both test-selected"),
    ("davis", "CI"): Goal(0.893, ".878, .893"),
    ("davis", "r_m2"): Goal(0.66, ".630 (DeepDTA)"),
    ("worm_neuron", "ARI of clusters"): Goal(0.60, ".52 (scDeepCluster)"),
}
LOWER = frozenset(("MSE",))
"""Measures of which less is better."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that were asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--only", nargs="*", metavar="SET", help="sets of these parts")
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument("--seeds", type=int, help="runs (default: by the part)")
    parser.add_argument("--members", type=int, default=3, help="networks of tables")
    parser.add_argument("--epochs", type=int, help="(default: by the part)")
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="put it into the README")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    only_table = options.table or options.write
    for part in () if only_table else options.parts or PARTS:
        if part not in PARTS:
            parser.error(f"no part {part}: known are {', '.join(PARTS)}")
        for line in PARTS[part](options):
            line = {"part": part, **line}
            print(json.dumps(line), flush=True)
            if line["beats_baseline"] is False:
                what = f"{line['set']}, {line['metric']}"
                print(f"{what}: NO BETTER THAN THE BASELINE", file=sys.stderr)
            keep(line, options.results)
    print(table(options.results))
    if options.write:
        report.write(README, section(options.results), MARKS)
    return 0


# ---- images


@dataclasses.dataclass(frozen=True)
class Pictures:
    """How a set of images is trained; validation rows decided between a few."""

    epochs: int
    learning_rate: float
    changes: Mapping[str, float]


PICTURES = {
    "pneumoniamnist": Pictures(
        15, 2e-3, {"rotate": 10, "move": 0.07, "intensity": 0.1}
    ),
    "retinamnist": Pictures(
        40,
        3e-3,
        {"flip": 0.5, "flip_vertical": 0.5, "rotate": 180, "move": 0.07}
        | {"intensity": 0.1},
    ),
}


def images(options: argparse.Namespace) -> Iterator[dict]:
    """Residual networks from five seeds: their mean, and what they say together."""
    for name, how in PICTURES.items():
        folder = local("image", name, options)
        if folder is None:
            continue
        began = time.perf_counter()
        data = jb.read(
            folder / f"{name}.npz", inputs={"image": "image"}, groups="split",
            targets={"label": "class"},
        )  # fmt: skip
        parts = by_column(data)
        runs = [
            jb.fit(
                jb.CNN(image_channels=(16, 32, 64), image_dropout=0.2),
                None, parts["train"], parts["valid"], seed=seed, members=1,
                epochs=options.epochs or how.epochs, batch_size=64, patience=0,
                learning_rate=how.learning_rate, weight_decay=1e-2, **how.changes,
                baselines=seed == options.seed, observer=observer(f"{name} {seed}"),
            )
            for seed in seeds(options, 5)
        ]  # fmt: skip
        yield from _image_lines(name, runs, parts, options, began)


def _image_lines(
    name: str,
    runs: Sequence[jb.Run],
    parts: Mapping[str, Dataset],
    options: argparse.Namespace,
    began: float,
) -> Iterator[dict]:
    schema = runs[0].predictor.schema
    rows = schema.encode(parts["test"])
    truth = rows.targets["label"]
    found = [run.predictor(parts["test"]).by_target["label"] for run in runs]
    plain = runs[0].baselines["label"]["linear"].predict(rows)
    common: dict[str, Any] = {
        "rows": len(truth),
        "seeds": seeds(options, 5),
        "baseline_name": "logistic regression of pixels",
        "minutes": minutes(began),
    }
    for metric, key in (("AUROC", "auroc"), ("accuracy", "accuracy")):
        each = [classes(truth, values)[key] for values in found]
        together = classes(truth, np.mean(found, axis=0))[key]
        yield line_of(
            name, metric, each, classes(truth, plain)[key], ensemble=together, **common
        )
    if truth.max() > 1:
        return
    # Healthy children are rarer among training images than among those of the test.
    valid = schema.encode(parts["valid"], targets=True).targets["label"]
    each = []
    for run, values in zip(runs, found, strict=True):
        known = run.predictor(parts["valid"]).by_target["label"]
        at = even_threshold(valid, positive(known))
        each.append(float(np.mean((positive(values) >= at) == truth)))
    yield line_of(
        name, "accuracy, threshold by validation", each,
        classes(truth, plain)["accuracy"], **common,
    )  # fmt: skip


def even_threshold(truth: np.ndarray, probability: np.ndarray) -> float:
    """The threshold with the largest mean of sensitivity and specificity."""
    order = np.argsort(probability)
    ones = truth[order] == 1
    below = np.cumsum(~ones) / max((~ones).sum(), 1)
    above = 1 - np.cumsum(ones) / max(ones.sum(), 1)
    best = int(np.argmax(below + above))
    after = min(best + 1, len(order) - 1)
    return float((probability[order[best]] + probability[order[after]]) / 2)


# ---- tables with gaps


@dataclasses.dataclass(frozen=True)
class Patients:
    """A table: what is known of each row and its class, as numbers from 0.

    Attributes:
        frame: Numbers, and text or pandas categories; nothing where it is missing.
        label: The class of each row.
    """

    frame: Any
    label: np.ndarray

    def dataset(self, rows: np.ndarray) -> Dataset:
        """The rows as jaxbio reads them: numbers, with a column for each category."""
        frame = self.numbers().iloc[rows].assign(the_class=self.label[rows])
        inputs: dict[str, Any] = {"numbers": list(self.numbers())}
        return jb.read(frame, inputs=inputs, targets={"the_class": "class"})

    def numbers(self) -> Any:
        """Text as a column of 0 and 1 for each category but the first of two."""
        import pandas as pd

        parts = []
        for name in self.frame:
            column = self.frame[name]
            if column.dtype != "category":
                parts.append(column.astype(float))
                continue
            levels = column.cat.categories
            for level in levels[1:] if len(levels) == 2 else levels:
                found = (column == level).astype(float).where(column.notna())
                parts.append(found.rename(f"{name}_{level}"))
        frame = pd.concat(parts, axis=1)
        return frame.set_axis([f"c{at}" for at in range(frame.shape[1])], axis=1)

    def without(self, share: float, seed: int) -> "Patients":
        """The table without this share of its cells."""
        lost = np.random.default_rng(seed).random(self.frame.shape) < share
        return Patients(self.frame.mask(lost), self.label)


UCI = (
    *("hepatitis", "horse_colic", "heart_statlog", "breast_recurrence", "breast_w"),
    *("pima_diabetes", "dermatology", "primary_tumor", "arrhythmia", "sick"),
    "hypothyroid",
)
NO_ZERO = {"pima_diabetes": ("plas", "pres", "skin", "insu", "mass")}
"""Columns in which 0 means that nothing was measured, says the description."""


def tables(options: argparse.Namespace) -> Iterator[dict]:
    """A small ensemble of perceptrons beside gradient boosting, on the same rows."""
    folder = local("tabular", "heart_disease", options)
    if folder is not None:
        yield from _hospitals(folder, options)
    for name in UCI:
        folder = local("tabular", "uci_clinical", options, name)
        if folder is None:
            continue
        began = time.perf_counter()
        data = uci_table(folder, name)
        ours, theirs = cross_validated(data, 5, options)
        yield line_of(
            f"uci_clinical/{name}", "AUROC, 5-fold", [float(np.mean(ours))],
            float(np.mean(theirs)), folds=ours, rows=len(data.label),
            **_tables_common(options, began), within=0.01,
        )  # fmt: skip
    yield from _degraded(options)


def _tables_common(options: argparse.Namespace, began: float) -> dict:
    return {
        "seeds": [options.seed],
        "members": options.members,
        "baseline_name": "histogram boosting",
        "minutes": minutes(began),
    }


def _hospitals(folder: Path, options: argparse.Namespace) -> Iterator[dict]:
    """Trained on three hospitals, scored on the fourth."""
    began = time.perf_counter()
    data, site = heart_table(folder)
    ours, theirs = {}, {}
    for name in dict.fromkeys(site):
        train, test = np.flatnonzero(site != name), np.flatnonzero(site == name)
        found, plain = both(data, train, test, options)
        ours[name], theirs[name] = (
            classes(data.label[test], values)["auroc"] for values in (found, plain)
        )
        print(f"heart {name} {ours[name]:.3f} {theirs[name]:.3f}", file=sys.stderr)
    yield line_of(
        "heart_disease", "AUROC, hospitals left out", [np.mean(list(ours.values()))],
        float(np.mean(list(theirs.values()))), rows=len(site),
        hospitals=ours, baseline_hospitals=theirs, **_tables_common(options, began),
    )  # fmt: skip


def _degraded(options: argparse.Namespace) -> Iterator[dict]:
    """What is left of the AUROC where cells are taken away, in training and test."""
    heart = local("tabular", "heart_disease", options)
    uci = local("tabular", "uci_clinical", options, "pima_diabetes")
    tables = {}
    if heart is not None:
        tables["heart_disease"] = heart_table(heart)[0]
    if uci is not None:
        tables["pima_diabetes"] = uci_table(uci, "pima_diabetes")
    for name, data in tables.items():
        for share in (0.0, 0.2, 0.4, 0.6):
            began = time.perf_counter()
            less = data.without(share, options.seed)
            ours, theirs = cross_validated(less, 3, options)
            yield line_of(
                name, f"AUROC, 3-fold, {share:.0%} of cells removed",
                [float(np.mean(ours))], float(np.mean(theirs)), folds=ours,
                rows=len(data.label), **_tables_common(options, began),
            )  # fmt: skip


def heart_table(folder: Path) -> tuple[Patients, np.ndarray]:
    """Heart disease, and the hospital of each row; pressures of 0 are no pressures."""
    import pandas as pd

    frame = pd.read_csv(folder / "data.csv")
    for name in ("chol", "trestbps"):
        frame[name] = frame[name].replace(0, np.nan)
    for name in ("cp", "restecg", "thal"):
        frame[name] = frame[name].map(lambda value: f"{value:g}", na_action="ignore")
        frame[name] = frame[name].astype("category")
    site = frame["site"].to_numpy(str)
    label = (frame["num"] > 0).to_numpy(int)
    return Patients(frame.drop(columns=["num", "site"]), label), site


def uci_table(folder: Path, name: str) -> Patients:
    """A table of `uci_clinical`; its last column is the class."""
    import pandas as pd

    file = next(iter(sorted(folder.glob(f"{name}.csv*"))))
    frame = pd.read_csv(file)
    label = pd.factorize(frame.iloc[:, -1], sort=True)[0]
    frame = frame.iloc[:, :-1].dropna(axis=1, how="all")
    for column in NO_ZERO.get(name, ()):
        frame[column] = frame[column].replace(0, np.nan)
    words = [n for n in frame if not pd.api.types.is_numeric_dtype(frame[n])]
    return Patients(frame.astype(dict.fromkeys(words, "category")), label)


def cross_validated(
    data: Patients, folds: int, options: argparse.Namespace
) -> tuple[list[float], list[float]]:
    """The AUROC of each fold, of the networks and of boosting."""
    from sklearn.model_selection import StratifiedKFold

    dealt = StratifiedKFold(folds, shuffle=True, random_state=options.seed)
    scores: tuple[list[float], list[float]] = [], []
    for train, test in dealt.split(data.label, data.label):
        pair = both(data, train, test, options)
        for kept, values in zip(scores, pair, strict=True):
            kept.append(round(classes(data.label[test], values)["auroc"], 4))
    return scores


def both(
    data: Patients, train: np.ndarray, test: np.ndarray, options: argparse.Namespace
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of classes, of the networks and of boosting."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    size = int(data.label.max()) + 1
    mixed = np.random.default_rng(options.seed).permutation(train)
    held = _held_out(data.label[mixed])
    run = jb.fit(
        None, None, data.dataset(mixed[~held]),
        data.dataset(mixed[held]) if held.any() else None,
        members=options.members, seed=options.seed, baselines=False,
    )  # fmt: skip
    found = run.predictor(data.dataset(test), unknown="any").by_target["the_class"]
    if found.ndim == 1 or found.shape[1] == 1:
        found = np.stack([1 - positive(found), positive(found)], axis=1)
    known = [int(name) for name in run.predictor.schema.target("the_class").classes]
    boosting = HistGradientBoostingClassifier(
        categorical_features="from_dtype", random_state=options.seed
    )
    with threadpoolctl.threadpool_limits(1):  # more of them wait on a busy machine
        boosting.fit(data.frame.iloc[train], data.label[train])
        plain = boosting.predict_proba(data.frame.iloc[test])
    return _spread(found, known, size), _spread(plain, boosting.classes_, size)


def _held_out(label: np.ndarray) -> np.ndarray:
    """Rows for validation, none if `fit` may choose: a rare class stays in training."""
    held = np.zeros(len(label), bool)
    sizes = np.bincount(label)
    if sizes[sizes > 0].min() < 10:
        common = np.flatnonzero(sizes[label] >= 10)
        held[common[: len(label) // 10]] = True
    return held


def _spread(values: np.ndarray, known: Sequence[int], size: int) -> np.ndarray:
    """Probabilities of all classes from those of the classes that training had."""
    whole = np.zeros((len(values), size))
    whole[:, list(known)] = values
    return whole


# ---- expression


ARRAYS = {"golub": 100.0, "alon": 20.0, "singh": 20.0, "shipp": 20.0}
"""Sets of arrays, and the intensity below which nothing is told apart (Dudoit et al.
2002, J. Am. Stat. Assoc. 97, 77, for the first; the usual one for the others)."""
_CEILING = 16_000.0
CELLS = {
    "worm_neuron": "label",
    "mouse_bladder_2100": "label",
    "pbmc68k_reduced": "bulk_label",
}


def expression(options: argparse.Namespace) -> Iterator[dict]:
    """Tumours from arrays, types of cells from counts, and clusters of cells."""
    for name in ARRAYS:
        folder = local("expression", name, options)
        if folder is not None:
            yield _tumours(name, folder, options)
    folder = local("expression", "worm_neuron", options)
    if folder is not None:
        yield _clusters(folder, options)
    for name in ("pbmc68k_reduced", "worm_neuron", "mouse_bladder_2100"):
        folder = local("expression", name, options)
        if folder is not None:
            yield _annotated(name, folder, options)


def _tumours(name: str, folder: Path, options: argparse.Namespace) -> dict:
    from sklearn.model_selection import StratifiedKFold

    began = time.perf_counter()
    data, published = arrays_of(name, folder)
    label = data.targets["label"].values
    number = np.unique(label.astype(str), return_inverse=True)[1]
    if name == "golub":
        test = published == "test"
        dealt = [(np.flatnonzero(~test), np.flatnonzero(test), seed)
                 for seed in seeds(options, 3)]  # fmt: skip
    else:
        split = StratifiedKFold(10, shuffle=True, random_state=options.seed)
        dealt = [(*pair, options.seed) for pair in split.split(label, label)]
    right, plain, many, count = [], [], [], 0
    values = data.inputs["expression"].values
    for train, test, seed in dealt:
        genes = chosen_genes(values[train], number[train], seed)
        # Both classes count alike: nothing says how frequent they are elsewhere.
        weights = class_weights(number[train], 1.0).astype(np.float32)
        rows = dataclasses.replace(with_genes(data, genes).take(train), weights=weights)
        run = jb.fit(None, None, rows, seed=seed, baselines=False)
        scores = run.evaluate(with_genes(data, genes).take(test)).scores["label"]
        right.append(scores["model"]["accuracy"] * len(test))
        known = regression().fit(values[train], number[train])
        plain.append(known.score(values[test], number[test]) * len(test))
        many.append(len(genes))
        count += len(test)
        told = (
            f"{name} {right[-1]:.0f} {plain[-1]:.0f} of {len(test)}, {many[-1]} genes"
        )
        print(told, file=sys.stderr)
    common: dict[str, Any] = {
        "rows": len(dealt[0][1]) if name == "golub" else count,
        "seeds": sorted({seed for *_, seed in dealt}),
        "members": run.training.members,
        "baseline_name": "logistic regression of all genes",
        "genes": many,
        "minutes": minutes(began),
    }
    if name == "golub":
        return line_of(name, "right of 34", right, float(np.mean(plain)), **common)
    each = [sum(right) / count], sum(plain) / count
    return line_of(name, "accuracy, 10-fold", *each, **common)


def regression() -> Any:
    """Logistic regression of standardised values, both classes alike."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = LogisticRegression(class_weight="balanced", max_iter=2000)
    return make_pipeline(StandardScaler(), model)


def chosen_genes(values: np.ndarray, label: np.ndarray, seed: int) -> np.ndarray:
    """The genes that tell the classes apart; how many, folds of the same rows say."""
    from sklearn.feature_selection import SelectKBest
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    losses = {}
    for many in (50, 200, 1000, values.shape[1]):
        model = make_pipeline(SelectKBest(k=many), regression())
        losses[many] = -cross_val_score(
            model, values, label, cv=folds, scoring="neg_log_loss"
        ).mean()
    best = min(losses, key=lambda many: losses[many])
    return np.flatnonzero(SelectKBest(k=best).fit(values, label).get_support())


def with_genes(data: Dataset, genes: np.ndarray) -> Dataset:
    """The data set with some genes alone."""
    from jaxbio.data.columns import Numeric

    column: Any = data.inputs["expression"]
    names = tuple(column.names[at] for at in genes)
    inputs = {"expression": Numeric(column.values[:, genes], names)}
    return dataclasses.replace(data, inputs=inputs)


def arrays_of(name: str, folder: Path) -> tuple[Dataset, np.ndarray]:
    """Logarithms of intensities, each sample standardised, and the published split.

    Nothing here looks at another sample or at a label.
    """
    import gzip

    import pandas as pd

    from jaxbio.data.columns import Category, Numeric

    with gzip.open(folder / "x.npy.gz") as handle:
        values = np.load(handle, allow_pickle=False).astype(np.float32)
    values = np.log2(np.clip(values, ARRAYS[name], _CEILING))
    values -= values.mean(axis=1, keepdims=True)
    values /= values.std(axis=1, keepdims=True)
    labels = pd.read_csv(folder / "labels.csv")
    genes = tuple(str(at) for at in range(values.shape[1]))
    data = Dataset(
        {"expression": Numeric(values, genes)},
        {"label": Category.from_values(labels["label"])},
        source=name,
    )
    part = labels["set"] if "set" in labels else [""] * len(labels)
    return data, np.array(part, str)


def cells_of(name: str, folder: Path) -> tuple[Any, np.ndarray]:
    """Counts of genes seen in three cells or more, and the type of each cell."""
    import pandas as pd

    from jaxbio.data.expression import read_counts

    matrix = read_counts(folder / "counts.npz", counts=True).values
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1]) >= 3
    file = folder / ("labels.csv" if CELLS[name] == "label" else "cells.csv")
    label = pd.factorize(pd.read_csv(file)[CELLS[name]], sort=True)[0]
    return matrix[:, np.flatnonzero(seen)], label


def _clusters(folder: Path, options: argparse.Namespace) -> dict:
    """Cells without labels; the number of types is given, as in the published runs."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD

    from jaxbio.cells import cluster_counts
    from jaxbio.metrics import adjusted_rand_index

    began = time.perf_counter()
    matrix, label = cells_of("worm_neuron", folder)
    k = int(label.max()) + 1
    each = [
        adjusted_rand_index(label, cluster_counts(matrix, k, seed=seed))
        for seed in seeds(options, 3)
    ]
    plain = []
    for seed in seeds(options, 3):
        low = TruncatedSVD(20, random_state=seed).fit_transform(lognormal(matrix))
        found = KMeans(k, n_init=10, random_state=seed).fit_predict(low)
        plain.append(adjusted_rand_index(label, found))
    return line_of(
        "worm_neuron", "ARI of clusters", each, float(np.mean(plain)),
        rows=len(label), seeds=seeds(options, 3), minutes=minutes(began),
        baseline_name="k-means of 20 components",
    )  # fmt: skip


def lognormal(matrix: Any) -> Any:
    """log(1 + counts in 10,000), sparse."""
    from scipy import sparse

    library = np.asarray(matrix.sum(axis=1)).ravel()
    found = (sparse.diags(1e4 / np.maximum(library, 1)) @ matrix).tocsr()
    found.data = np.log1p(found.data)
    return found.astype(np.float32)


def _annotated(name: str, folder: Path, options: argparse.Namespace) -> dict:
    """Types of cells; in each fold training cells alone choose between models."""
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold

    began = time.perf_counter()
    matrix, label = cells_of(name, folder)
    dealt = StratifiedKFold(5, shuffle=True, random_state=options.seed)
    each, plain, chosen, right = [], [], [], []
    for train, test in dealt.split(label, label):
        found, what = chosen_annotator(matrix, label, train, test, options.seed)
        linear = Components("unscaled", 0.0, 1.0).predict(
            *Components.features("unscaled", matrix, train, test, options.seed),
            label[train],
        )
        each.append(f1_score(label[test], found, average="macro"))
        plain.append(f1_score(label[test], linear, average="macro"))
        right.append(float(np.mean(found == label[test])))
        chosen.append(what)
        print(f"{name} {each[-1]:.3f} {plain[-1]:.3f} {what}", file=sys.stderr)
    return line_of(
        name, "macro F1, 5-fold", [float(np.mean(each))], float(np.mean(plain)),
        rows=len(label), seeds=[options.seed], folds=[round(f, 4) for f in each],
        chosen=chosen, accuracy=float(np.mean(right)), minutes=minutes(began),
        baseline_name="logistic regression of 50 components",
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Components:
    """Logistic regression of 50 components of log counts.

    Attributes:
        genes: `scaled` to unit spread first, or `unscaled`.
        power: Classes weigh as their frequency to minus this power.
        penalty: The inverse of the penalty.
    """

    genes: str
    power: float
    penalty: float

    @staticmethod
    def features(genes, matrix, train, test, seed) -> tuple[np.ndarray, np.ndarray]:
        """Components of training and other cells, fitted on the former."""
        from scipy import sparse
        from sklearn.decomposition import TruncatedSVD

        from jaxbio.data.expression import count_moments

        values = lognormal(matrix)
        if genes == "scaled":
            scale = np.asarray(count_moments(matrix[train]).scale)
            by = np.where(scale > 0, 1 / np.maximum(scale, 0.1), 0)
            values = (values @ sparse.diags(by)).tocsr()
        model = TruncatedSVD(50, random_state=seed).fit(values[train])
        known = model.transform(values[train])
        spread = known.std(axis=0)
        return known / spread, model.transform(values[test]) / spread

    def predict(self, train, test, label) -> np.ndarray:
        """The class of each of the other cells."""
        from sklearn.linear_model import LogisticRegression

        weights = class_weights(label, self.power)
        model = LogisticRegression(max_iter=2000, C=self.penalty)
        return model.fit(train, label, sample_weight=weights).predict(test)


def class_weights(label: np.ndarray, power: float) -> np.ndarray:
    """Weights of rows, 1 in the mean."""
    weights = np.maximum(np.bincount(label), 1.0)[label] ** -power
    return weights / weights.mean()


LINEAR = [
    Components(genes, power, penalty)
    for genes in ("scaled", "unscaled")
    for power in (0.0, 0.5, 1.0)
    for penalty in (0.1, 1.0)
]


def chosen_annotator(
    matrix: Any, label: np.ndarray, train: np.ndarray, test: np.ndarray, seed: int
) -> tuple[np.ndarray, str]:
    """Predicted types of the test cells, and what predicted them.

    The components are chosen by three splits of the training cells; the first of them
    decides between these and two perceptrons on counts, of which the better is used as
    it was trained there.
    """
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedShuffleSplit

    splits = StratifiedShuffleSplit(3, test_size=0.2, random_state=seed)
    scores: dict[Any, list[float]] = {each: [] for each in LINEAR}
    pairs = [(train[a], train[b]) for a, b in splits.split(train, label[train])]
    for kept, held in pairs:
        for genes in ("scaled", "unscaled"):
            parts = Components.features(genes, matrix, kept, held, seed)
            for each in (one for one in LINEAR if one.genes == genes):
                found = each.predict(*parts, label[kept])
                scores[each].append(f1_score(label[held], found, average="macro"))
    best = max(LINEAR, key=lambda each: np.mean(scores[each]))
    kept, held = pairs[0]
    most, answer = scores[best][0], None
    for power in (0.0, 0.5):
        run = _perceptron(matrix, label, kept, held, power, seed)
        score = f1_score(label[held], _types(run, matrix, held), average="macro")
        print(f"  perceptron {power} {score:.3f}, {best} {most:.3f}", file=sys.stderr)
        if score > most:
            most, answer = score, (_types(run, matrix, test), f"perceptron, {power:g}")
    if answer is not None:
        return answer
    parts = Components.features(best.genes, matrix, train, test, seed)
    named = f"logistic, {best.genes}, {best.power:g}, {best.penalty:g}"
    return best.predict(*parts, label[train]), named


def _counts(matrix: Any, rows: np.ndarray, label: np.ndarray | None, power: float):
    from jaxbio.data.columns import Category, Counts

    names = tuple(str(at) for at in range(matrix.shape[1]))
    inputs = {"counts": Counts(matrix[rows].astype(np.float32), names)}
    if label is None:
        return Dataset(inputs)
    weights = class_weights(label[rows], power).astype(np.float32)
    target = Category.from_values(label[rows])
    return Dataset(inputs, {"type": target}, weights=weights)


def _perceptron(matrix, label, kept, held, power: float, seed: int) -> jb.Run:
    return jb.fit(
        jb.MLP(hidden=(64,), skip=False, numeric_hidden=()), None,
        _counts(matrix, kept, label, power), _counts(matrix, held, label, power),
        epochs=15, batch_size=64, learning_rate=1e-3, members=1, seed=seed,
        baselines=False,
    )  # fmt: skip


def _types(run: jb.Run, matrix: Any, rows: np.ndarray) -> np.ndarray:
    found = run.predictor(_counts(matrix, rows, None, 0)).by_target["type"]
    names = run.predictor.schema.target("type").classes
    return np.array([int(name) for name in names])[found.argmax(axis=1)]


# ---- affinities


def affinity(options: argparse.Namespace) -> Iterator[dict]:
    """Affinities of kinases, then whether a ligand binds to a receptor."""
    yield from _davis(options)
    yield from _reversal(options)


def _davis(options: argparse.Namespace) -> Iterator[dict]:
    """Davis: words of SMILES and of residues; fold 0 decides, the test fold is last."""
    from jaxbio.data.public_drugs import davis_folds, tables
    from jaxbio.metrics import affinity_metrics

    if local("drug", "davis", options) is None:
        return
    found = tables("davis")
    data = word_pairs(found)
    (train, valid), test = davis_folds(found)[0][0], davis_folds(found)[1]
    truth = found.rows["pkd"].to_numpy()
    began, scores, plain, held, runs = time.perf_counter(), [], {}, [], []
    for seed in seeds(options, 3):
        run = jb.fit(
            jb.MLP(
                numeric_hidden=(256,), numeric_dropout=0.1, hidden=(512, 512),
                dropout=0.2,
            ),
            None, data.take(train), data.take(valid), seed=seed, members=1,
            epochs=options.epochs or 60, batch_size=256, learning_rate=1e-3,
            patience=0, baselines=False, observer=observer(f"davis {seed}"),
        )  # fmt: skip
        values = run.predictor(data.take(valid)).by_target["pkd"].ravel()
        held.append(affinity_metrics(truth[valid], values)["mse"])
        print(f"davis {seed}: validation MSE {held[-1]:.4f}", file=sys.stderr)
        runs.append(run.predictor(data.take(test)).by_target["pkd"].ravel())
        scores.append(affinity_metrics(truth[test], runs[-1]))
        if not plain:
            both = _entity_means(run, ("drug", "protein"))
            means = both(data.take(train), data.take(test)).ravel()
            plain = affinity_metrics(truth[test], means)
    together = affinity_metrics(truth[test], np.mean(runs, axis=0))
    for metric, key in (
        ("MSE", "mse"),
        ("CI", "concordance"),
        ("r_m2", "r_m2"),
        ("r_m2 of DeepDTA's script", "r_m2_deepdta"),
    ):
        yield line_of(
            "davis", metric, [score[key] for score in scores], plain[key],
            ensemble=together[key], rows=len(test), seeds=seeds(options, 3),
            validation_mse=[round(value, 4) for value in held],
            baseline_name="drug + protein means", minutes=minutes(began),
        )  # fmt: skip


def word_pairs(found: Any, *, longest: int = 6, least: int = 3) -> Dataset:
    """Pairs of descriptions: the words of each drug and of each protein.

    Args:
        found: The tables of a set of drugs.
        longest: The longest words of SMILES; those of residues are pairs.
        least: In how many entities a word has to be.
    """
    from jaxbio.data.columns import Category, Indexed, Numeric

    texts = {"drug": ("smiles", longest), "protein": ("sequence", 2)}
    inputs: dict[str, Any] = {}
    for name, (column, most) in texts.items():
        fewest = least if name == "drug" else 3
        values = words(found.entities[name][column].tolist(), most, fewest)
        rows = found.rows[name].to_numpy(np.int32)
        names = tuple(f"w{at}" for at in range(values.shape[1]))
        inputs[name] = Indexed(Numeric(values, names), rows)
    (target,) = found.targets
    column = found.rows[target]
    if found.kind == "class":
        return Dataset(inputs, {target: Category.from_values(column)})
    numbers = column.to_numpy(np.float32)[:, None]
    return Dataset(inputs, {target: Numeric(numbers, (target,))})


def words(texts: Sequence[str], longest: int, least: int) -> np.ndarray:
    """log(1 + count) of the runs of symbols that some texts have, but not all."""
    counts = [
        collections.Counter(
            text[at : at + k]
            for k in range(1, longest + 1)
            for at in range(len(text) - k + 1)
        )
        for text in texts
    ]
    having = collections.Counter(word for each in counts for word in each)
    kept = sorted(w for w, many in having.items() if least <= many < len(texts))
    table = [[each[word] for word in kept] for each in counts]
    return np.log1p(np.array(table, np.float32))


def _reversal(options: argparse.Namespace) -> Iterator[dict]:
    """GPCR: every tested ligand was trained on with the other label only."""
    from jaxbio.data.public_drugs import tables

    name = "gpcr_label_reversal"
    if local("drug", name, options) is None:
        return
    found = tables(name)
    data, part = word_pairs(found, longest=4, least=30), found.rows["part"]
    train, test = (data.take((part == each).to_numpy()) for each in ("train", "test"))
    # Validation ligands are treated as those of the test are.
    kept, held = jb.split(
        train, by="label_reversal:drug", fractions=(0.85, 0.15), seed=options.seed
    )
    began, scores, values, plain = time.perf_counter(), [], [], 0.0
    for seed in seeds(options, 3):
        run = jb.fit(
            jb.MLP(
                numeric_hidden=(256,), numeric_dropout=0.0, hidden=(256, 256),
                dropout=0.3, skip=False,
            ),
            None, kept, held, seed=seed, members=1, epochs=options.epochs or 14,
            batch_size=128, learning_rate=2e-3, weight_decay=1.0, patience=0,
            baselines=False,
            observer=observer(f"{name} {seed}"),
        )  # fmt: skip
        truth = run.predictor.schema.encode(test).targets["interacts"]
        values.append(run.predictor(test).by_target["interacts"])
        scores.append(classes(truth, values[-1])["auroc"])
        guess = _entity_means(run, ("protein",))(train, test)
        plain = classes(truth, guess)["auroc"]
    yield line_of(
        name, "AUROC", scores, plain, rows=len(test), seeds=seeds(options, 3),
        ensemble=classes(truth, np.mean(values, axis=0))["auroc"],
        baseline_name="frequency of the protein", minutes=minutes(began),
    )  # fmt: skip


def _entity_means(run: jb.Run, names: tuple[str, ...]) -> Callable:
    """What the means of these entities say; a function of training and test rows."""
    from jaxbio.entity_baselines import EntityBaseline

    schema = run.predictor.schema

    def predict(train: Dataset, test: Dataset) -> np.ndarray:
        rows = schema.encode(train)
        fitted = EntityBaseline.fit(schema.targets[0], rows, names)
        return fitted.predict(schema.encode(test))

    return predict


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[dict]]] = {
    "images": images,
    "tables": tables,
    "expression": expression,
    "affinity": affinity,
}


# ---- what the parts share


def local(
    area: str, name: str, options: argparse.Namespace, part: str = ""
) -> Path | None:
    """The folder of a set, if it (or the part of it) is asked for and here."""
    if options.only and not {name, part} & {*options.only}:
        return None
    folder = Path(os.environ.get("JAXBIO_DATA", "")) / area / name
    if not folder.is_dir():
        print(f"{name}: left out, as there is no {area}/{name} in the folder that "
              f"JAXBIO_DATA names", file=sys.stderr)  # fmt: skip
        return None
    return folder


def seeds(options: argparse.Namespace, usual: int) -> list[int]:
    """The seeds of the runs."""
    return [options.seed + at for at in range(options.seeds or usual)]


def observer(name: str) -> jb.Observer:
    """Tells how training goes."""

    def told(member: int, record: dict) -> None:
        shown = {k: record[k] for k in ("epoch", "train_loss", "valid_loss", "seconds")}
        shown |= {k: v for k, v in record.items() if k.startswith("valid_")}
        shown = {k: round(v, 4) for k, v in shown.items() if v is not None}
        print(f"{name} {member} {json.dumps(shown)}", file=sys.stderr, flush=True)

    return jb.Observer(epoch=told)


def positive(probability: np.ndarray) -> np.ndarray:
    """The probability of the second of two classes, however they are given."""
    if probability.ndim == 1:
        return probability
    return probability[:, -1]


def classes(truth: np.ndarray, probability: np.ndarray) -> dict:
    """The measures of classes, two or more."""
    truth = np.reshape(truth, -1).astype(int)
    if probability.ndim == 1 or probability.shape[1] <= 2:
        return binary_metrics(truth, positive(probability))
    return multiclass_metrics(truth, probability)


def minutes(began: float) -> float:
    """How many went by."""
    return round((time.perf_counter() - began) / 60, 1)


def line_of(
    name: str, metric: str, runs: Sequence[float], baseline: float, **more: Any
) -> dict:
    """A line: the mean over runs, their spread, the baseline, the target."""
    score = float(np.mean(runs))
    goal = GOALS.get((name, metric), Goal())
    if "within" in more:  # of the baseline
        goal = Goal(round(float(baseline) - more.pop("within"), 4))
    sign = -1 if metric in LOWER else 1
    target = None if goal.target is None else bool(sign * (score - goal.target) >= 0)
    device = jax.devices()[0]
    return {
        "set": name,
        "metric": metric,
        "score": round(score, 4),
        "spread": round(float(np.std(runs, ddof=1)), 4) if len(runs) > 1 else None,
        "runs": [round(float(value), 4) for value in runs],
        "baseline": round(float(baseline), 4),
        "beats_baseline": bool(sign * (score - baseline) > 0),
        "target": goal.target,
        "reached": target,
        "published": goal.published,
        "device": device.platform,
        "versions": {"jaxbio": jb.__version__, "jax": jax.__version__},
        **{k: _rounded(v) for k, v in more.items()},
    }


def _rounded(value: Any) -> Any:
    return round(float(value), 4) if isinstance(value, float | np.floating) else value


def keep(line: dict, path: Path) -> None:
    """Put a line in place of its former one."""
    lines = {(item["set"], item["metric"]): item for item in report.read(path)}
    lines[line["set"], line["metric"]] = line
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in lines.values()))


def section(path: Path) -> str:
    """The README's text between the marks: the table and how to read it."""
    lines = report.read(path)
    beaten = sum(line["beats_baseline"] for line in lines)
    return (
        f"{table(path)}\n\n"
        f"In brackets the test rows. Of several seeds the mean ± standard deviation; "
        f"`together` is the mean of their predictions. {beaten} of {len(lines)} scores "
        f"are better than the baseline, which was fitted on the same rows."
    )


def table(path: Path) -> str:
    """The results as a Markdown table."""
    rows = [
        "| set | measure | score | baseline | published | target |",
        "|---|---|---|---|---|---|",
    ]
    order = list(PARTS)
    lines = [line for line in report.read(path) if line["part"] in PARTS]
    for line in sorted(lines, key=lambda line: order.index(line["part"])):
        spread = line.get("spread")
        score = f"{line['score']:.3f}" + (f" ± {spread:.3f}" if spread else "")
        if line.get("ensemble") is not None:
            score += f"; together {line['ensemble']:.3f}"
        plain = f"{line['baseline']:.3f} ({line['baseline_name']})"
        plain += "" if line["beats_baseline"] else ", **not beaten**"
        target = line["target"]
        missed = ", missed" if line["reached"] is False else ""
        cells = [
            f"{line['set']} ({line['rows']})",
            line["metric"],
            score,
            plain,
            line["published"],
            "" if target is None else f"{target:.3g}{missed}",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
