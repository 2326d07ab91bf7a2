"""`jaxbio pretrain`: from sequences without labels to a run."""

import argparse
from collections.abc import Mapping
from typing import Any

from jaxbio.cli.console import (
    STOPPED,
    Stopwatch,
    add_common,
    finish,
    set_up,
    source_of,
    training_progress,
)
from jaxbio.cli.flags import add_flags
from jaxbio.cli.parts import parse_part, training_of
from jaxbio.cli.rows import listed, show_columns
from jaxbio.cli.train import (
    beginning,
    budget_of,
    config_file,
    kept,
    of_run,
    show_files,
    show_scores,
)
from jaxbio.data import Dataset
from jaxbio.data.cut import WINDOW, cut_windows
from jaxbio.data.reading import read
from jaxbio.errors import JaxbioError
from jaxbio.models import ENCODERS, Masked
from jaxbio.run.fitting import fit
from jaxbio.run.folder import RunDirectory
from jaxbio.run.parts import read_parts
from jaxbio.run.planning import make_plan
from jaxbio.run.symbols import divide_windows
from jaxbio.train import Training

_SPECIAL = ("data", "config", "command", "json", "device", "compile_cache", "plugin")
_CHOSEN = ("epochs", "batch_size", "learning_rate", "patience")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio pretrain`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.usage = "jaxbio pretrain DATA --out RUN [options]"
    parser.epilog = (
        "In each step 15 % of the symbols are chosen anew: 80 % of these are hidden\n"
        "behind N or X, 10 % become a random symbol, 10 % stay; the network learns to\n"
        "say what they were.\n\n"
        "examples:\n"
        "  jaxbio pretrain genes.fa --out run\n"
        "  jaxbio pretrain genes.fa --split similarity --length 300 \\\n"
        "      --encoder rnn:cell=lstm,widths=256+256 --epochs 20 --out run\n"
        "  jaxbio pretrain proteins.fa --encoder transformer:dim=256 --out run\n"
        "  jaxbio train labelled.csv --init run --freeze 'encoders/*' --out tuned\n"
        "  jaxbio score run wild.fa --all -o scores.tsv"
    )
    files = parser.add_argument_group("data")
    network = parser.add_argument_group("network")
    run = parser.add_argument_group("run")

    def add(group: Any, *names: str, **options: Any) -> None:
        group.add_argument(*names, default=argparse.SUPPRESS, **options)

    files.add_argument(
        "data",
        nargs="*",
        metavar="DATA",
        help="a file of sequences (.fa .fq .gb, also .gz), or a table of them",
    )
    files.add_argument(
        "--config", metavar="FILE", help="a TOML file with these options by name"
    )
    add(
        files,
        "--input",
        metavar="COL[:KIND]",
        help="the column with the sequences, and dna, rna or protein (default: seen "
        "from the file)",
    )
    add(files, "--id", metavar="COL", help="the column with the names of the rows")
    add(files, "--weight", metavar="COL", help="the column with the weights of rows")
    add(files, "--valid", metavar="FILE", help="sequences that decide when to stop")
    add(files, "--test", metavar="FILE", help="sequences that are scored at the end")
    add(
        files,
        "--split",
        metavar="HOW",
        help="how sequences become training, validation and test rows when no such "
        "files are given: random, similarity, group:COLUMN or column:COLUMN (default: "
        "random)",
    )
    add(
        files,
        "--fractions",
        metavar="A,B[,C]",
        help="the shares of training, validation and perhaps test rows (default: "
        "0.9,0.1)",
    )
    add(
        files,
        "--length",
        type=int,
        metavar="N",
        help=f"longer sequences are cut into as few windows of at most so many symbols "
        f"as hold them, after they were divided; of few long sequences, such as "
        f"chromosomes, windows are divided (default: {WINDOW})",
    )
    add(
        files,
        "--unknown",
        choices=("error", "any"),
        help="refuse symbols outside the alphabet, or read them as N or X",
    )
    add(
        network,
        "--encoder",
        metavar="NAME[:FIELD=VALUE,…]",
        help="what is trained: cnn, rnn or transformer, as for jaxbio train (default: "
        "rnn:cell=lstm,widths=128)",
    )
    add_flags(parser, "masking", [Masked], group=network, without=["encoder"])
    add(run, "--out", metavar="RUN", help="the folder to make")
    add(run, "--resume", action="store_true", help="go on with the run in this folder")
    add(
        run,
        "--baselines",
        action=argparse.BooleanOptionalAction,
        help="show symbol frequencies and Markov chains, too (default: yes)",
    )
    add(
        run,
        "--budget",
        metavar="TIME",
        help="how long training may take, such as 90s, 5m or 2h; it then ends with the "
        "best so far",
    )
    add(
        run,
        "--init",
        metavar="RUN",
        help="begin with the weights of a run where they fit",
    )
    add(
        run,
        "--dry-run",
        action="store_true",
        help="read and check everything, show what would be trained, and stop",
    )
    add_flags(parser, "training", [Training], chosen=_CHOSEN, without=["augment"])
    add(
        network,
        "--augment",
        action="append",
        metavar="NAME[:VALUE]",
        help="what training sequences undergo at each step, such as "
        "reverse_complement:0.5; repeat for several (default: nothing)",
    )
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Train, save and report."""
    watch = Stopwatch()
    given = {k: v for k, v in vars(options).items() if k not in _SPECIAL}
    settings = {**config_file(options.config, add_arguments), **given}
    if options.data:
        settings["data"] = options.data
    if settings.get("resume") and not settings.get("data") and settings.get("out"):
        settings = {**of_run(settings["out"], "pretrain"), **settings}
    dry = bool(settings.get("dry_run"))
    for name, what in (("data", "a file to learn from"), ("out", "--out RUN")):
        if not settings.get(name) and not (dry and name == "out"):
            raise JaxbioError(f"{what} is missing: see jaxbio pretrain --help")
    model, training = _model(settings), training_of(settings)
    budget = budget_of(settings.get("budget"))
    set_up(options)
    start = beginning(settings)
    parts = _parts(settings, Training(**training).seed)
    for note in dict.fromkeys(note for part in parts.values() for note in part.notes):
        print(f"note: {note}")
    if dry:
        return _dry_run(options, settings, model, parts, training, start)
    with training_progress() as progress:
        done = fit(
            model,
            None,
            parts["train"],
            parts.get("valid"),
            test=parts.get("test"),
            out=settings["out"],
            resume=bool(settings.get("resume")),
            baselines=settings.get("baselines", True),
            callbacks=[progress],
            command=kept(settings),
            budget=budget,
            **start,
            **training,
        )
    show_scores(done)
    show_files(done, settings["out"], next_step="score RUN wild.fa --all -o scores.tsv")
    scores = {name: each.to_dict() for name, each in done.scores.items()}
    finish(
        options,
        {
            "out": str(settings["out"]),
            "seconds": watch.seconds,
            "scores": scores,
            "notes": list(done.notes),
        },
    )
    return STOPPED if done.interrupted else 0


def _model(settings: Mapping[str, Any]) -> Masked:
    fields = {n: settings[n] for n in ("share", "hidden", "random") if n in settings}
    if "head" in settings:
        fields["head"] = tuple(settings["head"])
    if "encoder" in settings:
        column, values = parse_part(ENCODERS, str(settings["encoder"]))
        if column is not None:
            raise JaxbioError(
                f"--encoder {settings['encoder']}: there is one input: leave {column}= "
                f"out"
            )
        fields["encoder"] = ENCODERS.make(values)
    return Masked(**fields)


def _parts(settings: Mapping[str, Any], seed: int) -> dict[str, Dataset]:
    """The sequences by part, long ones cut into windows."""
    separate = {name: settings[name] for name in ("valid", "test") if name in settings}
    if separate and "split" in settings:
        raise JaxbioError(
            "--split divides one file; it does not go with --valid or --test"
        )
    column, _, kind = str(settings.get("input", "")).partition(":")
    source = source_of(listed(settings["data"]))
    shares = _shares(settings.get("fractions", "0.9,0.1"))
    length = int(settings.get("length", WINDOW))
    how: dict[str, Any] = {
        "inputs": {column: kind or None} if column else None,
        "targets": [],
        "ids": settings.get("id"),
        "weights": settings.get("weight"),
        "unknown": settings.get("unknown", "error"),
    }
    if not separate and "split" not in settings:
        whole = read(source, **how)
        show_columns(whole)
        return divide_windows(whole, length, shares, seed=seed)
    parts = read_parts(
        source,
        **separate,
        by=str(settings.get("split", "random")),
        on_read=show_columns,
        fractions=shares,
        seed=seed,
        **how,
    )
    return {name: cut_windows(part, length) for name, part in parts.items()}


def _shares(given: Any) -> tuple[float, ...]:
    try:
        texts = given.split(",") if isinstance(given, str) else given
        shares = tuple(float(each) for each in texts)
    except ValueError:
        shares = ()
    if len(shares) not in (2, 3) or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
        raise JaxbioError(
            f"--fractions {given}: give the shares of training, validation and perhaps "
            f"test rows, together 1, as in 0.8,0.1,0.1"
        )
    return shares


def _dry_run(
    options: argparse.Namespace,
    settings: Mapping[str, Any],
    model: Masked,
    parts: Mapping[str, Dataset],
    training: Mapping[str, Any],
    start: Mapping[str, Any],
) -> int:
    """Show what would be trained, after all checks; write nothing."""
    if settings.get("out"):
        RunDirectory(settings["out"]).check(resume=bool(settings.get("resume")))
    plan = make_plan(model, None, parts, settings=training, **start)
    for line in plan.notes:
        print(line)
    print(f"\n{plan.model}\n{plan.training}\n\nNothing was trained or written.")
    finish(options, {key: plan.to_dict()[key] for key in ("model", "training")})
    return 0
