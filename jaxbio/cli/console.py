"""What a command shows: lines, a progress bar on a terminal, JSON at the end."""

import argparse
import contextlib
import functools
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxbio._cache import cache_folder
from jaxbio.cli.output import printable
from jaxbio.data.joined import join
from jaxbio.data.lookup import Lookup
from jaxbio.errors import DataError, JaxbioError
from jaxbio.run.clock import in_words
from jaxbio.train import Callback, Training

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def add_common(parser: argparse.ArgumentParser, *, device: bool = True) -> None:
    """The flags that commands share."""
    group = parser.add_argument_group("general")
    group.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line"
    )
    group.add_argument(
        "--plugin",
        action="append",
        metavar="MODULE",
        help="a module of yours, or its file, with parts that are registered; repeat "
        "for several",
    )
    if device:
        group.add_argument(
            "--device",
            choices=("cpu", "gpu", "tpu"),
            help="where to compute (default: the fastest that JAX finds)",
        )
        group.add_argument(
            "--compile-cache",
            metavar="DIR",
            help="where compiled programs are kept for the next time; 'none' for "
            "nowhere (default: JAX_COMPILATION_CACHE_DIR, else a cache folder of the "
            "user)",
        )


def add_id(parser: argparse.ArgumentParser) -> None:
    """The flag that says which column names the rows."""
    parser.add_argument(
        "--id",
        metavar="COL",
        help="the column with the names of the rows (default: the one of training if "
        "it is there, else id, else their numbers)",
    )


def add_unknown(parser: argparse.ArgumentParser) -> None:
    """The flag that says what happens to symbols and categories that are not known."""
    parser.add_argument(
        "--unknown",
        choices=("error", "any"),
        default="error",
        help="refuse symbols and categories that are not known, or accept them",
    )


def add_cells(parser: Any) -> None:
    """The flags that say how AnnData files are read."""
    parser.add_argument(
        "--layer",
        default=argparse.SUPPRESS,
        metavar="NAME",
        help="of an AnnData file, the matrix to read: X, raw, or the name of a layer "
        "(default: the one with raw counts)",
    )
    parser.add_argument(
        "--duplicates",
        choices=("error", "sum"),
        default=argparse.SUPPRESS,
        help="of an AnnData file, refuse genes that occur twice, or add their columns "
        "up (default: error)",
    )


def cells_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of `--layer` and `--duplicates`, where they are given."""
    return {n: settings[n] for n in ("layer", "duplicates") if n in settings}


def add_lookup(parser: Any) -> None:
    """The flag that says where the items stand to which rows refer."""
    parser.add_argument(
        "--lookup",
        action="append",
        default=argparse.SUPPRESS,
        metavar="INPUT=FILE[:KIND]",
        help="an input of which the rows hold the name only, and the table or FASTA "
        "file with the items; FILE:COLUMN:KIND where it is not clear which column, "
        "INPUT@COL=FILE where the rows' column is called otherwise; repeat for several",
    )


def add_missing(parser: Any) -> None:
    """The flag that says what stands for missing values."""
    parser.add_argument(
        "--missing",
        action="append",
        default=argparse.SUPPRESS,
        metavar="MARK",
        help="what stands for a missing value beside NA, ?, - and the like, such as "
        "-999, and beside the marks of the training rows; several may follow",
    )


def missing_of(options: argparse.Namespace) -> tuple[str, ...]:
    """The marks of `--missing`."""
    return tuple(getattr(options, "missing", ()))


def add_marks(parser: Any) -> None:
    """The flags that say how cells of tables are written."""
    group = parser.add_argument_group("cells of tables")
    add_missing(group)
    group.add_argument(
        "--present",
        action="append",
        default=argparse.SUPPRESS,
        metavar="MARK",
        help="a usual mark of missing values that is a value here, such as NA",
    )
    group.add_argument(
        "--decimal",
        choices=(".", ","),
        default=argparse.SUPPRESS,
        help="what stands before decimals (default: seen from the table)",
    )


def marks_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `read` for the flags of `add_marks`."""
    marks = {name: settings.get(name) or () for name in ("missing", "present")}
    listed = {n: (x,) if isinstance(x, str) else tuple(x) for n, x in marks.items()}
    return {**listed, "decimal": settings.get("decimal")}


