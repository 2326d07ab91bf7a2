import numpy as np
import pandas as pd
import pytest

from jaxbio.clinical.trial import Outcome, columns_of, read_trial, trial_of
from jaxbio.data import read
from jaxbio.errors import DataError, JaxbioError
from tests.trials import trial_table


def test_arms_are_ordered_with_the_reference_first():
    table = trial_table(40)
    one = read_trial(table, treatment="arm", outcome="y")
    assert one.arms == ("drug", "none")
    two = read_trial(table, treatment="arm", outcome="y", reference="none")
    assert two.arms == ("none", "drug")
    np.testing.assert_array_equal(one.arm, 1 - two.arm)
    with pytest.raises(DataError, match="did you mean 'none'"):
        read_trial(table, treatment="arm", outcome="y", reference="nome")


def test_rows_without_arm_or_outcome_are_left_out_and_named():
    table = trial_table(40)
    table.loc[3, "arm"] = None
    table.loc[[5, 6], "y"] = np.nan
    trial = read_trial(table, treatment="arm", outcome="y")
    assert len(trial) == 37
    assert any("1 of 40 rows have no arm and are left out: 3" in x for x in trial.notes)
    assert any("2 of 40 rows have no y" in note for note in trial.notes)


def test_two_classes_are_a_risk_and_three_are_refused():
    table = trial_table(40)
    table["cured"] = np.where(table["y"] > 1, "yes", "no")
    trial = read_trial(
        table.drop(columns="y"), treatment="arm", outcome="cured", better="lower"
    )
    assert trial.outcome.classes == ("no", "yes") and trial.outcome.sign == -1
    np.testing.assert_array_equal(trial.values, table["cured"] == "yes")
    table["cured"] = np.resize(["a", "b", "c"], 40)
    with pytest.raises(DataError, match="3 classes"):
        read_trial(table, treatment="arm", outcome="cured")


def test_a_score_of_few_numbers_is_a_number():
    table = trial_table(40)
    table["pain"] = np.resize([0, 1, 2, 5], 40)
    trial = read_trial(table.drop(columns="y"), treatment="arm", outcome="pain")
    assert trial.outcome.kind == "number" and trial.values.max() == 5


def test_survival_becomes_pseudo_observations_in_each_arm():
    table = pd.DataFrame(
        {"x": [0.5, 1, 2, 1, 0, 2], "arm": list("aaabbb"), "time": [1.0, 2, 9, 3, 9, 9]}
    )
    table["event"] = [1, 1, 0, 1, 0, 0]
    trial = read_trial(table, treatment="arm", outcome="time,event", horizon=5)
    np.testing.assert_allclose(trial.values, [1, 2, 5, 3, 5, 5])
    assert trial.outcome.kind == "survival" and trial.counts.tolist() == [3, 3]
    with pytest.raises(DataError, match="arm a up to 9"):
        read_trial(table, treatment="arm", outcome="time,event", horizon=10)
    with pytest.raises(JaxbioError, match="horizon=60"):
        read_trial(table, treatment="arm", outcome="time,event")
    with pytest.raises(JaxbioError, match="is for survival"):
        read_trial(table, treatment="arm", outcome="time", horizon=5)
    table.loc[2, "event"] = 2
    with pytest.raises(DataError, match="row 2, column event: '2' says neither"):
        read_trial(table, treatment="arm", outcome="time,event", horizon=5)


def test_survival_is_written_as_in_other_targets():
    words = ["dead", "dead", "alive", "dead", "alive", "lost"]
    days = [1, 2, 9, 3, 9, 9]
    table = pd.DataFrame({"x": [0.5, 1, 2, 1, 0, 2], "arm": list("aaabbb")})
    table["status"] = words
    table["start"] = "2020-01-01"
    table["end"] = [f"2020-01-{1 + day:02}" for day in days]
    how = {"treatment": "arm", "horizon": 5}
    trial = read_trial(table, outcome="start..end,status=dead", **how)
    np.testing.assert_allclose(trial.values, [1, 2, 5, 3, 5, 5])
    assert trial.outcome.target == "start..end,status=dead"
    assert list(trial.rows.inputs) == ["x"]
    table.loc[1, "status"] = None
    trial = read_trial(table, outcome="start..end,status=dead", **how)
    assert len(trial) == 5 and any("left out: 1" in note for note in trial.notes)


def test_arms_that_a_model_does_not_know_are_refused():
    data = read(trial_table(40), targets={"arm": "class", "y": "number"})
    with pytest.raises(DataError, match=r"'drug' in .* rows: the model knows none"):
        trial_of(data, "arm", ["y"], arms=("none",))


def test_an_outcome_goes_to_json_and_back():
    outcome = Outcome(("time", "event"), "survival", "higher", (), 60.0)
    assert Outcome.from_dict(outcome.to_dict()) == outcome
    assert outcome.name == "mean time up to 60"
    with pytest.raises(JaxbioError, match="time,event"):
        columns_of("a,b,c")


def test_a_missing_outcome_is_told_once_and_looks_are_refused():
    table = trial_table(40)
    table["days"], table["died"] = np.arange(1.0, 41), 1
    table.loc[3, "days"] = np.nan
    how = {"treatment": "arm", "outcome": "days,died", "horizon": 20}
    (note,) = [x for x in read_trial(table, **how).notes if "days,died" in x]
    assert "1 of 40 rows have no days,died and are left out: 3" in note
    table["later"] = table["days"] + 2
    data = read(table, targets={"arm": "class", "days..later": "survival"})
    with pytest.raises(DataError, match="effects are those on times that are known"):
        trial_of(data, "arm", ["days..later"], horizon=20)
