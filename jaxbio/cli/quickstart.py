"""`jaxbio quickstart`: a whole run on real data that is already installed."""

import argparse
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from Bio.Seq import Seq
from jaxtyping import Float

from jaxbio.alphabet import DNA
from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    finish,
    set_up,
    training_progress,
)
from jaxbio.data.dataset import Dataset
from jaxbio.data.splits.random_grouped import split
from jaxbio.datasets import loaders
from jaxbio.errors import DataError
from jaxbio.explain import substitution_effects
from jaxbio.models import CNN
from jaxbio.plot import contribution_logo, contributions, save
from jaxbio.run.fitting import Run, fit
from jaxbio.tasks import Binary
from jaxbio.train import Callback

A_ELEMENT = "[AT]TTTA[CT][AG]TTT[AT]"
"""The ARS consensus WTTTAYRTTTW, where the origin recognition complex binds."""

ROWS = 40_000

EPOCHS = 6

FRACTIONS = (0.8, 0.08, 0.12)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio quickstart`."""
    parser.add_argument(
        "--out",
        metavar="DIR",
        default="jaxbio-quickstart",
        help="the folder to make (default: %(default)s)",
    )
    parser.add_argument(
        "--rows",
        type=int,
        default=ROWS,
        metavar="N",
        help="variants to draw (default: %(default)s)",
    )
    parser.add_argument(
        "--epochs",
        type=int,
        default=EPOCHS,
        metavar="N",
        help="passes over the training rows at most (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="(default: 0)")
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Train, explain, and say where everything is."""
    watch = Stopwatch()
    set_up(options)
    print(
        f"Which variants of the yeast replication origin ARS1 still work? Drawing "
        f"{options.rows} of 603,569\nmutated variants; a convolutional network learns "
        f"to tell those seen after selection from the rest."
    )
    with training_progress() as progress:
        made = quickstart(
            options.out,
            rows=options.rows,
            epochs=options.epochs,
            seed=options.seed,
            callbacks=[progress],
        )
    scores = made.run.scores["test"].scores["selected"]
    network, linear = scores["model"]["auroc"], scores["linear"]["auroc"]
    heights = contributions(made.effects)
    first, last = made.a_element
    inside = float(heights[first:last].mean())
    outside = float((heights.sum() - heights[first:last].sum()) / (150 - last + first))
    print("\nScores on test rows, beside plain baselines:")
    print(made.run.scores["test"])
    print(f"\nAUROC {network:.3f}; position-weight logistic regression {linear:.3f}.")
    print(
        f"A position of the ARS consensus (WTTTAYRTTTW) contributes {inside:.2f} to "
        f"the log-odds, any other {outside:.2f}."
    )
    print(f"\nEverything is in {options.out} ({watch.seconds:.0f} s):")
    print("  predictions.tsv   the test variants with their probabilities")
    print("  wild_type.png     what each position of the wild type contributes")
    print("  metrics.json      the scores; config.json and checkpoints are the model")
    print("Next, with a file of your own (CSV with a sequence column, or FASTA):")
    print(f"  jaxbio predict {options.out} FILE -o predictions.tsv")
    print("  jaxbio train FILE --input sequence:dna --target label --out my-run")
    finish(
        options,
        {
            "out": options.out,
            "seconds": watch.seconds,
            "auroc": network,
            "baseline_auroc": linear,
            "consensus_contribution": inside,
            "other_contribution": outside,
        },
    )
    return 0


@dataclasses.dataclass(frozen=True)
class Quickstart:
    """The results of the quickstart.

    Attributes:
        run: The trained network with its scores.
        wild_type: The sequence of ARS1.
        effects: The change that each substitution in it makes to the log-odds of being
            seen after selection.
        a_element: The positions of the consensus, first and one past the last.
        picture: Where the picture is.
    """

    run: Run
    wild_type: str
    effects: Float[np.ndarray, "len 4"]
    a_element: tuple[int, int]
    picture: Path


def quickstart(
    out: str | Path,
    *,
    rows: int = ROWS,
    epochs: int = EPOCHS,
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
) -> Quickstart:
    """Train on a sample of the variants and look at what the network learned.

    Args:
        out: The folder of the run.
        rows: The number of variants drawn.
        epochs: The most passes over them.
        seed: From which sample, split and training follow.
        callbacks: Who is told what happens.
    """
    train, valid, test = split(sample(rows, seed), fractions=FRACTIONS, seed=seed)
    run = fit(
        CNN(pool="flatten"),
        Binary(),
        train,
        valid,
        test=test,
        out=out,
        callbacks=callbacks,
        epochs=epochs,
        batch_size=min(256, len(train)),
        learning_rate=2e-3,
        weight_decay=1e-2,
        members=1,
        seed=seed,
    )
    wild_type, a_element = wild_type_with_a_element()
    (effects,) = substitution_effects(run.predictor, wild_type, label="1")
    picture = Path(out) / "wild_type.png"
    logo = contribution_logo(
        effects,
        wild_type,
        DNA,
        title="Contribution of each position of ARS1 to replication",
        marked=a_element,
        marked_name="ARS consensus",
    )
    save(logo, picture)
    table = pd.DataFrame(effects, columns=list(DNA.symbols))
    table.insert(0, "wild_type", list(wild_type))
    table.to_csv(Path(out) / "wild_type.tsv", sep="\t", index_label="position")
    return Quickstart(run, wild_type, effects, a_element, picture)


def sample(rows: int, seed: int) -> Dataset:
    """A sample of variants: seen after selection, or only in the library."""
    data = loaders.load("ars1")["all"]
    chosen = np.random.default_rng(seed).permutation(len(data))[:rows]
    return data.take(np.sort(chosen))


def wild_type_with_a_element() -> tuple[str, tuple[int, int]]:
    """The wild type, and where its consensus is.

    The consensus reads forward on the other strand than the reads, so that it is looked
    for there and turned around.
    """
    wild = loaders.ars1_wild_type()
    found = re.search(A_ELEMENT, str(Seq(wild).reverse_complement()))
    if found is None:
        raise DataError("the wild type of ARS1 that logomaker carries has changed")
    return wild, (len(wild) - found.end(), len(wild) - found.start())
