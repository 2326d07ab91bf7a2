"""Seqlets: stretches of sequences that contribute more than by chance."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from jaxbio.errors import JaxbioError

_SHUFFLES = 10


@dataclasses.dataclass(frozen=True)
class Seqlets:
    """Stretches, those that contribute most first.

    Attributes:
        row: The number of the sequence of each.
        start: Its first position, from 0.
        width: How many positions each has.
        contribution: The sum of the contributions of its positions.
        p: The share of stretches of sequences whose contributions were shuffled that
            contribute as much.
    """

    row: np.ndarray
    start: np.ndarray
    width: int
    contribution: np.ndarray
    p: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

    def columns(self) -> dict[str, np.ndarray]:
        """As `write_table` takes them; positions from 1, both ends among them."""
        return {
            "row": self.row + 1,
            "start": self.start + 1,
            "end": self.start + self.width,
            "contribution": self.contribution.astype(np.float32),
            "p": self.p.astype(np.float32),
        }


def seqlets(
    contributions: Sequence[Float[np.ndarray, "len"]],
    *,
    width: int = 9,
    p: float = 0.01,
    seed: int = 0,
) -> Seqlets:
    """Find stretches whose contributions add up to more than by chance.

    The null distribution is that of stretches after the contributions of each sequence
    were put in another order, ten times. Of stretches that overlap, the one with the
    larger sum is taken.

    Args:
        contributions: Of the positions of each sequence, to one output.
        width: Positions of a stretch.
        p: The largest p value; sums above 0 and below are looked at alike.
        seed: Of the orders.

    Raises:
        JaxbioError: For a width below 1, or sequences that are all shorter.

    Example:
        >>> found = seqlets([np.r_[np.zeros(20), np.ones(4), np.zeros(20)]], width=4)
        >>> found.start.tolist(), found.contribution.tolist()
        ([20], [4.0])
    """
    if width < 1:
        raise JaxbioError(f"width={width}: give at least 1 position")
    rng = np.random.default_rng(seed)
    sums = [_sums(np.asarray(x, np.float64), width) for x in contributions]
    if not any(map(len, sums)):
        raise JaxbioError(f"width={width}: all sequences are shorter")
    null = np.sort(
        np.concatenate(
            [
                np.abs(_sums(rng.permutation(np.asarray(x, np.float64)), width))
                for x in contributions
                for _ in range(_SHUFFLES)
            ]
        )
    )
    found: list[tuple[float, int, int, float]] = []
    for row, each in enumerate(sums):
        sizes = np.abs(each)
        chance = 1 - np.searchsorted(null, sizes - 1e-12, side="left") / len(null)
        chance = np.maximum(chance, 1 / (len(null) + 1))
        free = np.ones(len(each) + width - 1, bool)
        for at in np.argsort(-sizes, kind="stable"):
            if chance[at] > p or not sizes[at] > 0:
                break
            if free[at : at + width].all():
                free[at : at + width] = False
                found.append((float(each[at]), row, int(at), float(chance[at])))
    found.sort(key=lambda x: -abs(x[0]))
    table = np.array(found, np.float64).reshape(-1, 4)
    return Seqlets(
        table[:, 1].astype(np.int64),
        table[:, 2].astype(np.int64),
        width,
        table[:, 0],
        table[:, 3],
    )


def _sums(values: Float[np.ndarray, "len"], width: int) -> Float[np.ndarray, "n"]:
    total = np.concatenate([[0.0], np.cumsum(values)])
    return total[width:] - total[:-width] if len(values) >= width else np.zeros(0)


def write_modisco(
    folder: str | Path,
    sequences: Float32[np.ndarray, "n len symbols"],
    hypothetical: Float32[np.ndarray, "n len symbols"],
) -> tuple[Path, Path]:
    """Write what `modisco motifs -s ohe.npz -a contributions.npz` reads.

    Args:
        folder: Where to write.
        sequences: One-hot, of one length.
        hypothetical: What each symbol would contribute at each position.

    Returns:
        Both files, of arrays `[n symbols len]`.

    Source:
        Shrikumar et al. 2018, TF-MoDISco; the layout is that of modisco-lite.
    """
    paths = Path(folder) / "ohe.npz", Path(folder) / "contributions.npz"
    for path, values in zip(paths, (sequences, hypothetical), strict=True):
        array: Any = np.ascontiguousarray(values.swapaxes(1, 2))
        np.savez_compressed(path, array)
    return paths
