"""Metrics of predictions along a chain: Q3, Q8, SOV, accessibility.

NumPy in, numbers out. A measure that is not defined for what is given, such as the
accuracy of no residues, is None.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Num

from jaxbio.errors import DataError
from jaxbio.metrics.standard import mean_of_known
from jaxbio.structure.dssp import MISSING, STATES, three_states

States = str | np.ndarray
"""States of the residues of a chain: letters, or class numbers from 0."""

EXPOSED = 0.25
"""Residues with a relative accessibility above this count as exposed."""

_COIL = str.maketrans(" -_LP", "CCCCC")  # DSSP 4 has P for polyproline helices


def q8(
    truth: States, prediction: States, *, mask: Num[np.ndarray, "..."] | None = None
) -> float | None:
    """The share of residues whose state is right.

    Args:
        truth: The states of one chain, as letters or class numbers; residues that are
            `?` or below 0 are not scored. A blank, `-`, `_`, `L` and `P` all mean C.
        prediction: The predicted states; a `?` or a number below 0 is never right.
        mask: Nonzero for residues to score; all if not given.

    Returns:
        From 0 to 1, or None if no residue is scored.

    Raises:
        DataError: If the lengths differ, or for a letter that is no state.

    Example:
        >>> q8("HHHTT?", "HHGTSC")
        0.6
    """
    return _share(_hits(truth, prediction, mask))


def q3(
    truth: States, prediction: States, *, mask: Num[np.ndarray, "..."] | None = None
) -> float | None:
    """The share of residues that are rightly called helix, strand or coil.

    As `q8`, after letters of eight states are reduced to three: H, G and I are helix, E
    and B strand, the rest coil. Class numbers are compared as they are.

    Example:
        >>> q3("HHHTT?", "HHGTSC")
        1.0
    """
    return q8(_three(truth), _three(prediction), mask=mask)


def sov(
    truth: States,
    prediction: States,
    *,
    mask: Num[np.ndarray, "..."] | None = None,
    state: str | int | None = None,
) -> float | None:
    """Segment overlap of Zemla and others (1999), known as SOV'99.

    For each pair of a true and a predicted segment of one state that overlap, the
    overlap, with an allowance at the ends, over the extent of both, weighted by the
    length of the true segment. Residues that are not scored end segments.

    Args:
        truth: The states of one chain, as for `q8`; the measure is usual for three.
        prediction: The predicted states.
        mask: Nonzero for residues to score; all if not given.
        state: Only segments of this state, a letter or number; of all if not given.

    Returns:
        From 0 to 100, or None if the truth has no segment of the state.

    Raises:
        DataError: As for `q8`.

    Example:
        >>> truth = "CHHHHHHHHHHC"  # both predictions have 7 of 12 residues right
        >>> round(sov(truth, "CHCHCHCHCHCC"), 1), round(sov(truth, "CCCHHHHHCCCC"), 1)
        (12.5, 63.2)
    """
    true, predicted, scored = _aligned(truth, prediction, mask)
    # What is not scored is a state by itself, whose segments do not count.
    true, predicted = np.where(scored, true, -1), np.where(scored, predicted, -1)
    segment, lengths = _segments(true)
    second, other_lengths = _segments(predicted)
    states = true[np.cumsum(lengths) - lengths]
    # Two segments overlap in one piece: a run in which neither changes.
    piece, overlaps = _segments(segment * len(true) + second)
    first = np.cumsum(overlaps) - overlaps
    first = first[true[first] == predicted[first]]
    overlaps = overlaps[piece[first]]
    mine, theirs = segment[first], second[first]
    own, length = lengths[mine], other_lengths[theirs]
    extent = own + length - overlaps
    allowance = np.minimum.reduce([extent - overlaps, overlaps, own // 2, length // 2])
    credit = (overlaps + allowance) / extent * own
    alone = np.ones(len(lengths), bool)
    alone[mine] = False
    included = states >= 0
    if state is not None:
        included &= states == (_codes(state)[0] if isinstance(state, str) else state)
    possible = own[included[mine]].sum() + lengths[alone & included].sum()
    return float(100 * credit[included[mine]].sum() / possible) if possible else None


def secondary_structure_metrics(
    truths: Sequence[States],
    predictions: Sequence[States],
    *,
    masks: Sequence[np.ndarray] | None = None,
) -> dict[str, Any]:
    """Measures of secondary structure over the chains of a test set.

    Args:
        truths: States of each chain, as for `q8`.
        predictions: The predicted states.
        masks: For each chain, nonzero for residues to score; all if not given.

    Returns:
        `q3` and `q8` over all residues, `q3_chains` and `q8_chains` as means over
        chains, `sov` (SOV'99 of three states, mean over chains), the counts `residues`
        and `chains` that were scored. For class numbers `q3` and `q8` are the same.

    Raises:
        DataError: If there are not as many predictions as truths, or, with the number
            of the chain, as for `q8`.

    Example:
        >>> result = secondary_structure_metrics(["HHHH", "EE"], ["HHHH", "EC"])
        >>> round(result["q3"], 3), result["q3_chains"], result["residues"]
        (0.833, 0.75, 6)
    """
    all_masks = [None] * len(truths) if masks is None else masks
    if not len(truths) == len(predictions) == len(all_masks):
        raise DataError(
            f"{len(truths)} chains of truth, {len(predictions)} of predictions and "
            f"{len(all_masks)} masks: give as many of each"
        )
    hits: dict[str, list[np.ndarray]] = {"q3": [], "q8": []}
    overlaps = []
    for number, chain in enumerate(zip(truths, predictions, all_masks, strict=True), 1):
        three = (_three(chain[0]), _three(chain[1]), chain[2])
        try:
            hits["q3"].append(_hits(*three))
            hits["q8"].append(_hits(*chain))
            overlaps.append(sov(three[0], three[1], mask=three[2]))
        except DataError as error:
            raise DataError(f"chain {number}: {error}") from error
    scored = [chain for chain in hits["q3"] if len(chain)]
    result: dict[str, Any] = {}
    for name, chains in hits.items():
        result[name] = _share(np.concatenate([np.zeros(0, bool), *chains]))
        result[f"{name}_chains"] = mean_of_known([_share(chain) for chain in chains])
    result["sov"] = mean_of_known(overlaps)
    return result | {"residues": sum(map(len, scored)), "chains": len(scored)}


def rsa_metrics(
    truth: Num[np.ndarray, "..."],
    prediction: Num[np.ndarray, "..."],
    *,
    mask: Num[np.ndarray, "..."] | None = None,
    threshold: float = EXPOSED,
) -> dict[str, Any]:
    """Measures of relative solvent accessibility, over residues.

    Args:
        truth: Of residues `[len]`, of any number of chains one after the other, as a
            share of the largest possible from 0 to 1; NaN where unknown.
        prediction: The predicted values.
        mask: Nonzero for residues to score; all if not given.
        threshold: Above it a residue is exposed, otherwise buried.

    Returns:
        `pearson`, `accuracy` (two states), `residues`.

    Raises:
        DataError: If the lengths differ, or a prediction is not a number.

    Example:
        >>> truth = np.array([0.1, 0.2, 0.6, np.nan])
        >>> rsa_metrics(truth, np.array([0.0, 0.3, 0.7, 0.5]))
        {'pearson': 0.9686..., 'accuracy': 0.6666..., 'residues': 3}
    """
    if truth.shape != prediction.shape or truth.ndim != 1:
        raise DataError(
            f"predictions of shape {prediction.shape} for a truth of {truth.shape}: "
            f"give one value a residue, [residues]"
        )
    scored = np.isfinite(truth) & _scored(mask, truth.shape)
    true, predicted = truth[scored].astype(float), prediction[scored].astype(float)
    if not np.isfinite(predicted).all():
        at = int(np.flatnonzero(scored)[~np.isfinite(predicted)][0])
        raise DataError(f"the predicted accessibility of residue {at + 1} is no number")
    varied = len(true) > 1 and np.ptp(true) > 1e-9 and np.ptp(predicted) > 1e-9
    return {
        "pearson": float(np.corrcoef(true, predicted)[0, 1]) if varied else None,
        "accuracy": _share((true > threshold) == (predicted > threshold)),
        "residues": len(true),
    }


def _scored(mask: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    if mask is None:
        return np.ones(shape, bool)
    if mask.shape != shape:
        raise DataError(f"the mask has shape {mask.shape} for residues of {shape}")
    return mask.astype(bool)


def _three(states: States) -> States:
    if isinstance(states, str):
        return three_states(states.translate(_COIL))
    return states


def _codes(states: States) -> np.ndarray:
    """States as numbers; -1 where unknown."""
    if not isinstance(states, str):
        if states.dtype.kind not in "iu":
            raise DataError(
                f"states of type {states.dtype}: give letters as one text, or class "
                f"numbers as integers"
            )
        return states.astype(np.int64)
    text = states.translate(_COIL)
    for at, letter in enumerate(text, 1):
        if letter not in STATES + MISSING:
            raise DataError(
                f"residue {at} has the state {letter!r}: states are {', '.join(STATES)}"
                f" and {MISSING} for unknown"
            )
    codes = np.array([ord(letter) for letter in text], np.int64)
    return np.where(codes == ord(MISSING), -1, codes)


def _aligned(
    truth: States, prediction: States, mask: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of both, and which residues are scored."""
    true, predicted = _codes(truth), _codes(prediction)
    if true.shape != predicted.shape or true.ndim != 1:
        raise DataError(
            f"{len(predicted)} predicted states for {len(true)} residues: give one "
            f"state a residue"
        )
    return true, predicted, _scored(mask, true.shape) & (true >= 0)


def _hits(truth: States, prediction: States, mask: np.ndarray | None) -> np.ndarray:
    true, predicted, scored = _aligned(truth, prediction, mask)
    return true[scored] == predicted[scored]


def _segments(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each residue's segment, and the lengths of the segments."""
    new = np.ones(len(states), bool)
    new[1:] = states[1:] != states[:-1]
    number = np.cumsum(new) - 1
    return number, np.bincount(number, minlength=0)


def _share(hits: np.ndarray) -> float | None:
    return float(hits.mean()) if len(hits) else None
