"""Effects of the variants of a file, from file to file.

A file is read three times: to check all of it against the genome before the long work,
to score its alleles, some records at a time, and to write each record with its scores.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.write import write_table
from jaxbio.errors import JaxbioError, nearest, option
from jaxbio.genome.effect_outputs import outputs_of
from jaxbio.genome.likelihood_effects import LikelihoodEffects
from jaxbio.genome.matching import REASONS, Allele, Rule, Tally, blocks, match
from jaxbio.genome.network_effects import NetworkEffects
from jaxbio.genome.profile_effects import ProfileEffects
from jaxbio.genome.records import (
    InfoField,
    Record,
    VariantFile,
    annotated,
    check_out,
    write_records,
)
from jaxbio.genome.reference import Reference
from jaxbio.genome.scoring import Effects, Scorer
from jaxbio.models import Masked
from jaxbio.predict.parts import Parts, load_part
from jaxbio.predict.predictor import Predictor
from jaxbio.predict.symbols import symbol_model
from jaxbio.run.fitting import load
from jaxbio.run.symbols import is_run
from jaxbio.version import __version__

if TYPE_CHECKING:
    import pandas

BACKGROUND = 20
"""Random edits beside each allele, unless another number is asked for."""

_ROWS = 4096  # records of a part
_STRANDS = ("both", "forward", "reverse")
_TABLES = (".tsv", ".csv", ".parquet", ".txt")


@runtime_checkable
class VariantSource(Protocol):
    """Where records come from: a VCF or BCF file, a table, or the bases of regions."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    def records(self) -> Iterator[Record]:
        """All records, each time anew."""
        ...

    def columns(self, records: Sequence[Record]) -> dict[str, Sequence[Any]]:
        """What a table shows of some records, beside the scores of each allele."""
        ...


@runtime_checkable
class Annotator(Protocol):
    """What else is said of records, such as their consequences for proteins."""

    @property
    def fields(self) -> Sequence[InfoField]:
        """The fields of INFO that it fills."""
        ...

    def __call__(self, records: Sequence[Record]) -> list[Mapping[str, str]]:
        """For each record the text of its fields, as it stands in INFO."""
        ...


@dataclasses.dataclass(frozen=True)
class VariantScores:
    """What became of a file of variants.

    Attributes:
        out: The file that was written; None for none.
        index: Its index; None for none.
        tally: Records, alleles, and those without a score, counted.
        notes: What a reader should know, a sentence each.
        fields: What was written of each allele.
        table: A row an allele, where no file was asked for.
    """

    out: Path | None
    index: str | None
    tally: Tally
    notes: tuple[str, ...]
    fields: tuple[InfoField, ...]
    table: Mapping[str, np.ndarray] | None = None

    def frame(self) -> "pandas.DataFrame":
        """The scores as a DataFrame, where no file was asked for.

        Raises:
            JaxbioError: If they were written to a file.
        """
        import pandas

        if self.table is None:
            raise JaxbioError(f"the scores were written to {self.out}: read them there")
        return pandas.DataFrame(dict(self.table))


def effects_by(
    model: Any,
    *,
    length: int | None = None,
    strands: str = "both",
    outputs: Sequence[str] = (),
    method: str = "masked",
) -> Effects:
    """What measures pairs of windows by a model.

    Args:
        model: A run or its predictor, what `jaxbio.pretrained` gave, or a name or
            folder for it.
        length: Of the windows; None for what the model was made for.
        strands: `both` for means over both strands, `forward` or `reverse`. A network
            that averages its outputs over both strands itself sees one of them; RNA has
            one.
        outputs: Which outputs of the model; none for all.
        method: Of a model that learned without labels; see `LikelihoodEffects`.

    Raises:
        JaxbioError: For a model that cannot score variants.
    """
    if strands not in _STRANDS:
        raise JaxbioError(f"strands={strands!r}: {nearest(strands, _STRANDS)}")
    model = opened(model)
    if isinstance(model, Predictor) and not isinstance(model.model, Masked):
        if method != "masked":
            raise JaxbioError(
                f"{option('method', method)} is for models that learned without "
                f"labels: this one predicts {', '.join(_targets(model))}"
            )
        chosen = outputs_of(model.schema, outputs)
        kind = ProfileEffects if chosen[0].along else NetworkEffects
        return kind(model, chosen, length=length, strands=strands)
    if outputs:
        raise JaxbioError(
            f"{option('output', outputs[0])}: a model that learned without labels has "
            f"one score, the likelihood of the bases"
        )
    known = symbol_model(model)
    return LikelihoodEffects(known, length=length, strands=strands, method=method)


