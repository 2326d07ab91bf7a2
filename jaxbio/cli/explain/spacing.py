"""What two motifs do together that are put into sequences, by their distance."""

import argparse
import itertools
from pathlib import Path

from jaxbio.cli.explain.effect_tables import moments, write_rows
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.motif_experiments import (
    check_fits,
    check_motifs,
    experiment,
    label_of,
    places_of,
)
from jaxbio.errors import DataError
from jaxbio.explain.motif_effects import spacing
from jaxbio.explain.motif_sites import consensus_sites
from jaxbio.plot import effect_curves, save
from jaxbio.predict.predictor import Predictor

_MOST_IN_PAIRS = 5


def explain_by_spacing(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """What two motifs do together beyond their own effects, by distance."""
    distances = places_of(options.distances, "--distances", least=0)
    asked = experiment(predictor, options, shuffle=options.shuffle)
    if len(asked.motifs) > _MOST_IN_PAIRS:
        raise DataError(
            f"--motifs: {len(asked.motifs)} make too many pairs: give at most "
            f"{_MOST_IN_PAIRS}"
        )
    at = None
    if options.at is not None:
        first, *others = places_of(options.at, "--at", least=1)
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
        check_fits(asked, both, at or 0, name, remedy="smaller --distances")
    summary, curves = [], []
    for one, two in pairs:
        n = len(asked.texts)
        first, second = consensus_sites(one, n), consensus_sites(two, n, seed=1)
        found = spacing(asked.score, asked.texts, first, second, distances, at=at)
        curves.append(found)
        for distance, effects in zip(distances, found, strict=True):
            about = {"first": one.name, "second": two.name, "distance": distance}
            summary.append({**about, **moments(effects)})
    write_rows(summary, folder / "spacing.tsv")
    page = effect_curves(
        [f"{one.name}, {two.name}" for one, two in pairs], distances, curves,
        xlabel="distance", ylabel=label_of(asked, "joint effect beyond both"),
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


METHODS = (
    Method(
        "spacing",
        "what two motifs do together that are put in, by their distance",
        file=explain_by_spacing,
        check=check_motifs,
    ),
)
