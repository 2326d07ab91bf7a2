"""Rounds of measurements for `jaxbio design`: rows of a run, and what came after."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.console import training_progress
from jaxbio.cli.rows import load_parts
from jaxbio.cli.train import of_run
from jaxbio.data.dataset import Dataset
from jaxbio.data.reading import read_for
from jaxbio.data.schema import Schema
from jaxbio.design import Known, Term, known_rows
from jaxbio.predict.predictor import Predictor
from jaxbio.run import Run, load_run, retrain
from jaxbio.run.folder import RunDirectory
from jaxbio.run.retraining import pooled

_KEY = "rounds"
"""Where the configuration of a run that was trained anew tells of its rows."""


@dataclasses.dataclass(frozen=True)
class Rows:
    """The rows of a run.

    Attributes:
        train: What it learned from.
        valid: What decided when to stop; None if some of the others did.
        record: How they are read again, as JSON values.
    """

    train: Dataset
    valid: Dataset | None
    record: Mapping[str, Any]


def rows_of(run: Run, path: str, training: str | None = None) -> Rows:
    """Read the rows that a run learned from.

    Args:
        run: The run.
        path: Its folder.
        training: A file with them; None for those that the run remembers.

    Raises:
        JaxbioError: If it remembers none, or they are not there any more.
    """
    schema = run.predictor.schema
    if training is not None:
        record = {"training": str(Path(training).resolve()), "measured": []}
        return _read(record, schema, run.training.seed)
    before = RunDirectory(path).read_config().get("command") or {}
    if _KEY in before:
        return _read(before[_KEY], schema, run.training.seed)
    return _read({"first": of_run(path), "measured": []}, schema, run.training.seed)


def _read(record: Mapping[str, Any], schema: Schema, seed: int) -> Rows:
    if "first" in record:
        own = int(record["first"].get("seed", seed))
        parts, _ = load_parts(record["first"], own, on_read=lambda whole: None)
        train, valid = parts["train"], parts.get("valid")
    else:
        train, valid = read_for(record["training"], schema), None
    more = [read_for(path, schema) for path in record["measured"]]
    return Rows(pooled([train, *more]) if more else train, valid, record)


def with_rows(
    path: str,
    terms: Sequence[Term],
    *,
    measured: Sequence[str],
    training: str | None = None,
    save: str | None = None,
    members: int | None = None,
    missing: Sequence[str] = (),
) -> tuple[Predictor, Known, list[str]]:
    """The model of a run, trained anew where there are measured rows.

    Args:
        path: The folder of the run.
        terms: What is wanted.
        measured: Files with new labelled rows.
        training: A file with the rows that the run learned from.
        save: The folder of the new run.
        members: How many networks it has; None for as many as before.
        missing: As for `jaxbio.load`.

    Returns:
        The predictor, all that was measured, and what was done, in sentences.

    Raises:
        JaxbioError: For files that cannot be used.
    """
    run = load_run(path, missing=missing)
    old = rows_of(run, path, training)
    parts = [old.train, *([] if old.valid is None else [old.valid])]
    if not measured:
        return run.predictor, _known(run.predictor, parts, terms), []
    new = pooled([read_for(file, run.predictor.schema) for file in measured])
    notes = _scores(run, new)
    record = {
        **old.record,
        "measured": [
            *old.record["measured"],
            *(str(Path(file).resolve()) for file in measured),
        ],
    }
    settings: dict[str, Any] = {} if members is None else {"members": members}
    with training_progress() as progress:
        again = retrain(
            run, old.train, new, old.valid, out=save, callbacks=[progress],
            command={_KEY: record}, **settings,
        )  # fmt: skip
    decide = "some of them" if old.valid is None else f"{len(old.valid):,} others"
    notes.append(
        f"trained anew on {len(old.train):,} earlier rows and {len(new):,} measured "
        f"ones; {decide} decide when to stop"
    )
    if save is not None:
        notes.append(f"the model that was trained anew is in {save}")
    return again.predictor, _known(again.predictor, [*parts, new], terms), notes


def _scores(run: Run, new: Dataset) -> list[str]:
    """How well a run predicted rows that it had not seen."""
    found = []
    for name, scores in run.evaluate(new).scores.items():
        shown = ", ".join(
            f"{metric} {value:.3f}"
            for metric, value in scores["model"].items()
            if isinstance(value, float) and np.isfinite(value)
        )
        found.append(f"before, on the {len(new):,} measured rows, {name}: {shown}")
    return found


def _known(
    predictor: Predictor, parts: Sequence[Dataset], terms: Sequence[Term]
) -> Known:
    each = [known_rows(predictor, part, terms) for part in parts]
    return Known(
        [name for some in each for name in some.names],
        [row for some in each for row in some.codes],
        np.concatenate([some.worth for some in each]),
    )