def opened(model: Any) -> Any:
    """The predictor of a run or its folder, or the model as it is given."""
    if isinstance(model, str | Path) and is_run(model):
        return load(model)
    return getattr(model, "predictor", model)


def _targets(model: Predictor) -> list[str]:
    return [spec.name for spec in model.schema.targets]


def score_variants(
    model: Any,
    variants: "str | Path | VariantSource",
    genome: "str | Path | Reference",
    out: str | Path | None = None,
    *,
    mismatch: str = "error",
    length: int | None = None,
    strands: str = "both",
    shifts: int = 0,
    background: int = BACKGROUND,
    outputs: Sequence[str] = (),
    method: str = "masked",
    prefix: str = "JB",
    seed: int = 0,
    annotators: Sequence[Annotator] = (),
    on_part: Callable[[int, int, bool], None] = lambda done, total, is_new: None,
    on_note: Callable[[str], None] = lambda note: None,
) -> VariantScores:
    """Score the variants of a file; goes on where it was stopped.

    Both alleles of each variant are put into windows of the genome by the rule of
    `jaxbio.genome.alleles`, and the model sees both. Windows that are alike are
    computed once. All of the file is checked first.

    Args:
        model: As for `effects_by`.
        variants: A VCF file, also `.gz`, or a BCF file.
        genome: A FASTA file.
        out: Where to write: `.vcf`, `.vcf.gz` or `.bcf` for all records of the file as
            they are, with further fields of INFO; `.tsv`, `.csv` or `.parquet` for a
            row an ALT allele, `-` for such rows on standard output. None to give the
            table back.
        mismatch: Where REF is not what the genome has: `error`, `skip` for no score,
            `both` to put both alleles of the file into the genome.
        length: As for `effects_by`.
        strands: As for `effects_by`.
        shifts: Scores are means over windows moved by up to so many bases.
        background: Random edits of the same kind in the same windows, beside which an
            allele's standard score and empirical p are taken; 0 for none.
        outputs: As for `effects_by`.
        method: As for `effects_by`.
        prefix: What the names of new fields begin with.
        seed: Of the random edits.
        annotators: What else is written of each record, such as its consequences for
            proteins (`ConsequenceAnnotator`).
        on_part: Told of progress: alleles done and all, and whether the last were
            computed now, or by an earlier call that was stopped.
        on_note: Told of each note as soon as it is known.

    Returns:
        Counts, notes, and without `out` the table.

    Raises:
        JaxbioError: For files that do not fit each other, a model that cannot score
            them, or parts of another command where those of this one would be.
    """
    shown, model = model, opened(model)
    effects = effects_by(
        model, length=length, strands=strands, outputs=outputs, method=method
    )
    scorer = Scorer(
        effects, shifts=shifts, background=background, seed=seed, prefix=prefix
    )
    reference = genome if isinstance(genome, Reference) else Reference(genome)
    source = VcfSource(variants) if isinstance(variants, str | Path) else variants
    rule = scorer.rule(mismatch)
    to_pipe = str(out) == STANDARD_INPUT
    is_table = out is None or to_pipe or _is_table(out)
    if out is not None and not is_table:
        check_out(out)
        _check_names(source, [*scorer.fields, *_further(prefix)], annotators)
    notes = [*_notes(effects, rule), *getattr(source, "notes", ())]
    for note in notes:
        on_note(note)
    tally = scan(source, reference, rule)
    tally.check(mismatch)
    for note in tally.notes():
        on_note(note)
    notes += tally.notes()
    if not (is_table or tally.in_order):
        notes.append("the records are not sorted: the result has no index")
        on_note(notes[-1])
    job = _Job(source, reference, scorer, rule, tally, on_part)
    if out is None:
        rows = list(_tables(job, job.scores(None), annotators))
        names = rows[0] if rows else {}
        table = {n: np.concatenate([part[n] for part in rows]) for n in names}
        return VariantScores(None, None, tally, tuple(notes), scorer.fields, table)
    if to_pipe:
        write_table(_tables(job, job.scores(None), annotators), out)
        return VariantScores(Path(out), None, tally, tuple(notes), scorer.fields)
    plan = {
        "model": _digest(model),
        "genome": _stamp(reference.path),
        "scores": [effects.length, strands, shifts, background, seed, mismatch, method],
        "outputs": [field.name for field in scorer.fields],
    }
    index = _write(job, out, plan, shown, annotators)
    return VariantScores(Path(out), index, tally, tuple(notes), scorer.fields)


