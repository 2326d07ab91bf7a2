"""Times of events in patients, and simulated ones, that may be censored."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.problems import Parts, Problem, folder, folds, parts
from jaxbio.data import Dataset

_DEEPSURV = "DeepSurv, Katzman 2018"
_PUBLISHED = {"metabric": ".643", "gbsg": ".668", "sim_gaussian": ".649"}
_OTHER_SCORES = (
    *("hospdead", "slos", "charges", "totcst", "totmcst", "avtisst", "sps", "aps"),
    *("surv2m", "surv6m", "prg2m", "prg6m", "dnr", "dnrday", "sfdm2", "adlsc", "sno"),
)
"""Columns of SUPPORT2 that are outcomes or scores by others, says its description."""


def _frame(path: Path, name: str = "data") -> Any:
    import pandas as pd

    (file,) = sorted(path.glob(f"{name}.csv*"))
    return pd.read_csv(file)


def _outcomes(frame: Any, target: str, drop: Sequence[str] = ()) -> Dataset:
    columns = [name for name in drop if name in frame]
    return jb.read(frame.drop(columns=columns), targets={target: "survival"})


def _divided(name: str) -> Parts:
    """The published parts; a true log risk is left out."""
    path = folder("survival", name)
    names = [n for n in ("train", "valid", "test") if list(path.glob(f"{n}.csv*"))]
    return {n: _outcomes(_frame(path, n), "t,e", ["hr"]) for n in names}


def _whole(name: str, target: str, drop: Sequence[str] = ()) -> Dataset:
    """All rows of a set; columns of row names are left out."""
    frame = _frame(folder("survival", name))
    return _outcomes(frame, target, ["rownames", "id", "pid", *drop])


def _both_causes() -> Dataset:
    """Two causes together."""
    frame = _frame(folder("survival", "synthetic_competing_risks"))
    rows = frame.drop(columns=["true_time", "true_label"])
    return jb.read(rows, targets={"time,label": "competing"})


def _deephit() -> Dataset:
    """79 features whose names occur several times, by their places."""
    path = folder("survival", "metabric_deephit")
    frame = _frame(path, "features")
    frame.columns = [f"feature_{at}" for at in range(frame.shape[1])]
    labels = _frame(path, "label")
    frame["time"] = labels.iloc[:, 0].to_numpy(np.float64)
    frame["event"] = labels.iloc[:, 1].to_numpy(np.int64)
    return _outcomes(frame, "time,event")


def _competing(cause: int) -> Dataset:
    """One of two causes; the other one ends the follow-up."""
    name = "synthetic_competing_risks"
    return _whole(name, f"time,label={cause}", ["true_time", "true_label"])


_WHOLE = {
    "whas500": ("lenfol,fstat", ("los",)),
    "pbc": ("time,status=2", ()),
    "flchain": ("futime,death", ("chapter",)),
    "support2": ("d.time,death", _OTHER_SCORES),
}
"""Sets without a split: their outcome, and what is known only after the start."""

PROBLEMS = {
    **{
        name: Problem(
            parts(functools.partial(_divided, name)), "concordance",
            _PUBLISHED.get(name, ""), _DEEPSURV if name in _PUBLISHED else "", 3,
            "published split",
        )
        for name in ("metabric", "gbsg", "sim_gaussian", "sim_linear")
    },
    "metabric_deephit": Problem(
        folds(_deephit, 5, by="stratified"), "antolini", ".691",
        "DeepHit, Lee 2018", 1, "5 folds",
    ),
    "competing_risks/all": Problem(
        folds(_both_causes, 5, by="stratified", most=1),
        "concordance", how="1 of 5 folds, mean of two causes",
    ),
    **{
        f"competing_risks/{cause}": Problem(
            folds(functools.partial(_competing, cause), 5, by="stratified", most=1),
            "concordance", how="1 of 5 folds",
        )
        for cause in (1, 2)
    },
    **{
        name: Problem(
            folds(functools.partial(_whole, name, *given), 5, by="stratified"),
            "concordance", how="5 folds",
        )
        for name, given in _WHOLE.items()
    },
}  # fmt: skip
