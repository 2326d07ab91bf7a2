"""Properties of molecules: solubility, lipophilicity, brain passage, toxicity."""

import argparse
import collections
import dataclasses
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.medicine.affinity import words
from benchmarks.accuracy.medicine.common import line_of, local, minutes, positive
from jaxbio.data import Dataset

VIEWS = {
    "d": ("known",),
    "df": ("known", "fragments"),
    "fw": ("fragments", "words"),
    "dfw": ("known", "fragments", "words"),
}
"""What networks read: descriptors, fragments, words of SMILES."""
_SLOW = ("qed", "SPS", "Ipc", "AvgIpc", "BertzCT", "BalabanJ", "BCUT2D", "EStateIndex")
"""Descriptors that take most of the time."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a set is trained.

    Attributes:
        metric: RMSE, or AUROC (the mean over tasks).
        views: Those of `VIEWS` whose predictions are averaged.
        epochs: Passes over the training rows.
        members: Networks of each view.
        batch_size: Rows a step.
        least: In how many molecules a fragment or word has to be.
    """

    metric: str
    views: tuple[str, ...]
    epochs: int
    members: int = 1
    batch_size: int = 64
    least: int = 3


RECIPES = {
    "esol": Recipe("RMSE, 5-fold", ("d", "df", "dfw"), 40, members=2),
    "lipophilicity": Recipe("RMSE, 5-fold", ("df", "dfw"), 20, batch_size=128, least=5),
    "bbbp": Recipe("AUROC, 5-fold", ("fw", "dfw"), 10, members=2),
    "tox21": Recipe("AUROC, 5-fold", ("df", "dfw"), 8, batch_size=128, least=10),
}


def moleculenet(options: argparse.Namespace) -> Iterator[dict]:
    """Four sets of MoleculeNet, in five folds of molecules in random order."""
    for name, recipe in RECIPES.items():
        if local("drug", "moleculenet", options, name) is not None:
            yield _property(name, recipe, options)


def _property(name: str, recipe: Recipe, options: argparse.Namespace) -> dict:
    """Five folds; in each a tenth of the training rows keeps the best weights."""
    from jaxbio.datasets.drugs import tables

    began = time.perf_counter()
    found = tables("moleculenet", name)
    molecules = [molecule(text) for text in found.rows["smiles"]]
    read = np.array([each is not None for each in molecules])
    truth = found.rows.loc[read, list(found.targets)].to_numpy(np.float32)
    features = _features(
        [each for each in molecules if each is not None],
        found.rows["smiles"][read].tolist(),
        recipe.least,
    )
    fold = np.random.default_rng(options.seed).permutation(len(truth)) % 5
    scores, plain = [], []
    for at in range(5):
        train, test = np.flatnonzero(fold != at), np.flatnonzero(fold == at)
        values = [
            _network(recipe, view, features, found.kind, truth, train, test, options)
            for view in recipe.views
        ]
        scores.append(measure(truth[test], np.mean(values, axis=0), found.kind))
        bits = features["fragments"] > 0
        guess = forest(bits[train], truth[train], bits[test], found.kind)
        plain.append(measure(truth[test], guess, found.kind))
        told = f"{name} fold {at}: {scores[-1]:.4f}, forest {plain[-1]:.4f}"
        print(told, file=sys.stderr, flush=True)
    return line_of(
        f"moleculenet/{name}", recipe.metric, [float(np.mean(scores))],
        float(np.mean(plain)), folds=[round(each, 4) for each in scores],
        rows=len(truth), left_out=int((~read).sum()), seeds=[options.seed],
        members=recipe.members * len(recipe.views), minutes=minutes(began),
        baseline_name="random forest of fragments",
    )  # fmt: skip


