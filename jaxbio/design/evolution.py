"""Evolutionary search: selection, recombination and mutation."""

import dataclasses

import numpy as np

from jaxbio.design.archive import Archive

_PATIENCE = 50  # generations without a new sequence after which the search ends


@dataclasses.dataclass(frozen=True)
class Evolution:
    """Breed sequences: the best of all so far are parents of the next ones.

    A child takes each site from one of two parents and is mutated at one site or more.

    Attributes:
        population: Children of a generation.
        parents: The best sequences, from which they come.
        edits: The mean number of sites that are mutated.

    Source:
        Goldberg 1989, Genetic algorithms in search, optimization and machine learning.

    Example:
        >>> from jaxbio import DNA
        >>> from jaxbio.design import Constraints, Space
        >>> space = Space.of_letters(DNA.encode("AAAA"), 4)
        >>> score = lambda rows: (rows == DNA.encode("GATC")).sum(axis=1)
        >>> archive = Archive(space, DNA, Constraints(), score, calls=200)
        >>> Evolution(population=20, parents=5)(archive, np.random.default_rng(0))
        >>> DNA.decode(archive.ranked()[0][0])
        'GATC'
    """

    population: int = 64
    parents: int = 16
    edits: float = 1.5

    def __call__(self, archive: Archive, rng: np.random.Generator) -> None:
        """Search until the calls are used."""
        elite = archive.first[None]
        scores = archive.score(elite)
        idle = 0
        while not archive.spent and idle < _PATIENCE:
            before = archive.used
            pairs = rng.integers(0, len(elite), (2, self.population))
            mask = rng.random((self.population, elite.shape[1])) < 0.5
            children = np.where(mask, elite[pairs[0]], elite[pairs[1]])
            counts = 1 + rng.poisson(max(self.edits - 1, 0), self.population)
            children = archive.space.mutate(children, counts, rng)
            every = np.concatenate([elite, children])
            found = np.concatenate([scores, archive.score(children)])
            every, at = np.unique(every, axis=0, return_index=True)
            found = found[at]
            order = np.argsort(-found, kind="stable")[: self.parents]
            order = order[np.isfinite(found[order])]
            elite, scores = every[order], found[order]
            idle = idle + 1 if archive.used == before else 0
