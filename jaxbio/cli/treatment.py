"""Treatment runs in `jaxbio train`, `predict` and `evaluate`."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.cli.console import (
    Stopwatch,
    cells_of,
    finish,
    lookups_of,
    missing_of,
    save_pages,
    set_up,
    source_of,
    training_progress,
)
from jaxbio.cli.parts import training_of
from jaxbio.cli.rows import listed, load_parts
from jaxbio.clinical.effects import Effects
from jaxbio.clinical.fitting import AUTO, FIRST, OTHERS, fit_treatment
from jaxbio.clinical.learners import LEARNERS
from jaxbio.clinical.learners.tarnet import OUTCOMES
from jaxbio.clinical.treatment_pictures import treatment_pages
from jaxbio.clinical.treatment_runs import TreatmentRun, load_treatment
from jaxbio.clinical.trial import Trial, columns_of, outcome_kinds, trial_of
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.write import write_table
from jaxbio.data.reading import read_for, stream
from jaxbio.data.schema import Schema
from jaxbio.data.sources import frames_of
from jaxbio.data.specs import TargetSpec
from jaxbio.data.splits.leakage import row_keys
from jaxbio.errors import JaxbioError
from jaxbio.run.fitting import TRAINED
from jaxbio.run.folder import RunDirectory, load_array
from jaxbio.train import Training

_OWN = (
    *("reference", "horizon", "better", "randomised", "propensity", "learner"),
    "balance",
)
_TASKS = {"number": "regression", "class": "multiclass", "survival": "survival"}
_KINDS = {"regression": "number", "binary": "class", "survival": "survival"}


def add_chance(group: Any) -> None:
    """The flags that say that chance chose the arms."""
    group.add_argument(
        "--randomised",
        action="store_true",
        default=argparse.SUPPRESS,
        help="chance alone chose the arms, in the shares that they have",
    )
    group.add_argument(
        "--propensity",
        metavar="P[,P…]",
        default=argparse.SUPPRESS,
        help="the probability of each arm in a randomised trial, in the order of the "
        "arms; of two arms that of the second",
    )


def add_arguments(group: Any) -> None:
    """The flags of treatment runs."""

    def add(*names: str, **options: Any) -> None:
        group.add_argument(*names, default=argparse.SUPPRESS, **options)

    add(
        "--treatment",
        metavar="COL",
        help="the column with the arm of each patient: learn the effect of each arm on "
        "the target, which is a number, one of two classes, or, as TIME,EVENT with "
        "--horizon, the mean survival up to a time",
    )
    add(
        "--reference",
        metavar="ARM",
        help="the arm with which effects compare (default: the first by name)",
    )
    add(
        "--horizon",
        type=float,
        metavar="TIME",
        help="where survival times are cut, in their unit",
    )
    add(
        "--better",
        choices=("higher", "lower"),
        help="which outcomes are good for patients (default: higher)",
    )
    add_chance(group)
    add(
        "--learner",
        choices=(AUTO, *LEARNERS),
        help=f"how effects are learned (default: {AUTO}: {FIRST}, or where its effects "
        f"do not hold in held-out patients, of {FIRST}, {', '.join(OTHERS)} the one "
        f"that is nearest to doubly robust scores)",
    )
    add(
        "--balance",
        type=float,
        metavar="WEIGHT",
        help="how much it counts against networks of outcomes that what they make of "
        "patients tells the arm (default: 0)",
    )


_FITTED = ("learner", "balance")


def refuse(settings: Mapping[str, Any]) -> None:
    """Stop at flags that mean nothing without `--treatment`."""
    for name in _OWN:
        if name in settings:
            raise JaxbioError(
                f"--{name} is for effects of treatments, that is for runs of `jaxbio "
                f"train … --treatment COL`"
            )


def train(options: argparse.Namespace, settings: Mapping[str, Any]) -> int:
    """Learn effects of treatments, and show what advice by them is worth."""
    watch = Stopwatch()
    given = training_of(dict(settings))
    unused = [name for name in given if name not in ("seed",)]
    for name in (*unused, "encoder", "model", "task", "resume", "init", "budget"):
        if name in unused or settings.get(name):
            flag = name.replace("_", "-")
            raise JaxbioError(
                f"--{flag} does not go with --treatment, whose models are chosen by "
                f"the data: leave it out"
            )
    seed = Training(**given).seed
    if settings.get("out"):
        RunDirectory(settings["out"]).check(resume=False)
    set_up(options)
    trial, test = _trials(settings, seed)
    for note in dict.fromkeys((*trial.notes, *(test.notes if test else ()))):
        print(f"note: {note}")
    counts = zip(trial.arms, trial.counts, strict=True)
    print(
        f"{trial.treatment}: {', '.join(f'{arm} {count:,}' for arm, count in counts)}; "
        f"effects on {trial.outcome.name} against {trial.arms[0]}, "
        f"{trial.outcome.better} is better"
    )
    if settings.get("dry_run"):
        print("\nNothing was trained or written.")
        return 0
    how = {name: settings[name] for name in _FITTED if name in settings}
    with training_progress() as progress:
        run = fit_treatment(
            trial,
            randomised=bool(settings.get("randomised")),
            propensity=_numbers(settings.get("propensity")),
            out=settings["out"],
            quick=bool(settings.get("quick")),
            seed=seed,
            callbacks=[progress],
            report=print,
            **how,
        )
    print(f"\nEffects by {run.learner}, in the patients that were learned from:\n")
    print(run.evaluation)
    result = {
        "out": str(settings["out"]),
        "learner": run.learner,
        "train": run.evaluation.to_dict(),
        "notes": list(run.notes),
    }
    if test is not None:
        found = run.evaluate(test)
        print(f"\nIn test patients:\n\n{found}")
        result["test"] = found.to_dict()
    print(f"\nWritten to {settings['out']}: treatment.json and a folder a model")
    print(f"Next: jaxbio predict {settings['out']} FILE -o advice.csv")
    finish(options, {**result, "seconds": watch.seconds})
    return 0


def _trials(settings: Mapping[str, Any], seed: int) -> tuple[Trial, Trial | None]:
    """The patients to learn from, and those to test on."""
    texts = listed(settings.get("target") or ())
    if len(texts) != 1:
        raise JaxbioError(
            "--treatment needs one --target: the outcome, such as --target pain or "
            "--target time,event"
        )
    text, colon, task = texts[0].partition(":")
    if colon and task not in _KINDS:
        raise JaxbioError(
            f"--target {texts[0]}: effects are those on {', '.join(_KINDS)}: leave the "
            f"task out to see it from the column"
        )
    names = columns_of(text)
    horizon = settings.get("horizon")
    file = source_of(settings["data"])
    if not isinstance(file, str):
        raise JaxbioError("--treatment is for one table: give one file")
    if file == STANDARD_INPUT:
        raise JaxbioError("--treatment reads a file twice: give its name in place of -")
    source = source_of(settings["data"], settings)
    kinds = outcome_kinds(source, names, horizon)
    if colon and len(names) == 1:
        kinds = {names[0]: _KINDS[task]}
    tasks = {name: _TASKS[kind] for name, kind in kinds.items()}
    own = {n: v for n, v in settings.items() if n != "target"}
    own["target"] = {settings["treatment"]: "multiclass", **tasks}
    parts, _ = load_parts(own, seed)
    divided = any(name in settings for name in ("split", "test", "fractions"))
    learned = [parts[x] for x in parts if x != "test" or not divided]
    whole = learned[0] if len(learned) == 1 else concatenate(learned)
    trial = trial_of(
        whole,
        settings["treatment"],
        names,
        horizon=horizon,
        reference=settings.get("reference"),
        better=settings.get("better", "higher"),
    )
    if not divided:
        return trial, None
    return trial, _like(parts["test"], trial)


def _like(data: Dataset, trial: Trial | TreatmentRun) -> Trial:
    """Further patients, with the arms and the outcome of those before."""
    outcome = trial.outcome
    return trial_of(
        data, trial.treatment, outcome.columns, horizon=outcome.horizon,
        better=outcome.better, arms=trial.arms, known=outcome,
    )  # fmt: skip


def _numbers(text: Any) -> list[float] | None:
    if text is None:
        return None
    values = text.split(",") if isinstance(text, str) else listed(text)
    try:
        return [float(value) for value in values]
    except ValueError:
        raise JaxbioError(
            f"--propensity {text}: give probabilities, as in 0.5 or 0.25,0.25,0.5"
        ) from None


def predict(options: argparse.Namespace) -> int:
    """Effects, intervals and advice for the patients of a file."""
    for name in ("cross", "top", "reject"):
        if getattr(options, name):
            raise JaxbioError(f"--{name} is not for treatment runs: leave it out")
    watch = Stopwatch()
    run = load_treatment(options.run, missing=missing_of(options))
    counts: dict[str, int] = {}

    def tables() -> Iterator[dict[str, np.ndarray]]:
        told: set[str] = set()
        for found in _streamed(run, options):
            for warning in found.warnings:
                if warning not in told:
                    told.add(warning)
                    print(f"jaxbio predict: {warning}", file=sys.stderr)
            columns = found.columns()
            given = [name or "no answer" for name in columns["advice"]]
            names, each = np.unique(given, return_counts=True)
            for name, count in zip(names, each, strict=True):
                counts[str(name)] = counts.get(str(name), 0) + int(count)
            yield columns

    rows = write_table(tables(), options.out, formulas=options.keep_formulas)
    shown = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
    to_pipe = options.out == STANDARD_INPUT
    print(
        f"{rows} rows in {watch.seconds:.1f} s: "
        f"{'standard output' if to_pipe else options.out}; advice: {shown}",
        file=sys.stderr if to_pipe else sys.stdout,
    )
    finish(options, {"rows": rows, "out": options.out, "advice": counts})
    return 0


def _streamed(run: TreatmentRun, options: argparse.Namespace) -> Iterator[Effects]:
    """Effects of some patients at a time."""
    data, keep = source_of(options.data, vars(options)), list(options.keep)
    told = False
    if options.data != STANDARD_INPUT:
        first = next(frames_of(data), None)
        told = first is not None and run.treatment in first.columns
    extra = told and run.treatment not in keep and keep != ["all"]
    parts = stream(
        data,
        run.schema,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        ids=options.id,
        keep=[*keep, run.treatment] if extra else keep,
        skip_bad=options.skip_bad,
        **cells_of(vars(options)),
    )
    for part in parts:
        if told:
            _tell_strange(run, part)
        found = run.predict(part, unknown=options.unknown)
        if extra:
            kept = {n: x for n, x in found.kept.items() if n != run.treatment}
            found = dataclasses.replace(found, kept=kept)
        yield found


def _tell_strange(run: TreatmentRun, part: Dataset) -> None:
    """Say which patients have an arm of which nothing is known."""
    arms = part.kept.get(run.treatment)
    if arms is None:
        return
    strange = [str(x) for x in arms if x not in ("", None) and str(x) not in run.arms]
    if strange:
        names = ", ".join(dict.fromkeys(strange))
        print(
            f"jaxbio predict: {len(strange)} rows have {run.treatment} {names}, which "
            f"the run does not know: it compares {', '.join(run.arms)} for them too",
            file=sys.stderr,
        )


def _seen(run: TreatmentRun, trial: Trial) -> list[str]:
    """A note if patients have the inputs of some that were learned from."""
    file = None if run.path is None else run.path / OUTCOMES / TRAINED
    if file is None or not file.is_file():
        return []
    keys = row_keys(trial.rows, [spec.name for spec in run.schema.own])
    count = int(np.isin(keys, load_array(file)).sum())
    if not count:
        return []
    return [
        f"{count} of {len(trial)} patients have the values of patients that were "
        f"learned from: for these advice looks too good"
    ]


def evaluate(options: argparse.Namespace) -> int:
    """The value of advice in patients whose arm and outcome are known."""
    run = load_treatment(options.run, missing=missing_of(options))
    outcome = run.outcome
    kind: Any = {"binary": "class"}.get(outcome.kind, outcome.kind)
    targets = TargetSpec(run.treatment, "class"), TargetSpec(outcome.target, kind)
    schema = Schema(run.schema.inputs, targets, 0, run.schema.reading)
    data = read_for(
        source_of(options.data, vars(options)),
        schema,
        ids=options.id,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        **cells_of(vars(options)),
    )
    trial = _like(data, run)
    for note in (*trial.notes, *_seen(run, trial)):
        print(f"note: {note}")
    chance = {
        "randomised": getattr(options, "randomised", False),
        "propensity": _numbers(getattr(options, "propensity", None)),
    }
    found = run.evaluate(trial, **chance)
    print(found)
    if options.pictures:
        scored = run.score(trial, **chance)
        pages = treatment_pages(scored, run.arms, outcome, level=run.level)
        save_pages(pages, options.pictures)
    if options.out:
        with replacing(options.out) as temporary:
            temporary.write_text(json.dumps(found.to_dict(), indent=1) + "\n")
    finish(options, found.to_dict())
    return 0
