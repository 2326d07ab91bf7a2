import types

import numpy as np
import pytest

from jaxbio.clinical.predicted_patients import _answers, predicted_patient
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.metrics.survival_curves import mean_times
from jaxbio.models import MLP
from jaxbio.run.cohort import summarize_columns
from jaxbio.run.fitting import fit
from jaxbio.run.survival_pictures import survival_pages
from tests.helpers import competing_data, linear_data, survival_data
from tests.networks import quick_fit


def test_classes_are_answers_by_their_probability():
    spec = TargetSpec("ill", "class", classes=("no", "yes"))
    found = types.SimpleNamespace(
        by_target={"ill": np.array([0.75])}, spread={"ill": np.array([0.1])}
    )
    yes, no = _answers(spec, found, {"yes": {"count": 3}})
    assert (yes.name, yes.value, yes.percent) == ("probability of ill yes", 0.75, True)
    found.by_target["ill"] = np.array([0.25])
    assert _answers(spec, found, {})[0].value == 0.25  # also where it is less likely
    assert yes.cohort == {"count": 3} and no.value == 0.25 and no.spread == 0.1


def test_a_number_is_explained_beside_the_cohort():
    run = quick_fit()
    row = linear_data(1)
    patient = predicted_patient(run.predictor, row, {})
    assert patient.contributions == () and patient.cohort_rows is None
    assert patient.answers[0].name == "y"


def test_survival_has_a_curve_and_a_mean_time():
    data = survival_data(60)
    run = fit(
        MLP(hidden=(4,)), None, data, epochs=1, members=1, baselines=False,
        batch_size=16,
    )  # fmt: skip
    cohort = {"rows": 60, "columns": summarize_columns(data)}
    patient = predicted_patient(run.predictor, data.take([0]), cohort)
    times, survival, whole = patient.curve
    assert len(times) == len(survival) and (np.diff(survival) <= 0).all()
    spec = run.predictor.schema.targets[0]
    assert whole[0] == pytest.approx(np.exp(-spec.hazards[0] * spec.times[0]))
    half = float(times[len(times) // 2])
    asked = predicted_patient(run.predictor, data.take([0]), cohort, at=[half])
    name = f"event by {spec.name.split(',')[0]} {half:g}"
    (risk,) = (x for x in asked.answers if x.name == name)
    assert risk.percent and risk.value == pytest.approx(1 - survival[len(times) // 2])
    with pytest.raises(DataError, match="known from 0"):
        predicted_patient(run.predictor, data.take([0]), cohort, at=[2 * times[-1]])
    assert patient.answers[0].value == pytest.approx(
        float(mean_times(times, survival[None])[0])
    )
    total = patient.base + sum(each.value for each in patient.contributions)
    assert total == pytest.approx(patient.answers[0].value, rel=1e-4)


def test_each_cause_has_its_incidence():
    data = competing_data(60)
    run = fit(
        MLP(hidden=(4,)), None, data, epochs=1, members=1, baselines=False,
        batch_size=16,
    )  # fmt: skip
    spec = run.predictor.schema.targets[0]
    half = float(spec.times[len(spec.times) // 2])
    row = data.take([0])
    patient = predicted_patient(run.predictor, row, {}, at=[half])
    mean, relapse, death = patient.answers
    assert mean.name.startswith("mean days without an event up to")
    assert relapse.name == f"cause relapse by days {half:g}" and death.percent
    times, free, whole = patient.curve
    assert relapse.value + death.value == pytest.approx(1 - free[len(times) // 2])
    assert mean.value == pytest.approx(float(mean_times(times, free[None])[0]))
    assert ((whole > 0) & (whole < 1)).all()
    pages = survival_pages(run.predictor, data)
    assert list(pages) == ["incidence", "relapse_groups", "death_groups"]
    assert len(pages["incidence"].axes[0].lines) == 4


def test_targets_by_position_have_no_page():
    spec = TargetSpec("q3", "class", True, classes=("a", "b"))
    predictor = object.__new__(type(quick_fit().predictor))
    predictor.schema = types.SimpleNamespace(targets=(spec,))
    with pytest.raises(DataError, match="a value a row"):
        predicted_patient(predictor, linear_data(1), {})
