"""What makes effects of treatments impossible to learn, found before training."""

import dataclasses

import numpy as np
from jaxtyping import Bool

from jaxbio.baselines.single_columns import single_columns
from jaxbio.clinical.trial import Trial
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError, option, spelled
from jaxbio.metrics.standard import ranks

FEWEST = 20
"""The least patients of an arm."""

_LEAK = 0.99  # AUROC of a column alone from which on it tells the arm
_KNOWN = 0.9  # of the rows have a number, whose order then tells


def check_trial(trial: Trial) -> None:
    """See that arms can be compared.

    Raises:
        DataError: For a single arm; an arm with few patients, or with one outcome in
            all of them; or a column that tells the arm.

    Example:
        >>> import pandas as pd
        >>> from jaxbio.clinical import read_trial
        >>> table = pd.DataFrame({"x": np.sqrt(range(40)), "y": range(40)})
        >>> table["arm"] = "a"
        >>> check_trial(read_trial(table, treatment="arm", outcome="y"))
        Traceback (most recent call last):
        ...
        jaxbio.errors.DataError: DataFrame: all 40 rows have arm 'a': effects compare \
two arms or more
    """
    _check_arms(trial)
    leaks = telling_columns(trial)
    if leaks:
        name, (arm, score) = next(iter(leaks.items()))
        more = "".join(f" {option('drop', other)}" for other in leaks)
        raise DataError(
            f"{trial.rows.source}: {name} tells who has {trial.treatment} "
            f"{trial.arms[arm]} (AUROC {score:.2f} by itself), so that no patient can "
            f"be compared with one of another arm: leave it out ({more.strip()})"
        )


def _check_arms(trial: Trial) -> None:
    source, treatment = trial.rows.source, trial.treatment
    if len(trial.arms) == 1:
        raise DataError(
            f"{source}: all {len(trial)} rows have {treatment} {trial.arms[0]!r}: "
            f"effects compare two arms or more"
        )
    for at, (name, count) in enumerate(zip(trial.arms, trial.counts, strict=True)):
        if count < FEWEST:
            raise DataError(
                f"{source}: {count} of {len(trial)} rows have {treatment} {name!r}: at "
                f"least {FEWEST} are needed; leave these rows out, or write them as "
                f"another arm"
            )
        own = trial.arm == at
        if trial.event is not None and trial.time is not None:
            horizon = trial.outcome.horizon
            early = trial.event[own] * (trial.time[own] <= horizon)
            if not early.any():
                raise DataError(
                    f"{source}: none of the {count} rows with {treatment} {name!r} has "
                    f"an event up to {horizon:g}: nothing can be learned of them; give "
                    f"a later horizon ({spelled('horizon', '--horizon')})"
                )
        elif len(np.unique(trial.values[own])) == 1:
            raise DataError(
                f"{source}: all {count} rows with {treatment} {name!r} have the same "
                f"{trial.outcome.columns[0]}: nothing can be learned of them"
            )


def telling_columns(trial: Trial) -> dict[str, tuple[int, float]]:
    """Columns that tell an arm all by themselves.

    Args:
        trial: The patients.

    Returns:
        By column the number of the arm and the AUROC, on rows it was not fitted to, or
        of the order of its numbers, to which nothing is fitted.

    Example:
        >>> import pandas as pd
        >>> from jaxbio.clinical import read_trial
        >>> x = np.tile(np.sqrt(range(40)), 2)
        >>> table = pd.DataFrame({"x": x, "dose": [0.5] * 40 + [1.5, 2.5] * 20,
        ...     "arm": ["none"] * 40 + ["drug"] * 40, "y": x[::-1]})
        >>> trial = read_trial(table, treatment="arm", outcome="y")
        >>> telling_columns(trial)
        {'dose': (0, 1.0)}
    """
    found: dict[str, tuple[int, float]] = {}
    for at in range(len(trial.arms) if len(trial.arms) > 2 else 1):
        labels = Category.from_values(np.where(trial.arm == at, "yes", "no").tolist())
        rows = dataclasses.replace(trial.rows, targets={"arm": labels})
        schema = learn_schema(rows, {"arm": ("class", False)})
        scores = single_columns(schema, schema.encode(rows), "arm")
        for name, score in _orders(rows, trial.arm == at).items():
            scores[name] = max(score, scores.get(name, 0.0))
        for name, score in scores.items():
            if score >= _LEAK and name not in found:
                found[name] = (at, score)
    return found


def _orders(rows: Dataset, own: Bool[np.ndarray, "n"]) -> dict[str, float]:
    """How well the order of each column of numbers tells some rows from all others.

    Few rows are too few for means of its bins.
    """
    found = {}
    for column in rows.inputs.values():
        if not isinstance(column, Numeric):
            continue
        for name, values in zip(column.names, column.values.T, strict=True):
            known = np.isfinite(values)
            count, others = int(own[known].sum()), int((~own[known]).sum())
            if known.mean() >= _KNOWN and min(count, others):
                total = float(ranks(values[known])[own[known]].sum())
                area = (total - count * (count + 1) / 2) / (count * others)
                found[name] = max(area, 1 - area)
    return found
