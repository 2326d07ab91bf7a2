import numpy as np
import pandas as pd

from tests.cli.test_train import run


def test_rules_in_words(capsys, tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.integers(20, 80, 120), "dose": rng.random(120)})
    table["state"] = np.where(table["age"] > 50, "sick", "well")
    table.to_csv(tmp_path / "rows.csv", index=False)
    words = ["train", tmp_path / "rows.csv", "--target", "state", "--out"]
    quick = ["--model", "mlp", "--epochs", "30", "--members", "1", "--no-baselines"]
    assert run(capsys, *words, tmp_path / "run", *quick)[0] == 0
    out = tmp_path / "why"
    words = ["explain", tmp_path / "run", tmp_path / "rows.csv", "--method", "rules"]
    code, told, err = run(capsys, *words, "--depth", "1", "-o", out)
    assert code == 0, err
    assert "if age" in told and "share of right answers there" in told
    assert (out / "rules.txt").read_text().startswith("if age")
    found = pd.read_csv(out / "rules.tsv", sep="\t")
    assert sorted(found["answer"]) == ["sick", "well"] and found["rows"].sum() == 84
    table[["age", "dose"]].to_csv(tmp_path / "new.csv", index=False)
    words[2] = tmp_path / "new.csv"
    code, told, _ = run(capsys, *words, "-o", tmp_path / "other")
    assert code == 0 and "rules are not scored, as labels cannot be read" in told
