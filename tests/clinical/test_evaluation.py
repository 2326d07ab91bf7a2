import json

import numpy as np
import pytest

from jaxbio.clinical.evaluation import TreatmentEvaluation, evaluate_effects
from tests.trials import made_trial


@pytest.fixture(scope="module")
def evaluation():
    """Half of 80 patients gain 1 by the drug, half lose 3, and both are known."""
    trial = made_trial(80)
    gains = np.where(np.arange(80) < 40, 1.0, -3.0)[:, None]
    scores = np.concatenate([np.zeros_like(gains), gains], axis=1)
    return evaluate_effects(
        trial, gains, np.full((80, 1), 0.1), scores, np.full((80, 2), 0.5), best=None,
        level=0.9, randomised=False, out_of_sample=False,
    )  # fmt: skip


def test_averages_and_policies_by_hand(evaluation):
    (own,) = evaluation.effects
    assert own.average == pytest.approx(-1) and own.slope == pytest.approx(1)
    assert own.thirds[0][0] == pytest.approx(-3)
    assert own.confounding is not None
    assert evaluation.best == "none" and evaluation.abstained == 0
    advice, *_, none, drug = evaluation.policies
    assert advice.value == pytest.approx(0.5)
    assert (none.value, drug.value) == (pytest.approx(0), pytest.approx(-1))


def test_advice_is_valued_in_other_patients(treatment_run):
    found = treatment_run.evaluate(made_trial(100, seed=5))
    assert found.out_of_sample and found.rows == 100
    names = [each.policy for each in found.policies]
    assert names[0] == "advice" and names[2:] == ["everybody none", "everybody drug"]
    assert found.policies[0].low < found.policies[0].value < found.policies[0].high
    assert found.effects[0].confounding is None  # chance chose the arms


def test_an_evaluation_goes_to_json_and_back(evaluation):
    values = json.loads(json.dumps(evaluation.to_dict()))
    assert TreatmentEvaluation.from_dict(values) == evaluation