def _write(
    job: "_Job",
    out: str | Path,
    plan: Mapping[str, Any],
    model: Any,
    annotators: Sequence[Annotator],
) -> str | None:
    """Score what has not been, and write the file; gives its index, if it has one."""
    parts, index = Parts(out, plan), None
    scored = job.scores(list(job.make(parts)))
    if _is_table(out):
        write_table(_tables(job, scored, annotators), out)
    else:
        assert isinstance(job.source, VcfSource)
        index = write_records(
            out,
            _header(job, job.source.file, model, annotators),
            _lines(job, scored, annotators),
            indexed=job.tally.in_order,
            longest=max(job.genome.lengths.values()),
        )
    parts.remove()
    return index


def _is_table(path: str | Path) -> bool:
    name = str(path).lower().removesuffix(".gz").removesuffix(".bz2")
    return name.endswith(_TABLES)


def scan(source: VariantSource, genome: Reference, rule: Rule) -> Tally:
    """Count what a file holds, and what of it can be scored."""
    tally = Tally(source.name)
    for records in blocks(source.records(), _ROWS):
        tally.add(records, match(records, genome, rule), genome)
    return tally


class VcfSource:
    """The records of a VCF or BCF file.

    Attributes:
        file: The file.
    """

    def __init__(self, path: str | Path):
        """Read the header; see `VariantFile`."""
        self.file = VariantFile(path)

    @property
    def name(self) -> str:
        """The path."""
        return str(self.file.path)

    def records(self) -> Iterator[Record]:
        """All records, each time anew."""
        return self.file.records()

    def columns(self, records: Sequence[Record]) -> dict[str, Sequence[Any]]:
        """Contig, position and ID; the alleles stand beside them."""
        return {
            "chrom": [record.contig for record in records],
            "pos": [record.position for record in records],
            "id": [record.name for record in records],
        }


@dataclasses.dataclass
class _Job:
    """A file that is being scored."""

    source: VariantSource
    genome: Reference
    scorer: Scorer
    rule: Rule
    tally: Tally
    on_part: Callable[[int, int, bool], None]

    def blocks(self) -> Iterator[tuple[list[Record], list[Allele]]]:
        for records in blocks(self.source.records(), _ROWS):
            yield records, match(records, self.genome, self.rule)

    def make(self, parts: Parts) -> Iterator[Path]:
        """Score all blocks that have not been, and keep each."""
        done = 0
        for number, (records, alleles) in enumerate(self.blocks()):
            scored = [allele for allele in alleles if not allele.reason]
            content = "\n".join(
                f"{x.contig} {x.position} {x.reference} {','.join(x.alternatives)}"
                for x in records
            )
            digest = hashlib.sha256(content.encode()).hexdigest()
            part, is_new = parts.get(
                number, digest, lambda some=scored: {"scores": self.score(some)}
            )
            done += len(scored)
            self.on_part(done, self.tally.scored, is_new)
            yield part

    def score(self, alleles: Sequence[Allele]) -> Float[np.ndarray, "n fields"]:
        return self.scorer(self.genome, alleles)

    def scores(
        self, parts: Sequence[Path] | None
    ) -> Iterator[tuple[list[Record], list[Allele], Float[np.ndarray, "n fields"]]]:
        """Each block with a number for each allele and field, NaN where there is none.

        Args:
            parts: What `make` made; None to score now.
        """
        done = 0
        for number, (records, alleles) in enumerate(self.blocks()):
            known = np.array([not allele.reason for allele in alleles], bool)
            table = np.full((len(alleles), len(self.scorer.fields)), np.nan, np.float32)
            if parts is None:
                table[known] = self.score([x for x in alleles if not x.reason])
                done += int(known.sum())
                self.on_part(done, self.tally.scored, True)
            else:
                table[known] = load_part(parts[number], "scores")
            yield records, alleles, table


def _further(prefix: str) -> tuple[InfoField, InfoField]:
    words = "; ".join(f"{word}: {text}" for word, text in REASONS.items())
    skip = f"why an ALT has no score, . if it has: {words}"
    genome = "what the genome has in the place of REF"
    return (
        InfoField(f"{prefix}_SKIP", "String", skip),
        InfoField(f"{prefix}_GENOME", "String", genome, "1"),
    )


def _check_names(
    source: VariantSource,
    fields: Sequence[InfoField],
    annotators: Sequence[Annotator],
) -> None:
    """Refuse names that the file has already, or records that come from no VCF."""
    if not isinstance(source, VcfSource):
        raise JaxbioError(
            f"{source.name} is no VCF file: write a table, .tsv, .csv or .parquet"
        )
    new = [*fields, *(field for each in annotators for field in each.fields)]
    taken = source.file.declared("INFO")
    for field in new:
        if field.name in taken:
            raise JaxbioError(
                f"{source.name} has a field {field.name} in INFO already: choose other "
                f"names with {option('prefix', 'JB2')}"
            )


