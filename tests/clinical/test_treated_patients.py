import numpy as np
import pytest

from jaxbio.clinical.treated_patients import treated_patient
from tests.trials import trial_table


def row_of(run, **cells):
    table = trial_table(1, seed=8)
    for name, value in cells.items():
        table[name] = value
    return run.models["outcomes"].dataset(table)


def test_arms_stand_beside_each_other(treatment_run):
    row = row_of(treatment_run)
    patient = treated_patient(treatment_run, row)
    none, drug = patient.options
    assert none.effect is None and drug.low < drug.effect < drug.high
    assert drug.outcome == pytest.approx(none.outcome + drug.effect)
    assert none.patients + drug.patients == 120
    total = patient.base + sum(each.value for each in patient.contributions)
    assert total == pytest.approx(patient.answers[0].value, abs=1e-4)
    assert any("best single arm" in line for line in patient.evidence)


def test_values_that_are_missing_or_beyond_are_told(treatment_run):
    patient = treated_patient(treatment_run, row_of(treatment_run, a=50.0, b=np.nan))
    assert [each.column for each in patient.gaps] == ["b"]
    assert [each.column for each in patient.outside] == ["a"]
