import pandas as pd

from tests.cli.test_train import run


def test_rules_in_words(capsys, patient_run, tmp_path):
    words = ["explain", patient_run / "run", patient_run / "rows.csv"]
    words += ["--method", "rules"]
    out = tmp_path / "why"
    code, told, err = run(capsys, *words, "--depth", "1", "-o", out)
    assert code == 0, err
    assert "if age" in told and "share of right answers there" in told
    assert "the answers of rules agree by" in told
    assert (out / "rules.txt").read_text().startswith("if age")
    found = pd.read_csv(out / "rules.tsv", sep="\t")
    assert sorted(found["answer"]) == ["sick", "well"] and found["rows"].sum() == 84
    words[2] = patient_run / "new.csv"
    code, told, _ = run(capsys, *words, "-o", tmp_path / "other")
    assert code == 0 and "rules are not scored, as labels cannot be read" in told
