import numpy as np

from jaxbio.clinical.evaluation import evaluate_effects
from jaxbio.clinical.tables import aligned, evaluation_table
from tests.trials import made_trial


def test_columns_are_aligned():
    assert aligned([["x", "long"], ["xyz", "1"]]) == "x    long\nxyz     1"


def test_all_that_has_to_stand_beside_advice_is_there():
    trial = made_trial(80)
    a = trial.rows.inputs["features"].values[:, :1].astype(float)
    scores = np.concatenate([np.zeros_like(a), a], axis=1)
    found = evaluate_effects(
        trial, a, np.full((80, 1), 0.3), scores, np.full((80, 2), 0.5), best=1,
        level=0.9, randomised=False, out_of_sample=True,
    )  # fmt: skip
    text = evaluation_table(found)
    for words in (
        "80 patients; taken as patients that were not learned from. Higher is better.",
        "Gains are over everybody drug, the best single arm.",
        "everybody none",
        "gets drug",
        "E-value",
        "No advice is certain for",
    ):
        assert words in text
    assert text == str(found)
