"""Motifs of contributions, by TF-MoDISco."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.motifs import attribution_flags, check_attributions
from jaxbio.cli.explain.rows import chosen_rows
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from jaxbio.explain.modisco import (
    check_modisco,
    modisco_commands,
    reported_motifs,
    run_modisco,
    write_modisco,
)
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.positions import check_gradients, sequence_attributions
from jaxbio.predict.predictor import Predictor


def explain_by_modisco(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """The contributions of the chosen rows, and the motifs and the report of these."""
    check_gradients(predictor)
    data = chosen_rows(predictor, options)
    column = plain(data.input(predictor.schema.own[0].name))
    assert isinstance(column, Sequences)  # as the model takes them
    lengths = np.diff(column.offsets)
    other = int(np.flatnonzero(lengths != lengths[0])[0]) if np.ptp(lengths) else 0
    if other:
        raise DataError(
            f"TF-MoDISco takes sequences of one length: row {data.origin.ids[0]} has "
            f"{lengths[0]} letters, row {data.origin.ids[other]} {lengths[other]}"
        )
    length = int(lengths[0])
    how: dict[str, Any] = {"seqlets": options.seqlets, "known": options.known}
    modisco_commands(folder, length, **how)  # a mistake is told before the long part
    found = list(sequence_attributions(predictor, data, **attribution_flags(options)))
    write_modisco(
        folder,
        column.alphabet.profile[column.codes.reshape(len(data), length)],
        np.stack([each.hypothetical for each in found]),
    )
    print(check_attributions(predictor, data, found, options))
    page = run_modisco(folder, length, **how)
    motifs = reported_motifs(page)
    if motifs:
        print(f"{len(motifs)} motifs: {', '.join(motifs[:10])}")
    else:
        print(
            "no motif: TF-MoDISco needs some hundreds of seqlets; give more rows "
            "(--limit), in which the class of --label is likely"
        )
    return len(data), str(page.relative_to(folder))


def _check(schema: Schema, options: argparse.Namespace) -> None:
    sequence_input(schema.inputs)
    (spec,) = schema.own
    assert isinstance(spec, SequenceSpec)  # as the only input is a sequence
    if not spec.alphabet.complement:
        raise DataError(
            f"TF-MoDISco is for DNA and RNA, and the model takes {spec.alphabet.name}"
        )
    check_modisco(options.out)


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--seqlets",
        type=int,
        default=2000,
        metavar="N",
        help="for modisco, the most that are clustered (default: %(default)s)",
    )


METHODS = (
    Method(
        "modisco",
        "motifs of what contributes, by TF-MoDISco, with its report",
        file=explain_by_modisco,
        check=_check,
        add_arguments=_add_arguments,
    ),
)
