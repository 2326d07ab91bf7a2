"""Loaders of cohorts: what an event is, and how columns are brought together."""

import pandas as pd

from jaxbio.datasets.survival import gbsg_trial, rotterdam

COMMON = {
    "pid": [1, 2, 3], "age": [50, 60, 70], "meno": [0, 1, 1], "grade": [2, 3, 3],
    "nodes": [0, 4, 9], "pgr": [1, 2, 3], "er": [4, 5, 6], "hormon": [0, 0, 1],
}  # fmt: skip


def outcomes(data):
    return data.targets["days,event"].values[:, :2].tolist()


def test_death_without_relapse_is_an_event_of_its_own_time(tmp_path):
    table = {**COMMON, "size": ["<=20", "20-50", ">50"], "year": 1990, "chemo": 0}
    table |= {"rtime": [100, 200, 300], "recur": [1, 0, 0]}
    table |= {"dtime": [900, 700, 800], "death": [1, 1, 0]}
    pd.DataFrame(table).to_csv(tmp_path / "data.csv")
    data = rotterdam(tmp_path, "")["all"]
    assert outcomes(data) == [[100, 1], [700, 1], [800, 0]]
    assert data.inputs["features"].names[0] == "age" and data.source == "rotterdam"


def test_millimetres_become_the_classes_of_the_other_set(tmp_path):
    table = {**COMMON, "size": [20, 21, 51], "rfstime": [5, 6, 7], "status": [1, 0, 1]}
    pd.DataFrame(table).to_csv(tmp_path / "data.csv")
    data = gbsg_trial(tmp_path, "")["all"]
    assert data.inputs["size"].values.tolist() == ["<=20", "20-50", ">50"]
    assert outcomes(data) == [[5, 1], [6, 0], [7, 1]]
    assert data.ids.tolist() == ["1", "2", "3"]
