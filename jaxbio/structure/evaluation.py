"""Scores on chains that are unlike those of training."""

import numpy as np
from jaxtyping import Int64

from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.similarity.overlap import CLEAN, kmer_overlap
from jaxbio.errors import DataError
from jaxbio.run.evaluation import Evaluation
from jaxbio.run.fitting import Run


def evaluate_dissimilar(
    run: Run, test: Dataset, train: Dataset, *, most: float = CLEAN
) -> tuple[Evaluation | None, Int64[np.ndarray, "dissimilar"]]:
    """Score the test chains that are unlike all training chains.

    Args:
        run: The trained network.
        test: Chains with all targets of the run.
        train: The chains that it was trained on.
        most: The largest share of a chain's 6-mers that one training chain may have.

    Returns:
        The scores, None if there are no such chains; and their rows in `test`.

    Raises:
        DataError: For data without sequences.
    """
    queries, references = (_sequences(data) for data in (test, train))
    share, _ = kmer_overlap(queries, references)
    rows = np.flatnonzero(share <= most)
    return (run.evaluate(test.take(rows)) if len(rows) else None), rows


def _sequences(data: Dataset) -> Sequences:
    for column in data.inputs.values():
        if isinstance(column, Sequences):
            return column
    raise DataError(f"{data.source}: no sequences to compare: give chains")
