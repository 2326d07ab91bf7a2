"""Training anew: the kind of model that a run has, on more rows."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.splits.leakage import row_keys
from jaxbio.errors import TrainingError
from jaxbio.models import Network
from jaxbio.run.fitting import Run, fit
from jaxbio.train import Callback


def retrain(
    run: Run,
    train: Dataset,
    measured: Dataset,
    valid: Dataset | None = None,
    *,
    out: str | Path | None = None,
    callbacks: Sequence[Callback] = (),
    command: Mapping[str, Any] | None = None,
    baselines: bool = True,
    **settings: Any,
) -> Run:
    """Train the kind of model that a run has on its rows and on new ones.

    A network is built and trained as it was, from new weights. Where several kinds were
    tried and mixed, they are chosen by the data again.

    Args:
        run: What was trained before.
        train: The rows that it learned from.
        measured: New rows. Of a sequence that is in both the new row counts alone.
        valid: The rows that decided when to stop; None to set some aside.
        out: The folder of the new run; None to save nothing.
        callbacks: As for `jaxbio.fit`.
        command: Likewise.
        baselines: Likewise.
        settings: Fields of `Training` that are to change, such as `members=5`.

    Raises:
        TrainingError: For a run that learned without labels.
        JaxbioError: For rows that cannot be used.

    Example:
        >>> import pandas as pd
        >>> import jaxbio as jb
        >>> table = pd.DataFrame({"x": range(40), "y": [2.0 * x for x in range(40)]})
        >>> rows = jb.read(table, inputs={"x": "numeric"}, targets=["y"])
        >>> run = jb.fit(jb.MLP(hidden=(4,)), None, rows.take(range(30)), epochs=1)
        >>> both = retrain(run, rows.take(range(30)), rows.take(range(30, 40)))
        >>> both.model == run.model, len(both.trained_on)
        (True, 36)
    """
    if not run.predictor.objective.tasks:
        raise TrainingError(
            "the run learned without labels, and measured rows are labels: train one "
            "that begins with it (init)"
        )
    inputs = [spec.name for spec in run.predictor.schema.own]
    old = ~np.isin(row_keys(train, inputs), row_keys(measured, inputs))
    model = run.model if isinstance(run.model, Network) else None
    kept: dict[str, Any] = {} if model is None else {"training": run.training}
    if model is None:
        settings = {"seed": run.training.seed, **settings}
    return fit(
        model,
        dict(run.predictor.objective.tasks),
        pooled([train.take(old), measured]),
        valid,
        out=out,
        callbacks=callbacks,
        command=command,
        baselines=baselines,
        **kept,
        **settings,
    )


def pooled(parts: Sequence[Dataset]) -> Dataset:
    """Rows of several tables for training: of unequal weights or none, in no groups.

    Args:
        parts: At least one; rows of those without weights weigh 1.
    """
    weighed = any(part.weights is not None for part in parts)
    each = []
    for part in parts:
        own = part.weights
        if weighed and own is None:
            own = np.ones(len(part), np.float32)
        each.append(
            dataclasses.replace(part, weights=own, groups=None, kept={}, unread=None)
        )
    return concatenate(each)
