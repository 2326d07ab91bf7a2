"""What a search has tried, with the calls of the predictor that it took."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int64, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.design.constraints import Constraints
from jaxbio.design.space import Space
from jaxbio.errors import DataError

Score = Callable[[UInt8[np.ndarray, "n len"]], Float[np.ndarray, "n"]]
"""How good sequences are; larger is better."""


def of_each_length(
    values: Callable[[UInt8[np.ndarray, "n len"]], np.ndarray],
    rows: Sequence[UInt8[np.ndarray, "_"]],
) -> np.ndarray:
    """What a function of sequences of one length gives for those of any lengths.

    Args:
        values: Gives a value, or several, for each of `[n len]` codes.
        rows: The codes of each; at least one.

    Example:
        >>> rows = [np.uint8([1, 1]), np.uint8([1]), np.uint8([2, 0])]
        >>> of_each_length(lambda codes: codes.sum(axis=1), rows).tolist()
        [2, 1, 2]
    """
    lengths = np.array([len(row) for row in rows])
    found: np.ndarray | None = None
    for length in np.unique(lengths):
        at = np.flatnonzero(lengths == length)
        each = np.asarray(values(np.stack([rows[i] for i in at.tolist()])))
        if found is None:
            found = np.empty((len(rows), *each.shape[1:]), each.dtype)
        found[at] = each
    assert found is not None
    return found


Slopes = Callable[[UInt8[np.ndarray, "n len"]], Float[np.ndarray, "n len symbols"]]
"""How a score grows with the weight of each symbol at each position."""


class Archive:
    """All sequences of a search and their scores; each is computed once.

    Attributes:
        space: What a search chooses from.
        calls: Sequences that may be scored.
        first: Choices that keep the rules, from which a search begins.
        slopes: The slopes of the score; None for a score that has none.

    Example:
        >>> from jaxbio import DNA
        >>> space = Space.of_letters(DNA.encode("AA"), 4)
        >>> rules = Constraints(max_homopolymer=1)
        >>> archive = Archive(space, DNA, rules, lambda rows: rows.sum(axis=1), calls=9)
        >>> archive.score(np.array([[0, 1], [3, 2], [3, 3], [0, 1]])).tolist()
        [1.0, 5.0, -inf, 1.0]
        >>> archive.used
        2
    """

    def __init__(
        self,
        space: Space,
        alphabet: Alphabet,
        constraints: Constraints,
        score: Score,
        *,
        calls: int,
        first: Int64[np.ndarray, "sites"] | None = None,
        slopes: Slopes | None = None,
    ):
        self.space = space
        self.calls = calls
        self.first = space.origin if first is None else first
        self.slopes = slopes
        self._alphabet = alphabet
        self._constraints = constraints
        self._score = score
        self._scores: dict[bytes, float] = {}

    @property
    def used(self) -> int:
        """Sequences that were scored."""
        return len(self._scores)

    @property
    def spent(self) -> bool:
        """Whether no call is left, or nothing that was not tried."""
        return self.used >= min(self.calls, self.space.size)

    def score(self, choices: Int64[np.ndarray, "n sites"]) -> Float[np.ndarray, "n"]:
        """Scores; those that a rule forbids or no call is left for have -inf."""
        codes = self.space.decode(choices)
        kept = self.space.within(choices)
        if kept.any():
            kept[kept] = self._constraints.kept(codes[kept], self._alphabet)
        keys = [row.tobytes() for row in codes]
        fresh: dict[bytes, int] = {}
        for at in np.flatnonzero(kept).tolist():
            if len(fresh) + self.used >= self.calls:
                break
            if keys[at] not in self._scores:
                fresh.setdefault(keys[at], at)
        if fresh:
            values = self._score(codes[list(fresh.values())])
            self._scores.update(zip(fresh, values.tolist(), strict=True))
        return np.array([self._scores.get(key, -np.inf) for key in keys], np.float64)

    def site_slopes(
        self, choices: Int64[np.ndarray, "n sites"]
    ) -> Float[np.ndarray, "n sites most"]:
        """Slopes of the score for each option of each site, summed over its letters.

        Raises:
            DataError: For a score that has none.
        """
        if self.slopes is None:
            raise DataError("the score has no slopes")
        sites, most, width = self.space.options.shape
        each = self.slopes(self.space.decode(choices))
        each = each.reshape(len(choices), sites, 1, width, -1)
        letters = self.space.options.astype(np.int64)[None, ..., None]
        every = np.broadcast_to(each, (len(choices), sites, most, *each.shape[3:]))
        chosen = np.take_along_axis(
            every, np.broadcast_to(letters, (len(choices), *letters.shape[1:])), axis=-1
        )
        return chosen[..., 0].sum(axis=-1)

    def tried(self, choices: Int64[np.ndarray, "n sites"]) -> np.ndarray:
        """Which have a score."""
        keys = (row.tobytes() for row in self.space.decode(choices))
        return np.array([key in self._scores for key in keys], bool)

    def ranked(self) -> tuple[UInt8[np.ndarray, "n len"], Float[np.ndarray, "n"]]:
        """All sequences with their scores, the best first."""
        order = sorted(self._scores.items(), key=lambda item: -item[1])
        length = len(self.space.start)
        codes = np.frombuffer(b"".join(key for key, _ in order), np.uint8)
        return codes.reshape(-1, length), np.array(
            [score for _, score in order], np.float64
        )
