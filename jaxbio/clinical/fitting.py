"""`fit_treatment`: from a trial or cohort to effects of treatments and advice."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.balance import Balance
from jaxbio.clinical.calibration import (
    Calibration,
    calibrated_apart,
    standard_errors,
)
from jaxbio.clinical.checks import check_trial
from jaxbio.clinical.crossfit import FOLDS, CrossFitted, Fold, folds_of
from jaxbio.clinical.evaluation import evaluate_effects
from jaxbio.clinical.learners import LEARNERS, learner_of
from jaxbio.clinical.learners.base import Estimates, Study
from jaxbio.clinical.learners.tarnet import OUTCOMES, fit_outcomes, predict_outcomes
from jaxbio.clinical.policies import best_arm
from jaxbio.clinical.propensity import (
    NAME as PROPENSITY,
    fit_propensities,
    known_propensities,
    overlap,
)
from jaxbio.clinical.scores import doubly_robust_scores
from jaxbio.clinical.treatment_runs import TreatmentRun
from jaxbio.clinical.trial import Trial
from jaxbio.data.dataset import Dataset
from jaxbio.errors import JaxbioError, option
from jaxbio.run.cohort import summarize_columns, summarize_numbers
from jaxbio.run.fitting import Run, fit
from jaxbio.run.folder import RunDirectory
from jaxbio.train import Callback

AUTO = "auto"
FIRST, OTHERS = "tarnet", ("s", "dr")
"""The learner that `auto` begins with, and those that it tries where the effects of
that one do not hold: for outcomes that hardly differ by arm, and for effects that are
simpler than outcomes."""

_HOLDS = 2.0  # standard errors of the slope above 0


def fit_treatment(
    trial: Trial,
    *,
    learner: str = AUTO,
    randomised: bool = False,
    propensity: float | Sequence[float] | None = None,
    out: str | Path | None = None,
    quick: bool = False,
    balance: float = 0.0,
    folds: int = FOLDS,
    level: float = 0.9,
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
    report: Callable[[str], None] | None = None,
    **settings: Any,
) -> TreatmentRun:
    """Learn effects of treatments.

    Every model is cross-fitted: each of its networks, trees and linear models learns
    without one fold, and patients are scored by what did not learn from them. Models
    are those that `jaxbio.fit` chooses for the data. Effects are calibrated by doubly
    robust scores, and these choose among learners, too: that with the smallest squared
    distance between the scores and the calibrated effects is taken. Others than
    `tarnet` are tried only where its effects do not clearly hold in patients that were
    not learned from, by the slope of the calibration. Propensities are those of one
    kind of network, as doubly robust scores forgive what these miss.

    The interval of an effect is for the mean effect in patients with the same inputs,
    not for what will happen to one patient. Its error is that of the mean effect, of
    the calibration and of the networks by the delete-group jackknife; an error that all
    networks share, as where a shape is beyond all of them, is not in it.

    Args:
        trial: The patients.
        learner: `tarnet`, `s`, `t`, `x` or `dr`; `auto` to choose among `tarnet`, `s`
            and `dr`.
        randomised: Whether chance alone chose the arms, in the shares that they have.
        propensity: The probabilities of the arms in a randomised trial, in the order of
            the arms; of two arms that of the second.
        out: The folder of the run; None to save nothing.
        quick: Whether one kind of network will do, and the learner `tarnet` where none
            is named.
        balance: How much features of the networks of outcomes by which arms can be told
            count against them (`Balance`), beside the loss; 0 for nothing. Where arms
            were chosen by what the outcome depends on, it takes from the networks what
            they need.
        folds: How many parts take turns in being held out.
        level: Of the intervals of effects.
        seed: From which everything random follows.
        callbacks: Who is told of steps and epochs.
        report: Called with what goes on, in sentences.
        settings: Fields of `Training` by name, such as `epochs=30`; the others are
            chosen by the data.

    Returns:
        The run.

    Raises:
        JaxbioError: For patients, settings or folders that cannot be used.

    Example:
        >>> from jaxbio.clinical import read_trial
        >>> trial = read_trial(
        ...     "trial.csv", treatment="arm", outcome="pain")  # doctest: +SKIP
        >>> run = fit_treatment(trial, randomised=True)  # doctest: +SKIP
        >>> print(run.evaluation)  # doctest: +SKIP
        >>> run.predict("new.csv").columns()["advice"]  # doctest: +SKIP
    """
    if folds < 3:
        raise JaxbioError(f"{option('folds', folds)}: give 3 or more")
    if not balance >= 0:
        raise JaxbioError(f"{option('balance', balance)}: give a number of at least 0")
    if not 0 < level < 1:
        raise JaxbioError(f"{option('level', level)}: give a number such as 0.9")
    first = learner_of(FIRST if learner == AUTO else learner, LEARNERS)
    check_trial(trial)
    known = None
    if randomised or propensity is not None:
        known = known_propensities(trial, propensity)
    parts = folds_of(trial, count=folds, seed=seed)
    folder = None if out is None else RunDirectory(out)
    if folder is not None:
        folder.check(resume=False)
        folder.path.mkdir(parents=True, exist_ok=True)
    tell = report or (lambda line: None)
    notes = list(trial.notes)

    def fitted(name: str, rows: Dataset, some: Sequence[Fold]) -> Run:
        tell(f"fitting {name} to {len(rows):,} patients")
        one_kind = quick or name == PROPENSITY
        penalty = Balance(balance) if balance and name == OUTCOMES else None
        return fit(
            None, None, rows, folds=some, quick=one_kind, baselines=False, seed=seed,
            out=None if folder is None else folder / name, callbacks=callbacks,
            penalty=penalty, **settings,
        )  # fmt: skip

    runs: dict[str, CrossFitted] = {}
    if known is None:
        runs[PROPENSITY], propensities = fit_propensities(trial, fitted, parts)
        seen = overlap(trial, propensities)
        for line in (seen.in_words, *seen.notes):
            tell(line)
        notes += (seen.in_words, *seen.notes)
    else:
        propensities = np.tile(known, (len(trial), 1))
    runs[OUTCOMES], outcomes = fit_outcomes(trial, fitted, parts)
    scores = doubly_robust_scores(outcomes, propensities, trial.arm, trial.values)
    study = Study(trial, fitted, parts, propensities, outcomes, scores)
    learned = {first.name: first.fit(study)}
    if learner == AUTO and not quick and not _holds(learned[FIRST][1], scores):
        learned |= {name: LEARNERS[name].fit(study) for name in OTHERS}
    losses = {
        name: _loss(estimates, scores, parts)
        for name, (_, estimates) in learned.items()
    }
    best = min(losses, key=lambda name: losses[name])
    if len(losses) > 1:
        shown = ", ".join(f"{name} {loss:.4g}" for name, loss in losses.items())
        tell(f"distances from doubly robust scores: {shown}; taken: {best}")
    if folder is not None:
        others = {x for name in losses if name != best for x in learned[name][0]}
        for name in others - learned[best][0].keys():
            shutil.rmtree(folder / name)
    runs |= learned[best][0]
    done = _assembled(
        trial, best, runs, learned[best][1], study,
        known=known, losses=losses, notes=notes, level=level,
        path=None if folder is None else folder.path,
    )  # fmt: skip
    if folder is not None:
        done.save(folder.path)
    return done


def _holds(estimates: Estimates, scores: Float[np.ndarray, "n arms"]) -> bool:
    """Check that effects hold in patients who were not learned from, for each arm."""
    each = [
        Calibration.fit(learned, scores[:, at] - scores[:, 0], np.zeros(len(scores)))
        for at, learned in enumerate(estimates.effects.T, 1)
    ]
    return all(own.slope > _HOLDS * own.slope_error for own in each)


def _loss(
    estimates: Estimates, scores: Float[np.ndarray, "n arms"], folds: Sequence[Fold]
) -> float:
    """The mean squared distance of scores from effects, calibrated by other folds."""
    each = []
    for at, learned in enumerate(estimates.effects.T, 1):
        gains = scores[:, at] - scores[:, 0]
        effects, _ = calibrated_apart(learned, gains, np.zeros(len(gains)), folds)
        each.append(np.mean((gains - effects) ** 2))
    return float(np.mean(each))


def _assembled(
    trial: Trial,
    learner: str,
    runs: Mapping[str, CrossFitted],
    estimates: Estimates,
    study: Study,
    *,
    known: np.ndarray | None,
    losses: Mapping[str, float],
    notes: Sequence[str],
    level: float,
    path: Path | None,
) -> TreatmentRun:
    """The run, calibrated and evaluated in the patients that were learned from."""
    models = {name: run.predictor for name, run in runs.items()}
    whole = predict_outcomes(models[OUTCOMES], trial.rows, trial.outcome, trial.arms)
    found = LEARNERS[learner].predict(
        models, trial.rows, whole, study.propensities, trial
    )
    errors = standard_errors(found.spread, len(study.folds))
    gains = study.scores[:, 1:] - study.scores[:, :1]
    calibrations, effects, deviations = [], [], []
    for at in range(gains.shape[1]):
        own = estimates.effects[:, at], gains[:, at], errors[:, at]
        noise = float(np.mean(np.square(found.spread[:, at])))
        calibrations.append(Calibration.fit(*own, noise=noise))
        effect, deviation = calibrated_apart(*own, study.folds)
        effects.append(effect)
        deviations.append(deviation)
    effects, deviations = np.stack(effects, axis=1), np.stack(deviations, axis=1)
    evaluation = evaluate_effects(
        trial, effects, deviations, study.scores, study.propensities, best=None,
        level=level, randomised=known is not None, out_of_sample=False,
    )  # fmt: skip
    cohort: dict[str, Any] = {
        "rows": len(trial),
        "columns": summarize_columns(trial.rows),
        "effects": {
            arm: summarize_numbers(effects[:, at])
            for at, arm in enumerate(trial.arms[1:])
        },
        "outcomes": {
            arm: summarize_numbers(study.outcomes[:, at])
            for at, arm in enumerate(trial.arms)
        },
        "arms": dict(zip(trial.arms, trial.counts.tolist(), strict=True)),
    }
    return TreatmentRun(
        path,
        trial.treatment,
        trial.arms,
        trial.outcome,
        learner,
        models,
        None if known is None else tuple(known.tolist()),
        tuple(calibrations),
        best_arm(study.scores, trial.outcome.sign),
        len(study.folds),
        level,
        evaluation,
        cohort,
        dict(losses),
        tuple(notes),
    )
