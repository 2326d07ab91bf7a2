import json

import numpy as np

from benchmarks import pictures


def line(name, share, score, boosting):
    name = f"{name}/{share}% of cells removed"
    return json.dumps(
        {"set": name, "score": score, "baselines": {"boosting": boosting}}
    )


def test_curves_are_those_of_the_newest_lines():
    lines = [
        line("heart_disease", 0, 0.5, 0.4),
        line("heart_disease", 0, 0.9, 0.8),
        "",
        line("heart_disease", 60, 0.7, 0.6),
        line("another", 0, 0.1, 0.1),
        json.dumps({"set": "heart_disease", "score": 1}),
    ]
    assert pictures.curves(lines) == {
        "Heart disease": {
            "jaxbio": {0.0: 0.9, 0.6: 0.7},
            "histogram boosting": {0.0: 0.8, 0.6: 0.6},
        }
    }
    assert pictures.curves([]) == {}


def test_of_each_class_the_surest_the_median_and_the_worst():
    truth = np.array(list("1111100000"))
    chance = np.array([0.9, 0.1, 0.8, 0.7, 0.6, 0.0, 0.2, 0.95, 0.3, 0.4])
    assert pictures.shown_rows(chance, truth).tolist() == [0, 3, 1, 5, 8, 7]
