"""Propensities: how probable each arm is for each patient, and whether arms overlap."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.crossfit import CrossFitted, Fit, Fold, held_out
from jaxbio.clinical.groups import describe_rows
from jaxbio.clinical.trial import Trial
from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, JaxbioError, option

LEAST = 0.01
"""Smaller propensities are taken as this, so that no patient outweighs all others."""

_MOST = 0.5  # of the rows may lack overlap

NAME = "propensity"


def known_propensities(
    trial: Trial, given: float | Sequence[float] | None
) -> Float[np.ndarray, "arms"]:
    """The propensities of a randomised trial, the same for all patients.

    Args:
        trial: The patients.
        given: The probability of each arm in the order of the arms; of two arms that of
            the second will do. None for the shares of the arms.

    Raises:
        JaxbioError: For numbers that are no probabilities of these arms.

    Example:
        >>> import pandas as pd
        >>> from jaxbio.clinical import read_trial
        >>> table = pd.DataFrame({"x": [1.5, 2, 2, 1], "y": [3.5, 1, 2, 2]})
        >>> table["arm"] = list("aaba")
        >>> trial = read_trial(table, treatment="arm", outcome="y")
        >>> known_propensities(trial, None), known_propensities(trial, 0.5)
        (array([0.75, 0.25]), array([0.5, 0.5]))
    """
    if given is None:
        return trial.counts / len(trial)
    shares = np.atleast_1d(np.asarray(given, np.float64))
    if len(shares) == 1 and len(trial.arms) == 2:
        shares = np.array([1 - shares[0], shares[0]])
    good = len(shares) == len(trial.arms) and (shares > 0).all()
    if not good or abs(shares.sum() - 1) > 1e-3:
        numbers = np.atleast_1d(np.asarray(given, np.float64)).tolist()
        shown = numbers[0] if len(numbers) == 1 else numbers
        raise JaxbioError(
            f"{option('propensity', shown)}: give the probability of each arm, in this "
            f"order: {', '.join(trial.arms)}; all above 0, together 1"
        )
    return shares / shares.sum()


def fit_propensities(
    trial: Trial, fit: Fit, folds: Sequence[Fold]
) -> tuple[CrossFitted, Float[np.ndarray, "n arms"]]:
    """Learn how probable each arm is from the inputs.

    Args:
        trial: The patients.
        fit: Fits rows.
        folds: Of the patients.

    Returns:
        The run, and the propensities of the patients, each by what did not learn from
        that patient; at least `LEAST`.
    """
    arms = Category.from_values([trial.arms[at] for at in trial.arm])
    rows = dataclasses.replace(trial.rows, targets={trial.treatment: arms})
    run = fit(NAME, rows, folds)
    values = held_out(run, trial.treatment)
    return run, as_propensities(values, run.predictor, trial.arms)


def predicted_propensities(
    predictor: Any, rows: Dataset, arms: Sequence[str]
) -> Float[np.ndarray, "n arms"]:
    """The propensities of other patients.

    Args:
        predictor: That of the run of `fit_propensities`.
        rows: The patients.
        arms: The arms in their order.
    """
    values = np.asarray(predictor(rows, unknown="any").values, np.float64)
    return as_propensities(values, predictor, arms)


def as_propensities(
    values: Any, predictor: Any, arms: Sequence[str]
) -> Float[np.ndarray, "n arms"]:
    """Probabilities of classes as propensities, in the order of the arms."""
    (spec,) = predictor.schema.targets
    table = values.reshape(len(values), -1)
    if table.shape[1] == 1:
        table = np.concatenate([1 - table, table], axis=1)
    table = table[:, [spec.classes.index(arm) for arm in arms]]
    return trimmed(table)


def trimmed(values: Float[np.ndarray, "n arms"]) -> Float[np.ndarray, "n arms"]:
    """Propensities of at least `LEAST`.

    Example:
        >>> trimmed(np.array([[0.999, 0.001]])).tolist()
        [[0.999, 0.01]]
    """
    return np.maximum(values, LEAST)


@dataclasses.dataclass(frozen=True)
class Overlap:
    """Whether each patient could have been given each arm.

    Attributes:
        quantiles: By arm the 0, 5, 50, 95 and 100 % quantiles of the propensities.
        lacking: By arm how many patients hardly ever get it.
        notes: Who these are, in sentences.
    """

    quantiles: dict[str, tuple[float, ...]]
    lacking: dict[str, int]
    notes: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The propensities of each arm in a sentence.

        Example:
            >>> Overlap({"drug": (0.0, 0.1, 0.3, 0.6, 1.0)}, {}, ()).in_words
            'propensities: drug 0.10 to 0.60 in 90 % of the patients, median 0.30'
        """
        parts = [
            f"{arm} {low:.2f} to {high:.2f} in 90 % of the patients, median "
            f"{middle:.2f}"
            for arm, (_, low, middle, high, _) in self.quantiles.items()
        ]
        return f"propensities: {'; '.join(parts)}"


def overlap(trial: Trial, propensities: Float[np.ndarray, "n arms"]) -> Overlap:
    """Find patients who hardly ever get one of the arms.

    Args:
        trial: The patients.
        propensities: Theirs.

    Raises:
        DataError: If these are more than half of all.

    Example:
        >>> import pandas as pd
        >>> from jaxbio.clinical import read_trial
        >>> table = pd.DataFrame({"age": [1.5, 1, 2, 3, 4, 5, 6, 7]})
        >>> table["arm"], table["y"] = list("abababab"), np.sqrt(range(8))
        >>> trial = read_trial(table, treatment="arm", outcome="y")
        >>> shares = np.where(trial.arm < 9, 0.5, 0.5)[:, None].repeat(2, 1)
        >>> shares[-1] = 0.99, 0.01
        >>> overlap(trial, shares).notes[0]
        'DataFrame: 1 of 8 patients hardly ever get b (propensity at most 0.01): age \
above 6 (1 of these 1, 0 of the other 7); what is said of b for them is a guess'
    """
    source, notes, lacking = trial.rows.source, [], {}
    quantiles = {}
    for at, name in enumerate(trial.arms):
        own = propensities[:, at]
        cuts = np.quantile(own, (0, 0.05, 0.5, 0.95, 1))
        quantiles[name] = tuple(round(float(x), 4) for x in cuts)
        few = own <= LEAST
        lacking[name] = int(few.sum())
        if not few.any():
            continue
        who = describe_rows(trial.rows, few)
        text = (
            f"{source}: {few.sum()} of {len(trial)} patients hardly ever get {name} "
            f"(propensity at most {LEAST:g})" + (f": {who}" if who else "")
        )
        if few.mean() > _MOST:
            raise DataError(
                f"{text}: arms do not overlap, so nothing compares them; leave out the "
                f"patients for whom there was no choice"
            )
        notes.append(f"{text}; what is said of {name} for them is a guess")
    return Overlap(quantiles, lacking, tuple(notes))
