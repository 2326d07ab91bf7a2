"""Pictures of the documentation that show real data.

    python -m benchmarks.pictures [overlays] [gaps] [latent]

Each part writes `results/PART.png`; data sets are looked for in the folder that
JAXBIO_DATA names. `overlays` trains a small network on chest X-rays (three minutes on
two cores) and shows where it looked. `gaps` draws what `benchmarks.accuracy.medicine
tables` measured. `latent` trains an autoencoder on neurons of a worm, without their
types, and shows cells in a plane, by type and by cluster.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.problems import folder as folder_of
from benchmarks.accuracy.sets.expression import cells
from jaxbio.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESULTS = Path(__file__).parent / "results"
LINES = RESULTS / "accuracy.jsonl"
SEED = 0
NAMES = {"0": "normal", "1": "pneumonia"}
EACH = 3  # images of a class, side by side
WIDE = 6.0  # inches, 900 pixels
EPOCHS = 8
SETS = {"heart_disease": "Heart disease", "pima_diabetes": "Diabetes (Pima)"}
DIMS, LATENT_EPOCHS = 10, 60
NEURONS = ("type of neuron", "cluster, found without the types")


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the chosen parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    for name in options.parts or PARTS:
        if name not in PARTS:
            parser.error(f"no part {name!r}: {', '.join(PARTS)}")
        page = PARTS[name]()
        if page is not None:
            jb.plot.save(page, options.out / f"{name}.png")
            print(options.out / f"{name}.png")
    return 0


def _folder(area: str, name: str) -> Path | None:
    """The folder of a set; None, with a note, if it is not here."""
    try:
        return folder_of(area, name)
    except DataError as error:
        print(f"left out: {error}", file=sys.stderr)
        return None


def overlays() -> "Figure | None":
    """Chest X-rays with what speaks for pneumonia: the surest, median and worst."""
    from jaxbio.explain import activation_maps
    from jaxbio.plot import overlays

    folder = _folder("image", "pneumoniamnist")
    if folder is None:
        return None
    file, targets = folder / "pneumoniamnist.npz", {"label": "class"}
    data = jb.read(file, inputs={"image": "image"}, targets=targets, groups="split")
    train, valid, test = jb.split(data, by="column")
    run = jb.fit(
        None, None, train, valid, epochs=EPOCHS, members=1,
        seed=SEED, augment=[jb.Rotate(10.0), jb.Translate(0.07)], baselines=False,
    )  # fmt: skip
    chance = np.asarray(run.predictor(test).values)
    known: Any = test.targets["label"]
    truth = known.values
    rows = shown_rows(chance, truth)
    some = test.take(rows)
    images: Any = some.inputs["image"]
    page = overlays(
        images.values,
        activation_maps(run.predictor, some, label="1"),
        titles=[f"{NAMES[truth[row]]}, P = {chance[row]:.2f}" for row in rows],
        columns=EACH,
    )
    width, height = page.get_size_inches()
    page.set_size_inches(WIDE, height * WIDE / width)
    return page


def shown_rows(chance: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Of each class the image named most surely, the median and the worst."""
    found = []
    for label, sign in (("1", -1), ("0", 1)):
        own = np.flatnonzero(truth == label)
        ranked = own[np.argsort(sign * chance[own], kind="stable")]
        found.append(ranked[np.linspace(0, len(own) - 1, EACH).round().astype(int)])
    return np.concatenate(found)


def gaps() -> "Figure | None":
    """AUROC against the share of cells removed, from the lines of the benchmark."""
    from jaxbio.plot.degradation import degradation_curves

    panels = curves(LINES.read_text(encoding="utf-8").splitlines())
    if not panels:
        print("gaps: no lines yet; python -m benchmarks.accuracy", file=sys.stderr)
        return None
    return degradation_curves(panels, score="AUROC, 3-fold")


def curves(lines: Sequence[str]) -> dict[str, dict[str, dict[float, float]]]:
    """By set and model the score at each share; of several lines the last counts."""
    panels: dict[str, dict[str, dict[float, float]]] = {}
    for text in filter(str.strip, lines):
        line: Mapping[str, Any] = json.loads(text)
        name, _, share = line["set"].partition("/")
        number = re.match(r"(\d+)% of cells removed", share)
        if number is None or name not in SETS:
            continue
        here = panels.setdefault(SETS[name], {})
        for model, score in (
            ("jaxbio", line["score"]),
            ("histogram boosting", line["baselines"]["boosting"]),
        ):
            here.setdefault(model, {})[int(number[1]) / 100] = score
    return panels


def latent() -> "Figure | None":
    """Neurons of a worm by type and by cluster, in the space of an autoencoder."""
    from jaxbio.data import Dataset
    from jaxbio.plot.embeddings import embedding, plane
    from jaxbio.run import fit
    from jaxbio.singlecell import VAE
    from jaxbio.singlecell.clustering import cluster_counts

    folder = _folder("expression", "worm_neuron")
    if folder is None:
        return None
    labelled = cells("worm_neuron")
    counts: Any = labelled.inputs["counts"]
    names: Any = labelled.targets["type"].values
    matrix, types = counts.matrix, np.unique(names, return_inverse=True)[1]
    rows = Dataset({"counts": counts})
    run = fit(VAE(latent=DIMS), None, rows, epochs=LATENT_EPOCHS, seed=SEED)
    points = plane(run.predictor(rows).values, seed=SEED)
    found = cluster_counts(matrix, int(types.max()) + 1, seed=SEED)
    return embedding(points, dict(zip(NEURONS, (types + 1, found + 1), strict=True)))


PARTS = {"overlays": overlays, "gaps": gaps, "latent": latent}
"""What can be drawn."""


if __name__ == "__main__":
    sys.exit(main())