def _network(
    recipe: Recipe, view: str, features: dict[str, np.ndarray], kind: str,
    truth: np.ndarray, train: np.ndarray, test: np.ndarray,
    options: argparse.Namespace,
) -> np.ndarray:  # fmt: skip
    """What networks on a view, trained on some rows, say of others."""
    from jaxbio.data.columns.category import Category
    from jaxbio.data.columns.numeric import Numeric

    inputs = {name: _numeric(features[name]) for name in VIEWS[view]}
    target = Numeric(truth, tuple(f"y{at}" for at in range(truth.shape[1])))
    if kind == "class":
        target = Category.from_values(truth.ravel())
    data = Dataset(inputs, {"y": target})
    held = np.random.default_rng(options.seed).permutation(train)[: len(train) // 10]
    run = jb.fit(
        jb.Network(
            jb.MLP(hidden=(128,), dropout=0.3, input_dropout=0.1),
            hidden=(128,), dropout=0.3,
        ),
        None, data.take(np.setdiff1d(train, held)), data.take(held),
        seed=options.seed, members=recipe.members,
        epochs=options.epochs or recipe.epochs, batch_size=recipe.batch_size,
        learning_rate=1e-3, weight_decay=0.1, patience=0, baselines=False,
    )  # fmt: skip
    values = run.predictor(data.take(test)).by_target["y"]
    values = positive(values) if kind == "class" else values
    return values.reshape(len(test), -1)


def measure(truth: np.ndarray, values: np.ndarray, kind: str) -> float:
    """The root of the mean squared error, or the mean AUROC over tasks."""
    from sklearn.metrics import roc_auc_score

    if kind == "number":
        return float(np.sqrt(np.mean((truth - values) ** 2)))
    each = []
    for label, value in zip(truth.T, values.T, strict=True):
        known = np.isfinite(label)
        each.append(roc_auc_score(label[known], value[known]))
    return float(np.mean(each))


def forest(
    train: np.ndarray, truth: np.ndarray, test: np.ndarray, kind: str
) -> np.ndarray:
    """A random forest for each target, on its known rows."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    columns = []
    for target in truth.T:
        known = np.isfinite(target)
        if kind == "number":
            model: Any = RandomForestRegressor(100, max_features=0.1, random_state=0)
            columns.append(model.fit(train[known], target[known]).predict(test))
        else:
            model = RandomForestClassifier(100, random_state=0)
            model.fit(train[known], target[known])
            columns.append(model.predict_proba(test)[:, 1])
    return np.stack(columns, axis=1)


def molecule(text: str) -> Any:
    """RDKit's molecule; None for what it cannot read."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(text)


def _features(
    molecules: Sequence[Any], texts: Sequence[str], least: int
) -> dict[str, np.ndarray]:
    """Descriptors, log counts of circular fragments and of words of SMILES."""
    return {
        "known": descriptors(molecules),
        "fragments": fragments(molecules, least),
        "words": words(texts, 4, max(least, 5, len(texts) // 300)),
    }


def descriptors(
    molecules: Sequence[Any], names: Sequence[str] | None = None
) -> np.ndarray:
    """RDKit's descriptors as signed logarithms; NaN where not defined.

    Args:
        molecules: RDKit's molecules.
        names: Which descriptors; if not given, all but the slow ones.
    """
    from rdkit.Chem import Descriptors

    known = dict(Descriptors.descList)
    if names is None:
        names = [n for n in known if not any(slow in n for slow in _SLOW)]
    functions = [known[name] for name in names]
    table = np.array([[each(mol) for each in functions] for mol in molecules], float)
    table[~np.isfinite(table)] = np.nan
    return (np.sign(table) * np.log1p(np.abs(table))).astype(np.float32)


def fragments(molecules: Sequence[Any], least: int, radius: int = 2) -> np.ndarray:
    """log(1 + count) of the circular fragments that some molecules have, but not all.

    Counting looks at no label, but at all molecules.
    """
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius)
    counts = [
        generator.GetSparseCountFingerprint(mol).GetNonzeroElements()
        for mol in molecules
    ]
    having = collections.Counter(part for each in counts for part in each)
    kept = sorted(p for p, many in having.items() if least <= many < len(molecules))
    place = {part: at for at, part in enumerate(kept)}
    table = np.zeros((len(molecules), len(kept)), np.float32)
    for row, each in enumerate(counts):
        for part, count in each.items():
            if part in place:
                table[row, place[part]] = np.log1p(count)
    return table


def _numeric(values: np.ndarray) -> Any:
    from jaxbio.data.columns.numeric import Numeric

    return Numeric(values, tuple(f"v{at}" for at in range(values.shape[1])))
