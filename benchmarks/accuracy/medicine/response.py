"""Responses of cell lines to drugs: pairs left out, and whole cell lines left out."""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.medicine.affinity import words
from benchmarks.accuracy.medicine.common import line_of, local, minutes, seeds
from benchmarks.accuracy.progress import Told
from jaxbio.data import Dataset

_FOLDS, _TESTED = 10, 3
VIEWS = (("expression", "site"), ("expression", "site", "mutation", "copy_number"))
"""What the networks read of new cell lines, whose predictions are averaged."""


def gdsc2(options: argparse.Namespace) -> Iterator[dict]:
    """Responses of known cell lines to known drugs, then those of new cell lines.

    Rows, or cell lines, are dealt to ten folds. The folds 0, 1 and 2 are the test rows
    of the three runs; the settings were chosen with the others alone.
    """
    from jaxbio.datasets.drugs import tables

    if local("drug", "gdsc2_response", options) is None:
        return
    found = tables("gdsc2_response")
    rng = np.random.default_rng(0)
    cells = rng.permutation(len(found.entities["cell"])) % _FOLDS
    rows = rng.permutation(len(found.rows)) % _FOLDS
    yield from _lines(found, rows, "random", _pairs, options)
    yield from _lines(found, cells[found.rows["cell"]], "cell-out", _cells, options)


def _lines(
    found: Any, fold: np.ndarray, split: str, fit: Any, options: argparse.Namespace
) -> Iterator[dict]:
    """The lines of a split: each run has a test fold of its own."""
    began, rows = time.perf_counter(), found.rows
    truth = rows["ln_ic50"].to_numpy(np.float32)
    drug = rows["drug"].to_numpy(np.int32)
    scores, plain, held, count = [], [], [], 0
    for at, seed in enumerate(seeds(options, 3)):
        test = np.flatnonzero(fold == at % _TESTED)
        valid = np.flatnonzero(fold == at % _TESTED + _TESTED)
        train = np.setdiff1d(np.arange(len(fold)), [*test, *valid])
        values, name, guess = fit(found, train, valid, test, seed, options)
        held.append(measures(truth, values, drug, valid))
        scores.append(measures(truth, values, drug, test))
        plain.append(measures(truth, guess, drug, test))
        count += len(test)
        told = f"gdsc2 {split} {seed}: validation {held[-1]}, {name} {plain[-1]}"
        print(told, file=sys.stderr, flush=True)
    for column, metric in enumerate(("RMSE", "within-drug r")):
        each, simple, known = (
            [pair[column] for pair in pairs] for pairs in (scores, plain, held)
        )
        yield line_of(
            "gdsc2_response", f"{metric}, {split}", each, float(np.mean(simple)),
            rows=count, seeds=seeds(options, 3), baseline_name=name,
            validation=[round(value, 4) for value in known], minutes=minutes(began),
        )  # fmt: skip


def measures(
    truth: np.ndarray, values: np.ndarray, drug: np.ndarray, rows: np.ndarray
) -> tuple[float, float]:
    """The root of the mean squared error, and the mean correlation within drugs."""
    from jaxbio.metrics import pearson, within_group

    error = float(np.sqrt(np.mean((truth[rows] - values[rows]) ** 2)))
    within = within_group(pearson, truth[rows], values[rows], drug[rows])["mean"]
    return error, float(within or 0.0)


def _pairs(
    found: Any, train: np.ndarray, valid: np.ndarray, test: np.ndarray, seed: int,
    options: argparse.Namespace,
) -> tuple[np.ndarray, str, np.ndarray]:  # fmt: skip
    """Drugs and cell lines by name and by what they are; the means of both."""
    from jaxbio.baselines.random_effects import RandomEffectsBaseline

    data = pairs(found)
    run = jb.fit(
        jb.Network(
            [jb.Embedding(128), jb.MLP(hidden=(256,), dropout=0.2, input_dropout=0.1)],
            hidden=(512, 512), dropout=0.2,
        ),
        None, data.take(train), data.take(valid), seed=seed, members=1,
        epochs=options.epochs or 15, batch_size=512, learning_rate=2e-3, patience=0,
        baselines=False, callbacks=[Told(f"gdsc2 {seed}")],
    )  # fmt: skip
    schema = run.predictor.schema
    means = RandomEffectsBaseline.fit(
        schema.targets[0], schema.encode(data.take(train)), ("drug", "cell")
    )
    values, guess = np.full((2, len(found.rows)), np.nan, np.float32)
    for rows in (valid, test):
        values[rows] = run.predictor(data.take(rows)).by_target["ln_ic50"].ravel()
        guess[rows] = means.predict(schema.encode(data.take(rows))).ravel()
    return values, "drug + cell means", guess


