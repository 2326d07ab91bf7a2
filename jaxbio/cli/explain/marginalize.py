"""What motifs do where they are put into sequences."""

import argparse
from pathlib import Path

import numpy as np

from jaxbio.cli.explain.effect_tables import bars, moments, tell, write_rows
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.motif_experiments import (
    add_motifs,
    check_fits,
    check_motifs,
    experiment,
    label_of,
    places_of,
)
from jaxbio.data import write_table
from jaxbio.explain.motif_effects import marginalize
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
    for motif in asked.motifs:
        put = consensus_sites(motif, len(asked.texts))
        for place in places:
            effects = marginalize(asked.score, asked.texts, put, place)
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
        tables = np.array([effects for *_, effects in each])
        curves = list(tables.reshape(len(names), len(places), -1))
        drawn = [place + 1 for place in places if place is not None]
        page = effect_curves(names, drawn, curves, ylabel=label)
    else:
        page = bars(names, [effects for *_, effects in each], label)
    save(page, folder / f"motif_effects.{options.format}")
    tell(summary)
    return len(asked.texts), "motif_effects.tsv"


METHODS = (
    Method(
        "marginalize",
        "what a motif does where it is put into the rows",
        file=explain_by_insertion,
        check=check_motifs,
        add_arguments=add_motifs,
    ),
)