def lookups_of(given: Sequence[str] | None) -> dict[str, Lookup]:
    """The lookups of `--lookup`."""
    found: dict[str, Lookup] = {}
    for name, lookup in map(Lookup.parse, given or ()):
        if name in found:
            raise JaxbioError(f"the file of {name} is given twice: give it once")
        found[name] = lookup
    return found


def add_join(parser: Any) -> None:
    """Add the flags for files with more columns of the same rows."""
    parser.add_argument(
        "--join",
        action="extend",
        nargs="+",
        default=argparse.SUPPRESS,
        metavar="FILE",
        help="files with more columns of the same rows, such as expression.parquet, "
        "with one row for each name in the column that they share with DATA",
    )
    parser.add_argument(
        "--join-on",
        default=argparse.SUPPRESS,
        metavar="COLUMN",
        help="the column by which files are joined (default: the one that they share)",
    )


def source_of(data: Any, settings: Mapping[str, Any] | None = None) -> Any:
    """One file, or a file for each class; with others joined, if settings say so.

    Args:
        data: What was given.
        settings: Those of `add_join`.
    """
    source, settings = _source_of(data), settings or {}
    if not settings.get("join"):
        if settings.get("join_on"):
            raise JaxbioError("--join-on names a column of --join files: give these")
        return source
    return join(source, settings["join"], on=settings.get("join_on"))


def _source_of(data: Any) -> Any:
    """One file, or a file for each class."""
    files = [data] if isinstance(data, str) else list(data)
    if len(files) == 1 and ("=" not in files[0] or Path(files[0]).exists()):
        return files[0]
    pairs = [text.partition("=") for text in files]
    wrong = [
        text for text, (_, equals, _) in zip(files, pairs, strict=True) if not equals
    ]
    if wrong:
        raise JaxbioError(
            f"several files: write CLASS=FILE for each class (got {wrong[0]!r}); files "
            f"with further rows go to --valid and --test"
        )
    return {label: path for label, _, path in pairs}


def set_up(options: argparse.Namespace) -> None:
    """Choose the device and the compile cache; before anything touches a device."""
    import jax

    if options.device:
        names = {"gpu": "cuda,rocm"}.get(options.device, options.device)
        jax.config.update("jax_platforms", names)
    try:
        jax.devices()
    except RuntimeError as error:
        raise JaxbioError(
            f"device {options.device} is not to be had here: {error}; install "
            f"jaxbio[gpu] for an NVIDIA GPU, or leave --device out"
        ) from None
    has_one = bool(jax.config.values["jax_compilation_cache_dir"])
    own = has_one and options.compile_cache is None
    if options.compile_cache != "none" and not own:
        folder = Path(options.compile_cache or cache_folder() / "xla")
        with contextlib.suppress(OSError):  # without a cache everything works, slower
            folder.mkdir(parents=True, exist_ok=True)
            jax.config.update("jax_compilation_cache_dir", str(folder))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
            jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def make_folder(folder: Path) -> None:
    """Make the folder that a command writes to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot make this folder: {error.strerror}"
        ) from None


def save_pages(pages: "Mapping[str, Figure]", folder: str | Path) -> None:
    """Write pictures into a folder, and say where.

    Args:
        pages: By name.
        folder: Made where it is not there.
    """
    from jaxbio.plot import save  # few commands draw

    make_folder(Path(folder))
    for name, page in pages.items():
        path = Path(folder) / f"{name.replace('/', '_')}.png"
        save(page, path)
        print(f"Picture: {path}")


def finish(options: argparse.Namespace, result: dict[str, Any]) -> None:
    """Print the result as JSON if that was asked for."""
    if options.json:
        print(json.dumps(result), flush=True)
        lost = getattr(sys.stdout, "lost", None)
        if lost is not None:
            raise JaxbioError(f"--json: standard output: {lost}")


STOPPED = 130
"""The exit code after Ctrl-C, as of shells."""

_WORTH_TELLING = 15  # seconds
_BETWEEN = 1.0
"""Seconds between two lines of progress."""


@contextlib.contextmanager
def training_progress() -> Iterator[Callback]:
    """A callback that prints a line an epoch, and a bar below them on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    below = getattr(sys.stdout, "raw", sys.stdout)
    marks = below is not None and not below.closed and below.isatty()
    # Marks of the bar go to a terminal as they are; lines are made printable.
    console = Console(
        file=below if marks else sys.stdout, highlight=False, soft_wrap=True
    )
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    shown = Progress(*columns, console=console, transient=True)
    with shown if console.is_terminal else contextlib.nullcontext():
        yield _Lines(shown)


