"""What two sites of a sequence do together beyond their own effects."""

import argparse
import itertools
from pathlib import Path

import numpy as np

from jaxbio.cli.explain.effect_tables import bars, moments, tell
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.motif_experiments import (
    CHECKED_SITES,
    check_effects,
    check_motifs,
    experiment,
    label_of,
    named,
    site_columns,
    sites_of,
)
from jaxbio.data import write_table
from jaxbio.errors import DataError
from jaxbio.explain.site_effects import site_epistasis
from jaxbio.plot import save
from jaxbio.predict.predictor import Predictor


def explain_by_epistasis(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """What two sites of a sequence do together beyond what each does alone."""
    asked = experiment(predictor, options)
    sites = sites_of(asked)
    pairs = [
        (at, other)
        for at, other in itertools.combinations(range(len(sites)), 2)
        if sites[at][0] == sites[other][0] and sites[at][2].end <= sites[other][2].start
    ]
    if not pairs:
        raise DataError(
            f"no row has two sites of {named(asked.motifs)} that do not overlap: "
            "choose other rows or motifs; spacing puts motifs into rows"
        )
    spans = [(x.start, x.end) for *_, x in sites]
    both = [(sites[at][0], spans[at], spans[other]) for at, other in pairs]
    found = site_epistasis(asked.score, asked.texts, both)
    first, second = np.array(pairs).T
    table = {
        f"{name}_{rank}": values
        for rank, some in (("1", first), ("2", second))
        for name, values in site_columns(asked, [sites[at] for at in some]).items()
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
    page = bars(list(groups), values, label_of(asked, "epistasis"))
    save(page, folder / f"epistasis.{options.format}")
    tell(
        [
            {"motif": n, **moments(v, "pairs")}
            for n, v in zip(groups, values, strict=True)
        ]
    )
    few = both[:CHECKED_SITES]
    line = check_effects(
        predictor,
        asked,
        found.epistasis[: len(few)],
        lambda score: site_epistasis(score, asked.texts, few).epistasis,
    )
    print(line)
    return len(asked.texts), "epistasis.tsv"


METHODS = (
    Method(
        "epistasis",
        "what two sites of motifs in a row do together beyond their own effects",
        file=explain_by_epistasis,
        check=check_motifs,
    ),
)
