"""The benchmark of treatments: true means by hand, and its table."""

import json

import numpy as np
import pandas as pd

from benchmarks.accuracy import treatment
from benchmarks.report import read


def test_true_means_are_those_of_exponential_times():
    learned = pd.DataFrame({"x10": [0, 1], "t": [4.0, 2.0], "e": [1, 1]})
    learned["hr"] = [9.0, np.log(2)]  # of an untreated row it does not count
    rows = pd.DataFrame({"hr": [np.log(2)]})
    (found,) = treatment.true_means(rows, learned, 3.0)
    rate = 2 / (4 + 2 * 2)
    expected = [(1 - np.exp(-3 * each)) / each for each in (rate, 2 * rate)]
    np.testing.assert_allclose(found, expected)


def test_the_table_has_advice_beside_single_arms(tmp_path):
    line = {
        "set": "some",
        "metric": "mean t",
        "rows": 10,
        "score": 2.0,
        "interval": [1.0, 3.0],
        "gain": 0.5,
        "gain_interval": [-0.1, 1.1],
        "singles": {"everybody a": [1.0, 0, 2], "everybody b": [1.5, 1, 2]},
        "best": "b",
        "abstained": 0.25,
        "minutes": 1.0,
    }
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(line) + "\n")
    text = treatment.table(read(path))
    assert "2.000 (1.000 – 3.000) | +0.500 (-0.100 – +1.100) | 1.500 (b), 1.000" in text
