"""Which rows are explained, by a predictor whose predictions are known."""

import argparse

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.cli.explain.rows import chosen_rows
from jaxbio.errors import DataError


@pytest.fixture(scope="module")
def predictor():
    x = np.linspace(-2, 2, 40, dtype=np.float32)
    data = jb.Dataset(
        {"x": jb.data.Numeric(x[:, None], ("x",))},
        {"y": jb.data.Category.from_values(np.where(x > 0, "up", "down").tolist())},
    )
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    run = jb.fit(
        model, None, data, data, epochs=60, learning_rate=0.1, members=1, batch_size=8,
        baselines=False,
    )  # fmt: skip
    return run.predictor


def choose(predictor, tmp_path, which, limit=2, label="up"):
    path = tmp_path / "rows.csv"
    path.write_text("id,x\nlow,-2\nhigh,2\nmiddle,0.02\nsome,1\n")
    options = argparse.Namespace(
        data=str(path), rows=which, limit=limit, unknown="error", target=None,
        label=label,
    )  # fmt: skip
    column = chosen_rows(predictor, options).inputs["x"]
    return [round(x, 2) for x in column.values[:, 0].tolist()]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ("first", [-2, 2]),
        ("best", [2, 1]),
        ("worst", [-2, 0.02]),
        ("unsure", [0.02, 1]),
        ("middle,high", [0.02, 2]),
    ],
)
def test_rows_are_chosen(predictor, tmp_path, which, found):
    assert choose(predictor, tmp_path, which) == found


def test_a_sample_is_the_same_each_time(predictor, tmp_path):
    one = choose(predictor, tmp_path, "random")
    assert one == choose(predictor, tmp_path, "random") and len(set(one)) == 2


def test_ids_that_are_not_there(predictor, tmp_path):
    with pytest.raises(DataError, match="no row of that id"):
        choose(predictor, tmp_path, "midle")
    with pytest.raises(DataError, match="--limit 0"):
        choose(predictor, tmp_path, "first", limit=0)
