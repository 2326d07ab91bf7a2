"""Rows for `jaxbio train`: what its options say of files, columns and parts."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from jaxbio.cli.console import cells_of, lookups_of, marks_of, source_of
from jaxbio.cli.windows import windows_of
from jaxbio.data import Dataset, describe_kinds
from jaxbio.data.unlabelled import without_target
from jaxbio.errors import JaxbioError
from jaxbio.genome.windows import WindowFrames, check_learnable
from jaxbio.run.parts import read_parts
from jaxbio.tasks import Task, infer_tasks, make_task, task_from_dict


def load_parts(
    settings: Mapping[str, Any],
    seed: int,
    *,
    on_read: Callable[[Dataset], Any] | None = None,
) -> tuple[dict[str, Dataset], dict[str, Task] | None]:
    """Read the files and split their rows.

    Args:
        settings: Options by name, from the command line and the configuration file.
        seed: For random splits.
        on_read: Called with all rows before they are divided; None to print what their
            columns hold.

    Returns:
        Data sets by part (`train`, `valid`, `test`) and the tasks that were named.
    """
    tasks = _named_tasks(settings)
    if settings.get("task") == "multilabel" and not settings.get("target"):
        raise JaxbioError(
            "--task multilabel: which columns are the labels? Give a pattern that all "
            "of them fit, as in --target 'label_*:multilabel'"
        )
    separate = {name: settings[name] for name in ("valid", "test") if name in settings}
    if separate and "split" in settings:
        raise JaxbioError(
            "--split divides one file; it does not go with --valid or --test"
        )
    how: dict[str, Any] = {"by": _how(settings), "ids": settings.get("id")}
    how |= {"inputs": _inputs(settings), "targets": _targets(settings, tasks)}
    notes: tuple[str, ...] = ()
    if settings.get("genome"):
        if settings.get("join"):
            raise JaxbioError("--join goes with files of rows, not with --genome")
        source, separate, cut, notes, own = _cut(settings, separate, seed)
        if own and settings.get("task"):
            raise JaxbioError("a profile brings its own task: leave --task out")
        tasks = tasks or own
        how = {**cut, **{name: value for name, value in how.items() if value}}
    else:
        source = source_of(settings["data"], settings)
        separate = {n: source_of(file, settings) for n, file in separate.items()}
    parts = read_parts(
        source,
        **separate,
        on_read=show_columns if on_read is None else on_read,
        fractions=_numbers(settings["fractions"]) if "fractions" in settings else None,
        seed=seed,
        labels=settings.get("labels"),
        weights=settings.get("weight"),
        unknown=settings.get("unknown", "error"),
        lookups=lookups_of(settings.get("lookup")),
        skip_invalid=bool(settings.get("skip_invalid")),
        drop=columns_of(settings.get("drop")),
        kinds=_kinds(settings.get("kind")),
        parent=settings.get("parent"),
        first=settings.get("first", 1),
        **how,
        **marks_of(settings),
        **cells_of(settings),
    )
    first = parts["train"]
    parts["train"] = dataclasses.replace(first, notes=(*notes, *first.notes))
    if not parts["train"].targets:
        raise without_target(source_of(settings["data"]))
    if settings.get("task"):
        _check_labels(settings["task"], parts["train"])
        tasks = {name: make_task(settings["task"]) for name in parts["train"].targets}
    if settings.get("balanced"):
        tasks = _balanced(tasks or infer_tasks(parts["train"]))
    return parts, tasks


def _cut(
    settings: Mapping[str, Any], separate: Mapping[str, Any], seed: int
) -> tuple[
    WindowFrames,
    dict[str, Any],
    dict[str, Any],
    tuple[str, ...],
    dict[str, Task] | None,
]:
    """Windows of a genome in place of files, how they are read, notes, and tasks."""
    data = settings.get("data")
    windows = windows_of(settings, None if not data else source_of(data), seed)
    check_learnable(windows, settings.get("target"))
    others = {n: windows_of(settings, file, seed) for n, file in separate.items()}
    how = windows.reading
    if not separate:
        how["by"] = f"group:{how['groups']}"
    del how["groups"]
    notes = (*windows.notes, *(note for x in others.values() for note in x.notes))
    sources = {n: x.source for n, x in others.items()}
    return windows.source, sources, how, notes, windows.tasks


def _check_labels(task: str, train: Dataset) -> None:
    """Refuse several labels of which there is one column."""
    for name, column in train.targets.items():
        if task == "multilabel" and len(getattr(column, "names", "..")) == 1:
            raise JaxbioError(
                f"--task multilabel is for several columns of 0 and 1, and {name} is "
                f"one: give a pattern that all of them fit, as in --target "
                f"'{name[:1]}*:multilabel', or --task binary"
            )


def show_columns(data: Dataset) -> None:
    """Print what the columns of a file hold, and what they are used as."""
    print("\n".join(describe_kinds(data)))


def _how(settings: Mapping[str, Any]) -> str | None:
    """How to divide; shares without a way are those of a random split."""
    given = "random" if "fractions" in settings else None
    return str(settings["split"]) if "split" in settings else given


def _balanced(tasks: Mapping[str, Task]) -> dict[str, Task]:
    """The tasks with equal total weights of the classes."""
    for name, task in tasks.items():
        if not hasattr(task, "balanced"):
            raise JaxbioError(
                f"--balanced is for classes; the target {name} is numbers"
            )
    options: dict[str, Any] = {"balanced": True}
    return {name: dataclasses.replace(task, **options) for name, task in tasks.items()}


def _inputs(settings: Mapping[str, Any]) -> dict[str, Any] | None:
    given = settings.get("input")
    if given is None:
        return None
    if isinstance(given, Mapping):
        return dict(given)
    named = {}
    for text in [given] if isinstance(given, str) else given:
        column, colon, kind = text.rpartition(":")
        named[column if colon else text] = kind if colon else None
    return named


def _kinds(given: Any) -> dict[str, str]:
    """The kinds of `--kind COL:KIND`."""
    if isinstance(given, Mapping):
        return dict(given)
    pairs = [text.rpartition(":") for text in listed(given or ())]
    for text, (_, colon, _) in zip(listed(given or ()), pairs, strict=True):
        if not colon:
            raise JaxbioError(f"--kind {text}: give COLUMN:KIND, as age:numeric")
    return {column: kind for column, _, kind in pairs}


def _named_tasks(settings: Mapping[str, Any]) -> dict[str, Task] | None:
    """The tasks of `--target COL:TASK`; None if they are to be inferred."""
    given = settings.get("target") or []
    if isinstance(given, Mapping):
        return {
            name: make_task(task) if isinstance(task, str) else task_from_dict(task)
            for name, task in given.items()
        }
    pairs = [text.partition(":") for text in listed(given)]
    tasks = {name: make_task(task) for name, colon, task in pairs if colon}
    if tasks and len(tasks) < len(pairs):
        raise JaxbioError("name the task of every target, or of none")
    return tasks or None


def _targets(settings: Mapping[str, Any], tasks: Mapping[str, Task] | None) -> Any:
    """The target columns for `read`: with the kind of column if the task is known."""
    given = settings.get("target")
    if settings.get("task"):
        task = make_task(settings["task"])
        names = [text.partition(":")[0] for text in listed(given or [])]
        return {name: _column_kind(task) for name in names} or _column_kind(task)
    if tasks:
        return {name: _column_kind(task) for name, task in tasks.items()}
    return listed(given) if given else None


def _column_kind(task: Task) -> str:
    if not task.per_position:
        return task.target_kind
    return "positions_class" if task.target_kind == "class" else "positions_number"


def listed(values: Any) -> list[str]:
    """Texts of an option that may be given once or several times."""
    return [values] if isinstance(values, str) else list(values)


def columns_of(values: Any) -> list[str]:
    """Names of columns, of which each text may hold several with commas.

    Example:
        >>> columns_of(["age,sex", "ward"]), columns_of(None)
        (['age', 'sex', 'ward'], [])
    """
    parts = (text.split(",") for text in listed(values or ()))
    return [name.strip() for part in parts for name in part if name.strip()]


def _numbers(text: Any) -> tuple[float, ...]:
    if isinstance(text, list | tuple):
        return tuple(float(value) for value in text)
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise JaxbioError(
            f"--fractions {text}: give numbers, as in 0.8,0.1,0.1"
        ) from None
