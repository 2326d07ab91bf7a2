import json

from tests.commands import run


def test_scores_are_shown_and_written(capsys, trained):
    code, out, _ = run(
        capsys, "evaluate", trained / "run", trained / "rows.csv",
        "--out", trained / "scores.json",
    )  # fmt: skip
    assert code == 0 and "auroc" in out
    scores = json.loads((trained / "scores.json").read_text())
    assert scores["rows"] == 120
