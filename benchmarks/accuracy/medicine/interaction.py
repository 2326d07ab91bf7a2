"""Whether a drug and a protein interact, neither of which was seen in training."""

import argparse
import collections
import dataclasses
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.medicine.common import (
    classes,
    line_of,
    local,
    minutes,
    positive,
    seeds,
)
from benchmarks.accuracy.medicine.molecules import descriptors, fragments, molecule
from jaxbio.data import Dataset

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
SIMPLE = (
    *("MolWt", "HeavyAtomCount", "MolLogP", "TPSA", "NumHDonors", "NumHAcceptors"),
    *("RingCount", "NumAromaticRings", "NumRotatableBonds", "FractionCSP3"),
    *("NumHeteroatoms", "NumAmideBonds"),
)
"""Descriptors of size, polarity and rings."""


def human_dti(options: argparse.Namespace) -> Iterator[dict]:
    """Cold split: no drug and no protein of the test rows is in training."""
    from jaxbio.baselines.random_effects import RandomEffectsBaseline
    from jaxbio.datasets.drugs import tables

    name = "human_dti"
    if local("drug", name, options) is None:
        return
    began = time.perf_counter()
    found = tables(name, "cold")
    data, part = pairs(found), found.rows["part"].to_numpy(str)
    label = found.rows["interacts"].to_numpy(int)
    train, valid, test = (
        data.take(part == each) for each in ("train", "valid", "test")
    )
    train = dataclasses.replace(train, weights=rare(found.rows[part == "train"]))
    held, scores, values = [], [], []
    for seed in seeds(options, 3):
        run = jb.fit(
            jb.Network(
                jb.MLP(hidden=(128,), dropout=0.5, input_dropout=0.3),
                hidden=(128,), dropout=0.5, skip=False,
            ),
            None, train, valid, seed=seed, members=3, epochs=options.epochs or 8,
            batch_size=64, learning_rate=5e-4, weight_decay=1.0, patience=0,
            baselines=False,
        )  # fmt: skip
        for rows, which, kept in ((valid, "valid", held), (test, "test", scores)):
            values.append(positive(run.predictor(rows).by_target["interacts"]))
            kept.append(classes(label[part == which], values[-1])["auroc"])
        print(f"{name} {seed}: validation {held[-1]:.4f}", file=sys.stderr)
    truth, schema = label[part == "test"], run.predictor.schema
    means = RandomEffectsBaseline.fit(
        schema.targets[0], schema.encode(train), ("fragments", "residues")
    ).predict(schema.encode(test))
    yield line_of(
        name, "AUROC, cold", scores,
        classes(truth, regression(data, part, label))["auroc"],
        rows=len(truth), seeds=seeds(options, 3),
        ensemble=classes(truth, np.mean(values[1::2], axis=0))["auroc"],
        validation=[round(value, 4) for value in held],
        entity_means=classes(truth, means)["auroc"],
        baseline_name="logistic regression of the same numbers",
        minutes=minutes(began),
    )  # fmt: skip


def rare(rows: Any) -> np.ndarray:
    """Weights of pairs: a few drugs and proteins are in a hundred pairs and more."""
    many = [rows.groupby(name)[name].transform("size") for name in ("drug", "protein")]
    weights = 1 / np.sqrt(many[0].to_numpy() * many[1].to_numpy())
    return (weights / weights.mean()).astype(np.float32)


def pairs(found: Any) -> Dataset:
    """Fragments and descriptors of each drug, residues of each protein; each once."""
    from jaxbio.data.columns.category import Category
    from jaxbio.data.columns.dictionary import DictionaryColumn
    from jaxbio.data.columns.numeric import Numeric

    molecules = [molecule(text) for text in found.entities["drug"]["smiles"]]
    texts = found.entities["protein"]["sequence"].tolist()
    numbers = {
        "drug": {
            "fragments": fragments(molecules, 5),
            "known": descriptors(molecules, SIMPLE),
        },
        "protein": {"residues": residues(texts), "pairs": residue_pairs(texts)},
    }
    inputs: dict[str, Any] = {}
    for entity, tables in numbers.items():
        which = found.rows[entity].to_numpy(np.int32)
        for name, values in tables.items():
            names = tuple(f"v{at}" for at in range(values.shape[1]))
            inputs[name] = DictionaryColumn(Numeric(values, names), which)
    return Dataset(inputs, {"interacts": Category.from_values(found.rows["interacts"])})


def residues(texts: Sequence[str]) -> np.ndarray:
    """The share of each amino acid, and the logarithm of the length."""
    table = [
        [*(text.count(letter) / len(text) for letter in AMINO_ACIDS), np.log(len(text))]
        for text in texts
    ]
    return np.array(table, np.float32)


def residue_pairs(texts: Sequence[str]) -> np.ndarray:
    """log(1 + count) of each pair of neighbouring amino acids."""
    counts = [
        collections.Counter(map("".join, itertools.pairwise(text))) for text in texts
    ]
    names = [one + other for one in AMINO_ACIDS for other in AMINO_ACIDS]
    table = [[each[name] for name in names] for each in counts]
    return np.log1p(np.array(table, np.float32))


def regression(data: Dataset, part: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Logistic regression of the pairs' numbers: probabilities of the test rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    columns: Any = list(data.inputs.values())
    values = np.concatenate([column.expanded().values for column in columns], axis=1)
    values, known = np.nan_to_num(values), part == "train"
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=500))
    model.fit(values[known], label[known])
    return model.predict_proba(values[part == "test"])[:, 1]
