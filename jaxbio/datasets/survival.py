"""Loaders of the public sets of patients whose survival is known."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from jaxbio.data.dataset import Dataset
from jaxbio.data.reading import read

Parts = dict[str, Dataset]

TARGET = "days,event"
"""The target of each set."""

_COMMON = ("age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon")
"""Columns that both sets of breast cancer have, in the trial's units."""


def rotterdam(folder: Path, variant: str) -> Parts:
    """Recurrence-free survival of 2,982 patients with breast cancer."""
    frame = pd.read_csv(folder / "data.csv")
    recurred = frame["recur"] == 1
    frame["days"] = np.where(recurred, frame["rtime"], frame["dtime"])
    frame["event"] = (recurred | (frame["death"] == 1)).astype(int)
    return {"all": _patients(frame, "rotterdam")}


def gbsg_trial(folder: Path, variant: str) -> Parts:
    """Recurrence-free survival of the 686 patients of a trial."""
    frame = pd.read_csv(folder / "data.csv")
    # Millimetres as the three classes of the other set.
    names = np.array(["<=20", "20-50", ">50"], object)
    frame["size"] = names[np.searchsorted([20, 50], frame["size"])]
    frame = frame.rename(columns={"rfstime": "days", "status": "event"})
    return {"all": _patients(frame, "gbsg_trial")}


def _patients(frame: pd.DataFrame, source: str) -> Dataset:
    table = frame[[*_COMMON, "days", "event"]].assign(id=frame["pid"].astype(str))
    numbers = [name for name in _COMMON if name != "size"]
    data = read(
        table,
        inputs={"features": numbers, "size": "category"},
        targets={TARGET: "survival"},
    )
    return dataclasses.replace(data, source=source)
