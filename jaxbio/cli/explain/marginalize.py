"""What motifs do where they are put into sequences."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from jaxbio.cli.explain.effect_tables import bars, moments, tell, write_rows
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.motif_experiments import (
    add_motifs,
    check_effects,
    check_fits,
    check_motifs,
    experiment,
    label_of,
    places_of,
)
from jaxbio.cli.explain.sanity import CHECKED
from jaxbio.data import write_table
from jaxbio.explain.motif_effects import Score, marginalize
from jaxbio.explain.motif_sites import consensus_sites
from jaxbio.plot import effect_curves, save
from jaxbio.predict.predictor import Predictor


def explain_by_insertion(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """The effect of each motif in each of the chosen rows, at each place."""
    asked = experiment(predictor, options, shuffle=options.shuffle)
    at = options.at
    places = [None] if at is None else [x - 1 for x in places_of(at, "--at", least=1)]
    for motif in asked.motifs:
        check_fits(asked, len(motif.frequencies), places[-1] or 0, motif.name)
    summary, each = [], []
    puts = [consensus_sites(motif, len(asked.texts)) for motif in asked.motifs]
    found = _effects(asked.score, asked.texts, puts, places)
    for motif, put, along in zip(asked.motifs, puts, found, strict=True):
        for place, effects in zip(places, along, strict=True):
            about = {"motif": motif.name}
            about |= {} if place is None else {"position": place + 1}
            summary.append({**about, **moments(effects)})
            each.append((about, put, effects))
    write_rows(summary, folder / "motif_effects.tsv")
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
    label = label_of(asked, "effect")
    if len(places) > 1:
        drawn = [place + 1 for place in places if place is not None]
        page = effect_curves(names, drawn, list(found), ylabel=label)
    else:
        page = bars(names, list(found[:, 0]), label)
    save(page, folder / f"motif_effects.{options.format}")
    tell(summary)
    few = asked.texts[:CHECKED]
    line = check_effects(
        predictor,
        asked,
        found[..., : len(few)],
        lambda score: _effects(score, few, [put[: len(few)] for put in puts], places),
    )
    print(line)
    return len(asked.texts), "motif_effects.tsv"


def _effects(
    score: Score,
    texts: Sequence[str],
    puts: Sequence[Sequence[str]],
    places: Sequence[int | None],
) -> Float[np.ndarray, "motifs places n"]:
    """The effect of each motif at each place in each sequence."""
    return np.array(
        [[marginalize(score, texts, put, place) for place in places] for put in puts]
    )


METHODS = (
    Method(
        "marginalize",
        "what a motif does where it is put into the rows",
        file=explain_by_insertion,
        check=check_motifs,
        add_arguments=add_motifs,
    ),
)
