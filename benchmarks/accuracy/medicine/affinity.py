"""Affinities of compounds and proteins."""

import argparse
import collections
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.medicine.common import (
    classes,
    line_of,
    local,
    minutes,
    seeds,
)
from benchmarks.accuracy.progress import Told
from jaxbio.data import Dataset


def affinity(options: argparse.Namespace) -> Iterator[dict]:
    """Affinities of kinases, then whether a ligand binds to a receptor."""
    yield from _davis(options)
    yield from _reversal(options)


def _davis(options: argparse.Namespace) -> Iterator[dict]:
    """Davis: words of SMILES and of residues; fold 0 decides, the test fold is last."""
    from jaxbio.datasets.drugs import davis_folds, tables
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
            jb.Network(
                jb.MLP(hidden=(256,), dropout=0.2, input_dropout=0.1),
                hidden=(512, 512), dropout=0.2,
            ),
            None, data.take(train), data.take(valid), seed=seed, members=1,
            epochs=options.epochs or 60, batch_size=256, learning_rate=1e-3,
            patience=0, baselines=False, callbacks=[Told(f"davis {seed}")],
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
    from jaxbio.data.columns.category import Category
    from jaxbio.data.columns.dictionary import DictionaryColumn
    from jaxbio.data.columns.numeric import Numeric

    texts = {"drug": ("smiles", longest), "protein": ("sequence", 2)}
    inputs: dict[str, Any] = {}
    for name, (column, most) in texts.items():
        fewest = least if name == "drug" else 3
        values = words(found.entities[name][column].tolist(), most, fewest)
        rows = found.rows[name].to_numpy(np.int32)
        names = tuple(f"w{at}" for at in range(values.shape[1]))
        inputs[name] = DictionaryColumn(Numeric(values, names), rows)
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
    from jaxbio.datasets.drugs import tables

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
            jb.Network(
                jb.MLP(hidden=(256,), dropout=0.3, input_dropout=0.0),
                hidden=(256, 256), dropout=0.3, skip=False,
            ),
            None, kept, held, seed=seed, members=1, epochs=options.epochs or 14,
            batch_size=128, learning_rate=2e-3, weight_decay=1.0, patience=0,
            baselines=False,
            callbacks=[Told(f"{name} {seed}")],
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
    from jaxbio.baselines.random_effects import RandomEffectsBaseline

    schema = run.predictor.schema

    def predict(train: Dataset, test: Dataset) -> np.ndarray:
        rows = schema.encode(train)
        fitted = RandomEffectsBaseline.fit(schema.targets[0], rows, names)
        return fitted.predict(schema.encode(test))

    return predict
