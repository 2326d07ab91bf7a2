"""Motifs of filters, and stretches that contribute."""

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.rows import chosen_rows, read_rows
from jaxbio.cli.explain.sanity import CHECKED, check_line, check_whole
from jaxbio.data import Dataset, write_table
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.errors import DataError
from jaxbio.explain.agreement import motif_agreement
from jaxbio.explain.modisco import write_modisco
from jaxbio.explain.motifs import (
    Motif,
    compare_motifs,
    filter_motifs,
    has_meme_alphabet,
    motif_of_sites,
    read_motifs,
    write_meme,
)
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.positions import SequenceAttribution, sequence_attributions
from jaxbio.explain.seqlets import find_seqlets, seqlet_table
from jaxbio.explain.targets import chosen_outputs, output_names, row_target
from jaxbio.plot import motif_logos, save
from jaxbio.predict.predictor import Predictor

_DRAWN = 24  # motifs, those with most information


def explain_by_motifs(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """Motifs of all sequences of the file, and what contributes in the chosen ones."""
    data = read_rows(predictor, options)
    column = plain(data.input(sequence_input(predictor.schema.inputs).name))
    assert isinstance(column, Sequences)  # as the model takes them
    known = read_motifs(options.known, column.alphabet) if options.known else []
    motifs = _of_filters(predictor, data)
    count = _seqlets(predictor, chosen_rows(predictor, options), folder, options)
    print(f"{len(motifs)} motifs of filters, {count} seqlets")
    if motifs:
        _write(motifs, known, folder, options)

        def again(other: Predictor) -> list[Motif]:
            with contextlib.suppress(DataError):  # of filters that nothing activates
                return filter_motifs(other, data)
            return []

        what = "motifs of filters"
        print(check_whole(predictor, motifs, again, motif_agreement, what=what))
    return len(data), "motifs.tsv" if motifs else "seqlets.tsv"


def _of_filters(predictor: Predictor, data: Dataset) -> list[Motif]:
    try:
        return filter_motifs(predictor, data)
    except DataError as error:
        print(error)
        return []


def _write(
    motifs: list[Motif], known: list[Motif], folder: Path, options: argparse.Namespace
) -> None:
    motifs = sorted(motifs, key=lambda x: -float(x.information.sum()))
    table = {
        "motif": np.array([x.name for x in motifs], object),
        "consensus": np.array([x.consensus for x in motifs], object),
        "bits": np.array([x.information.sum() for x in motifs], np.float32),
        "sites": np.array([x.sites for x in motifs]),
    }
    if known:
        found = compare_motifs(motifs, known)
        table["nearest"] = np.array([x.name for x in found], object)
        table["p"] = np.array([x.p for x in found], np.float32)
        table["strand"] = np.array([x.strand for x in found], object)
    write_table([table], folder / "motifs.tsv")
    if has_meme_alphabet(motifs[0].alphabet):
        write_meme(motifs, folder / "motifs.meme")
    page = motif_logos(
        [x.frequencies for x in motifs[:_DRAWN]],
        motifs[0].alphabet,
        titles=[f"{x.name}, {x.sites} sites" for x in motifs[:_DRAWN]],
    )
    save(page, folder / f"motifs.{options.format}")


def _seqlets(
    predictor: Predictor, data: Dataset, folder: Path, options: argparse.Namespace
) -> int:
    column = plain(data.input(predictor.schema.own[0].name))
    assert isinstance(column, Sequences)
    found = list(sequence_attributions(predictor, data, **attribution_flags(options)))
    print(check_attributions(predictor, data, found, options))
    stretches = find_seqlets([x.values for x in found], width=options.width)
    symbols = np.array(column.alphabet.spelt, object)
    rows = [
        column.codes[start:end]
        for start, end in zip(column.offsets[:-1], column.offsets[1:], strict=True)
    ]
    table = seqlet_table(stretches, ["".join(symbols[codes]) for codes in rows])
    table["row"] = np.array([data.origin.ids[x.row] for x in stretches], object)
    write_table([table], folder / "seqlets.tsv")
    raised = [rows[x.row][x.start : x.end] for x in stretches if x.contribution > 0]
    if raised and has_meme_alphabet(column.alphabet):
        write_meme(
            [motif_of_sites("seqlets", raised, column.alphabet)],
            folder / "seqlets.meme",
        )
    lengths = {len(x.values) for x in found}
    if len(lengths) == 1:
        hot = column.alphabet.profile[column.codes.reshape(len(found), -1)]
        write_modisco(
            folder,
            hot.astype(np.float32),
            np.stack([x.hypothetical for x in found]),
        )
    return len(stretches)


def attribution_flags(options: argparse.Namespace) -> dict[str, Any]:
    """What flags say about the contributions that motifs are found in."""
    return {
        "target": options.target,
        "label": options.label,
        "background": options.reference,
        "count": options.references,
    }


def check_attributions(
    predictor: Predictor,
    data: Dataset,
    found: Sequence[SequenceAttribution],
    options: argparse.Namespace,
) -> str:
    """The check of the contributions that motifs are found in.

    Args:
        predictor: The trained networks.
        data: The rows.
        found: Their contributions.
        options: Of the command.
    """
    spec = row_target(predictor.schema, options.target)
    few = data.take(np.arange(min(len(data), CHECKED)))
    codes = chosen_outputs(predictor, few, spec, options.label)
    explained = np.array(output_names(spec), object)[codes]
    how = attribution_flags(options)

    def again(other: Predictor, rows: Dataset, label: str | None) -> list[np.ndarray]:
        each = sequence_attributions(other, rows, **{**how, "label": label})
        return [one.values for one in each]

    first = [each.values for each in found[: len(few)]]
    return check_line(predictor, few, explained, first, again)


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--known",
        metavar="FILE",
        help="for motifs, a file of MEME or JASPAR with which they are compared; for "
        "modisco, of MEME",
    )
    group.add_argument(
        "--width",
        type=int,
        default=8,
        metavar="N",
        help="for motifs, positions of a seqlet (default: %(default)s)",
    )


METHODS = (
    Method(
        "motifs",
        "what the first filters look for, and the stretches of sequences that "
        "contribute",
        file=explain_by_motifs,
        check=lambda schema, options: sequence_input(schema.inputs),
        add_arguments=_add_arguments,
    ),
)
