import numpy as np

from tests.trials import trial_table


def test_effects_have_intervals_and_advice(treatment_run):
    found = treatment_run.predict(trial_table(12, seed=3))
    columns = found.columns()
    assert set(columns) == {
        *("id", "advice", "gain", "gain_low", "gain_high"),
        *("outcome:none", "outcome:drug"),
        *("effect:drug", "effect_low:drug", "effect_high:drug"),
    }
    assert set(columns["advice"]) <= {"none", "drug", "abstain"}
    assert (columns["effect_low:drug"] < columns["effect:drug"]).all()
    np.testing.assert_allclose(
        columns["outcome:drug"] - columns["outcome:none"],
        columns["effect:drug"],
        atol=1e-5,
    )


def test_columns_of_the_file_do_not_hide_own_ones(treatment_run):
    table = trial_table(3, seed=3)
    table["advice"] = ["x", "y", "z"]
    columns = treatment_run.predict(table, keep=["advice"]).columns()
    assert columns["advice_given"].tolist() == ["x", "y", "z"]
    assert set(columns["advice"]) <= {"none", "drug", "abstain"}
