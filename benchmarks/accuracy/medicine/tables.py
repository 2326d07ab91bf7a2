"""Tables with gaps: perceptrons beside gradient boosting."""

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import threadpoolctl

import jaxbio as jb
from benchmarks.accuracy.medicine.common import (
    classes,
    line_of,
    local,
    minutes,
    positive,
)
from jaxbio.data import Dataset


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
            **_tables_common(options, began),
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
