"""`jaxbio train`: from files to a run."""

import argparse
import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jaxbio.cli import treatment
from jaxbio.cli.console import (
    STOPPED,
    Stopwatch,
    add_cells,
    add_common,
    add_join,
    add_lookup,
    add_marks,
    finish,
    set_up,
    training_progress,
)
from jaxbio.cli.flags import add_flags, add_help_all
from jaxbio.cli.parts import MOVED, add_network_flags, listing, model_of, training_of
from jaxbio.cli.rows import listed, load_parts
from jaxbio.cli.windows import add_windows
from jaxbio.data import Dataset
from jaxbio.data.io.files import split_sheet
from jaxbio.errors import DataError, JaxbioError, nearest
from jaxbio.models import Network
from jaxbio.run.clock import Clock, parse_seconds
from jaxbio.run.fitting import Run, fit, load
from jaxbio.run.folder import RunDirectory, described
from jaxbio.run.planning import make_plan
from jaxbio.run.recommendation import CHOSEN
from jaxbio.run.upgrade import upgrade
from jaxbio.run.verdict import in_words
from jaxbio.tasks import Task
from jaxbio.train import Training

_SPLITS = (
    "random, stratified, similarity, group:COLUMN, chromosome:COLUMN, column:COLUMN, "
    "cold:INPUT or cold:INPUT+INPUT (all its values new, such as drugs), scaffold, "
    "label_reversal:INPUT"
)
_SPECIAL = ("data", "config", "command", "json", "device", "compile_cache", "plugin")
_COMMON = (
    *("data", "config", "input", "lookup", "join", "target", "task", "drop", "kind"),
    *("missing", "valid", "test", "split"),
    *("genome", "length", "about", "negatives", "tracks", "bins"),
    *("treatment", "horizon", "better", "randomised"),
    *(
        "out",
        "resume",
        "budget",
        "quick",
        "dry_run",
        "encoder",
        "model",
        "fusion",
        "hidden",
        "dropout",
    ),
    *("augment", "epochs", "batch_size", "learning_rate", "members", "seed", "json"),
    *("device", "plugin", "help", "help_all"),
)
"""The options that `--help` shows; `--help-all` shows all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio train`."""
    parser.epilog = (
        "examples:\n"
        "  jaxbio train promoters.csv --input sequence:dna --target label --out run\n"
        "  jaxbio train train.csv --valid dev.csv --test test.csv --out run\n"
        "  jaxbio train bound=peaks.fa unbound=background.fa --out run\n"
        "  jaxbio train genes.csv --input 'gene_*:numeric' --target outcome --out run\n"
        "  jaxbio train pairs.csv --lookup drug=drugs.csv:smiles \\\n"
        "      --lookup target=proteins.fasta --target affinity --out run\n"
        "  jaxbio train cells.h5ad --target cell_type --out run\n"
        "  jaxbio train cohort.csv --target days,died:survival --out run\n"
        "  jaxbio train peaks.bed --genome genome.fa --length 1000 \\\n"
        "      --negatives matched --out run\n"
        "  jaxbio train scans/ --augment flip:0.5 --augment rotate:10 --out run\n"
        "  jaxbio train dna.csv --encoder cnn:channels=128+128 --out run\n"
        "  jaxbio train trial.csv --treatment arm --target pain --better lower \\\n"
        "      --randomised --out run\n"
        "  jaxbio train dna.csv --dry-run"
    )
    parser.usage = "jaxbio train DATA [DATA …] --out RUN [options]"
    add_help_all(parser, _COMMON, listing)
    files = parser.add_argument_group("data")

    def add(*names: str, **options: Any) -> None:
        files.add_argument(*names, default=argparse.SUPPRESS, **options)

    files.add_argument(
        "data",
        nargs="*",
        metavar="DATA",
        help="a file (.csv .tsv .xlsx .sav .dta .parquet .fa .fq .gb .sdf .smi .npz "
        ".h5ad, also .gz .bz2; FILE.xlsx#NAME for a sheet), - for standard input, a "
        "folder with a folder of images for each class, or CLASS=FILE for each class",
    )
    files.add_argument(
        "--config",
        metavar="FILE",
        help="a TOML file with these options by name, or the config.json of a run",
    )
    add(
        "--input",
        action="append",
        metavar="COL[:KIND]",
        help="an input column and its kind: dna, rna, protein, smiles, numeric, "
        "category, ordinal (grades), codes (lists of them in a cell), image (paths of "
        "files; image=64x64x3 to bring them to that size), counts, morgan "
        "(fingerprints of the molecules of a column of SMILES), or symbols=… for other "
        "alphabets; repeat for several; NAME@COL:KIND reads a column under another "
        "name; a pattern such as 'gene_*:numeric' makes a vector (default: inferred)",
    )
    add_lookup(parser)
    add_join(parser)
    add_cells(files)
    add(
        "--target",
        action="append",
        metavar="COL[:TASK]",
        help="a target column, and its task if it is not to be inferred; repeat for "
        "several (default: inferred); TIME,EVENT:survival for times that may be "
        "censored (START..END,EVENT for two dates, TIME,EVENT=VALUE where VALUE is the "
        "event, ENTRY,TIME,EVENT for late entry, LOWER..UPPER for an event between two "
        "looks); TIME,CAUSE:competing for events that exclude one another (0 for none, "
        "or TIME,CAUSE=A+B where A and B are the causes)",
    )
    add(
        "--task",
        metavar="NAME",
        help="the task of all targets: regression, huber, poisson, negative_binomial, "
        "binary, multiclass, multilabel, survival, cox, hazards, weibull, deephit, "
        "competing, competing_hazards, competing_deephit, or positions:TASK for one "
        "value a position (default: inferred)",
    )
    add(
        "--balanced",
        action="store_true",
        help="give every class the same total weight in the loss",
    )
    add(
        "--labels",
        metavar="REGEX",
        help="take the label from FASTA headers: the first group of this pattern",
    )
    add(
        "--parent",
        metavar="FILE",
        help="where rows are mutations such as A42G:K50R or p.Ala42Gly, the sequence "
        "that they change, or its letters; --input COL:mutations says in which column",
    )
    add(
        "--first",
        type=int,
        metavar="N",
        help="the number of the parent's first letter in the names of mutations "
        "(default: 1)",
    )
    add("--id", metavar="COL", help="the column with the names of the rows")
    add("--weight", metavar="COL", help="the column with the weights of the rows")
    add("--valid", metavar="FILE", help="rows that decide when to stop")
    add("--test", metavar="FILE", help="rows that are scored at the end")
    add(
        "--split",
        metavar="HOW",
        help=f"how rows become training, validation and test rows when no such files "
        f"are given: {_SPLITS} (default: as the file itself does, as archives of "
        f"images do, else by group where a column names patients or the like, else "
        f"stratified for classes, else random)",
    )
    add(
        "--fractions",
        metavar="A,B,C",
        help="the shares of training, validation and test rows (default: 0.8,0.1,0.1; "
        "of fewer than 1,000 rows a fifth is for testing, and training takes turns in "
        "what it is validated on)",
    )
    add(
        "--unknown",
        choices=("error", "any"),
        help="refuse symbols outside the alphabet, or read them as N or X",
    )
    add(
        "--drop",
        action="append",
        metavar="COL[,COL]",
        help="columns that are no inputs, or patterns; repeat for more",
    )
    add(
        "--kind",
        action="append",
        metavar="COL:KIND",
        help="what a column holds that is not what it looks like, such as "
        "hospital:category for numbers that are codes; repeat for several",
    )
    add_marks(parser)
    add(
        "--skip-invalid",
        action="store_true",
        help="leave rows with an invalid SMILES out and say how many; else they stop "
        "the run",
    )
    add_windows(parser.add_argument_group("windows of a genome"))
    treatment.add_arguments(parser.add_argument_group("effects of treatments"))
    run = parser.add_argument_group("run")
    run.add_argument(
        "--out", metavar="RUN", default=argparse.SUPPRESS, help="the folder to make"
    )
    run.add_argument(
        "--resume",
        action="store_true",
        default=argparse.SUPPRESS,
        help="go on with the run in this folder",
    )
    run.add_argument(
        "--baselines",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="fit and show the plain baselines (default: yes)",
    )
    run.add_argument(
        "--budget",
        metavar="TIME",
        default=argparse.SUPPRESS,
        help="how long training may take, such as 90s, 5m or 2h; it then ends with the "
        "best so far (default: as long as it takes, but without further kinds of "
        "networks that would take over 10 minutes)",
    )
    run.add_argument(
        "--quick",
        action="store_true",
        default=argparse.SUPPRESS,
        help="train one kind of network, where several would be trained and mixed",
    )
    run.add_argument(
        "--init",
        metavar="RUN",
        default=argparse.SUPPRESS,
        help="begin with the weights of a run where they fit; of one of `jaxbio "
        "pretrain` also with its encoder, if none is named",
    )
    run.add_argument(
        "--freeze",
        action="append",
        metavar="PATTERN",
        default=argparse.SUPPRESS,
        help="what is not trained, by path, such as 'encoders/*'; repeat for several",
    )
    run.add_argument(
        "--dry-run",
        action="store_true",
        default=argparse.SUPPRESS,
        help="read and check everything, show what would be trained and why, and stop",
    )
    add_network_flags(parser)
    add_flags(parser, "training", [Training], chosen=CHOSEN, without=["augment"])
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Train, save and report."""
    watch = Stopwatch()
    given = {k: v for k, v in vars(options).items() if k not in _SPECIAL}
    settings = {**config_file(options.config, add_arguments), **given}
    if options.data:
        settings["data"] = options.data
    if settings.get("resume") and not settings.get("data") and settings.get("out"):
        settings = {**of_run(settings["out"]), **settings}
    if settings.get("genome") and settings.get("tracks"):
        settings.setdefault("data", [])  # windows over the whole genome
    dry = bool(settings.get("dry_run"))
    for name, what in (("data", "a file to train on"), ("out", "--out RUN")):
        there = settings.get(name) or (name == "data" and settings.get(name) == [])
        if not there and not (dry and name == "out"):
            raise JaxbioError(f"{what} is missing: see jaxbio train --help")
    if settings.get("treatment"):
        return treatment.train(options, settings)
    treatment.refuse(settings)
    model = model_of(settings)
    training = training_of(settings)
    seed = Training(**training).seed
    budget = budget_of(settings.get("budget"))
    set_up(options)
    start = beginning(settings)
    parts, tasks = load_parts(settings, seed)
    for note in dict.fromkeys(note for part in parts.values() for note in part.notes):
        print(f"note: {note}")
    if dry:
        return _dry_run(options, settings, model, tasks, parts, training, start)
    with training_progress() as progress:
        done = fit(
            model,
            tasks,
            parts["train"],
            parts.get("valid"),
            test=parts.get("test"),
            out=settings["out"],
            resume=bool(settings.get("resume")),
            baselines=settings.get("baselines", True),
            callbacks=[progress],
            command=kept(settings),
            quick=bool(settings.get("quick")),
            budget=budget,
            **start,
            **training,
        )
    show_scores(done)
    show_files(done, settings["out"], next_step=_next(settings))
    finish(
        options,
        {
            "out": str(settings["out"]),
            "seconds": watch.seconds,
            "scores": {name: each.to_dict() for name, each in done.scores.items()},
            "notes": list(done.notes),
        },
    )
    return STOPPED if done.interrupted else 0


def beginning(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What `--init` and `--freeze` say, as `fit` takes it."""
    init = settings.get("init")
    return {
        "init": None if init is None else load(init),
        "freeze": listed(settings.get("freeze") or ()),
    }


