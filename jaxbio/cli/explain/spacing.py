"""What two motifs do together that are put into sequences, by their distance."""

import argparse
import itertools
from pathlib import Path

import numpy as np
from jaxtyping import Float

from jaxbio.cli.explain.effect_tables import moments, write_rows
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.motif_experiments import (
    check_effects,
    check_fits,
    check_motifs,
    experiment,
    label_of,
    places_of,
)
from jaxbio.cli.explain.sanity import CHECKED
from jaxbio.errors import DataError
from jaxbio.explain.motif_effects import Score, spacing
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
    n, summary = len(asked.texts), []
    puts = [(consensus_sites(x, n), consensus_sites(y, n, seed=1)) for x, y in pairs]

    def joint(score: Score, some: int) -> Float[np.ndarray, "pairs distances some"]:
        """The joint effects in the first sequences."""
        few = asked.texts[:some]
        return np.array(
            [spacing(score, few, x[:some], y[:some], distances, at=at) for x, y in puts]
        )

    curves = joint(asked.score, n)
    for (one, two), found in zip(pairs, curves, strict=True):
        for distance, effects in zip(distances, found, strict=True):
            about = {"first": one.name, "second": two.name, "distance": distance}
            summary.append({**about, **moments(effects)})
    write_rows(summary, folder / "spacing.tsv")
    page = effect_curves(
        [f"{one.name}, {two.name}" for one, two in pairs], distances, list(curves),
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
    few = min(n, CHECKED)
    line = check_effects(
        predictor, asked, curves[..., :few], lambda score: joint(score, few)
    )
    print(line)
    return n, "spacing.tsv"


METHODS = (
    Method(
        "spacing",
        "what two motifs do together that are put in, by their distance",
        file=explain_by_spacing,
        check=check_motifs,
    ),
)
