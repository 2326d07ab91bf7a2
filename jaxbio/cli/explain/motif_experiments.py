"""What experiments with motifs share: sequences, motifs and what is predicted."""

import argparse
import dataclasses
import functools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.alphabet import Alphabet
from jaxbio.cli.explain.rows import chosen_rows
from jaxbio.cli.explain.sanity import MANY, check_whole
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.shuffles import shuffle_dinucleotides
from jaxbio.errors import DataError
from jaxbio.explain.agreement import effect_agreement
from jaxbio.explain.motif_effects import Score, score_function
from jaxbio.explain.motif_sites import Site, find_sites, word_motif
from jaxbio.explain.motifs import Motif, has_meme_alphabet, read_motifs
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.targets import row_target, unit_of
from jaxbio.predict.predictor import Predictor

CHECKED_SITES = 32
"""Sites or pairs of them that the check looks at."""

_RANGE = re.compile(r"(\d+):(\d+)(?::(\d+))?")


@dataclasses.dataclass(frozen=True)
class Experiment:
    """The sequences, the motifs and the function that is looked at."""

    ids: np.ndarray
    texts: list[str]
    codes: list[np.ndarray]
    motifs: list[Motif]
    score: Score
    score_of: Callable[[Predictor], Score]
    unit: str
    words: bool

    def sites(self, motif: Motif) -> list[list[Site]]:
        """Where a motif stands in each sequence."""
        chance = None if self.words else 1e-4
        return find_sites(motif, self.codes, p_value=chance)


def experiment(
    predictor: Predictor, options: argparse.Namespace, *, shuffle: bool = False
) -> Experiment:
    """The chosen rows and the motifs, as flags say.

    Args:
        predictor: The model.
        options: Of the command.
        shuffle: Whether rows are shuffled first.
    """
    alphabet = _alphabet(predictor.schema)
    motifs, words = _read(options.motifs, alphabet)
    score_of = functools.partial(
        score_function, target=options.target, label=options.label
    )
    score = score_of(predictor)
    data = chosen_rows(predictor, options)
    column = plain(data.input(predictor.schema.own[0].name))
    assert isinstance(column, Sequences)  # as the model takes them
    codes = [
        column.codes[start:end]
        for start, end in zip(column.offsets[:-1], column.offsets[1:], strict=True)
    ]
    if shuffle:
        rng = np.random.default_rng(0)
        mix = shuffle_dinucleotides if alphabet.complement else _permuted
        codes = [mix(each, rng) for each in codes]
    return Experiment(
        np.asarray(data.origin.ids, object),
        [alphabet.decode(each) for each in codes],
        codes,
        motifs,
        score,
        score_of,
        unit_of(row_target(predictor.schema, options.target)),
        words,
    )


def check_effects(
    predictor: Predictor,
    asked: Experiment,
    found: Float[np.ndarray, "..."],
    effects: Callable[[Score], Float[np.ndarray, "..."]],
) -> str:
    """What becomes of effects when what was learned is lost.

    Args:
        predictor: The trained networks.
        asked: The experiment.
        found: Some of their effects.
        effects: What gives these for another function of sequences.
    """
    return check_whole(
        predictor,
        found,
        lambda other: effects(asked.score_of(other)),
        effect_agreement,
        what="effects",
        many=found.size >= MANY,
    )


