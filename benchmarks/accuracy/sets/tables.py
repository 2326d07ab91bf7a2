"""Tables of patients with gaps, and images of patients."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.problems import Parts, Problem, by_name, folder, folds, parts
from jaxbio.data import Dataset
from jaxbio.data.splits.random_grouped import by_column

_UCI = (
    *("hepatitis", "horse_colic", "heart_statlog", "breast_recurrence", "breast_w"),
    *("pima_diabetes", "dermatology", "primary_tumor", "arrhythmia", "sick"),
    "hypothyroid",
)
_NO_ZERO = {
    "pima_diabetes": ("plas", "pres", "skin", "insu", "mass"),
    "heart_disease": ("chol", "trestbps"),
}
"""Columns in which 0 means that nothing was measured, say the descriptions."""
_RESNETS = "ResNet-18 at 28 and 224, MedMNIST"


def _patients(name: str, removed: float = 0.0) -> Dataset:
    """A table of `uci_clinical`; its last column is the class."""
    import pandas as pd

    (file,) = folder("tabular", "uci_clinical").glob(f"{name}.csv*")
    frame = pd.read_csv(file)
    for column in _NO_ZERO.get(name, ()):
        frame[column] = frame[column].replace(0, np.nan)
    target = frame.columns[-1]
    frame = _with_gaps(frame.dropna(axis=1, how="all"), removed, [target])
    return jb.read(frame, targets={target: "class"})


def _with_gaps(frame: Any, removed: float, without: Sequence[str]) -> Any:
    """A table without this share of its cells; some columns stay whole."""
    lost = np.random.default_rng(0).random(frame.shape) < removed
    lost[:, [list(frame).index(name) for name in without]] = False
    return frame.mask(lost)


def _hearts(removed: float = 0.0) -> Dataset:
    """Heart disease or not, at four hospitals."""
    import pandas as pd

    frame = pd.read_csv(folder("tabular", "heart_disease") / "data.csv")
    for column in _NO_ZERO["heart_disease"]:
        frame[column] = frame[column].replace(0, np.nan)
    frame["ill"] = np.where(frame["num"] > 0, "yes", "no")
    frame = _with_gaps(frame, removed, ["num", "site", "ill"])
    codes = dict.fromkeys(("cp", "restecg", "thal"), "category")
    return jb.read(frame, targets={"ill": "class"}, drop=["num", "site"], kinds=codes)


def _hospitals() -> np.ndarray:
    import pandas as pd

    return pd.read_csv(folder("tabular", "heart_disease") / "data.csv")["site"].values


def _images(name: str) -> Parts:
    """The parts that the archive has."""
    path = folder("image", name) / f"{name}.npz"
    whole = jb.read(
        path, inputs={"image": "image"}, groups="split", targets={"label": "class"}
    )
    return by_column(whole)


GAPS = {
    "heart_disease": _hearts,
    "pima_diabetes": functools.partial(_patients, "pima_diabetes"),
}
"""Tables of which more and more cells are removed, in training and test rows."""

PROBLEMS = {
    "heart_disease": Problem(
        by_name(_hearts, _hospitals), "auroc", ".796", "boosting",
        how="each hospital left out",
    ),
    **{
        f"uci_clinical/{name}": Problem(
            folds(lambda name=name: _patients(name), 5), "auroc", how="5 folds"
        )
        for name in _UCI
    },
    **{
        f"{name}/{share:.0%} of cells removed": Problem(
            folds(lambda data=data, share=share: data(removed=share), 3), "auroc",
            how="3 folds",
        )
        for name, data in GAPS.items()
        for share in (0.0, 0.2, 0.4, 0.6)
    },
    **{
        name: Problem(
            parts(lambda name=name: _images(name)), "auroc", published, _RESNETS, 1,
            "published split",
        )
        for name, published in {
            "pneumoniamnist": ".944, .956", "retinamnist": ".717, .710",
        }.items()
    },
}  # fmt: skip
