"""What motifs do where they are put, and what is lost where they are shuffled."""

import argparse
import dataclasses
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.alphabet import Alphabet
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.rows import chosen_rows
from jaxbio.data import write_table
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.shuffles import shuffle_dinucleotides
from jaxbio.errors import DataError
from jaxbio.explain.motif_effects import (
    Score,
    marginalize,
    score_function,
    spacing,
)
from jaxbio.explain.motif_sites import Site, consensus_sites, find_sites, word_motif
from jaxbio.explain.motifs import Motif, has_meme_alphabet, read_motifs
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.site_effects import ablate_spans, site_epistasis
from jaxbio.explain.targets import row_target, unit_of
from jaxbio.plot import effect_curves, importance_bars, save
from jaxbio.predict.predictor import Predictor

_MOST_IN_PAIRS = 5
_RANGE = re.compile(r"(\d+):(\d+)(?::(\d+))?")


@dataclasses.dataclass(frozen=True)
class _Experiment:
    """The sequences, the motifs and the function that is looked at."""

    ids: np.ndarray
    texts: list[str]
    codes: list[np.ndarray]
    motifs: list[Motif]
    score: Score
    unit: str
    words: bool

    def sites(self, motif: Motif) -> list[list[Site]]:
        """Where a motif stands in each sequence."""
        chance = None if self.words else 1e-4
        return find_sites(motif, self.codes, p_value=chance)


