"""Greedy and beam search by in-silico mutagenesis."""

import dataclasses

import numpy as np

from jaxbio.design.archive import Archive


@dataclasses.dataclass(frozen=True)
class BeamSearch:
    """Make the single edits that help most, again and again.

    Each step scores every single edit of the sequences that are held, and holds the
    best. It ends where no edit helps. With width 1 the search is greedy.

    Attributes:
        width: Sequences that are held.

    Example:
        >>> from jaxbio import DNA
        >>> from jaxbio.design import Constraints, Space
        >>> space = Space.of_letters(DNA.encode("AAA"), 4)
        >>> score = lambda rows: (rows == DNA.encode("GAT")).sum(axis=1)
        >>> archive = Archive(space, DNA, Constraints(), score, calls=50)
        >>> BeamSearch(width=1)(archive, np.random.default_rng(0))
        >>> DNA.decode(archive.ranked()[0][0])
        'GAT'
    """

    width: int = 3

    def __call__(self, archive: Archive, rng: np.random.Generator) -> None:
        """Search until the calls are used or no edit helps."""
        held = archive.first[None]
        best = archive.score(held).max()
        while not archive.spent:
            near = np.concatenate([archive.space.neighbours(row) for row in held])
            near = np.unique(near, axis=0)
            # in random order, so that few calls are not all for the first positions
            near = rng.permutation(near)
            scores = archive.score(near)
            order = np.argsort(-scores, kind="stable")[: self.width]
            if not scores[order[0]] > best:
                break
            best = scores[order[0]]
            held = near[order[np.isfinite(scores[order])]]