def pairs(found: Any) -> Dataset:
    """Pairs: which drug and cell line, words of SMILES, expression; each once."""
    from jaxbio.data.columns.category import Category
    from jaxbio.data.columns.dictionary import DictionaryColumn
    from jaxbio.data.columns.numeric import Numeric

    drugs, cells = (found.entities[name] for name in ("drug", "cell"))
    drug, cell = (found.rows[name].to_numpy(np.int32) for name in ("drug", "cell"))
    target = found.rows["ln_ic50"].to_numpy(np.float32)[:, None]
    inputs = {
        "drug": DictionaryColumn(Category.from_values(map(str, drugs.index)), drug),
        "words": DictionaryColumn(
            _numeric(words(drugs["smiles"].tolist(), 4, 3)), drug
        ),
        "cell": DictionaryColumn(Category.from_values(map(str, cells.index)), cell),
        "expression": DictionaryColumn(
            _numeric(found.matrices["cell"]["expression"]), cell
        ),
    }
    return Dataset(inputs, {"ln_ic50": Numeric(target, ("ln_ic50",))})


def _cells(
    found: Any, train: np.ndarray, valid: np.ndarray, test: np.ndarray, seed: int,
    options: argparse.Namespace,
) -> tuple[np.ndarray, str, np.ndarray]:  # fmt: skip
    """One row a cell line, one column a drug; what it is like says what it does."""
    from jaxbio.data.columns.numeric import Numeric

    drug, cell = (found.rows[name].to_numpy(np.int32) for name in ("drug", "cell"))
    known, held = np.unique(cell[train]), np.unique(cell[valid])
    lines = np.union1d(held, np.unique(cell[test]))
    matrices = found.matrices["cell"]
    table = np.full((len(found.entities["cell"]), drug.max() + 1), np.nan, np.float32)
    table[cell, drug] = found.rows["ln_ic50"]
    target = Numeric(table, tuple(f"drug{at}" for at in range(table.shape[1])))
    likeness = {name: alike(matrix, known) for name, matrix in matrices.items()}
    site = found.entities["cell"]["site"].fillna("").to_numpy(str)
    # Numbers, as a new cell line may come from a site that no other has.
    likeness["site"] = (site[:, None] == np.unique(site[known])).astype(np.float32)
    values = []
    for view in VIEWS:
        inputs = {name: _numeric(likeness[name]) for name in view}
        data = Dataset(inputs, {"ln_ic50": target})
        run = jb.fit(
            jb.Network(
                jb.MLP(input_dropout=0.3), hidden=(512,), activation="tanh",
                dropout=0.5, skip=False,
            ),
            None, data.take(known), data.take(held), seed=seed, members=4,
            epochs=options.epochs or 40, batch_size=32, learning_rate=5e-4,
            weight_decay=1.0, patience=0, baselines=False,
        )  # fmt: skip
        values.append(run.predictor(data.take(lines)).by_target["ln_ic50"])
    answer = np.full_like(table, np.nan)
    answer[lines] = np.mean(values, axis=0)
    guess = kernel_ridge(matrices["expression"], table, known, lines)
    name = "kernel ridge of expression, a drug at a time"
    return answer[cell, drug], name, guess[cell, drug]


def alike(matrix: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """The correlation of each row with those of the training cell lines.

    Genes are standardised by the training cell lines first. Beside the genes themselves
    this weighs what many genes share, and networks on it forget noise sooner.
    """
    spread = matrix[anchors].std(axis=0) + 1e-3
    scores = (matrix - matrix[anchors].mean(axis=0)) / spread
    scores = scores - scores.mean(axis=1, keepdims=True)
    scores = scores / np.linalg.norm(scores, axis=1, keepdims=True)
    return (scores @ scores[anchors].T).astype(np.float32)


def kernel_ridge(
    matrix: np.ndarray, table: np.ndarray, known: np.ndarray, lines: np.ndarray
) -> np.ndarray:
    """For each drug a Gaussian kernel, as wide as the median distance, penalty 1."""
    spread = matrix[known].std(axis=0) + 1e-3
    scores = (matrix - matrix[known].mean(axis=0)) / spread
    square = (scores**2).sum(axis=1)
    apart = square[:, None] + square[None] - 2 * scores @ scores.T
    kernel = np.exp(-apart / np.median(apart))
    guess = np.full(table.shape, np.nan, np.float32)
    for drug, column in enumerate(table.T):
        rows = known[np.isfinite(column[known])]
        mean = column[rows].mean()
        within = kernel[np.ix_(rows, rows)] + np.eye(len(rows))
        weights = np.linalg.solve(within, column[rows] - mean)
        guess[lines, drug] = mean + kernel[np.ix_(lines, rows)] @ weights
    return guess


def _numeric(values: np.ndarray) -> Any:
    from jaxbio.data.columns.numeric import Numeric

    return Numeric(values, tuple(f"v{at}" for at in range(values.shape[1])))
