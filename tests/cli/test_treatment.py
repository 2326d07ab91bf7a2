import json

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import main, treatment
from tests.trials import trial_table

TRAIN = ("--treatment", "arm", "--target", "y", "--reference", "none")


@pytest.fixture
def trial_file(tmp_path):
    path = tmp_path / "trial.csv"
    trial_table(80).to_csv(path, index=False)
    return str(path)


def said(capsys):
    found = capsys.readouterr()
    return found.out + found.err


def test_train_shows_what_advice_is_worth(
    trial_file, tmp_path, treatment_run, monkeypatch, capsys
):
    seen = {}

    def fit(trial, **how):
        seen.update(how, trial=trial)
        return treatment_run

    monkeypatch.setattr(treatment, "fit_treatment", fit)
    test = str(tmp_path / "test.csv")
    trial_table(60, seed=2).to_csv(test, index=False)
    out = str(tmp_path / "run")
    words = ["train", trial_file, *TRAIN, "--test", test, "--propensity", "0.5"]
    words += ["--learner", "t", "--quick", "--seed", "4", "--out", out, "--json"]
    code = main(words)
    text = said(capsys)
    assert code == 0, text
    assert seen["propensity"] == [0.5] and seen["learner"] == "t" and seen["quick"]
    assert seen["seed"] == 4 and seen["out"] == out and len(seen["trial"]) == 80
    assert seen["trial"].arms == ("none", "drug")
    assert "effects on mean y against none, higher is better" in text
    assert "In test patients:" in text and "everybody drug" in text
    result = json.loads(text.strip().splitlines()[-1])
    assert result["test"]["rows"] == 60


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--treatment", "arm"), "needs one --target"),
        ((*TRAIN, "--epochs", "3"), "--epochs does not go with --treatment"),
        (("--target", "y", "--horizon", "6"), "--horizon is for effects of treatments"),
        ((*TRAIN, "--horizon", "6"), "--horizon 6.0 is for survival"),
        (("--treatment", "arm", "--target", "a,y"), "such as --horizon 60"),
        (("--treatment", "arm", "--target", "y:poisson"), "number"),
        ((*TRAIN, "--propensity", "half"), "give probabilities"),
        (("--treatment", "arn", "--target", "y"), "arn"),
    ],
)
def test_flags_that_do_not_fit_are_told(words, message, trial_file, tmp_path, capsys):
    out = tmp_path / "run"
    if message == "number":
        message = "regression, binary, survival"
    assert main(["train", trial_file, *words, "--out", str(out)]) == 1
    assert message in said(capsys) and not out.exists()


def test_a_dry_run_shows_arms_and_writes_nothing(trial_file, capsys):
    assert main(["train", trial_file, *TRAIN, "--dry-run"]) == 0
    text = said(capsys)
    assert "arm: none" in text and "Nothing was trained" in text


def test_predict_writes_advice_and_tells_of_strange_arms(
    treatment_run, tmp_path, capsys
):
    table = trial_table(10, seed=4)
    table.loc[2, "arm"] = "other"
    table.loc[5, ["a", "b"]] = np.nan
    source, out = tmp_path / "new.csv", tmp_path / "advice.csv"
    table.to_csv(source, index=False)
    words = ["predict", str(treatment_run.path), str(source), "-o", str(out)]
    assert main([*words, "--keep", "b"]) == 0
    text = said(capsys)
    assert "1 rows have arm other" in text and "no answer 1" in text
    found = pd.read_csv(out)
    assert list(found)[:3] == ["id", "b", "advice"] and len(found) == 10
    expected = treatment_run.predict(table).effects[:, 0]
    np.testing.assert_allclose(found["effect:drug"], expected, rtol=1e-4, atol=1e-5)
    assert main([*words, "--reject", "0.9"]) == 1
    assert "--reject is not for treatment runs" in said(capsys)


def test_evaluate_values_advice_and_refuses_unknown_arms(
    treatment_run, tmp_path, capsys
):
    source, out = tmp_path / "test.csv", tmp_path / "scores.json"
    table = trial_table(60, seed=4)
    table.to_csv(source, index=False)
    words = ["evaluate", str(treatment_run.path), str(source), "--out", str(out)]
    assert main(words) == 0
    text = said(capsys)
    assert "taken as patients that were not learned from" in text
    assert "looks too good" not in text
    trial_table(120).to_csv(source, index=False)  # those that were learned from
    assert main(words) == 0
    assert "120 of 120 patients have the values of patients" in said(capsys)
    table.to_csv(source, index=False)
    assert json.loads(out.read_text())["rows"] == 120
    pictures = tmp_path / "pictures"
    assert main([*words, "--propensity", "0.4", "--pictures", str(pictures)]) == 0
    drawn = {path.stem for path in pictures.iterdir()}
    assert drawn == {"qini", "effects", "advice"}
    assert main([*words, "--propensity", "2"]) == 1
    assert "in this order: none, drug" in said(capsys)
    table.loc[3, "arm"] = "other"
    table.to_csv(source, index=False)
    assert main(words) == 1
    assert "arm 'other' in 1 rows: the model knows none, drug" in said(capsys)


def test_columns_of_further_files_are_joined(treatment_run, tmp_path, capsys):
    table = trial_table(12, seed=4)
    table.insert(0, "patient", [f"p{at}" for at in range(12)])
    own, more = tmp_path / "own.csv", tmp_path / "more.csv"
    table.drop(columns=["b", "y"]).to_csv(own, index=False)
    table[["patient", "b", "y"]][::-1].to_csv(more, index=False)
    join = ["--join", str(more)]
    assert main(["train", str(own), *join, *TRAIN, "--dry-run"]) == 0
    assert "effects on mean y" in said(capsys)
    run, out = str(treatment_run.path), tmp_path / "advice.csv"
    pages = tmp_path / "pages"
    words = ["predict", run, str(own), *join, "--id", "patient"]
    assert main([*words, "-o", str(out), "--report", str(pages)]) == 0
    expected = treatment_run.predict(table).effects[:, 0]
    found = pd.read_csv(out)["effect:drug"]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert len(list(pages.iterdir())) == 12
    assert main(["evaluate", run, str(own), *join]) == 0
    assert main(["evaluate", run, str(own)]) == 1


def test_explain_names_the_run_that_can_be_explained(treatment_run, tmp_path, capsys):
    table = tmp_path / "new.csv"
    trial_table(30, seed=4).to_csv(table, index=False)
    words = [str(table), "-o", str(tmp_path / "why"), "--limit", "1"]
    assert main(["explain", str(treatment_run.path), *words]) == 1
    outcomes = f"{treatment_run.path}/outcomes"
    assert outcomes in said(capsys)
    assert main(["explain", outcomes, *words, "--target", "y|drug"]) == 0
