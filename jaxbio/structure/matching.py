"""Which chain of a file a sequence is, and which residue each of its positions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from jaxbio.errors import DataError
from jaxbio.structure.chain import Chain

_LEAST = 0.9  # of the shorter of the two that must be alike


class ChainMatch(NamedTuple):
    """The chains that a sequence is.

    Attributes:
        chains: The one that fits best, and others with the same sequence.
        places: Of each position the 0-based place in their sequence; -1 for none.
        identity: The share of the shorter of the two sequences that is alike.
    """

    chains: tuple[Chain, ...]
    places: Int64[np.ndarray, "len"]
    identity: float


def match_chain(
    sequence: str, chains: Sequence[Chain], *, name: str = "the sequence"
) -> ChainMatch:
    """Find the chain of a sequence, by alignment if there is none that equals it.

    Args:
        sequence: One letter a residue.
        chains: The chains of a file.
        name: What messages call the sequence.

    Raises:
        DataError: If fewer than 90 % of the residues of the shorter of the two are
            alike in every chain; with the first difference to the nearest.

    Source:
        Smith & Waterman 1981, J. Mol. Biol. 147, 195-197, by Biopython.

    Example:
        >>> chain = Chain("x_A", "MGKAV", np.full((5, 5, 3), np.nan, np.float32))
        >>> match_chain("GKA", [chain]).places.tolist()
        [1, 2, 3]
    """
    sequence = sequence.upper()
    found = [(_places(sequence, chain.sequence), chain) for chain in chains]
    rated = [(_identity(sequence, chain, places), places) for places, chain in found]
    best = int(np.argmax([identity for identity, _ in rated]))
    identity, places = rated[best]
    if identity < _LEAST:
        at, difference = _first_difference(sequence, chains[best], places)
        raise DataError(
            f"{name} fits no chain of the structure: {chains[best].name} is nearest, "
            f"with {identity:.0%} of the residues alike; position {at + 1} is "
            f"{sequence[at]}, {difference}: give the structure of this protein"
        )
    same = tuple(chain for chain in chains if chain.sequence == chains[best].sequence)
    return ChainMatch(same, places, identity)


def _places(sequence: str, other: str) -> Int64[np.ndarray, "len"]:
    """The place of each position in another sequence; -1 for none."""
    size = len(sequence)
    if sequence in other:
        return np.arange(size) + other.index(sequence)
    places = np.full(size, -1, np.int64)
    if other in sequence:
        start = sequence.index(other)
        places[start : start + len(other)] = np.arange(len(other))
        return places
    from Bio.Align import PairwiseAligner

    aligner = PairwiseAligner(
        mode="local", match_score=2, mismatch_score=-1, open_gap_score=-5,
        extend_gap_score=-0.5,
    )  # fmt: skip
    alignments = aligner.align(sequence, other)
    if alignments.score <= 0:
        return places
    for (start, stop), (first, last) in zip(*alignments[0].aligned, strict=True):
        places[start:stop] = np.arange(first, last)
    return places


def _identity(sequence: str, chain: Chain, places: Int64[np.ndarray, "len"]) -> float:
    alike = _letters(sequence) == _found(chain, places)
    return float(alike.sum()) / min(len(sequence), len(chain.sequence))


def _letters(text: str) -> np.ndarray:
    return np.array(list(text), "U1")


def _found(chain: Chain, places: Int64[np.ndarray, "len"]) -> np.ndarray:
    """The letter of the chain at each position; empty where there is none."""
    return np.where(places >= 0, _letters(chain.sequence)[places], "")


def _first_difference(
    sequence: str, chain: Chain, places: Int64[np.ndarray, "len"]
) -> tuple[int, str]:
    """The first position that differs, and what the chain has there."""
    there = _found(chain, places)
    at = int(np.flatnonzero(there != _letters(sequence))[0])
    if places[at] < 0:
        return at, "which has no residue in it"
    number = chain.numbers[places[at]]
    residue = f"residue {number}" if number else f"place {places[at] + 1}"
    return at, f"and its {residue} is {there[at]}"