def _permuted(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(codes)


def _read(text: str, alphabet: Alphabet) -> tuple[list[Motif], bool]:
    """The motifs of a list of words or of a file, and whether they are words."""
    if Path(text).is_file():
        return read_motifs(text, alphabet), False
    if re.search(r"[./\\]", text):
        raise DataError(f"--motifs {text}: no such file")
    words = [word.strip() for word in text.split(",")]
    return [word_motif(word, alphabet) for word in dict.fromkeys(words)], True


def sites_of(asked: Experiment) -> list[tuple[int, Motif, Site]]:
    """Sites of all motifs in all sequences, from left to right."""
    found = [
        (row, motif, site)
        for motif in asked.motifs
        for row, sites in enumerate(asked.sites(motif))
        for site in sites
    ]
    if not found:
        raise DataError(
            f"no site of {named(asked.motifs)} in the {len(asked.texts)} rows: choose "
            "other rows or motifs; marginalize puts motifs into rows"
        )
    return sorted(found, key=lambda each: (each[0], each[2].start))


def site_columns(
    asked: Experiment, sites: Sequence[tuple[int, Motif, Site]]
) -> dict[str, np.ndarray]:
    """Columns of a table of sites, in which positions count from 1."""
    return {
        "id": np.array([asked.ids[row] for row, *_ in sites], object),
        "motif": np.array([motif.name for _, motif, _ in sites], object),
        "start": np.array([site.start + 1 for *_, site in sites], int),
        "end": np.array([site.end for *_, site in sites], int),
        "strand": np.array([site.strand for *_, site in sites], object),
        "sequence": np.array(
            [asked.texts[row][site.start : site.end] for row, _, site in sites], object
        ),
    }


def check_fits(
    asked: Experiment, width: int, at: int, name: str, remedy: str = "a shorter motif"
) -> None:
    """Refuse what does not fit into a sequence, before anything is predicted."""
    lengths = [len(text) for text in asked.texts]
    short = int(np.argmin(lengths))
    if lengths[short] < at + width:
        where = f" from position {at + 1} on" if at else ""
        raise DataError(
            f"{name} of {width} letters{where} does not fit into "
            f"row {asked.ids[short]} of {lengths[short]}: choose other rows (--rows), "
            f"or {remedy}"
        )


def places_of(text: str, flag: str, *, least: int) -> list[int]:
    """A number, or a range of them, both ends included."""
    found = _RANGE.fullmatch(text) or _RANGE.fullmatch(f"{text}:{text}")
    if found is None or int(found[3] or 1) < 1:
        raise DataError(
            f"{flag} {text}: give a number, or a range as in 5:60 or 5:60:5"
        )
    first, last = int(found[1]), int(found[2])
    if not least <= first <= last:
        raise DataError(f"{flag} {text}: give {least} or more, the smaller one first")
    return list(range(first, last + 1, int(found[3] or 1)))


def label_of(asked: Experiment, what: str) -> str:
    """What an axis shows, with its unit."""
    return f"{what} ({asked.unit})" if asked.unit else what


def named(motifs: Sequence[Motif]) -> str:
    """The names of motifs, the first ones of many."""
    names = ", ".join(motif.name for motif in motifs[:4])
    return names + (", …" if len(motifs) > 4 else "")


def _alphabet(schema: Schema) -> Alphabet:
    sequence_input(schema.inputs)
    (spec,) = schema.own
    assert isinstance(spec, SequenceSpec)  # as the only input is a sequence
    return spec.alphabet


def check_motifs(schema: Schema, options: argparse.Namespace) -> None:
    """Refuse a model of other sequences, and motifs that cannot be read.

    Raises:
        DataError: With what the model takes, or how motifs are given.
    """
    alphabet = _alphabet(schema)
    if not has_meme_alphabet(alphabet):
        raise DataError(
            f"motifs are of DNA, RNA and protein, and the model takes {alphabet.name}"
        )
    if options.motifs is None:
        raise DataError(
            "which motifs? Give --motifs TGASTCA,GATA or a file of MEME or JASPAR"
        )
    if not Path(options.motifs).is_file():
        _read(options.motifs, alphabet)


def add_motifs(group: Any) -> None:
    """Add the flags of these experiments."""
    group.add_argument(
        "--motifs",
        metavar="LIST|FILE",
        help="for marginalize, spacing, ablate and epistasis: words with commas, as "
        "TGASTCA,GATA, or a file of MEME or JASPAR",
    )
    group.add_argument(
        "--at",
        metavar="POSITION",
        help="for marginalize, where motifs are put: a position from 1, or a range as "
        "1:90:5; for spacing, where the first one is put (default: the middle)",
    )
    group.add_argument(
        "--distances",
        default="0:30",
        metavar="FIRST:LAST",
        help="for spacing, letters between two motifs, as 0:60 or 0:60:5 (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--shuffle",
        action="store_true",
        help="for marginalize and spacing, shuffle the rows first, in DNA and RNA so "
        "that all pairs of neighbours stay",
    )
