"""Distances of two residues by their separation and kinds, without their chain."""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Float32

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics.contacts import contact_bins, distances

_SEPARATIONS = 128  # from which on all are alike
_FAR = 6  # residues apart, from which on pairs tell of contacts
_FEW = 50.0  # pairs of residues that count as much as the mean of all


@dataclasses.dataclass(frozen=True)
class SeparationBaseline:
    """The distances of pairs by their separation along the chain and their residues.

    For each separation the share of the training pairs in each bin; the bins of
    contacts then times how often these two residues are in contact, against the mean.

    Attributes:
        spec: The target.
        bins: For each separation the share of each bin.
        contacts: How many of the first bins count as contacts.
        propensities: For two residues how often they are in contact, 1 on average.
    """

    spec: TargetSpec
    bins: Float32[np.ndarray, "separations bins"]
    contacts: int
    propensities: Float32[np.ndarray, "symbols symbols"]

    @classmethod
    def fit(
        cls, spec: TargetSpec, train: Arrays, edges: Float32[np.ndarray, "edges"]
    ) -> "SeparationBaseline":
        """Count over all training chains.

        Args:
            spec: The target, whose kind is `points`.
            train: The encoded training rows.
            edges: The edges between the bins, in angstrom.
        """
        column, track = _columns(spec, train)
        contacts = contact_bins(edges)
        symbols = int(column.fill) + 1  # the padding is the last
        counts = np.zeros((_SEPARATIONS, len(edges) + 1))
        sums = np.full((symbols, symbols), 1e-9)
        expected, hits = sums.copy(), sums.copy()
        # Twice, as the pairs of all chains together would not go into memory.
        for apart, bins, *_ in _pairs(column, track, edges):
            np.add.at(counts, (apart, bins), 1)
        shares = (counts + 1e-3) / (counts + 1e-3).sum(axis=1, keepdims=True)
        likely = shares[:, :contacts].sum(axis=1)
        for apart, bins, i, j in _pairs(column, track, edges):
            far = apart >= _FAR
            pair = i[far], j[far]
            np.add.at(hits, pair, bins[far] < contacts)
            np.add.at(expected, pair, likely[apart[far]])
            np.add.at(sums, pair, 1)
        hits, expected, sums = (table + table.T for table in (hits, expected, sums))
        mean = expected / sums
        ratio = (hits + _FEW * mean) / (expected + _FEW * mean)
        tables = shares.astype(np.float32), contacts, ratio.astype(np.float32)
        return cls(spec, *tables)

    def arrays(self) -> dict[str, np.ndarray]:
        """Fitted values, for `from_arrays`."""
        bins = np.array(self.contacts)
        names = ("bins", "contacts", "propensities")
        tables = (self.bins, bins, self.propensities)
        return dict(zip(names, tables, strict=True))

    @classmethod
    def from_arrays(
        cls, spec: TargetSpec, arrays: Mapping[str, np.ndarray]
    ) -> "SeparationBaseline":
        """The baseline that `arrays` described."""
        contacts = int(arrays["contacts"])
        return cls(spec, arrays["bins"], contacts, arrays["propensities"])

    def predict(self, rows: Arrays) -> Iterator[Float32[np.ndarray, "len len bins"]]:
        """By row the probability of each bin for each pair of positions."""
        column = next(c for c in rows.inputs.values() if isinstance(c, Ragged))
        for start, end in itertools.pairwise(column.offsets.tolist()):
            codes, place = column.values[start:end], np.arange(end - start)
            apart = np.abs(place[:, None] - place).clip(max=_SEPARATIONS - 1)
            table = self.bins[apart]
            factor = self.propensities[codes[:, None], codes]
            table[..., : self.contacts] *= factor[..., None]
            yield table / table.sum(axis=-1, keepdims=True)


def _columns(spec: TargetSpec, rows: Arrays) -> tuple[Ragged, Ragged]:
    column = next(c for c in rows.inputs.values() if isinstance(c, Ragged))
    track = rows.targets[spec.name]
    assert isinstance(track, Ragged)
    return column, track


def _pairs(
    column: Ragged, track: Ragged, edges: np.ndarray
) -> Iterator[tuple[np.ndarray, ...]]:
    """By chain: separation, bin and both codes of each pair whose places are known."""
    for start, end in itertools.pairwise(track.offsets.tolist()):
        table, codes = distances(track.values[start:end]), column.values[start:end]
        i, j = np.triu_indices(len(codes), 1)
        mask = np.isfinite(table[i, j])
        i, j = i[mask], j[mask]
        apart = np.minimum(j - i, _SEPARATIONS - 1)
        bins = np.searchsorted(edges, table[i, j], side="right")
        yield apart, bins, codes[i], codes[j]
