import json

import numpy as np
import pytest

from jaxbio.clinical.fitting import fit_treatment
from jaxbio.clinical.trial import read_trial
from jaxbio.errors import DataError, JaxbioError
from tests.trials import made_trial, trial_table


def test_the_folder_keeps_what_prediction_needs_and_no_row(treatment_run):
    names = {item.name for item in treatment_run.path.iterdir()}
    assert {"treatment.json", "outcomes"} <= names and "propensity" not in names
    text = (treatment_run.path / "treatment.json").read_text()
    cohort = json.loads(text)["cohort"]
    assert cohort["rows"] == 120 and set(cohort["columns"]) == {"a", "b"}
    assert cohort["effects"]["drug"]["count"] == 120


def test_patients_are_evaluated_apart(treatment_run):
    found = treatment_run.evaluation
    assert not found.out_of_sample and found.rows == 120
    assert sum(found.policies[0].shares.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"learner": "tarnet2"}, "did you mean 'tarnet'"),
        ({"folds": 2}, "3 or more"),
        ({"level": 90}, "such as 0.9"),
        ({"propensity": 1.5}, "probability of each arm"),
    ],
)
def test_settings_that_mean_nothing_are_refused(how, message):
    with pytest.raises(JaxbioError, match=message):
        fit_treatment(made_trial(60), **how)


def test_arms_are_checked_before_anything_is_written(tmp_path):
    table = trial_table(60)
    table["dose"] = np.where(table["arm"] == "drug", 2.5, 0.5)
    trial = read_trial(table, treatment="arm", outcome="y")
    with pytest.raises(DataError, match="dose tells who has arm"):
        fit_treatment(trial, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
