"""Pages of the patients of a file, written to a folder."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.clinical.page.document import patient_page
from jaxbio.clinical.patient import Patient
from jaxbio.clinical.predicted_patients import predicted_patient
from jaxbio.clinical.treated_patients import treated_patient
from jaxbio.clinical.treatment_runs import (
    TreatmentRun,
    is_treatment_run,
    load_treatment,
)
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, option
from jaxbio.run.cohort import COHORT
from jaxbio.run.fitting import load
from jaxbio.run.folder import RunDirectory

MOST = 200
"""The most pages that are written at once."""


def write_patient_pages(
    run: str | Path,
    data: Any,
    folder: str | Path,
    *,
    at: Sequence[float] = (),
    missing: str | Sequence[str] = (),
    **how: Any,
) -> list[Path]:
    """Write a page for each row.

    Args:
        run: The folder of a run that predicts values of rows, or of a treatment run.
        data: The rows, as for a predictor; up to 200.
        folder: Where pages are written, each under the name of its row.
        at: Of survival, times for which the probability of an event by then is told.
        missing: As for `jaxbio.load`.
        how: As for a predictor: `unknown`, `ids`, `lookups`.

    Returns:
        The files.

    Raises:
        DataError: For more rows, or none.

    Example:
        >>> write_patient_pages("run", "patient.csv", "pages")  # doctest: +SKIP
        [PosixPath('pages/4711.html')]
    """
    rows, make = _maker(run, data, at, missing, how)
    if not 0 < len(rows) <= MOST:
        raise DataError(
            f"{rows.source}: {len(rows)} rows: a page each is for 1 to {MOST} patients"
        )
    folder = Path(folder)
    paths: list[Path] = []
    for place in range(len(rows)):
        row = rows.take(np.array([place]))
        patient = make(row)
        path = folder / f"{_file_name(patient.id, place, paths)}.html"
        with replacing(path) as temporary:
            temporary.write_text(patient_page(patient), encoding="utf-8")
        paths.append(path)
    return paths


def _maker(
    run: str | Path,
    data: Any,
    at: Sequence[float],
    missing: str | Sequence[str],
    how: dict[str, Any],
) -> tuple[Dataset, Callable[[Dataset], Patient]]:
    """The rows, and what makes a patient of each."""
    if is_treatment_run(run):
        if len(at):
            raise DataError(f"{option('at', at[0])}: effects are at the run's horizon")
        treated: TreatmentRun = load_treatment(run, missing=missing)
        rows = treated.models["outcomes"].dataset(data, **how)
        return rows, lambda row: treated_patient(treated, row)
    predictor = load(run, missing=missing)
    directory = RunDirectory(run)
    known = directory.read_json(COHORT) if (directory / COHORT).is_file() else {}
    name = ", ".join(spec.name for spec in predictor.schema.targets)
    rows = predictor.dataset(data, **how)
    return rows, lambda row: predicted_patient(predictor, row, known, run=name, at=at)


def _file_name(name: str, at: int, taken: list[Path]) -> str:
    """The name of a row as that of a file, another one if it is taken."""
    plain = re.sub(r"[^\w.-]+", "_", name).strip("._")[:80] or f"row_{at + 1}"
    names = {path.stem for path in taken}
    return f"{plain}_{at + 1}" if plain in names else plain
