import json

import numpy as np
import pandas as pd

from tests.commands import run


def test_scores_are_shown_and_written(capsys, trained):
    code, out, _ = run(
        capsys, "evaluate", trained / "run", trained / "rows.csv",
        "--out", trained / "scores.json",
    )  # fmt: skip
    assert code == 0 and "auroc" in out
    scores = json.loads((trained / "scores.json").read_text())
    assert scores["rows"] == 120


def test_a_file_for_each_class(capsys, trained):
    table = pd.read_csv(trained / "rows.csv")
    words = []
    for label, rows in table.groupby("label"):
        path = trained / f"{label}.csv"
        rows.drop(columns="label").to_csv(path, index=False)
        words.append(f"{label}={path}")
    code, out, _ = run(capsys, "evaluate", trained / "run", *words)
    assert code == 0 and "label (120 rows)" in out


def test_what_is_odd_about_rows_is_told_as_by_predict(capsys, tmp_path):
    rng = np.random.default_rng(0)
    names = [f"g{at}" for at in range(120)]
    table = pd.DataFrame(rng.normal(size=(40, 120)), columns=names)
    table.assign(y=table.g0).to_csv(tmp_path / "rows.csv", index=False)
    some = table.assign(y=table.g0).drop(columns=names[100:])
    some.to_csv(tmp_path / "some.csv", index=False)
    how = "--target", "y", "--quick", "--epochs", "1", "--out", tmp_path / "run"
    assert run(capsys, "train", tmp_path / "rows.csv", *how)[0] == 0
    code, out, _ = run(capsys, "evaluate", tmp_path / "run", tmp_path / "some.csv")
    assert code == 0 and "20 of 120 columns of features are not there" in out
