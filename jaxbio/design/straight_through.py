"""Straight-through gradients: sequences that follow the slopes of the model."""

import dataclasses

import numpy as np

from jaxbio.design.archive import Archive
from jaxbio.design.space import Space
from jaxbio.errors import DataError, option

_PATIENCE = 20  # updates without a new sequence after which the search begins anew
_TOP = 0.1  # by which a restart leaves the start


@dataclasses.dataclass(frozen=True)
class StraightThrough:
    """Move the chances of all letters along the slopes of the model.

    Each of several chains holds logits of the options of each site. Sequences are drawn
    from them; the model is differentiated at these, and the logits move along the
    slopes as if the draw were not there. Slopes of a sequence take a call.

    Attributes:
        chains: Sequences that are drawn at a time.
        step: How far logits move, in standard deviations of the slopes.
        keep: How many edits are expected of a draw at the beginning.

    Source:
        Bengio, Leonard and Courville 2013, Estimating or propagating gradients through
        stochastic neurons. Linder and Seelig 2021, Fast activation maximization for
        molecular sequence design, BMC Bioinformatics 22.

    Example:
        >>> from jaxbio import DNA
        >>> from jaxbio.design import Constraints, Space
        >>> space = Space.of_letters(DNA.encode("AAAA"), 4)
        >>> hot = np.eye(4)[DNA.encode("GATC")]
        >>> score = lambda rows: (rows == DNA.encode("GATC")).sum(axis=1)
        >>> slopes = lambda rows: np.repeat(hot[None], len(rows), 0)
        >>> archive = Archive(
        ...     space, DNA, Constraints(), score, calls=100, slopes=slopes)
        >>> StraightThrough(chains=4)(archive, np.random.default_rng(0))
        >>> DNA.decode(archive.ranked()[0][0])
        'GATC'
    """

    chains: int = 16
    step: float = 0.5
    keep: float = 1.5

    def __call__(self, archive: Archive, rng: np.random.Generator) -> None:
        """Search until the calls are used or chains come to nothing new.

        Raises:
            DataError: For a score that has no slopes.
        """
        if archive.slopes is None:
            raise DataError(
                f"{option('method', 'straight')} needs the slopes of what is scored: "
                f"use another method, such as evolution"
            )
        space = archive.space
        archive.score(archive.first[None])
        most = space.options.shape[1]
        closed = np.arange(most) >= space.counts[:, None]
        begin = self._begin(space.counts, archive.first, closed)
        logits = np.repeat(begin[None], self.chains, axis=0)
        idle = np.zeros(self.chains, int)
        stuck = 0
        while not archive.spent and stuck < _PATIENCE:
            before = archive.used
            noise = rng.gumbel(size=logits.shape)
            drawn = (logits + noise).argmax(axis=2)
            drawn = np.stack([_within(space, row, rng) for row in drawn])
            new = ~archive.tried(drawn)
            scores = archive.score(drawn)
            known = np.isfinite(scores)
            if known.any():
                slopes = archive.site_slopes(drawn[known])
                spread = slopes.std(axis=(1, 2), keepdims=True)
                move = slopes / np.where(spread > 0, spread, 1.0)
                logits[known] += self.step * move
                logits[:, closed] = -np.inf
            idle = np.where(new & known, 0, idle + 1)
            for at in np.flatnonzero(idle >= _PATIENCE):
                logits[at], idle[at] = begin + _TOP * rng.normal(size=begin.shape), 0
                logits[at][closed] = -np.inf
            stuck = stuck + 1 if archive.used == before else 0

    def _begin(
        self, counts: np.ndarray, first: np.ndarray, closed: np.ndarray
    ) -> np.ndarray:
        """Logits with which a draw has the expected number of edits."""
        free = max(int((counts > 1).sum()), 1)
        rate = min(self.keep / free, 0.5)
        others = np.maximum(counts - 1, 1)
        found = np.log(np.repeat((rate / others)[:, None], closed.shape[1], axis=1))
        found[np.arange(len(first)), first] = np.log(1 - rate)
        return np.where(closed, -np.inf, found)


def _within(space: Space, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A draw with edits taken back at random until no more are left than allowed."""
    over = int(space.edits(row[None])[0]) - space.max_edits
    if over <= 0:
        return row
    row = row.copy()
    for site in rng.permutation(np.flatnonzero(row != space.origin)).tolist():
        if over <= 0:
            break
        over -= int(space.cost[site, row[site]])
        row[site] = space.origin[site]
    return row