class _Lines(Callback):
    """A line an epoch, above a bar."""

    def __init__(self, shown: Any):
        self._shown = shown
        self._print = functools.partial(shown.console.print, markup=False)
        self._training = Training()
        self._shown_at = 0.0
        self._left = 0.0
        self._estimated: set[str | None] = set()
        self._done: dict[tuple[Any, int], int] = {}  # of each network, the epochs

    def _show(self, line: str) -> None:
        self._print(printable(line))

    def on_note(self, line: str) -> None:
        """Print it."""
        self._show(line)

    def on_start(self, model: Any, training: Training) -> None:
        """Print what is going to be trained."""
        self._training = training
        self._show(describe_plan(model, training))
        parts = getattr(model, "parts", None)
        kinds = len(parts) if isinstance(parts, Mapping) else 1
        networks = training.members * kinds
        self._shown.add_task("training", total=training.epochs * networks)

    def on_pace(self, record: Mapping[str, Any]) -> None:
        """Say once how long networks will take, and keep it for their epochs."""
        who = record.get("part"), record["member"]
        self._left = record["seconds"]
        if who[0] not in self._estimated and self._left >= _WORTH_TELLING:
            self._estimated.add(who[0])
            name = who[0] or "training"
            self._show(f"{name}: at most {in_words(self._left)}; less if it ends early")

    def on_epoch(self, record: Mapping[str, Any], weights: Any) -> None:
        """Print a line, unless epochs are so short that they would fill the screen."""
        last = record["epoch"] == self._training.epochs
        now = time.perf_counter()
        if last or now - self._shown_at >= _BETWEEN:
            self._shown_at = now
            left = self._left
            ending = f", at most {in_words(left)} left" if left > _WORTH_TELLING else ""
            self._show(_line(record, self._training.members) + ending)
        self._done[record.get("part"), record["member"]] = record["epoch"]
        completed = sum(self._done.values())
        self._shown.update(self._shown.task_ids[0], completed=completed)


def describe_plan(model: Any, training: Training) -> str:
    """What is going to be trained, in one line."""
    if isinstance(getattr(model, "parts", None), Mapping):  # a mixture
        kinds = "; ".join(
            f"{name} ({_encoders(part)})" for name, part in model.parts.items()
        )
        return (
            f"{len(model.parts)} kinds of models in turn, then weighed by validation "
            f"rows: {kinds}"
        )
    networks = f"{training.members} networks" if training.members > 1 else "one network"
    return (
        f"{_encoders(model)}: {networks}, at most {training.epochs} epochs in "
        f"batches of {training.batch_size} by {training.optimizer} at "
        f"{training.learning_rate:g}"
    )


def _encoders(model: Any) -> str:
    parts = getattr(model, "parts", ()) or (model,)
    return " + ".join(dict.fromkeys(type(each).__name__ for each in parts))


def _line(record: Mapping[str, Any], members: int) -> str:
    part = record.get("part", "network")
    who = f"{part} {record['member'] + 1} " if members > 1 or "part" in record else ""
    metrics = [
        f"{name} {value:.4f}"
        for name, value in record.items()
        if name.startswith("valid_") and name != "valid_loss" and value is not None
    ]
    return (
        f"{who}epoch {record['epoch']:3d}  train loss {record['train_loss']:.4f}  "
        f"valid loss {record['valid_loss']:.4f}  {'  '.join(metrics)}  "
        f"{record['seconds']:.1f} s"
    )


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self):
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The seconds so far."""
        return round(time.perf_counter() - self._start, 2)
