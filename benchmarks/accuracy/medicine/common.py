"""What the parts share: folders, seeds, measures and lines of results."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

import jaxbio as jb
from jaxbio.metrics import binary_metrics, multiclass_metrics

RESNETS = "ResNet-18 at 28 and 224, MedMNIST"
PUBLISHED = {
    ("pneumoniamnist", "AUROC"): f".944, .956 ({RESNETS})",
    ("pneumoniamnist", "accuracy"): f".854, .864 ({RESNETS})",
    ("retinamnist", "AUROC"): f".717, .710 ({RESNETS})",
    ("retinamnist", "accuracy"): f".524, .493 ({RESNETS})",
    ("heart_disease", "AUROC, hospitals left out"): ".796 (boosting)",
    ("golub", "right of 34"): "29 strong calls (Golub 1999)",
    ("gpcr_label_reversal", "AUROC"): ".842 (TransformerCPI)",
    ("davis", "MSE"): ".261 DeepDTA, .229 GraphDTA, both test-selected",
    ("davis", "CI"): ".878, .893",
    ("davis", "r_m2"): ".630 (DeepDTA)",
    ("ihdp", "root PEHE, median"): ".95 TARNet (mean of 1,000)",
    ("worm_neuron", "ARI of clusters"): ".52 (scDeepCluster)",
}
"""What others report, by set and measure."""

LOWER = frozenset(
    ("MSE", "RMSE, random", "RMSE, cell-out", "RMSE, 5-fold", "root PEHE, median")
)
"""Measures of which less is better."""


def local(
    area: str, name: str, options: argparse.Namespace, part: str = ""
) -> Path | None:
    """The folder of a set, if it (or the part of it) is chosen and here."""
    if options.only and not {name, part} & {*options.only}:
        return None
    folder = Path(os.environ.get("JAXBIO_DATA", "")) / area / name
    if not folder.is_dir():
        print(f"{name}: left out, as there is no {area}/{name} in the folder that "
              f"JAXBIO_DATA names", file=sys.stderr)  # fmt: skip
        return None
    return folder


def seeds(options: argparse.Namespace, usual: int) -> list[int]:
    """The seeds of the runs."""
    return [options.seed + at for at in range(options.seeds or usual)]


def positive(probability: np.ndarray) -> np.ndarray:
    """The probability of the second of two classes, however they are given."""
    if probability.ndim == 1:
        return probability
    return probability[:, -1]


def classes(truth: np.ndarray, probability: np.ndarray) -> dict:
    """The measures of classes, two or more."""
    truth = np.reshape(truth, -1).astype(int)
    if probability.ndim == 1 or probability.shape[1] <= 2:
        return binary_metrics(truth, positive(probability))
    return multiclass_metrics(truth, probability)


def minutes(began: float) -> float:
    """How many went by."""
    return round((time.perf_counter() - began) / 60, 1)


def line_of(
    name: str, metric: str, runs: Sequence[float], baseline: float, **more: Any
) -> dict:
    """A line: the mean over runs, their spread, the baseline."""
    score = float(np.mean(runs))
    sign = -1 if metric in LOWER else 1
    device = jax.devices()[0]
    return {
        "set": name,
        "metric": metric,
        "score": round(score, 4),
        "spread": round(float(np.std(runs, ddof=1)), 4) if len(runs) > 1 else None,
        "runs": [round(float(value), 4) for value in runs],
        "baseline": round(float(baseline), 4),
        "beats_baseline": bool(sign * (score - baseline) > 0),
        "published": PUBLISHED.get((name, metric), ""),
        "device": device.platform,
        "versions": {"jaxbio": jb.__version__, "jax": jax.__version__},
        **{k: _rounded(v) for k, v in more.items()},
    }


def _rounded(value: Any) -> Any:
    return round(float(value), 4) if isinstance(value, float | np.floating) else value
