"""`jaxbio quickstart`: a whole run on real data that is already installed."""

import argparse

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    finish,
    set_up,
    training_progress,
)
from jaxbio.plot import contributions
from jaxbio.quickstart import EPOCHS, ROWS, quickstart


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
    with training_progress() as observer:
        made = quickstart(
            options.out,
            rows=options.rows,
            epochs=options.epochs,
            seed=options.seed,
            observer=observer,
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
