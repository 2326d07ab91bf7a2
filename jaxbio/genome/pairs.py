"""Windows of REF and ALT side by side, and random edits to compare them with."""

import dataclasses
import zlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, UInt8

from jaxbio.genome.alleles import BASES, Edit, edited_windows, window_start
from jaxbio.genome.matching import Allele, Genome

_LETTERS = np.frombuffer(BASES.encode(), np.uint8)
_CODES = np.full(256, 255, np.uint8)
_CODES[_LETTERS] = np.arange(len(BASES))


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Windows of edits, letters in ASCII.

    Attributes:
        references: Each window of REF once.
        of: Which of these is that of each edit.
        alternatives: The window of ALT of each edit.
        at: Where each begins in its windows.
        removed: How many bases go.
        inserted: The bases that come.
    """

    references: UInt8[np.ndarray, "m length"]
    of: Int64[np.ndarray, "n"]
    alternatives: UInt8[np.ndarray, "n length"]
    at: Int64[np.ndarray, "n"]
    removed: Int64[np.ndarray, "n"]
    inserted: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.of)


def window_pairs(
    genome: Genome,
    anchors: Sequence[Allele],
    edits: Sequence[Edit],
    length: int,
    *,
    shift: int = 0,
) -> Pairs:
    """Cut the windows of alleles, and make edits in them.

    Args:
        genome: Where they are cut from; a window that several alleles have is cut once.
        anchors: For each edit the allele whose windows it stands in.
        edits: The edit of that allele itself, or another one in the same windows.
        length: Of the windows.
        shift: How far they are moved to the right.
    """
    keys: dict[tuple, int] = {}
    starts = [window_start(anchor.edit, length, shift) for anchor in anchors]
    of = np.array(
        [
            keys.setdefault((anchor.contig, start, anchor.given), len(keys))
            for anchor, start in zip(anchors, starts, strict=True)
        ],
        np.int64,
    )
    removed = np.array([len(edit.removed) for edit in edits], np.int64)
    inserted = tuple(edit.inserted for edit in edits)
    added = np.array([len(bases) for bases in inserted], np.int64)
    extra = max(int((removed - added).max(initial=0)), 0)
    segments = _segments(genome, list(keys), length + extra)
    places = np.array([edit.start for edit in edits], np.int64)
    at = places - np.array(starts, np.int64)
    windows = edited_windows(segments[of], at, removed, inserted, length)
    return Pairs(segments[:, :length], of, windows, at, removed, inserted)


def _segments(
    genome: Genome, keys: Sequence[tuple], width: int
) -> UInt8[np.ndarray, "m width"]:
    contigs = [contig for contig, _, _ in keys]
    starts = [start for _, start, _ in keys]
    segments = np.array(genome.windows(contigs, starts, width))
    for row, (_, start, given) in enumerate(keys):
        if given is not None:  # REF as the file has it
            place, bases = given
            letters = np.frombuffer(bases.encode(), np.uint8)
            least, most = max(start, place), min(start + width, place + len(bases))
            if least < most:
                here = letters[least - place : most - place]
                segments[row, least - start : most - start] = here
    return segments


def random_edits(
    genome: Genome,
    alleles: Sequence[Allele],
    length: int,
    *,
    count: int,
    margin: int = 0,
    seed: int = 0,
) -> list[Edit]:
    """Draw random edits of the same kind, in the same windows, elsewhere.

    Such an edit takes as many bases as the allele does and brings as many; in a
    substitution each base becomes another one. It depends on the allele and the seed
    only.

    Args:
        genome: Where the windows are cut from.
        alleles: What they are compared with.
        length: Of the windows.
        count: Edits an allele.
        margin: Bases at both ends of a window that stay.
        seed: Of the draws.

    Returns:
        `count` edits for each allele, those of the first one first; with N in them
        where a window has no place for any.
    """
    own = [allele.edit for allele in alleles]
    windows = window_pairs(genome, alleles, own, length)
    edits = []
    for row, allele in enumerate(alleles):
        edit = allele.edit
        window = windows.references[windows.of[row]]
        random = np.random.default_rng([seed, zlib.crc32(repr(allele[2:4]).encode())])
        edits += _drawn(window, edit, count, margin, random)
    return edits


def _drawn(
    window: UInt8[np.ndarray, "length"],
    edit: Edit,
    count: int,
    margin: int,
    random: np.random.Generator,
) -> list[Edit]:
    before, after, length = len(edit.removed), len(edit.inserted), len(window)
    at, start = length // 2, edit.start - length // 2
    places = np.arange(margin, length - margin - max(before, after, 1) + 1)
    places = places[(places < at - before) | (places > at + max(before - 1, 0))]
    codes = _CODES[window]
    unknown = np.concatenate([[0], np.cumsum(codes > len(BASES))])
    places = places[unknown[places + before] == unknown[places]]
    if not places.size:
        return [Edit(edit.start, "N" * before, "N" * after)] * count
    chosen = random.choice(places, count)
    if before == after:  # another base at each place
        steps = random.integers(1, len(BASES), (count, after))
        old = codes[chosen[:, None] + np.arange(after)]
        new = (old + steps) % len(BASES)
    else:
        new = random.integers(0, len(BASES), (count, after))
    letters = _LETTERS[new]
    return [
        Edit(
            start + int(place),
            window[place : place + before].tobytes().decode(),
            bases.tobytes().decode(),
        )
        for place, bases in zip(chosen, letters, strict=True)
    ]
