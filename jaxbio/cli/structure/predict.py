"""`jaxbio structure predict`: from sequences to states of residues and backbones."""

import argparse
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_unknown,
    finish,
    make_folder,
    set_up,
)
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.formats import read_frames
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.parse import words
from jaxbio.data.io.write import write_table
from jaxbio.data.reading import stream
from jaxbio.errors import DataError, JaxbioError
from jaxbio.plot import save
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import load
from jaxbio.structure.files.predicted import (
    FORMATS,
    file_name,
    residue_table,
    summary_row,
    write_chain,
)
from jaxbio.structure.plot import predicted_structure
from jaxbio.structure.predict import Structure, predict_structures

_ROWS = 2048  # of a file, that are predicted at a time
_SILENT = 10.0  # seconds between two lines of progress
_SUMMARY, _RESIDUES = "summary.tsv", "residues.tsv"
_LEFT = re.compile(r"\.\d+\.")  # names of files that were not written to their ends


def add_parser(verbs) -> None:
    """Add the verb and its arguments."""
    predict = verbs.add_parser(
        "predict",
        help="predict the structures of sequences",
        description="Predict the structure of each sequence of a file: residues.tsv "
        "has a row a residue, summary.tsv a row a chain. If the run learned distances, "
        "each chain gets a backbone of N, CA, C, O and CB, with the confidence of each "
        "residue (0 to 100) as its B-factor. Stops and gaps have to be taken out "
        "first. Long chains are predicted in overlapping windows.",
        epilog="example:\n"
        "  jaxbio structure predict run new.fasta.gz -o predicted --pictures",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    predict.add_argument("run", metavar="RUN", help="the folder of a run")
    predict.add_argument(
        "data", metavar="SEQUENCES", help="a FASTA file or table, also .gz; - for stdin"
    )
    predict.add_argument(
        "-o", "--out", metavar="DIR", required=True, help="the folder to write to"
    )
    predict.add_argument(
        "--format", choices=FORMATS, default="pdb", help="of structures (default: pdb)"
    )
    predict.add_argument(
        "--no-coordinates",
        dest="coordinates",
        action="store_false",
        help="write no backbones, which take most of the time",
    )
    predict.add_argument(
        "--distances",
        action="store_true",
        help="write the distributions of distances, too, as NAME.npz",
    )
    predict.add_argument(
        "--pictures", action="store_true", help="draw each chain as NAME.png"
    )
    predict.add_argument(
        "--starts",
        type=int,
        default=8,
        metavar="N",
        help="from how many starts a chain is folded (default: 8)",
    )
    predict.add_argument(
        "--seed", type=int, default=0, help="of the noise of these starts (default: 0)"
    )
    predict.add_argument(
        "--protein",
        action="store_true",
        help="sequences of the letters A, C, G, T, U and N alone are proteins, too",
    )
    predict.add_argument(
        "--overwrite",
        action="store_true",
        help="take the place of the predictions in DIR, whose files are deleted",
    )
    add_unknown(predict)
    add_common(predict)


def run(options: argparse.Namespace) -> int:
    """Predict all sequences and write what was found."""
    set_up(options)
    watch = Stopwatch()
    if options.starts < 1:
        raise DataError(f"--starts {options.starts}: give 1 or more")
    predictor = load(options.run)
    folder = Path(options.out)
    chains = _chains(predictor, options)
    claim_folder(folder, overwrite=options.overwrite)
    counts = {"chains": 0, "residues": 0, "structures": 0}
    rows: list[dict[str, np.ndarray]] = []

    def tables() -> Iterator[dict[str, np.ndarray]]:
        for structure in _structures(predictor, chains, options):
            name = file_name(structure.name)
            write_chain(
                folder, structure, form=options.format, distances=options.distances
            )
            if options.pictures and (picture := predicted_structure(structure)):
                save(picture, folder / f"{name}.png")
            counts["chains"] += 1
            counts["residues"] += len(structure)
            counts["structures"] += structure.backbone is not None
            rows.append(summary_row(structure))
            for note in structure.notes:
                print(f"{structure.name}: {note}")
            yield residue_table(structure)

    write_table(tables(), folder / _RESIDUES)
    write_table(iter(rows), folder / _SUMMARY)
    rate = counts["residues"] / max(watch.seconds, 1e-9)
    print(
        f"{counts['chains']} chains, {counts['residues']:,} residues in "
        f"{watch.seconds:.1f} s ({rate:,.0f} a second), {counts['structures']} with "
        f"coordinates: {folder}"
    )
    finish(options, {**counts, "seconds": watch.seconds, "out": str(folder)})
    return 0


def _chains(predictor: Predictor, options: argparse.Namespace) -> dict[str, str]:
    """The sequences by name; no two names stand for one file on any system."""
    if options.data != STANDARD_INPUT and not Path(options.data).is_file():
        raise DataError(f"{options.data}: no such file")
    chains: dict[str, str] = {}
    files: dict[str, str] = {}
    for part in stream(
        options.data, predictor.schema, unknown=options.unknown, rows=_ROWS
    ):
        column = next(iter(part.inputs.values()))
        if not isinstance(column, Sequences):
            raise DataError(f"{options.run} is no run over sequences")
        assert part.ids is not None  # a Dataset numbers its rows itself
        for name, sequence in zip(map(str, part.ids), column.strings(), strict=True):
            file = file_name(name).casefold()
            if file in files:
                like = "" if files[file] == name else f" and {files[file]}"
                raise DataError(
                    f"{options.data}: two chains are called {name}{like}, and their "
                    f"files would have one name: give them different names"
                )
            chains[name], files[file] = sequence, name
    return chains


def claim_folder(folder: Path, *, overwrite: bool) -> None:
    """Make a folder for predictions, or clear it of earlier ones.

    Raises:
        JaxbioError: If it holds predictions and these are not to be overwritten.
    """
    make_folder(folder)
    earlier = [name for name in (_SUMMARY, _RESIDUES) if (folder / name).exists()]
    if earlier and not overwrite:
        raise JaxbioError(
            f"{folder} holds the predictions of an earlier run ({earlier[0]}): choose "
            f"another folder, or replace them by --overwrite"
        )
    names: set[str] = set()
    if _SUMMARY in earlier:
        for frame in read_frames(folder / _SUMMARY):
            names |= {file_name(name) for name in words(frame, "id")}
    for item in folder.iterdir():
        left = _LEFT.match(item.name) or item.name in earlier
        own = item.stem in names and item.suffix.lstrip(".") in (*FORMATS, "npz", "png")
        if item.is_file() and (left or own):
            item.unlink()


class FoldingProgress:
    """A line now and then that says how far the folding of a chain is.

    Args:
        chains: Sequences by name, in their order.
        starts: From how many starts each is folded.
    """

    def __init__(self, chains: dict[str, str], starts: int):
        self._sizes = {name: len(sequence) for name, sequence in chains.items()}
        self._places = {name: at for at, name in enumerate(chains, 1)}
        self._starts = starts
        self._begun = self._shown = time.perf_counter()

    def __call__(self, name: str, folded: int) -> None:
        """Print the line, if the one before is some time ago.

        The time left follows from the squares of the lengths of chains.
        """
        now = time.perf_counter()
        if now - self._shown < _SILENT:
            return
        self._shown = now
        done = total = 0.0
        for other, at in self._places.items():
            work = self._sizes[other] ** 2
            total += work
            done += work * (at < self._places[name])
        done += self._sizes[name] ** 2 * folded / self._starts
        left = (now - self._begun) * (total - done) / done
        print(
            f"{name} ({self._places[name]} of {len(self._places)}, "
            f"{self._sizes[name]:,} residues): {folded} of {self._starts} starts "
            f"folded; about {left:.0f} s left",
            flush=True,
        )


def _structures(
    predictor: Predictor, chains: dict[str, str], options: argparse.Namespace
) -> Iterator[Structure]:
    names = list(chains)
    progress = FoldingProgress(chains, options.starts)
    for start in range(0, len(names), _ROWS):
        some = names[start : start + _ROWS]
        yield from predict_structures(
            predictor,
            [chains[name] for name in some],
            names=some,
            coordinates=options.coordinates,
            starts=options.starts,
            seed=options.seed,
            unknown=options.unknown,
            protein=options.protein,
            on_progress=progress,
        )
