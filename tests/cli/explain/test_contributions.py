import argparse

import numpy as np
import pandas as pd

from jaxbio.cli.explain.contributions import write_contributions
from jaxbio.explain import ColumnAttributions
from jaxbio.explain.players import players_of


def found(predictor, base):
    values = np.array([[1.0, -0.5], [0.25, 2.0]])
    return ColumnAttributions(
        np.array(["x", "y"]), ("a", "b"), values, values * 0, np.array([0.5, 2.25]),
        ("y", "y"), "", np.full(2, base),
    )  # fmt: skip


def test_a_table_pictures_and_columns_of_the_index(linear_run, tmp_path):
    predictor, data = linear_run
    players = players_of(predictor.schema)
    options = argparse.Namespace(format="png")
    rows = data.take([0, 1])
    index = write_contributions(found(predictor, 0.0), players, rows, tmp_path, options)
    assert index["strongest"].tolist() == ["a", "b"]
    assert index["contribution"].tolist() == [1.0, 2.0]
    table = pd.read_csv(tmp_path / "contributions.tsv", sep="\t")
    assert table["column"].tolist() == ["a", "b", "b", "a"]
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"contributions.tsv", "00001.png", "00002.png", "beeswarm.png"}
    nothing = found(predictor, np.nan)  # as of the sizes of gradients
    index = write_contributions(nothing, players, rows, tmp_path, options)
    assert "usual" not in index
