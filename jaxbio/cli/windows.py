"""Windows of a genome for commands: the flags that say how they are cut."""

import argparse
from collections.abc import Mapping
from typing import Any

from jaxbio.errors import JaxbioError
from jaxbio.genome.windows import Windows, read_windows

_OWN = ("about", "offset", "feature", "negatives", "ratio", "avoid", "summary")
_OPTIONS = (*_OWN, "bins", "uncovered")


def add_windows(parser: Any, *, labels: bool = True, again: bool = False) -> None:
    """Add the flags.

    Args:
        parser: A parser, or a group of it.
        labels: Whether those for negatives and tracks are among them.
        again: Whether a run keeps how its windows were cut, which is then the default.
    """
    usual = (lambda text: "as in training") if again else (lambda text: text)

    def add(name: str, **options: Any) -> None:
        parser.add_argument(name, default=argparse.SUPPRESS, **options)

    add(
        "--genome",
        metavar="FILE",
        help="the FASTA or GenBank file in which DATA are intervals: BED, narrowPeak, "
        "broadPeak, GFF3, GTF, GenBank, or a table with chrom, start and end",
    )
    add(
        "--length",
        type=int,
        metavar="N",
        help="bases of the window about each interval"
        + (" (default: as in training)" if again else ""),
    )
    add(
        "--about",
        choices=("center", "start", "end", "summit"),
        help="the point of an interval that its window stands about: its center, its "
        "start or end on its strand, or the summit of a narrowPeak "
        f"(default: {usual('center')})",
    )
    add(
        "--offset",
        type=int,
        metavar="N",
        help="move windows N bases downstream on their strands; below 0 upstream "
        f"(default: {usual('0')})",
    )
    add(
        "--feature",
        metavar="TYPE",
        help="of GFF3, GTF and GenBank files, the type of features, such as gene",
    )
    if not labels:
        return
    add(
        "--negatives",
        choices=("matched", "shuffled"),
        help="draw as many other places, matched by G and C and by repeats (small "
        "letters), or take the windows with their letters shuffled but for pairs of "
        "neighbours; and learn to tell them apart: the label positive or negative",
    )
    add(
        "--ratio",
        type=float,
        metavar="X",
        help=f"negatives for each window (default: {usual('1')})",
    )
    add(
        "--avoid",
        choices=("intervals", "windows"),
        help="what negatives never overlap: intervals and their windows, or windows "
        f"alone, where intervals such as genes leave no room (default: "
        f"{usual('intervals')})",
    )
    add(
        "--tracks",
        action="extend",
        nargs="+",
        metavar="[NAME=]FILE",
        help="bigWig files whose values in each window are to be learned; without DATA "
        "in windows over the whole genome",
    )
    add(
        "--summary",
        choices=("mean", "sum", "max", "profile"),
        help="what of these values: one number, or all of them as a profile, by the "
        "multinomial likelihood of the counts in --bins and of their total (default: "
        f"{usual('mean, or with --bins profile')})",
    )
    add(
        "--bins",
        type=int,
        metavar="N",
        help="in how many parts of a window values are summarised (default: "
        f"{usual('1')})",
    )
    add(
        "--uncovered",
        choices=("missing", "zero"),
        help="leave bases without a value out, or read them as 0 (default: "
        f"{usual('missing, and in profiles 0')})",
    )


def given_windows(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `read_windows` that flags give."""
    found = {n: settings[n] for n in _OPTIONS if settings.get(n) is not None}
    if settings.get("length") is not None:
        found["length"] = int(settings["length"])
    if settings.get("tracks"):
        found["tracks"] = tracks_of(settings["tracks"])
    return found


def tracks_of(given: Any) -> Any:
    """The files of `--tracks`, by name where names are given."""
    texts = [given] if isinstance(given, str) else given
    if isinstance(texts, Mapping):
        return dict(texts)
    pairs = [text.partition("=") for text in texts]
    if all(equals for _, equals, _ in pairs):
        return {name: path for name, _, path in pairs}
    return list(texts)


def windows_of(settings: Mapping[str, Any], data: Any, seed: int) -> Windows:
    """Cut windows as options say.

    Raises:
        JaxbioError: If there is no length, and for files that cannot be used.
    """
    given = given_windows(settings)
    if "length" not in given:
        raise JaxbioError(
            "--genome: how long are windows? Give --length, such as --length 1000"
        )
    return read_windows(data, settings["genome"], seed=seed, **given)
