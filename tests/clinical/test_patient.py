import dataclasses

import pytest

from jaxbio.clinical.patient import Answer, Patient


def test_a_patient_is_only_what_is_said():
    patient = Patient("1", "risk", (Answer("risk", 0.5),))
    assert patient.base != patient.base and patient.curve is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        patient.id = "2"
