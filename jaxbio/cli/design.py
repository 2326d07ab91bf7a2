"""`jaxbio design`: sequences with wanted predictions."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_missing,
    finish,
    missing_of,
    set_up,
)
from jaxbio.cli.rounds import with_rows
from jaxbio.data.formats import read_frames
from jaxbio.data.io.parse import texts
from jaxbio.data.io.write import write_table
from jaxbio.data.mutations import letters_of, mutated, parse_mutations
from jaxbio.data.sequence_files import SEQUENCE_COLUMNS, read_sequences
from jaxbio.design import (
    METHODS,
    Constraints,
    Known,
    Term,
    choose,
    design,
)
from jaxbio.design.objective import resolve, sequence_input
from jaxbio.design.optimism import Optimism
from jaxbio.errors import DataError, nearest
from jaxbio.explain.targets import output_names
from jaxbio.predict.mutants import mutation_column
from jaxbio.predict.predictor import Predictor
from jaxbio.run import load

_BATCH_DIVERSITY = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio design`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "examples:\n"
        "  jaxbio design run --start wild.fa --raise fitness -n 96 -o proposals.tsv\n"
        "  jaxbio design run --start s.fa --target dG:-2.5 --max-edits 4 -o p.tsv\n"
        "  jaxbio design run --start gene.fa --lower noise --synonymous --enzyme EcoRI "
        "-o p.tsv\n"
        "  jaxbio design run --candidates library.csv --raise fitness --optimism ucb "
        "-o p.tsv\n"
        "  jaxbio design run --measured round1.csv --save run2 --raise fitness "
        "--batch 96 -o round2.tsv"
    )
    parser.add_argument(
        "model", metavar="RUN", help="a run whose only input is DNA, RNA or protein"
    )
    parser.add_argument(
        "--start",
        metavar="FILE",
        help="the sequences to begin from: a file of sequences, or a table with the "
        "column sequence (default: with --training or --measured their best ones)",
    )
    parser.add_argument(
        "--candidates",
        metavar="FILE",
        help="choose among listed sequences and search for no others; or among "
        "mutations of the start such as A42G:K50R, in the column mutations of a table",
    )
    rounds = parser.add_argument_group("rounds of measurements")
    rounds.add_argument(
        "--measured",
        action="append",
        default=[],
        metavar="FILE",
        help="labelled rows of earlier rounds: the model is trained anew with them, "
        "and they are not proposed again; repeat for several",
    )
    rounds.add_argument(
        "--training",
        metavar="FILE",
        help="the rows that the run learned from, for the distance of proposals from "
        "them (default: with --measured those that the run remembers)",
    )
    rounds.add_argument(
        "--save",
        metavar="RUN",
        help="the folder to make for the model that is trained anew",
    )
    rounds.add_argument(
        "--members",
        type=int,
        metavar="N",
        help="networks of the model that is trained anew (default: as before)",
    )
    rounds.add_argument(
        "--starts",
        type=int,
        default=5,
        metavar="N",
        help="how many of the best measured sequences to begin from, without --start "
        "(default: 5)",
    )
    wish = parser.add_argument_group("what is wanted; several are added up")
    for name, text in (("raise", "large"), ("lower", "small")):
        wish.add_argument(
            f"--{name}",
            action="append",
            default=[],
            dest={"raise": "raise_"}.get(name, name),
            metavar="TARGET",
            help=f"a target that shall be {text}; repeat for several",
        )
    wish.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="TARGET:VALUE",
        help="a target that shall have a value, a probability for classes; repeat for "
        "several",
    )
    wish.add_argument(
        "--label", metavar="NAME", help="the class, label or column of a target"
    )
    _add_rules(parser.add_argument_group("rules that every proposal keeps"))
    search = parser.add_argument_group("search")
    search.add_argument(
        "--method",
        choices=tuple(METHODS),
        default="evolution",
        help="how to search (default: evolution)",
    )
    search.add_argument(
        "-n", type=int, default=10, help="the most proposals (default: 10)"
    )
    search.add_argument(
        "--calls",
        type=int,
        default=2000,
        metavar="N",
        help="sequences that the model scores, divided among the starts (default: "
        "2000)",
    )
    search.add_argument(
        "--min-distance",
        type=int,
        default=1,
        metavar="N",
        help="letters in which proposals differ at least (default: 1)",
    )
    search.add_argument(
        "--optimism",
        default="mean",
        metavar="HOW",
        help="how the disagreement of an ensemble counts: mean, ucb (ucb:2 for two "
        "standard deviations more), ei (expected improvement) or thompson (each "
        "network's best in turn) (default: mean)",
    )
    search.add_argument(
        "--batch",
        type=int,
        metavar="N",
        help="as -n N, with --diversity 0.1: what is measured together shall differ",
    )
    search.add_argument(
        "--diversity",
        type=float,
        metavar="W",
        help="how much it counts that proposals are unlike each other (default: 0)",
    )
    search.add_argument(
        "--pareto",
        action="store_true",
        help="several wishes are not added up: propose what nothing is better than in "
        "all of them",
    )
    search.add_argument("--seed", type=int, default=0, help="(default: 0)")
    parser.add_argument(
        "--judge",
        metavar="RUN",
        help="a run that was trained apart, which the search does not see: its "
        "predictions stand beside",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: .tsv, .csv or .parquet, or - for standard output",
    )
    add_missing(parser)
    add_common(parser)


def _add_rules(group: Any) -> None:
    for name, text in (
        ("fixed", "positions that keep their letter, as in 1-20,35"),
        ("free", "positions that may change, all others being fixed"),
    ):
        group.add_argument(f"--{name}", metavar="LIST", help=text)
    group.add_argument(
        "--forbid",
        action="append",
        default=[],
        metavar="MOTIF",
        help="a motif that must not occur, on neither strand; repeat for several",
    )
    group.add_argument(
        "--enzyme",
        action="append",
        default=[],
        metavar="NAME",
        dest="enzymes",
        help="a restriction enzyme without a site, as EcoRI; repeat for several",
    )
    group.add_argument(
        "--gc",
        type=float,
        nargs=2,
        metavar=("LEAST", "MOST"),
        help="the share of G and C, from 0 to 1",
    )
    group.add_argument(
        "--max-homopolymer", type=int, metavar="N", help="the longest run of a letter"
    )
    group.add_argument(
        "--max-edits", type=int, metavar="N", help="letters that differ from the start"
    )
    group.add_argument(
        "--synonymous",
        action="store_true",
        help="only codons of the same amino acid; starts begin with a whole codon",
    )
    group.add_argument(
        "--code",
        type=int,
        default=1,
        metavar="N",
        help="the genetic code of --synonymous, by NCBI's number (default: 1)",
    )


def run(options: argparse.Namespace) -> int:
    """Search, and write a table of proposals."""
    set_up(options)
    watch = Stopwatch()
    predictor, known = load(options.model, missing=missing_of(options)), None
    terms = _terms(options, predictor)
    for term in terms:
        resolve(predictor, term)  # a mistake is told before anything is trained
    Optimism.parse(options.optimism)
    notes: list[str] = []
    if options.measured or options.training:
        predictor, known, notes = with_rows(
            options.model,
            terms,
            measured=options.measured,
            training=options.training,
            missing=missing_of(options),
            save=options.save,
            members=options.members,
        )
    elif options.save or options.members:
        name = "--save" if options.save else "--members"
        raise DataError(
            f"{name} is about a model that is trained anew: give --measured"
        )
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    starts = _starts(options, predictor, known)
    how: dict[str, Any] = {
        "constraints": _rules(options),
        "n": options.batch or options.n,
        "optimism": options.optimism,
        "min_distance": options.min_distance,
        "diversity": _diversity(options),
        "pareto": options.pareto,
        "known": known,
        "judge": None if options.judge is None else load(options.judge),
        "seed": options.seed,
    }
    if options.candidates is not None:
        listed = _candidates(options, predictor, starts)
        found = choose(predictor, listed, terms, starts=starts, **how)
    else:
        more = {"method": options.method, "calls": options.calls}
        found = design(predictor, starts, terms, **more, **how)
    write_table([dict(found.table)], options.out)
    if options.out != "-":
        print(
            f"{len(found):,} proposals from {found.calls:,} calls in "
            f"{watch.seconds:.1f} s: {options.out}"
        )
    result = {"proposals": len(found), "calls": found.calls, "out": options.out}
    finish(options, {**result, "notes": notes})
    return 0


def _rules(options: argparse.Namespace) -> Constraints:
    return Constraints(
        fixed=positions(options.fixed, "--fixed") if options.fixed else (),
        free=positions(options.free, "--free") if options.free else None,
        forbid=tuple(options.forbid),
        enzymes=tuple(options.enzymes),
        gc=None if options.gc is None else (options.gc[0], options.gc[1]),
        max_homopolymer=options.max_homopolymer,
        max_edits=options.max_edits,
        synonymous=options.synonymous,
        code=options.code,
    )


def _diversity(options: argparse.Namespace) -> float:
    if options.diversity is not None:
        return options.diversity
    return _BATCH_DIVERSITY if options.batch else 0.0


def positions(text: str, flag: str) -> tuple[int, ...]:
    """Positions and ranges of a list.

    Raises:
        DataError: For what is neither.

    Example:
        >>> positions("2-4,9", "--fixed")
        (2, 3, 4, 9)
    """
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        ends = (first, last or first)
        if not all(end.isdecimal() for end in ends) or int(ends[0]) > int(ends[1]):
            raise DataError(
                f"{flag} {text}: {part!r} is no position and no range: write 1-20,35"
            )
        found += range(int(ends[0]), int(ends[1]) + 1)
    return tuple(found)


def _starts(
    options: argparse.Namespace, predictor: Predictor, known: Known | None
) -> dict[str, str]:
    """Sequences to begin from: those given, or the best that were measured."""
    if options.start is not None:
        return _named(options.start)
    if options.candidates is not None:
        return {}
    if known is None:
        raise DataError(
            "where to begin? Give --start FILE, or --training FILE to begin from its "
            "best sequences"
        )
    if options.starts < 1:
        raise DataError(f"--starts {options.starts}: give at least 1")
    alphabet = sequence_input(predictor).alphabet
    top = known.top(options.starts)
    if not top:
        raise DataError("no row has a measured value to begin from: give --start FILE")
    return {name: alphabet.decode(known.codes[at]) for name, at in top.items()}


def _named(path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, letters in read_sequences(path):
        if name in found:
            raise DataError(
                f"{path} has two sequences {name!r}: give each its own name"
            )
        found[name] = letters
    if not found:
        raise DataError(f"{path} has no sequence")
    return found


def _candidates(
    options: argparse.Namespace, predictor: Predictor, starts: Mapping[str, str]
) -> dict[str, str]:
    """Listed sequences, or listed mutations of the only start."""
    path, found = options.candidates, {}
    symbols = sequence_input(predictor).alphabet.symbols
    for frame in read_frames(path):
        if any(name in frame.columns for name in SEQUENCE_COLUMNS):
            return _named(path)
        name = mutation_column(frame)
        if len(starts) != 1:
            raise DataError(
                f"{path} lists mutations in the column {name}: give the one sequence "
                f"that they change by --start"
            )
        (parent,) = (letters_of(text, symbols) for text in starts.values())
        cells = texts(frame, name)
        where = [f"{path}, row {row}, column {name}" for row in frame.rows]
        variants = parse_mutations(cells, parent, symbols=symbols, where=where)
        for cell, variant in zip(cells, variants, strict=True):
            found[cell] = mutated(parent, variant)
    if not found:
        raise DataError(f"{path} has no rows")
    return found


def _terms(options: argparse.Namespace, predictor: Any) -> list[Term]:
    terms = [Term(name, "raise") for name in options.raise_]
    terms += [Term(name, "lower") for name in options.lower]
    for text in options.target:
        name, _, value = text.rpartition(":")
        try:
            terms.append(Term(name, "target", float(value)))
        except ValueError:
            raise DataError(
                f"--target {text}: write TARGET:VALUE, as in --target dG:-2.5"
            ) from None
    if not terms:
        names = ", ".join(spec.name for spec in predictor.schema.targets)
        raise DataError(
            f"nothing is wanted: give --raise, --lower or --target. There are {names}"
        )
    if options.label is None:
        return terms
    return _labelled(terms, options.label, predictor)


def _labelled(terms: list[Term], label: str, predictor: Any) -> list[Term]:
    """The terms, with the label where the target has it."""
    names = {s.name: output_names(s) for s in predictor.schema.targets}
    having = [name for name in names if label in names[name]]
    if not any(term.target in having for term in terms):
        every = [x for term in terms for x in names.get(term.target, ())]
        raise DataError(f"no target has {label!r}: {nearest(label, every)}")
    return [
        Term(t.target, t.direction, t.value, label) if t.target in having else t
        for t in terms
    ]
