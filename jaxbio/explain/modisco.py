"""TF-MoDISco: what it reads, and running it where modisco-lite is installed."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from jaxbio.errors import DataError, JaxbioError, option

_WINDOW = 400  # positions about the middle, as modisco-lite takes by default
_SHORTEST = 40  # a seqlet with its flanks has 30
_PAGES = ("report.html", "motifs.html")  # since version 3 of modisco-lite, and before
_PATTERN = re.compile(r"\b(?:pos|neg)_patterns\.pattern_\d+")


def write_modisco(
    folder: str | Path,
    sequences: Float32[np.ndarray, "n len symbols"],
    hypothetical: Float32[np.ndarray, "n len symbols"],
) -> tuple[Path, Path]:
    """Write what `modisco motifs -s ohe.npz -a contributions.npz` reads.

    Args:
        folder: Where to write.
        sequences: One-hot, of one length.
        hypothetical: What each symbol would contribute at each position.

    Returns:
        Both files, of arrays `[n symbols len]`.

    Source:
        Shrikumar et al. 2018, TF-MoDISco; the layout is that of modisco-lite.
    """
    paths = Path(folder) / "ohe.npz", Path(folder) / "contributions.npz"
    for path, values in zip(paths, (sequences, hypothetical), strict=True):
        array: Any = np.ascontiguousarray(values.swapaxes(1, 2))
        np.savez_compressed(path, array)
    return paths


def modisco_commands(
    folder: str | Path,
    length: int,
    *,
    seqlets: int = 2000,
    known: str | Path | None = None,
) -> list[list[str]]:
    """The commands that make motifs and their report of what `write_modisco` wrote.

    Args:
        folder: With the files; the results go there, too.
        length: Of the sequences; of longer ones than 400 the middle is looked at.
        seqlets: The most that are clustered, of those that raise and that lower.
        known: A MEME file with which motifs are compared: by TOMTOM of the MEME suite
            where it is installed, else by that of memelite.

    Returns:
        Words of each command.

    Raises:
        DataError: For no seqlets, or sequences that are too short.

    Example:
        >>> motifs, report = modisco_commands("why", 101)
        >>> " ".join(report)
        'modisco report -i why/modisco.h5 -o why/report -s ./'
        >>> motifs[motifs.index("-w") + 1]
        '100'
    """
    if seqlets < 1:
        raise DataError(f"{option('seqlets', seqlets)}: give 1 or more")
    if length < _SHORTEST:
        raise DataError(
            f"sequences of {length} letters: TF-MoDISco needs {_SHORTEST} or more; "
            f"{option('method', 'motifs')} finds seqlets in shorter ones"
        )
    folder = Path(folder)
    # It fails on sequences that are shorter than the window.
    window = min(_WINDOW, length - length % 2)
    results = str(folder / "modisco.h5")
    motifs = ["-s", str(folder / "ohe.npz"), "-a", str(folder / "contributions.npz")]
    motifs += ["-n", str(seqlets), "-w", str(window), "-o", results]
    report = ["-i", results, "-o", str(folder / "report"), "-s", "./"]
    if known is not None:
        # By memelite, which modisco-lite brings along, without the MEME suite.
        report += [] if shutil.which("tomtom") else ["-l"]
        report += ["-m", str(known)]
    return [["modisco", "motifs", *motifs], ["modisco", "report", *report]]


def check_modisco(folder: str | Path = "DIR") -> None:
    """Refuse to go on without modisco-lite.

    Args:
        folder: Where its files will be, for the commands that are told.

    Raises:
        JaxbioError: If the command `modisco` is not found.
    """
    if _program() is None:
        lines = (shlex.join(words) for words in modisco_commands(folder, _WINDOW))
        raise JaxbioError(
            "there is no command modisco: pip install modisco-lite, best in an "
            f"environment of its own. {option('method', 'motifs')} writes what it "
            f"reads; for sequences of {_WINDOW} letters or more go on with\n  "
            + "\n  ".join(lines)
            + "\nand for shorter ones with their length after -w"
        )


def _program() -> str | None:
    """The command of the path, or of the environment that runs, active or not."""
    here = str(Path(sys.executable).parent)
    return shutil.which("modisco") or shutil.which("modisco", path=here)


def run_modisco(
    folder: str | Path,
    length: int,
    *,
    seqlets: int = 2000,
    known: str | Path | None = None,
) -> Path:
    """Let modisco-lite make motifs and a report; see `modisco_commands`.

    Args:
        folder: As for `modisco_commands`.
        length: As for `modisco_commands`.
        seqlets: As for `modisco_commands`.
        known: As for `modisco_commands`.

    Returns:
        The page of the report.

    Raises:
        DataError: As for `modisco_commands`.
        JaxbioError: Without modisco-lite, or if it fails or writes no report, with what
            it said.
    """
    commands = modisco_commands(folder, length, seqlets=seqlets, known=known)
    check_modisco(folder)
    program = str(_program())
    said, words = [], []
    for words in commands:
        done = subprocess.run(
            [program, *words[1:]], capture_output=True, text=True, check=False
        )
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        if done.returncode:
            raise JaxbioError(
                f"{shlex.join(words)} ended with code {done.returncode}: {said[-1]}"
            )
    for name in _PAGES:
        page = Path(folder) / "report" / name
        if page.is_file():
            return page
    raise JaxbioError(f"{shlex.join(words)} wrote no {' or '.join(_PAGES)}: {said[-1]}")


def reported_motifs(page: str | Path) -> list[str]:
    """The motifs of a report of modisco-lite, in its order.

    Args:
        page: As `run_modisco` gives it.

    Returns:
        Their names, as `pos_patterns.pattern_0`; `neg_patterns` lower the output.
    """
    text = Path(page).read_text(encoding="utf-8", errors="replace")
    return list(dict.fromkeys(_PATTERN.findall(text)))