def _notes(effects: Any, rule: Rule) -> list[str]:
    seen = "a strand" if len(effects.strands) == 1 else "both strands"
    if effects.averages_strands:
        how = "the network averages over both strands itself"
    elif len(effects.strands) == 2:
        how = f"means over {seen}"
    else:
        how = f"the {effects.strands[0]} strand"
    return [
        f"windows of {rule.length} bases, the variant at base {rule.length // 2 + 1}; "
        f"{how}"
    ]


def _header(
    job: _Job, file: VariantFile, model: Any, annotators: Sequence[Annotator]
) -> list[str]:
    """The header of the file, with lines for new fields and contigs it did not name."""
    *lines, columns = file.header
    contigs = file.declared("contig")
    genome = job.genome
    lines += [
        f"##contig=<ID={name},length={genome.lengths[own]}>"
        if own is not None
        else f"##contig=<ID={name}>"
        for name, own in job.tally.contigs.items()
        if name not in contigs
    ]
    shown = model if isinstance(model, str | Path) else type(model).__name__
    prefix = job.scorer.prefix
    lines.append(
        f"##{prefix}_source=jaxbio {__version__} variants; model {shown}; genome "
        f"{genome.path.name}; windows of {job.rule.length}"
    )
    lines += [field.line for field in (*job.scorer.fields, *_further(prefix))]
    lines += [field.line for each in annotators for field in each.fields]
    return [*lines, columns]


def _lines(
    job: _Job, scored: Iterable[tuple], annotators: Sequence[Annotator]
) -> Iterator[str]:
    """Each record with its new fields."""
    names = [field.name for field in job.scorer.fields]
    skip, other = (field.name for field in _further(job.scorer.prefix))
    for records, alleles, table in scored:
        texts = [[_number(x) for x in row] for row in table.tolist()]
        further = [annotator(records) for annotator in annotators]
        rows: list[list[int]] = [[] for _ in records]
        for at, allele in enumerate(alleles):
            rows[allele.row].append(at)
        for number, record in enumerate(records):
            values: dict[str, str] = {}
            here = rows[number]
            reasons = [alleles[at].reason for at in here]
            if not all(reasons):
                for column, name in enumerate(names):
                    values[name] = ",".join(texts[at][column] for at in here)
            if any(reasons):
                values[skip] = ",".join(reason or "." for reason in reasons)
            given = next((alleles[at].given for at in here), None)
            if given is not None:
                start, bases = given
                contig = alleles[here[0]].contig
                end = start + len(bases)
                values[other] = job.genome.fetch(contig, start, end)
            for each in further:
                values |= each[number]
            yield annotated(record, values)


def _number(value: float) -> str:
    return "." if value != value else f"{value:.6g}"


def _tables(
    job: _Job, scored: Iterable[tuple], annotators: Sequence[Annotator] = ()
) -> Iterator[dict[str, np.ndarray]]:
    """A row an allele."""
    prefix = job.scorer.prefix
    names = [f.name.removeprefix(f"{prefix}_").lower() for f in job.scorer.fields]
    for records, alleles, table in scored:
        rows = [allele.row for allele in alleles]
        columns = {
            name: _column([values[row] for row in rows])
            for name, values in job.source.columns(records).items()
        }
        if "ref" not in columns and "alt" not in columns:
            columns["ref"] = _column([records[row].reference for row in rows])
            columns["alt"] = _column(
                [records[x.row].alternatives[x.number] for x in alleles]
            )
        for at, name in enumerate(names):
            while name in columns:
                name += "_score"
            columns[name] = table[:, at]
        for annotator in annotators:
            told = annotator(records)
            for field in annotator.fields:
                texts = [told[row].get(field.name) or None for row in rows]
                columns[field.name.lower()] = _column(texts)
        columns["skip"] = _column([allele.reason or None for allele in alleles])
        yield columns


def _column(values: list[Any]) -> np.ndarray:
    if values and all(isinstance(value, int) for value in values):
        return np.array(values, np.int64)
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _stamp(path: Path) -> list[Any]:
    """What tells a file from what it was before."""
    about = path.stat()
    return [path.name, about.st_size, about.st_mtime_ns]


def _digest(model: Any) -> str:
    """What tells models apart."""
    if isinstance(model, Predictor):
        return model.digest()
    return str(getattr(model, "sha256", model))