def explain_by_insertion(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """The effect of each motif in each of the chosen rows, at each place."""
    asked = _experiment(predictor, options, shuffle=options.shuffle)
    at = options.at
    places = [None] if at is None else [x - 1 for x in _places(at, "--at", least=1)]
    for motif in asked.motifs:
        _fits(asked, len(motif.frequencies), places[-1] or 0, motif.name)
    summary, each = [], []
    for motif in asked.motifs:
        put = consensus_sites(motif, len(asked.texts))
        for place in places:
            effects = marginalize(asked.score, asked.texts, put, place)
            about = {"motif": motif.name}
            about |= {} if place is None else {"position": place + 1}
            summary.append({**about, **_moments(effects)})
            each.append((about, put, effects))
    _write_rows(summary, folder / "motif_effects.tsv")
    write_table(
        [
            {
                **{name: np.array([x] * len(put), object) for name, x in about.items()},
                "id": asked.ids,
                "site": np.array(put, object),
                "effect": effects.astype(np.float32),
            }
            for about, put, effects in each
        ],
        folder / "backgrounds.tsv",
    )
    names = [motif.name for motif in asked.motifs]
    label = _label(asked, "effect")
    if len(places) > 1:
        tables = np.array([effects for *_, effects in each])
        curves = list(tables.reshape(len(names), len(places), -1))
        drawn = [place + 1 for place in places if place is not None]
        page = effect_curves(names, drawn, curves, ylabel=label)
    else:
        page = _bars(names, [effects for *_, effects in each], label)
    save(page, folder / f"motif_effects.{options.format}")
    _tell(summary)
    return len(asked.texts), "motif_effects.tsv"


def explain_by_spacing(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """What two motifs do together beyond their own effects, by distance."""
    distances = _places(options.distances, "--distances", least=0)
    asked = _experiment(predictor, options, shuffle=options.shuffle)
    if len(asked.motifs) > _MOST_IN_PAIRS:
        raise DataError(
            f"--motifs: {len(asked.motifs)} make too many pairs: give at most "
            f"{_MOST_IN_PAIRS}"
        )
    at = None
    if options.at is not None:
        first, *others = _places(options.at, "--at", least=1)
        if others:
            raise DataError(
                f"--at {options.at}: spacing has one position of the first motif, as "
                "in --at 20"
            )
        at = first - 1
    pairs = list(itertools.permutations(asked.motifs, 2)) or [(asked.motifs[0],) * 2]
    for one, two in pairs:
        both = len(one.frequencies) + len(two.frequencies) + distances[-1]
        name = f"{one.name} and {two.name}, {distances[-1]} apart,"
        _fits(asked, both, at or 0, name, remedy="smaller --distances")
    summary, curves = [], []
    for one, two in pairs:
        n = len(asked.texts)
        first, second = consensus_sites(one, n), consensus_sites(two, n, seed=1)
        found = spacing(asked.score, asked.texts, first, second, distances, at=at)
        curves.append(found)
        for distance, effects in zip(distances, found, strict=True):
            about = {"first": one.name, "second": two.name, "distance": distance}
            summary.append({**about, **_moments(effects)})
    _write_rows(summary, folder / "spacing.tsv")
    page = effect_curves(
        [f"{one.name}, {two.name}" for one, two in pairs], distances, curves,
        xlabel="distance", ylabel=_label(asked, "joint effect beyond both"),
    )  # fmt: skip
    save(page, folder / f"spacing.{options.format}")
    for start in range(0, len(summary), len(distances)):
        most = max(
            summary[start : start + len(distances)], key=lambda x: abs(x["effect"])
        )
        print(
            f"{most['first']}, {most['second']}: {most['effect']:+.3g} beyond both at "
            f"a distance of {most['distance']}"
        )
    return len(asked.texts), "spacing.tsv"


def explain_by_ablation(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """What is lost where the sites of motifs are shuffled."""
    asked = _experiment(predictor, options)
    sites = _sites(asked)
    lost = ablate_spans(
        asked.score, asked.texts, [(row, [(x.start, x.end)]) for row, _, x in sites]
    )
    write_table([{**_site_columns(asked, sites), "effect": lost.astype(np.float32)}],
                folder / "sites.tsv")  # fmt: skip
    names = list(dict.fromkeys(motif.name for _, motif, _ in sites))
    groups = [
        np.array(
            [x for x, (_, m, _) in zip(lost, sites, strict=True) if m.name == name]
        )
        for name in names
    ]
    summary = [
        {"motif": name, **_moments(effects, "sites")}
        for name, effects in zip(names, groups, strict=True)
    ]
    _write_rows(summary, folder / "motif_effects.tsv")
    page = _bars(names, groups, _label(asked, "effect of shuffling"))
    save(page, folder / f"motif_effects.{options.format}")
    _tell(summary)
    return len(asked.texts), "sites.tsv"


def explain_by_epistasis(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """What two sites of a sequence do together beyond what each does alone."""
    asked = _experiment(predictor, options)
    sites = _sites(asked)
    pairs = [
        (at, other)
        for at, other in itertools.combinations(range(len(sites)), 2)
        if sites[at][0] == sites[other][0] and sites[at][2].end <= sites[other][2].start
    ]
    if not pairs:
        raise DataError(
            f"no row has two sites of {_named(asked.motifs)} that do not overlap: "
            "choose other rows or motifs; spacing puts motifs into rows"
        )
    spans = [(x.start, x.end) for *_, x in sites]
    found = site_epistasis(
        asked.score, asked.texts,
        [(sites[at][0], spans[at], spans[other]) for at, other in pairs],
    )  # fmt: skip
    first, second = np.array(pairs).T
    table = {
        f"{name}_{rank}": values
        for rank, some in (("1", first), ("2", second))
        for name, values in _site_columns(asked, [sites[at] for at in some]).items()
        if name in ("motif", "start", "end", "strand")
    }
    distances = np.array([sites[b][2].start - sites[a][2].end for a, b in pairs])
    columns = {
        "id": np.array([asked.ids[sites[at][0]] for at in first], object),
        **table,
        "distance": distances,
        "effect_1": found.first.astype(np.float32),
        "effect_2": found.second.astype(np.float32),
        "effect_both": found.both.astype(np.float32),
        "epistasis": found.epistasis.astype(np.float32),
    }
    write_table([columns], folder / "epistasis.tsv")
    groups: dict[str, list[float]] = {}
    for (one, two), value in zip(pairs, found.epistasis, strict=True):
        name = f"{sites[one][1].name}, {sites[two][1].name}"
        groups.setdefault(name, []).append(float(value))
    values = [np.array(each) for each in groups.values()]
    page = _bars(list(groups), values, _label(asked, "epistasis"))
    save(page, folder / f"epistasis.{options.format}")
    _tell(
        [
            {"motif": n, **_moments(v, "pairs")}
            for n, v in zip(groups, values, strict=True)
        ]
    )
    return len(asked.texts), "epistasis.tsv"


def _experiment(
    predictor: Predictor, options: argparse.Namespace, *, shuffle: bool = False
) -> _Experiment:
    alphabet = _alphabet(predictor.schema)
    motifs, words = _motifs(options.motifs, alphabet)
    score = score_function(predictor, target=options.target, label=options.label)
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
    return _Experiment(
        np.asarray(data.origin.ids, object),
        [alphabet.decode(each) for each in codes],
        codes,
        motifs,
        score,
        unit_of(row_target(predictor.schema, options.target)),
        words,
    )


def _permuted(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(codes)


def _motifs(text: str, alphabet: Alphabet) -> tuple[list[Motif], bool]:
    """The motifs of a list of words or of a file, and whether they are words."""
    if Path(text).is_file():
        return read_motifs(text, alphabet), False
    if re.search(r"[./\\]", text):
        raise DataError(f"--motifs {text}: no such file")
    words = [word.strip() for word in text.split(",")]
    return [word_motif(word, alphabet) for word in dict.fromkeys(words)], True


def _sites(asked: _Experiment) -> list[tuple[int, Motif, Site]]:
    """Sites of all motifs in all sequences, from left to right."""
    found = [
        (row, motif, site)
        for motif in asked.motifs
        for row, sites in enumerate(asked.sites(motif))
        for site in sites
    ]
    if not found:
        raise DataError(
            f"no site of {_named(asked.motifs)} in the {len(asked.texts)} rows: choose "
            "other rows or motifs; marginalize puts motifs into rows"
        )
    return sorted(found, key=lambda each: (each[0], each[2].start))


def _site_columns(
    asked: _Experiment, sites: Sequence[tuple[int, Motif, Site]]
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


def _fits(
    asked: _Experiment, width: int, at: int, name: str, remedy: str = "a shorter motif"
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


def _places(text: str, flag: str, *, least: int) -> list[int]:
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


def _moments(effects: np.ndarray, of: str = "backgrounds") -> dict[str, Any]:
    n = len(effects)
    error = effects.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return {
        of: n,
        "effect": float(effects.mean()),
        "error": float(error),
        "raised": float((effects > 0).mean()),
    }


def _write_rows(rows: Sequence[dict[str, Any]], path: Path) -> None:
    write_table([{k: _column([row[k] for row in rows]) for k in rows[0]}], path)


def _column(values: list[Any]) -> np.ndarray:
    if isinstance(values[0], float):
        return np.array(values, np.float32)
    return np.array(values, object if isinstance(values[0], str) else int)


def _bars(names: list[str], groups: list[np.ndarray], label: str) -> Any:
    moments = [_moments(each) for each in groups]
    means = np.array([each["effect"] for each in moments])
    errors = np.nan_to_num([2 * each["error"] for each in moments])
    return importance_bars(
        names, means, low=means - errors, high=means + errors, unit=label
    )


def _tell(summary: Sequence[dict[str, Any]]) -> None:
    for each in sorted(summary, key=lambda x: -abs(x["effect"]))[:_MOST_IN_PAIRS]:
        where = f" at {each['position']}" if "position" in each else ""
        error = "" if np.isnan(each["error"]) else f" ± {each['error']:.2g}"
        print(f"{each['motif']}{where}: {each['effect']:+.3g}{error}")


def _label(asked: _Experiment, what: str) -> str:
    return f"{what} ({asked.unit})" if asked.unit else what


def _named(motifs: Sequence[Motif]) -> str:
    names = ", ".join(motif.name for motif in motifs[:4])
    return names + (", …" if len(motifs) > 4 else "")


def _alphabet(schema: Schema) -> Alphabet:
    sequence_input(schema.inputs)
    (spec,) = schema.own
    assert isinstance(spec, SequenceSpec)  # as the only input is a sequence
    return spec.alphabet


def _check(schema: Schema, options: argparse.Namespace) -> None:
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
        _motifs(options.motifs, alphabet)


def _add_arguments(group: Any) -> None:
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


METHODS = (
    Method(
        "marginalize",
        "what a motif does where it is put into the rows",
        file=explain_by_insertion,
        check=_check,
        add_arguments=_add_arguments,
    ),
    Method(
        "spacing",
        "what two motifs do together that are put in, by their distance",
        file=explain_by_spacing,
        check=_check,
    ),
    Method(
        "ablate",
        "what is lost where the sites of motifs in the rows are shuffled",
        file=explain_by_ablation,
        check=_check,
    ),
    Method(
        "epistasis",
        "what two sites of motifs in a row do together beyond their own effects",
        file=explain_by_epistasis,
        check=_check,
    ),
)
