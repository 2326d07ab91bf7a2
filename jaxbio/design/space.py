"""The sequences that a start may become: a choice at each site."""

import dataclasses
import functools
import math

import numpy as np
from jaxtyping import Bool, Int64, UInt8


@dataclasses.dataclass(frozen=True, eq=False)
class Space:
    """All choices at the sites of a start; a site is a letter or a codon.

    Attributes:
        start: The codes of the start.
        options: What may stand at each site, filled up with what stands there.
        counts: How many of these are options; 1 for a site that is fixed.
        max_edits: Letters that may differ from the start.

    Example:
        >>> space = Space.of_letters(np.array([0, 3], np.uint8), 4, fixed={1})
        >>> space.free.tolist(), space.decode(np.array([[2, 0]])).tolist()
        ([0], [[2, 3]])
    """

    start: UInt8[np.ndarray, "len"]
    options: UInt8[np.ndarray, "sites most width"]
    counts: Int64[np.ndarray, "sites"]
    max_edits: int

    @classmethod
    def of(
        cls,
        start: UInt8[np.ndarray, "len"],
        options: list[np.ndarray],
        max_edits: int | None = None,
    ) -> "Space":
        """The space of some options at each site, uint8 `[count width]` each."""
        counts = np.array([len(each) for each in options])
        filled = [
            np.concatenate([each, np.repeat(each[:1], counts.max() - len(each), 0)])
            for each in options
        ]
        most = len(start) if max_edits is None else min(max_edits, len(start))
        return cls(start, np.stack(filled), counts, most)

    @classmethod
    def of_letters(
        cls,
        start: UInt8[np.ndarray, "len"],
        symbols: int,
        *,
        fixed: set[int] | frozenset[int] = frozenset(),
        max_edits: int | None = None,
    ) -> "Space":
        """The space in which any of the first `symbols` codes may stand at a site.

        A start's code that is none of them, such as a stop codon's, is kept.
        """
        every = np.arange(symbols, dtype=np.uint8)[:, None]
        options = [
            start[at : at + 1, None] if at in fixed or start[at] >= symbols else every
            for at in range(len(start))
        ]
        return cls.of(start, options, max_edits)

    @functools.cached_property
    def free(self) -> Int64[np.ndarray, "free"]:
        """The sites with a choice."""
        return np.flatnonzero(self.counts > 1)

    @functools.cached_property
    def cost(self) -> Int64[np.ndarray, "sites most"]:
        """How many letters each option differs from the start."""
        own = self.start.reshape(len(self.options), 1, -1)
        return (self.options != own).sum(axis=2)

    @functools.cached_property
    def origin(self) -> Int64[np.ndarray, "sites"]:
        """The choices that make the start."""
        return self.cost.argmin(axis=1)

    @property
    def size(self) -> int:
        """How many sequences there are, without the limit on edits."""
        return math.prod(self.counts.tolist())

    def decode(
        self, choices: Int64[np.ndarray, "n sites"]
    ) -> UInt8[np.ndarray, "n len"]:
        """The codes that choices make."""
        rows = self.options[np.arange(len(self.options)), choices]
        return rows.reshape(len(choices), -1)

    def within(self, choices: Int64[np.ndarray, "n sites"]) -> Bool[np.ndarray, "n"]:
        """Which have no more edits than allowed."""
        return self.edits(choices) <= self.max_edits

    def edits(self, choices: Int64[np.ndarray, "n sites"]) -> Int64[np.ndarray, "n"]:
        """Letters in which choices differ from the start."""
        return self.cost[np.arange(len(self.cost)), choices].sum(axis=1)

    def neighbours(
        self, choices: Int64[np.ndarray, "sites"]
    ) -> Int64[np.ndarray, "n sites"]:
        """All that differ at one site.

        Example:
            >>> space = Space.of_letters(np.array([0, 1], np.uint8), 4, fixed={0})
            >>> space.neighbours(space.origin).tolist()
            [[0, 0], [0, 2], [0, 3]]
        """
        sites = np.repeat(self.free, self.counts[self.free])
        options = np.concatenate([np.arange(n) for n in self.counts[self.free]])
        other = options != choices[sites]
        found = np.repeat(choices[None], int(other.sum()), axis=0)
        found[np.arange(len(found)), sites[other]] = options[other]
        return found

    def mutate(
        self,
        choices: Int64[np.ndarray, "n sites"],
        edits: Int64[np.ndarray, "n"],
        rng: np.random.Generator,
    ) -> Int64[np.ndarray, "n sites"]:
        """Choices with others at so many random sites of each.

        Sites go back to the start at random where there would be too many edits.
        """
        found = choices.copy()
        for row, count in zip(found, edits.tolist(), strict=True):
            sites = rng.permutation(self.free)[:count]
            shift = rng.integers(1, self.counts[sites])
            row[sites] = (row[sites] + shift) % self.counts[sites]
            changed = rng.permutation(np.flatnonzero(row != self.origin))
            # those just made stay longest, or nothing would change at the limit
            changed = changed[np.argsort(np.isin(changed, sites), kind="stable")]
            over = int(self.edits(row[None])[0]) - self.max_edits
            for site in changed.tolist():
                if over <= 0:
                    break
                over -= int(self.cost[site, row[site]])
                row[site] = self.origin[site]
        return found
