import numpy as np
import pandas as pd

from tests.cli.test_train import QUICK, run


def test_columns_of_a_table(capsys, tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.normal(60, 9, 80), "sex": ["m", "f"] * 40})
    table["sick"] = np.where(table["age"] > 60, "yes", "no")
    table.to_csv(tmp_path / "rows.csv", index=False)
    words = ["train", tmp_path / "rows.csv", "--target", "sick", "--model", "mlp"]
    words += ["--out", tmp_path / "run", *QUICK]
    assert run(capsys, *words)[0] == 0
    out = tmp_path / "why"
    table[["age", "sex"]].head(2).to_csv(tmp_path / "new.csv", index=False)
    words = ["explain", tmp_path / "run", tmp_path / "new.csv", "-o", out]
    code, _, err = run(capsys, *words)
    assert code == 1 and "--background train.csv" in err
    words += ["--background", tmp_path / "rows.csv", "--label", "yes"]
    code, said, err = run(capsys, *words)
    assert code == 0, err
    assert "mean size of contributions (log odds)" in said
    parts = pd.read_csv(out / "contributions.tsv", sep="\t", dtype={"value": str})
    assert len(parts) == 4 and set(parts["column"]) == {"age", "sex"}
    assert set(parts["value"]) >= {"m", "f"}
    index = pd.read_csv(out / "index.tsv", sep="\t")
    total = (
        index["usual"] + parts.groupby("id", sort=False)["contribution"].sum().values
    )
    p = index["sick:yes"] if "sick:yes" in index else index["sick"]
    if p.dtype != object:
        np.testing.assert_allclose(total, np.log(p / (1 - p)), atol=1e-3)
    files = {path.name for path in out.iterdir()}
    assert files == {
        "index.tsv", "contributions.tsv", "beeswarm.png", "00001.png", "00002.png",
    }  # fmt: skip
    words = ["explain", tmp_path / "run", tmp_path / "rows.csv", "-o", tmp_path / "imp"]
    code, said, err = run(capsys, *words, "--method", "permutation")
    assert code == 0, err
    assert "the importances agree by" in said
    table = pd.read_csv(tmp_path / "imp" / "importance.tsv", sep="\t")
    assert set(table["column"]) == {"age", "sex"} and "drop_of_" in table.columns[1]
    assert (tmp_path / "imp" / "importance.png").exists()
    words = ["explain", tmp_path / "run", tmp_path / "rows.csv", "-o", tmp_path / "pd"]
    code, said, err = run(capsys, *words, "--method", "dependence", "--limit", "30")
    assert code == 0, err
    assert "how far the mean prediction moves: age" in said
    assert "the curves agree by" in said
    curves = pd.read_csv(tmp_path / "pd" / "dependence.tsv", sep="\t")
    assert set(curves["column"]) == {"age", "sex"}
    assert (tmp_path / "pd" / "dependence.png").exists()
