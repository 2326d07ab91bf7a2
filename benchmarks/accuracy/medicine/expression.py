"""Expression: tumours from arrays, types of cells, clusters."""

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.medicine.common import (
    line_of,
    local,
    minutes,
    seeds,
)
from jaxbio.data import Dataset

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
    from jaxbio.data.columns.numeric import Numeric

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

    from jaxbio.data.columns.category import Category
    from jaxbio.data.columns.numeric import Numeric

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

    from jaxbio.metrics import adjusted_rand_index
    from jaxbio.singlecell.clustering import cluster_counts

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
    from jaxbio.data.columns.category import Category
    from jaxbio.data.columns.counts import SparseCounts

    names = tuple(str(at) for at in range(matrix.shape[1]))
    inputs = {"counts": SparseCounts(matrix[rows].astype(np.float32), names)}
    if label is None:
        return Dataset(inputs)
    weights = class_weights(label[rows], power).astype(np.float32)
    target = Category.from_values(label[rows])
    return Dataset(inputs, {"type": target}, weights=weights)


def _perceptron(matrix, label, kept, held, power: float, seed: int) -> jb.Run:
    return jb.fit(
        jb.Network(jb.MLP(), hidden=(64,), skip=False), None,
        _counts(matrix, kept, label, power), _counts(matrix, held, label, power),
        epochs=15, batch_size=64, learning_rate=1e-3, members=1, seed=seed,
        baselines=False,
    )  # fmt: skip


def _types(run: jb.Run, matrix: Any, rows: np.ndarray) -> np.ndarray:
    found = run.predictor(_counts(matrix, rows, None, 0)).by_target["type"]
    names = run.predictor.schema.target("type").classes
    return np.array([int(name) for name in names])[found.argmax(axis=1)]
