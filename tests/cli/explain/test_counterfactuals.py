import numpy as np
import pandas as pd

from tests.cli.test_train import run


def test_changes_stand_in_the_index(capsys, tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.integers(20, 80, 120), "dose": rng.random(120)})
    table["state"] = np.where(table["age"] > 50, "sick", "well")
    table.to_csv(tmp_path / "rows.csv", index=False)
    words = ["train", tmp_path / "rows.csv", "--target", "state", "--out"]
    quick = ["--model", "mlp", "--epochs", "30", "--members", "1", "--no-baselines"]
    assert run(capsys, *words, tmp_path / "run", *quick)[0] == 0
    out = tmp_path / "why"
    words = ["explain", tmp_path / "run", tmp_path / "rows.csv", "-o", out]
    code, told, err = run(capsys, *words, "--method", "counterfactual", "--limit", "6")
    assert code == 0, err
    assert "of 6 rows get another answer by at most 10" in told
    index = pd.read_csv(out / "index.tsv", sep="\t")
    done = index.dropna(subset="becomes")
    assert len(done) >= 5 and done["changes"].str.contains("age: ").all()
    assert (done["becomes"] != done["explained"]).all()
