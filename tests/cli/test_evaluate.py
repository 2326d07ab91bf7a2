import json

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
