"""What a learner of effects is, and what learners share."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.crossfit import CrossFitted, Fit, Fold, Model
from jaxbio.clinical.trial import Outcome, Trial
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.errors import JaxbioError, nearest, option


@dataclasses.dataclass(frozen=True)
class Estimates:
    """What was learned of patients.

    Attributes:
        effects: Of each arm but the first, against the first, in the outcome's units.
        spread: Their standard deviations over the networks, each without one fold.
    """

    effects: Float[np.ndarray, "n others"]
    spread: Float[np.ndarray, "n others"]


@dataclasses.dataclass(frozen=True)
class Study:
    """What learners learn from.

    Attributes:
        trial: The patients.
        fit: Fits rows.
        folds: Of the patients.
        propensities: Of the patients, by what did not learn from them.
        outcomes: The outcome of each under each arm, likewise.
        scores: Their doubly robust scores.
    """

    trial: Trial
    fit: Fit
    folds: Sequence[Fold]
    propensities: Float[np.ndarray, "n arms"]
    outcomes: Float[np.ndarray, "n arms"]
    scores: Float[np.ndarray, "n arms"]


class Learner:
    """How effects are learned; without state.

    Attributes:
        name: Its usual name.
    """

    name: ClassVar[str]

    def fit(self, study: Study) -> tuple[dict[str, CrossFitted], Estimates]:
        """Learn.

        Args:
            study: The patients and what is known of them.

        Returns:
            Further runs by name, and the effects of the patients, each by what did not
            learn from that patient.
        """
        raise NotImplementedError

    def predict(
        self,
        models: Mapping[str, Model],
        rows: Dataset,
        outcomes: tuple[np.ndarray, np.ndarray],
        propensities: Float[np.ndarray, "n arms"],
        trial: Any,
    ) -> Estimates:
        """Effects in other patients.

        Args:
            models: The predictors of the runs of `fit`.
            rows: The patients.
            outcomes: Their outcomes under each arm, and the spread of these.
            propensities: Theirs.
            trial: Names of treatment, arms and outcome, as of the patients that were
                learned from.
        """
        raise NotImplementedError


def learner_of(name: str, known: Mapping[str, Learner]) -> Learner:
    """The learner of a name.

    Raises:
        JaxbioError: For a name that is not known.
    """
    if name not in known:
        raise JaxbioError(f"{option('learner', name)}: {nearest(name, list(known))}")
    return known[name]


def target_of(outcome: Outcome, arm: str) -> str:
    """The name of the target that is the outcome under an arm.

    Example:
        >>> target_of(Outcome(("pain",), "number"), "drug A/B")
        'pain|drug A_B'
    """
    return f"{outcome.columns[0]}|{arm.replace('/', '_')}"


def outcome_column(
    outcome: Outcome, values: Float[np.ndarray, "n"], known: np.ndarray
) -> Category | Numeric:
    """Outcomes as a target, missing where they are not known.

    Args:
        outcome: What they mean.
        values: Numbers, or 0 and 1.
        known: Mask of those that are known.
    """
    if outcome.kind == "binary":
        names = [outcome.classes[int(value)] for value in values]
        return Category(
            np.array(
                [n if there else None for n, there in zip(names, known, strict=True)],
                object,
            )
        )
    return number(np.where(known, values, np.nan), outcome.name)


def number(values: Float[np.ndarray, "n"], name: str) -> Numeric:
    """A column of numbers."""
    return Numeric(values[:, None].astype(np.float32), (name,))


def flat(values: Any) -> Float[np.ndarray, "n"]:
    """Predictions of one number, or of the second of two classes, one a row."""
    return np.asarray(values, np.float64).reshape(len(values), -1)[:, -1]


def differences_within(each: Float[np.ndarray, "networks n arms"]) -> Estimates:
    """Effects as differences of the outcomes that each network says of all arms.

    What a network says too much of a patient under one arm it mostly says under the
    others, too: that is no error of the effect, so that differences are taken first.

    Args:
        each: The outcomes by each of the networks.

    Example:
        >>> each = np.array([[[1.0, 2.0]], [[5.0, 6.0]]])
        >>> found = differences_within(each)
        >>> found.effects.tolist(), found.spread.tolist()
        ([[1.0]], [[0.0]])
    """
    effects = each[:, :, 1:] - each[:, :, :1]
    return Estimates(effects.mean(axis=0), effects.std(axis=0))


def differences(
    means: Float[np.ndarray, "n arms"], spread: Float[np.ndarray, "n arms"]
) -> Estimates:
    """Effects as differences of outcomes whose errors are independent."""
    both = np.sqrt(np.square(spread[:, 1:]) + np.square(spread[:, :1]))
    return Estimates(means[:, 1:] - means[:, :1], both)
