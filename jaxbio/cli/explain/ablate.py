"""What is lost where the sites of motifs are shuffled."""

import argparse
from pathlib import Path

import numpy as np

from jaxbio.cli.explain.effect_tables import bars, moments, tell, write_rows
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.motif_experiments import (
    CHECKED_SITES,
    check_effects,
    check_motifs,
    experiment,
    label_of,
    site_columns,
    sites_of,
)
from jaxbio.data import write_table
from jaxbio.explain.site_effects import ablate_spans
from jaxbio.plot import save
from jaxbio.predict.predictor import Predictor


def explain_by_ablation(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """What is lost where the sites of motifs are shuffled."""
    asked = experiment(predictor, options)
    sites = sites_of(asked)
    spans = [(row, [(site.start, site.end)]) for row, _, site in sites]
    lost = ablate_spans(asked.score, asked.texts, spans)
    write_table([{**site_columns(asked, sites), "effect": lost.astype(np.float32)}],
                folder / "sites.tsv")  # fmt: skip
    names = list(dict.fromkeys(motif.name for _, motif, _ in sites))
    groups = [
        np.array(
            [x for x, (_, m, _) in zip(lost, sites, strict=True) if m.name == name]
        )
        for name in names
    ]
    summary = [
        {"motif": name, **moments(effects, "sites")}
        for name, effects in zip(names, groups, strict=True)
    ]
    write_rows(summary, folder / "motif_effects.tsv")
    page = bars(names, groups, label_of(asked, "effect of shuffling"))
    save(page, folder / f"motif_effects.{options.format}")
    tell(summary)
    few = spans[:CHECKED_SITES]
    line = check_effects(
        predictor,
        asked,
        lost[: len(few)],
        lambda score: ablate_spans(score, asked.texts, few),
    )
    print(line)
    return len(asked.texts), "sites.tsv"


METHODS = (
    Method(
        "ablate",
        "what is lost where the sites of motifs in the rows are shuffled",
        file=explain_by_ablation,
        check=check_motifs,
    ),
)
