"""Small images: residual networks beside a logistic regression of pixels."""

import argparse
import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.medicine.common import (
    classes,
    line_of,
    local,
    minutes,
    positive,
    seeds,
)
from benchmarks.accuracy.progress import Told
from jaxbio.data import Dataset
from jaxbio.data.splits.random_grouped import by_column


@dataclasses.dataclass(frozen=True)
class Pictures:
    """How a set of images is trained; validation rows decided between a few."""

    epochs: int
    learning_rate: float
    changes: Sequence[jb.Augmentation]


PICTURES = {
    "pneumoniamnist": Pictures(
        15, 2e-3, (jb.Rotate(10), jb.Translate(0.07), jb.Brightness(0.1))
    ),
    "retinamnist": Pictures(
        40,
        3e-3,
        (
            jb.Flip(0.5),
            jb.FlipVertical(0.5),
            jb.Rotate(180),
            jb.Translate(0.07),
            jb.Brightness(0.1),
        ),
    ),
}


def images(options: argparse.Namespace) -> Iterator[dict]:
    """Residual networks from five seeds: their mean, and what they say together."""
    for name, how in PICTURES.items():
        folder = local("image", name, options)
        if folder is None:
            continue
        began = time.perf_counter()
        data = jb.read(
            folder / f"{name}.npz", inputs={"image": "image"}, groups="split",
            targets={"label": "class"},
        )  # fmt: skip
        parts = by_column(data)
        runs = [
            jb.fit(
                jb.Network(
                    jb.ResNet((16, 32, 64), dropout=0.2), hidden=(128,), dropout=0.5
                ),
                None, parts["train"], parts["valid"], seed=seed, members=1,
                epochs=options.epochs or how.epochs, batch_size=64, patience=0,
                learning_rate=how.learning_rate, weight_decay=1e-2, augment=how.changes,
                baselines=seed == options.seed, callbacks=[Told(f"{name} {seed}")],
            )
            for seed in seeds(options, 5)
        ]  # fmt: skip
        yield from _image_lines(name, runs, parts, options, began)


def _image_lines(
    name: str,
    runs: Sequence[jb.Run],
    parts: Mapping[str, Dataset],
    options: argparse.Namespace,
    began: float,
) -> Iterator[dict]:
    schema = runs[0].predictor.schema
    rows = schema.encode(parts["test"])
    truth = rows.targets["label"]
    found = [run.predictor(parts["test"]).by_target["label"] for run in runs]
    plain = runs[0].baselines["label"]["linear"].predict(rows)
    common: dict[str, Any] = {
        "rows": len(truth),
        "seeds": seeds(options, 5),
        "baseline_name": "logistic regression of pixels",
        "minutes": minutes(began),
    }
    for metric, key in (("AUROC", "auroc"), ("accuracy", "accuracy")):
        each = [classes(truth, values)[key] for values in found]
        together = classes(truth, np.mean(found, axis=0))[key]
        yield line_of(
            name, metric, each, classes(truth, plain)[key], ensemble=together, **common
        )
    if truth.max() > 1:
        return
    # Healthy children are rarer among training images than among those of the test.
    valid = schema.encode(parts["valid"], targets=True).targets["label"]
    each = []
    for run, values in zip(runs, found, strict=True):
        known = run.predictor(parts["valid"]).by_target["label"]
        at = even_threshold(valid, positive(known))
        each.append(float(np.mean((positive(values) >= at) == truth)))
    yield line_of(
        name, "accuracy, threshold by validation", each,
        classes(truth, plain)["accuracy"], **common,
    )  # fmt: skip


def even_threshold(truth: np.ndarray, probability: np.ndarray) -> float:
    """The threshold with the largest mean of sensitivity and specificity."""
    order = np.argsort(probability)
    ones = truth[order] == 1
    below = np.cumsum(~ones) / max((~ones).sum(), 1)
    above = 1 - np.cumsum(ones) / max(ones.sum(), 1)
    best = int(np.argmax(below + above))
    after = min(best + 1, len(order) - 1)
    return float((probability[order[best]] + probability[order[after]]) / 2)
