import pandas as pd

from tests.cli.test_train import run


def test_changes_stand_in_the_index(capsys, patient_run, tmp_path):
    words = ["explain", patient_run / "run", patient_run / "rows.csv", "-o", tmp_path]
    code, told, err = run(capsys, *words, "--method", "counterfactual", "--limit", "6")
    assert code == 0, err
    assert "of 6 rows get another answer by at most 10" in told
    assert "check: " in told and "the changes agree by" in told
    index = pd.read_csv(tmp_path / "index.tsv", sep="\t")
    done = index.dropna(subset="becomes")
    assert len(done) >= 5 and done["changes"].str.contains("age: ").all()
    assert (done["becomes"] != done["explained"]).all()