def kept(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a run keeps them, for `--resume --out RUN` alone."""
    own = {k: v for k, v in settings.items() if k not in ("out", "resume", "dry_run")}
    return json.loads(json.dumps({**own, "folder": str(Path.cwd())}))


def of_run(out: str, command: str = "train") -> dict[str, Any]:
    """The options with which a run was started.

    Args:
        out: Its folder.
        command: By which command.

    Raises:
        JaxbioError: If the run does not know them, or its data cannot be read again.
    """
    given = RunDirectory(out).read_config().get("command")
    if not isinstance(given, dict) or not (given.get("data") or given.get("tracks")):
        raise JaxbioError(
            f"{out} does not know its data, as a run of an older version or of Python: "
            f"give them again, with the same options: jaxbio {command} DATA … --resume"
        )
    files = listed(given["data"])
    if "-" in files:
        raise JaxbioError(
            f"{out} was trained on standard input: give the same rows again, with - "
            f"for the data"
        )
    start = Path(str(given.pop("folder", ".")))

    def found(path: str) -> str:
        """A path from where the run was started, if it is none from here."""
        label, equals, name = path.rpartition("=")
        there = start / name
        here = any(Path(split_sheet(each)[0]).exists() for each in (path, name))
        gone = not Path(split_sheet(there)[0]).exists()
        return path if here or gone else f"{label}{equals}{there}"

    for name in ("valid", "test", "init", "genome"):
        if name in given:
            given[name] = found(str(given[name]))
    if "tracks" in given:
        given["tracks"] = [found(str(path)) for path in listed(given["tracks"])]
    if "join" in given:
        given["join"] = [found(str(path)) for path in listed(given["join"])]
    given["lookup"] = [
        f"{name}={found(rest)}" if equals else name
        for name, equals, rest in (
            text.partition("=") for text in listed(given.get("lookup") or ())
        )
    ]
    return {**given, "data": [found(str(path)) for path in files]}


def budget_of(text: Any) -> float | None:
    """The seconds of `--budget`."""
    if text is None:
        return None
    try:
        seconds = parse_seconds(str(text))
    except (ValueError, KeyError):
        raise JaxbioError(
            f"--budget {text}: give a time such as 90s, 5m or 2h"
        ) from None
    Clock(seconds)  # one that is none is told now
    return seconds


def _dry_run(
    options: argparse.Namespace,
    settings: Mapping[str, Any],
    model: Network | None,
    tasks: Mapping[str, Task] | None,
    parts: Mapping[str, Dataset],
    training: Mapping[str, Any],
    start: Mapping[str, Any],
) -> int:
    """Show what would be trained, after all checks; write nothing."""
    if settings.get("out"):
        RunDirectory(settings["out"]).check(resume=bool(settings.get("resume")))
    quick = bool(settings.get("quick"))
    plan = make_plan(model, tasks, parts, settings=training, quick=quick, **start)
    if settings.get("out"):
        plan.check_registered()
    encoders = {} if model is None else model.by_input(plan.schema)
    given = [*training, *(f"encoder of {name}" for name in encoders)]
    if model is not None and model.hidden is not None:
        given.append("hidden layers")
    if model is not None and model.average_strands is not None:
        given.append("strands")
    for line in plan.notes:
        print(line)
    print(f"\n{plan.reasons(given)}")
    if plan.contenders:
        racing = ", ".join(plan.contenders)
        print(f"\nshort runs tell which are worth a whole training: {racing}")
    print("\nNothing was trained or written.")
    finish(options, {key: plan.to_dict()[key] for key in ("model", "training")})
    return 0


_NEXT = "predict RUN FILE -o predictions.tsv"


def _next(settings: Mapping[str, Any]) -> str:
    genome = settings.get("genome")
    return _NEXT.replace("FILE", f"FILE --genome {genome}") if genome else _NEXT


def show_scores(done: Run) -> None:
    """Print the scores, beside those of the baselines."""
    for name, scores in done.scores.items():
        print(f"\nScores on {name} rows, beside plain baselines:")
        print(scores)


def show_files(done: Run, out: str, *, next_step: str = _NEXT) -> None:
    """Print where everything is and what to type next."""
    print(f"\nWritten to {out}: config.json, checkpoints, metrics.json, metrics.jsonl")
    if "test" in done.scores:
        print(f"Predictions of the test rows: {out}/predictions.tsv")
    print(f"Next: jaxbio {next_step.replace('RUN', out)}")
    rows = {part: scores.rows for part, scores in done.scores.items()}
    # Of few rows those that were predicted out of fold say more than the test rows.
    parts = (
        ["test"] if rows.get("test", 0) >= rows.get("valid", 0) else ["valid", "test"]
    )
    for part in [part for part in parts if part in done.scores]:
        for name, each in done.scores[part].verdicts.items():
            if each:
                print(f"\n{in_words(name, part, each)}")


Arguments = Callable[[argparse.ArgumentParser], None]


def config_file(path: str | None, arguments: Arguments) -> dict[str, Any]:
    """The options in a TOML file or in the config.json of a run, flat.

    Args:
        path: The file; None for none.
        arguments: Adds the arguments of the command, which say what there can be.
    """
    if path is None:
        return {}
    try:
        text = Path(path).read_text()
        values = json.loads(text) if path.endswith(".json") else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise JaxbioError(f"--config {path} cannot be read: {error}") from None
    if not isinstance(values, dict):
        raise JaxbioError(f"--config {path} holds no options: give KEY = VALUE")
    if "schema" in values:
        with described(Path(path)):
            return _from_run(upgrade(values))
    flat: dict[str, Any] = {}
    for name, value in values.items():
        name = name.replace("-", "_")
        if name in ("training", "run") and not isinstance(value, Mapping):
            raise DataError(f"{path}: {name} = {value!r:.60}: give a table, [{name}]")
        if name in ("training", "run"):
            flat |= {key.replace("-", "_"): item for key, item in value.items()}
        elif name == "model" and isinstance(value, Mapping):
            raise DataError(
                f"{path}: [model] is written [encoders.INPUT] now, with the name of "
                f'an encoder and its fields; or encoder = "cnn:channels=128+128"'
            )
        else:
            flat[name] = value
    _check_names(path, flat, arguments)
    return flat


def _check_names(path: str, flat: Mapping[str, Any], arguments: Arguments) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    arguments(parser)
    actions = {action.dest: action for action in parser._actions}
    known = {*actions, "encoders"}
    for name, value in flat.items():
        if name in MOVED:
            raise DataError(f"{path}: {name} is written {MOVED[name]} now")
        if name not in known:
            raise DataError(f"{path}: no option {name!r}: {nearest(name, known)}")
        fits, expected = _expected(name, actions.get(name))
        if not fits(value):
            raise DataError(f"{path}: {name} = {value!r:.60}: it must be {expected}")


def _expected(
    name: str, action: argparse.Action | None
) -> tuple[Callable[[Any], bool], str]:
    """What a value of a file can be: how it is checked, and in words."""

    def texts(value: Any) -> bool:
        several = value if isinstance(value, list) else [value]
        return all(isinstance(each, str) for each in several)

    def number(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    def numbers(value: Any) -> bool:
        return isinstance(value, list) and all(map(number, value))

    if action is None:
        return lambda x: isinstance(x, Mapping), "a table of encoders by input"
    if name == "fractions":
        return lambda x: isinstance(x, str) or numbers(x), "a text or a list of numbers"
    if name in ("fusion", "pairs"):
        return lambda x: isinstance(x, str | Mapping), "a text or a table"
    if action.nargs == 0 or isinstance(action, argparse.BooleanOptionalAction):
        return lambda x: isinstance(x, bool), "true or false"
    if action.nargs in ("*", "+"):
        return texts, "a text or a list of texts"
    if isinstance(action, argparse._AppendAction):
        return lambda x: texts(x) or isinstance(x, Mapping), "a text or a list of texts"
    if action.choices is not None:
        return lambda x: x in action.choices, f"one of {', '.join(action.choices)}"
    if action.type is int:
        return lambda x: number(x) and x == int(x), "a whole number"
    if action.type is float:
        return number, "a number"
    if action.type not in (None, str):
        return lambda x: isinstance(x, str) or numbers(x), "a list of numbers"
    return lambda x: isinstance(x, str), "a text"


def _from_run(config: Mapping[str, Any]) -> dict[str, Any]:
    """The options with which a run was made, its data left out."""
    inputs = {spec["name"]: spec["kind"] for spec in config["schema"]["inputs"]}
    return {
        "input": inputs,
        "target": dict(config["tasks"]),
        **config["model"],
        **config["training"],
    }
