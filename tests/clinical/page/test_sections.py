import dataclasses

import numpy as np

from jaxbio.clinical.page import sections
from jaxbio.clinical.patient import (
    Alike,
    Answer,
    Contribution,
    Gap,
    Option,
    Outside,
    Patient,
)

COHORT = {
    "quantiles": [x / 20 for x in range(21)],
    "tenths": [{"low": 0.2, "high": 0.4, "rows": 30, "observed": 0.25}],
}
RISK = Answer("probability of ill yes", 0.31, True, 0.02, COHORT)
PLAIN = Patient("7", "ill", (RISK,), cohort_rows=300)


def test_every_page_says_that_it_is_no_medical_device():
    assert "no medical device" in sections.heading(PLAIN)
    assert "300 patients" in sections.footing(PLAIN)
    old = dataclasses.replace(PLAIN, cohort_rows=None)
    assert "train it again" in sections.footing(old)


def test_an_answer_stands_beside_the_cohort_with_counts():
    text = sections.answers(PLAIN)
    assert "31.0 %" in text and "About 33% of the cohort are lower" in text
    assert "30 had predictions next to this one (20.0 % to 40.0 %); 25% were so" in text
    two = dataclasses.replace(PLAIN, answers=(RISK, Answer("weight", 70.5)))
    assert "<td>weight</td><td>70.5</td>" in sections.answers(two)
    none = dataclasses.replace(PLAIN, answers=(Answer("weight", float("nan")),))
    assert "no prediction" in sections.answers(none)


def test_sections_without_anything_to_say_are_empty():
    for section in (
        sections.warnings,
        sections.advice,
        sections.curve,
        sections.alike,
        sections.contributions,
        sections.gaps,
        sections.outside,
    ):
        assert section(PLAIN) == ""


def test_contributions_gaps_and_values_outside_are_shown():
    full = dataclasses.replace(
        PLAIN,
        contributions=(Contribution("age", "81", 0.2), Contribution("sex", "f", -0.1)),
        base=0.21,
        gaps=(Gap("bmi", 0.25, 0.4),),
        outside=(Outside("age", "81", "20 to 75"),),
        warnings=("a <strange> unit",),
    )
    text = sections.contributions(full)
    assert "age = 81" in text and "+20.0 %" in text and "from 21.0 %" in text
    assert "25.0 % to 40.0 %" in sections.gaps(full)
    assert "<td>20 to 75</td>" in sections.outside(full)
    assert "a &lt;strange&gt; unit" in sections.warnings(full)


def test_advice_stands_beside_its_worth():
    treated = dataclasses.replace(
        PLAIN,
        options=(
            Option("none", 3.0, None, None, None, 40),
            Option("drug", 5.0, 2.0, 1.0, 3.0, 60),
        ),
        advice="drug promises most.",
        evidence=("It is worth 1.",),
    )
    text = sections.advice(treated)
    for words in ("drug promises most.", "+2", "+1 to +3", "reference", "It is worth"):
        assert words in text
    assert "90% interval" in text


def test_a_survival_curve_is_drawn():
    curved = dataclasses.replace(
        PLAIN, curve=(np.array([1.0, 2]), np.array([0.9, 0.8]), np.array([0.7, 0.6]))
    )
    assert "<path" in sections.curve(curved)


def test_patients_most_alike_are_counts():
    one = dataclasses.replace(PLAIN, alike=Alike(24, ("ill <yes>: 7 of 24",), True))
    text = sections.alike(one)
    assert "24 patients" in text and "<li>ill &lt;yes&gt;: 7 of 24</li>" in text
    assert "do not rely on it" in text
