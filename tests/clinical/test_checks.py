import numpy as np
import pytest

from jaxbio.clinical.checks import check_trial, telling_columns
from jaxbio.clinical.trial import read_trial
from jaxbio.errors import DataError
from tests.trials import trial_table


def checked(table, **how):
    check_trial(read_trial(table, treatment="arm", outcome="y", **how))


def test_a_trial_that_compares_arms_passes():
    checked(trial_table(120))


def test_one_arm_a_small_arm_and_an_arm_of_one_outcome_are_refused():
    table = trial_table(120)
    with pytest.raises(DataError, match="have arm 'drug': effects compare two arms"):
        checked(table[table["arm"] == "drug"])
    few = table.copy()
    few.loc[np.arange(5), "arm"] = "other"
    with pytest.raises(DataError, match="5 of 120 rows have arm 'other': at least 20"):
        checked(few)
    same = table.copy()
    same.loc[same["arm"] == "none", "y"] = 1.0
    with pytest.raises(DataError, match="'none' have the same y"):
        checked(same)


def test_an_arm_without_events_is_refused():
    table = trial_table(120)
    table["time"] = np.linspace(1, 9, 120)
    table["event"] = (table["arm"] == "drug").astype(int)
    trial = read_trial(
        table.drop(columns="y"), treatment="arm", outcome="time,event", horizon=5
    )
    with pytest.raises(DataError, match="'none' has an event up to 5"):
        check_trial(trial)


def test_columns_that_tell_one_of_three_arms_are_found():
    table = trial_table(180)
    table["arm"] = np.resize(["a", "b", "c"], 180)
    table["any"] = (table["arm"] != "a").astype(float) + 0.5
    trial = read_trial(table, treatment="arm", outcome="y")
    assert telling_columns(trial) == {"any": (0, 1.0)}
    with pytest.raises(DataError, match=r"any tells who has arm a .*drop='any'"):
        check_trial(trial)


def test_a_dose_tells_the_arm_of_few_patients():
    table = trial_table(80)
    drug = table["arm"] == "drug"
    table["dose"] = np.where(drug, np.linspace(1, 2, 80), 0.0)
    table["rest"] = 1 - table["dose"]
    trial = read_trial(table, treatment="arm", outcome="y")
    assert telling_columns(trial) == {"dose": (0, 1.0), "rest": (0, 1.0)}
    with pytest.raises(DataError, match=r"dose tells who has arm drug .*drop='rest'"):
        check_trial(trial)
