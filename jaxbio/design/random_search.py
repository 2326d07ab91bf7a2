"""Random search: what any other method has to beat."""

import dataclasses

import numpy as np

from jaxbio.design.archive import Archive

_AT_ONCE = 64
_PATIENCE = 50  # draws without a new sequence after which nothing is left


@dataclasses.dataclass(frozen=True)
class RandomSearch:
    """Score random mutants of the start.

    Attributes:
        edits: The mean number of edits of a mutant.

    Example:
        >>> from jaxbio import DNA
        >>> from jaxbio.design import Constraints, Space
        >>> space = Space.of_letters(DNA.encode("AAA"), 4)
        >>> score = lambda rows: rows.sum(axis=1)
        >>> archive = Archive(space, DNA, Constraints(), score, calls=20)
        >>> RandomSearch()(archive, np.random.default_rng(0))
        >>> archive.used
        20
    """

    edits: float = 4.0

    def __call__(self, archive: Archive, rng: np.random.Generator) -> None:
        """Search until the calls are used."""
        archive.score(archive.first[None])
        idle = 0
        while not archive.spent and idle < _PATIENCE:
            before = archive.used
            first = np.repeat(archive.first[None], _AT_ONCE, 0)
            counts = 1 + rng.poisson(max(self.edits - 1, 0), _AT_ONCE)
            archive.score(archive.space.mutate(first, counts, rng))
            idle = idle + 1 if archive.used == before else 0
