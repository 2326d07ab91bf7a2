"""Columns of a table of proposals."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.design.objective import Term, outputs, predict_codes, resolve
from jaxbio.design.selection import Scored
from jaxbio.predict.predictor import Predictor

Rows = Sequence[UInt8[np.ndarray, "_"]]


def proposal_columns(
    held: Sequence[Scored],
    starts: Mapping[str, UInt8[np.ndarray, "_"]],
    alphabet: Alphabet,
) -> dict[str, np.ndarray]:
    """Names, letters and edits of proposals, and what the search thought of them.

    Args:
        held: The proposals.
        starts: The sequences from which they were made, by name; those of candidates
            may be of none.
        alphabet: What codes mean.

    Example:
        >>> from jaxbio import DNA
        >>> found = proposal_columns(
        ...     [Scored(1.5, DNA.encode("ACT"), "a")], {"a": DNA.encode("AGT")}, DNA)
        >>> found["id"][0], found["mutations"][0], found["edits"].tolist()
        ('design_1', 'G2C', [1])
    """
    columns: dict[str, np.ndarray] = {
        "id": _texts(each.name or f"design_{at}" for at, each in enumerate(held, 1)),
        "sequence": _texts(alphabet.decode(each.codes) for each in held),
    }
    if starts:
        own = [starts.get(each.start) for each in held]
        columns["start"] = _texts(each.start for each in held)
        columns["edits"] = np.array(
            [
                -1 if b is None else int((each.codes != b).sum())
                for each, b in zip(held, own, strict=True)
            ]
        )
        columns["mutations"] = _texts(
            ""
            if b is None
            else _mutations(alphabet.decode(b), alphabet.decode(each.codes))
            for each, b in zip(held, own, strict=True)
        )
    columns["score"] = np.array([each.score for each in held])
    return columns


def predicted_columns(
    predictor: Predictor,
    rows: Rows,
    own: Rows | None,
    terms: Sequence[Term],
    prefix: str = "",
) -> dict[str, np.ndarray]:
    """Predictions of proposals and of their starts, by name.

    Args:
        predictor: A model.
        rows: The codes of the proposals.
        own: Those of the start of each; None if there is none.
        terms: What is wanted, each of which has its columns.
        prefix: What comes before the names.
    """
    here = predict_codes(predictor, rows)
    there = None if own is None else predict_codes(predictor, own)
    columns = {}
    for term in terms:
        spec, code = resolve(predictor, term)
        name = prefix + spec.name
        if term.label is not None:
            name += f":{term.label}"
        mean, spread = outputs(here, spec, code)
        columns[name] = mean
        if there is not None:
            columns[f"{name}_start"] = outputs(there, spec, code)[0]
        if spread is not None:
            columns[f"{name}_spread"] = spread
    return columns


def _mutations(before: str, after: str) -> str:
    pairs = enumerate(zip(before, after, strict=True), 1)
    return ":".join(f"{a}{at}{b}" for at, (a, b) in pairs if a != b)


def _texts(values: Iterable[str]) -> np.ndarray:
    return np.array(list(values), object)
