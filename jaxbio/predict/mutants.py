"""Predictions of mutants of a sequence, beside that of the sequence itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.formats import read_frames
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import texts
from jaxbio.data.mutations import letters_of, mutated, parse_mutations
from jaxbio.errors import DataError, nearest, option
from jaxbio.models import Masked
from jaxbio.predict.mutations import score_mutations
from jaxbio.predict.predictor import Predictor

USUAL = ("mutant", "mutation", "mutations", "variant", "hgvs_pro", "hgvs_nt")
"""Columns in which mutations are looked for."""


def predict_mutants(
    predictor: Predictor,
    parent: str,
    mutations: Sequence[str],
    *,
    first: int = 1,
    where: Sequence[str] | None = None,
) -> dict[str, np.ndarray]:
    """Predict mutants of a parent sequence, and their differences from it.

    Args:
        predictor: A network whose only input is a sequence of DNA, RNA or protein.
        parent: The sequence that is mutated.
        mutations: A mutant each, as in `A42G`, `A42G:K50R`, `p.Ala42Gly`, `g.76A>T` or
            `c.76A>T`; `WT` for the parent itself.
        first: The number of the first letter of the parent in these names.
        where: What messages call each.

    Returns:
        Columns by name: `mutant`, what is predicted of each, and for every number of
        these the same with `_change` after its name, the mutant's less the parent's.

    Raises:
        DataError: For a mutation that does not fit the parent, with what is likely
            meant, or a model with other inputs or values by position.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
        >>> y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
        >>> data = jb.Dataset({"seq": rows}, {"y": y})
        >>> run = jb.fit(None, None, data, epochs=1, members=1, batch_size=8)
        >>> found = predict_mutants(run.predictor, "MAKW", ["A2G", "WT"])
        >>> list(found), found["y_change"][1].item()
        (['mutant', 'y', 'y_change'], 0.0)
    """
    spec = _only_sequence(predictor)
    parent = letters_of("".join(parent.split()), spec.alphabet.symbols)
    variants = parse_mutations(
        mutations, parent, symbols=spec.alphabet.symbols, first=first, where=where
    )
    rows = [parent, *(mutated(parent, variant) for variant in variants)]
    places = {text: at for at, text in enumerate(dict.fromkeys(rows))}  # each once
    column = Sequences.from_strings(list(places), spec.alphabet, where="parent")
    found = predictor(Dataset({spec.name: column}, source="mutants")).columns()
    found.pop("id")
    at = np.array([places[text] for text in rows])
    columns = {"mutant": np.array(list(mutations), object)}
    for name, values in found.items():
        values = values[at]
        columns[name] = values[1:]
        if values.dtype.kind == "f" and not name.endswith("_spread"):
            columns[f"{name}_change"] = values[1:] - values[0]
    return columns


def mutant_tables(
    model: Any,
    parent: str,
    table: str | Path,
    *,
    column: str | None = None,
    first: int = 1,
    method: str = "masked",
) -> Iterator[dict[str, np.ndarray]]:
    """Predict or score the mutants of a table, some rows at a time.

    Args:
        model: As for `predict_mutants`, or a model that learned without labels, as for
            `score_mutations`.
        parent: The sequence that is mutated.
        table: A file with a mutant a row.
        column: The column with the mutations; None for one of the usual names.
        first: As for `predict_mutants`.
        method: As for `score_mutations`.

    Yields:
        The columns of the table, and beside them those of `predict_mutants`, or
        `score`.

    Raises:
        DataError: As `predict_mutants`, with file and row; if there is no such column.
    """
    labelled = isinstance(model, Predictor) and not isinstance(model.model, Masked)
    for frame in read_frames(table):
        name = mutation_column(frame, column)
        where = [f"{frame.source}, row {row}, column {name}" for row in frame.rows]
        cells, how = texts(frame, name), {"first": first, "where": where}
        if labelled:
            found = predict_mutants(model, parent, cells, **how)
        else:
            found = score_mutations(model, parent, cells, method=method, **how)
            found = found.columns()
        kept = {n: np.array(texts(frame, n), object) for n in frame.columns}
        del found["mutant"]
        for own, values in found.items():
            while own in kept:
                own += "_predicted"
            kept[own] = values
        yield kept


def mutation_column(frame: Frame, column: str | None = None) -> str:
    """The column of a table with mutations.

    Raises:
        DataError: If there is none of that name, or of the usual ones.
    """
    if column is None:
        column = next((name for name in USUAL if name in frame.columns), None)
        if column is None:
            listed = ", ".join(list(frame.columns)[:12])
            raise DataError(
                f"{frame.source}: which column has the variants? Name it, as in "
                f"{option('column', next(iter(frame.columns)))}. There are {listed}"
            )
    if column not in frame.columns:
        raise DataError(
            f"{frame.source} has no column {column!r}: {nearest(column, frame.columns)}"
        )
    return column


def _only_sequence(predictor: Predictor) -> SequenceSpec:
    first, *others = predictor.schema.own
    if others or not isinstance(first, SequenceSpec) or first.alphabet.name == "smiles":
        listed = ", ".join(f"{x.name} ({x.kind})" for x in predictor.schema.own)
        raise DataError(
            f"mutants are predicted by a model whose only input is a sequence; this "
            f"one takes {listed}: write a table with all inputs, and use predict"
        )
    if all(spec.per_position for spec in predictor.schema.targets):
        raise DataError(
            "every target of the model has a value a position: mutants are compared "
            "with their parent in targets of whole sequences"
        )
    return first
