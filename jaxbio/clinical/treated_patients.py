"""Patients of a treatment run: what their pages say."""

import numpy as np

from jaxbio.clinical.advice import ABSTAIN
from jaxbio.clinical.evaluation import TreatmentEvaluation
from jaxbio.clinical.one_row import contributions_of, gaps_of, outside_of
from jaxbio.clinical.patient import Answer, Option, Patient
from jaxbio.clinical.treatment_runs import TreatmentRun
from jaxbio.data.dataset import Dataset


def treated_patient(run: TreatmentRun, row: Dataset) -> Patient:
    """What the page of a patient says of treatments.

    What is explained is the effect of the arm that promises most, or, where that is the
    reference, of the next best one.

    Args:
        run: The treatment run.
        row: One row.
    """
    found = run.predict(row, unknown="any")
    reference, *others = run.arms
    best = int(found.advice.best[0])
    gains = run.outcome.sign * found.effects[0]
    explained = best - 1 if best else int(np.nan_to_num(gains, nan=-np.inf).argmax())
    arm = others[explained]
    known = run.cohort["effects"].get(arm, {})
    answer = Answer(
        f"effect of {arm} against {reference} on {run.outcome.name}",
        float(found.effects[0, explained]),
        cohort=known,
    )
    columns = run.cohort["columns"]

    def score(rows: Dataset) -> np.ndarray:
        return run.effects(rows)[1][:, explained]

    answered = not np.isnan(answer.value)
    given, base = (), float("nan")
    if answered:
        given, base = contributions_of(score, run.schema, row, columns)
    options = tuple(
        Option(
            name,
            float(found.outcomes[0, at]),
            float(found.effects[0, at - 1]) if at else None,
            float(found.low[0, at - 1]) if at else None,
            float(found.high[0, at - 1]) if at else None,
            int(run.cohort["arms"].get(name, 0)),
        )
        for at, name in enumerate(run.arms)
    )
    return Patient(
        str(found.ids[0]),
        f"{run.outcome.name} by {run.treatment}",
        (answer,),
        given,
        base,
        gaps_of(score, row, columns) if answered else (),
        outside_of(run.schema, row),
        options,
        _advice(run, found),
        _evidence(run.evaluation),
        run.level,
        cohort_rows=run.cohort["rows"],
        warnings=found.warnings,
    )


def _advice(run: TreatmentRun, found) -> str:
    """The advice in a sentence."""
    name = found.advice.named(run.arms)[0]
    if name is None:
        return "Nothing is known of this patient: there is no advice."
    best = f"{run.treatment} {run.arms[int(found.advice.best[0])]}"
    gain, low, high = (
        float(x[0]) for x in (found.advice.gain, found.advice.low, found.advice.high)
    )
    interval = f"{gain:.3g} ({run.level:.0%} interval {low:.3g} to {high:.3g})"
    if name == ABSTAIN:
        return (
            f"No advice is certain: {best} promises most, but what is expected of it "
            f"above the next best arm, {interval}, may as well be nothing."
        )
    return (
        f"{best} promises most: on average {interval} better than the next best arm in "
        f"patients like this one."
    )


def _evidence(evaluation: TreatmentEvaluation) -> tuple[str, ...]:
    """What such advice is worth, beside everybody under the best single arm."""
    advice = evaluation.policies[0]
    lines = [
        f"In {evaluation.rows:,} patients of the cohort, if all had followed such "
        f"advice, {evaluation.outcome.name} would be {advice.value:.4g} (95 % interval "
        f"{advice.low:.4g} to {advice.high:.4g}).",
        f"The gain over {evaluation.best} for everybody, the best single arm, is "
        f"{advice.gain:+.3g} ({advice.gain_low:+.3g} to {advice.gain_high:+.3g}).",
    ]
    if advice.gain_low <= 0:
        lines.append(
            "So it is not shown that advice by patient is better than one arm for all."
        )
    return tuple(lines)
