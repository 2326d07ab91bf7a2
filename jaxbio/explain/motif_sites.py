"""Sites of motifs: words with ambiguity letters, and where motifs stand."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int64, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.errors import DataError, option
from jaxbio.explain.motifs import Motif

_BINS = 100  # of a bit, in the distribution of scores
_PSEUDO = 0.1  # sites of the background that are added to those of a motif
_UNKNOWN_SITES = 20  # what MEME takes where a file does not say how many


@dataclasses.dataclass(frozen=True)
class Site:
    """Where a motif stands in a sequence.

    Attributes:
        start: Its first position, from 0.
        end: The one after its last.
        strand: `+` or `-`.
        p_value: The chance that a random window fits as well.
    """

    start: int
    end: int
    strand: str
    p_value: float


def word_motif(word: str, alphabet: Alphabet) -> Motif:
    """The motif that a word stands for, whose letters may be ambiguous.

    Args:
        word: Such as `TGASTCA`, where S is C or G.
        alphabet: Whose letters it has.

    Raises:
        DataError: For an empty word, a gap, or letters of another alphabet.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> word_motif("GS", DNA).frequencies.tolist()
        [[0.0, 0.0, 1.0, 0.0], [0.0, 0.5, 0.5, 0.0]]
    """
    usable = [x for at, x in enumerate(alphabet.letters) if alphabet.profile[at].any()]
    read_as = {x: x for x in usable} | dict(alphabet.aliases)
    strange = next((letter for letter in word.upper() if letter not in read_as), None)
    if strange is not None:
        raise DataError(
            f"motif {word!r}: {strange!r} is no letter of {alphabet.name} "
            f"({''.join(usable)}); or give a file of MEME or JASPAR"
        )
    if not word:
        raise DataError("an empty motif: give letters, as in TGASTCA")
    letters = "".join(read_as[letter] for letter in word.upper())
    frequencies = alphabet.profile[alphabet.encode(letters)].astype(np.float64)
    return Motif(letters, frequencies, 0, alphabet)


def consensus_sites(motif: Motif, n: int, *, seed: int = 0) -> list[str]:
    """The likeliest letters of a motif, spelled `n` times.

    Args:
        motif: The motif.
        n: How many sites.
        seed: Of the draws among letters that are equally likely.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> sites = consensus_sites(word_motif("GS", DNA), 50)
        >>> sorted(set(sites))
        ['GC', 'GG']
    """
    rng = np.random.default_rng(seed)
    likely = motif.frequencies >= motif.frequencies.max(axis=1, keepdims=True) - 1e-9
    columns = [rng.choice(np.flatnonzero(row), n) for row in likely]
    symbols = motif.alphabet.spelt
    return ["".join(symbols[code] for code in site) for site in np.stack(columns, 1)]


def find_sites(
    motif: Motif,
    sequences: Sequence[UInt8[np.ndarray, "_"]],
    *,
    p_value: float | None = 1e-4,
) -> list[list[Site]]:
    """Where a motif stands in sequences, on both strands of DNA and RNA.

    A window is a site if one of random letters, all equally frequent, has an odds score
    as high with at most this chance. A short motif that is never so rare has the sites
    that fit it best. Of sites that overlap the best one is kept.

    Args:
        motif: The motif.
        sequences: Their codes.
        p_value: The greatest chance; None for all windows in which each letter is one
            that the motif has there, as for words.

    Returns:
        The sites of each sequence from left to right.

    Raises:
        DataError: For a chance that is not between 0 and 1.

    Source:
        Staden 1989, Methods for calculating the probabilities of finding patterns in
        sequences, CABIOS 5; Grant et al. 2011, FIMO, Bioinformatics 27.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> motif = word_motif("TGASTCA", DNA)
        >>> (sites,) = find_sites(motif, [DNA.encode("CCTGACTCACC")], p_value=None)
        >>> [(site.start, site.end, site.strand) for site in sites]
        [(2, 9, '+')]
    """
    if p_value is not None and not 0 < p_value <= 1:
        raise DataError(
            f"{option('p_value', p_value)}: give more than 0, and at most 1"
        )
    scores, tails = _scores(motif)
    least = None if p_value is None else max(p_value, float(tails[-1]))
    fits = _fits(motif)
    found = []
    for codes in sequences:
        every: list[tuple[float, int, str]] = []
        for strand in "+-" if motif.alphabet.complement else "+":
            turned = codes if strand == "+" else _turned(codes, motif.alphabet)
            every += _windows(turned, strand, scores, tails, least, fits)
        found.append(_best(every, len(codes), len(fits)))
    return found


def _windows(
    codes: np.ndarray,
    strand: str,
    scores: np.ndarray,
    tails: np.ndarray,
    least: float | None,
    fits: np.ndarray,
) -> list[tuple[float, int, str]]:
    """The chance, start and strand of each window of a strand that is a site."""
    width = len(fits)
    if len(codes) < width:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(codes, width)
    place = np.arange(width)
    chances = tails[scores[place, windows].sum(axis=1)]
    kept = fits[place, windows].all(axis=1) if least is None else chances <= least
    last = len(codes) - width
    return [
        (float(chances[at]), at if strand == "+" else last - at, strand)
        for at in np.flatnonzero(kept).tolist()
    ]


def _best(windows: list[tuple[float, int, str]], length: int, width: int) -> list[Site]:
    free = np.ones(length, bool)
    sites = []
    for chance, start, strand in sorted(windows):
        if free[start : start + width].all():
            free[start : start + width] = False
            sites.append(Site(start, start + width, strand, chance))
    return sorted(sites, key=lambda site: site.start)


def _fits(motif: Motif) -> Bool[np.ndarray, "len codes"]:
    """Which codes a motif has at each place; others than symbols where it has all."""
    allowed = motif.frequencies > 0
    others = motif.alphabet.n_codes - motif.alphabet.size
    every = np.repeat(allowed.all(axis=1, keepdims=True), others, axis=1)
    return np.concatenate([allowed, every], axis=1)


def _turned(codes: np.ndarray, alphabet: Alphabet) -> np.ndarray:
    assert alphabet.complement_codes is not None
    return alphabet.complement_codes[codes][::-1]


def _scores(
    motif: Motif,
) -> tuple[Int64[np.ndarray, "len codes"], Float[np.ndarray, "scores"]]:
    """Odds of each code at each place, as whole numbers, and chances of their sums."""
    size, n_codes = motif.alphabet.size, motif.alphabet.n_codes
    sites = motif.sites or _UNKNOWN_SITES
    odds = np.log2((motif.frequencies * sites * size + _PSEUDO) / (sites + _PSEUDO))
    whole = np.round(_BINS * (odds - odds.min(axis=1, keepdims=True))).astype(np.int64)
    chances = np.ones(1)
    for row in whole:
        longer = np.zeros(len(chances) + int(row.max()))
        for score in row.tolist():
            longer[score : score + len(chances)] += chances / size
        chances = longer
    tails = chances[::-1].cumsum()[::-1]
    # Other letters than symbols, such as N, count as the worst one.
    return np.pad(whole, ((0, 0), (0, n_codes - size))), tails
