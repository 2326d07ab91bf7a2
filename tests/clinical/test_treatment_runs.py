import json
import shutil

import numpy as np
import pytest

from jaxbio.clinical.treatment_runs import is_treatment_run, load_treatment
from jaxbio.errors import CheckpointError
from tests.trials import trial_table


def test_a_loaded_run_says_the_same(treatment_run):
    table = trial_table(12, seed=3)
    before = treatment_run.predict(table)
    again = load_treatment(treatment_run.path)
    after = again.predict(table)
    np.testing.assert_allclose(before.effects, after.effects, rtol=1e-5)
    assert again.evaluation == treatment_run.evaluation
    assert again.calibrations == treatment_run.calibrations
    assert again.arms == ("none", "drug") and again.outcome == treatment_run.outcome


def test_a_patient_of_whom_nothing_is_known_gets_no_advice(treatment_run):
    table = trial_table(12, seed=3)
    table.loc[4, ["a", "b"]] = np.nan
    found = treatment_run.predict(table)
    assert np.isnan(found.effects[4]).all() and found.columns()["advice"][4] is None
    assert any("none of the inputs" in line for line in found.warnings)


def test_a_folder_that_was_changed_is_refused(treatment_run, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(treatment_run.path, copy)
    body = json.loads((copy / "treatment.json").read_text())
    (copy / "treatment.json").write_text(json.dumps({**body, "best": 0.5}))
    with pytest.raises(CheckpointError, match="checksum"):
        load_treatment(copy)
    assert is_treatment_run(copy) and not is_treatment_run(tmp_path)
    with pytest.raises(CheckpointError, match="is no treatment run"):
        load_treatment(tmp_path)
