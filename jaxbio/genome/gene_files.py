"""Transcripts from files of genes: GFF3, GTF and GenBank.

GFF3 as Ensembl writes it (gene, transcript, exon, CDS) and as NCBI does (mRNA, or CDS
right under the gene, as of bacteria and viruses); GTF with `transcript_id`, where the
stop codon stands beside the CDS; records of GenBank, read by Biopython.
"""

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from jaxbio.data.io.files import format_of, open_bytes, text_blocks
from jaxbio.errors import DataError
from jaxbio.genome.transcripts import (
    STANDARD,
    Interval,
    Transcript,
    Transcripts,
    genetic_code,
)

Code = int | Mapping[str, int] | None
"""A genetic code for all genes, for those of contigs by name, or as the file says."""

_GFF = (".gff", ".gff3", ".gtf")
_PREFIX = re.compile(r"^(?:gene|transcript|rna|cds|CDS)[:-]")
_GTF_PAIR = re.compile(r'\s*([^\s=;]+) +("(?:[^"]*)"|[^;]*);?')
_GENE_NAMES = ("Name", "gene_name", "gene", "locus_tag", "gene_id", "ID")
_BIOTYPES = (
    "biotype",
    "transcript_biotype",
    "transcript_type",
    "gene_biotype",
    "gene_type",
)
_LISTED = 8
_Features = Mapping[str, tuple[str, dict[str, str]]]
"""Kind and attributes of genes and transcripts by ID."""


class Row(NamedTuple):
    """A feature of a GFF3 or GTF file; positions as in `Interval`."""

    line: int
    contig: str
    kind: str
    start: int
    end: int
    strand: str
    phase: str
    attributes: dict[str, str]


@dataclass
class Draft:
    """What is known of a transcript while its file is read; see `finish`."""

    name: str
    contig: str
    strand: str
    line: int
    gene: str = ""
    biotype: str = ""
    exons: set[Interval] = field(default_factory=set)
    coding: dict[Interval, str] = field(default_factory=dict)  # phase of each
    stop: set[Interval] = field(default_factory=set)
    order: list[Interval] = field(default_factory=list)  # of coding, where it is told
    code: str = ""
    mixed: bool = False


def read_genes(path: str | Path, *, code: Code = None) -> Transcripts:
    r"""Transcripts of a file of genes.

    Args:
        path: A GFF3, GTF or GenBank file, also compressed.
        code: The genetic code of all genes, as NCBI counts them, or that of contigs by
            name, `{"MT": 2}`. Without one that of the file (`transl_table`), else 1.

    Returns:
        Transcripts in the order of the file, with notes on what was left out.

    Raises:
        DataError: For a file that is no GFF3, GTF or GenBank or holds no transcripts,
            and for a genetic code that there is not.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "genes.gtf"
        >>> rows = ["CDS\t11\t16", "stop_codon\t17\t19"]
        >>> told = 'gene_id "g"; transcript_id "t";'
        >>> lines = [f"1\tx\t{row}\t.\t+\t0\t{told}\n" for row in rows]
        >>> _ = path.write_text("".join(lines))
        >>> read_genes(path).items[0].coding
        ((10, 19),)
    """
    for number in [code] if isinstance(code, int) else (code or {}).values():
        genetic_code(number)
    name = Path(path).name.lower().removesuffix(".gz").removesuffix(".bz2")
    source = str(path)
    if name.endswith(_GFF):
        with open_bytes(path) as handle:
            drafts, kinds, notes = _drafts(_rows(handle, source))
    elif format_of(path) == "genbank":
        from jaxbio.genome.gene_records import genbank_transcripts

        return genbank_transcripts(path, code=code)
    else:
        raise DataError(
            f"{path}: genes are read from GFF3, GTF and GenBank files (.gff3 .gff .gtf "
            f".gb .gbk, also .gz): rename the file to what it holds"
        )
    if not drafts:
        found = ", ".join(f"{kind} ({n:,})" for kind, n in kinds.most_common(6))
        raise DataError(
            f"{path}: no transcripts: rows of exon or CDS that belong to a transcript "
            f"or gene are wanted (Parent= in GFF3, transcript_id in GTF); it holds "
            f"{found or 'no rows'}"
        )
    return finish(drafts, notes, code, source)


def _rows(handle: io.BufferedIOBase, source: str) -> Iterator[Row]:
    line = 0
    for block in text_blocks(handle, source):
        for text in block.removesuffix("\n").split("\n"):
            line += 1
            if text.startswith("##FASTA") or text.startswith(">"):
                return
            if not text or text.startswith("#"):
                continue
            yield _row(text, line, source)


def _row(text: str, line: int, source: str) -> Row:
    cells = text.split("\t")
    if len(cells) != 9:
        raise DataError(
            f"{source}, row {line}: {len(cells)} columns instead of the 9 of GFF3 and "
            f"GTF, separated by tabs: {text[:40]!r}"
        )
    contig, _, kind, start, end, _, strand, phase, rest = cells
    if not (start.isdigit() and end.isdigit() and 0 < int(start) <= int(end)):
        raise DataError(
            f"{source}, row {line}: start {start!r} and end {end!r}: positions count "
            f"from 1, and the end comes after the start"
        )
    if "=" in rest.split(";", 1)[0].split('"', 1)[0]:
        pairs = (pair.partition("=") for pair in rest.split(";"))
        attributes = {key.strip(): value for key, _, value in pairs if value}
        if "%" in rest:
            attributes = {key: unquote(value) for key, value in attributes.items()}
    else:
        attributes = {k: v.strip().strip('"') for k, v in _GTF_PAIR.findall(rest)}
    return Row(line, contig, kind, int(start) - 1, int(end), strand, phase, attributes)


def _drafts(rows: Iterable[Row]) -> tuple[list[Draft], Counter[str], list[str]]:
    kinds: Counter[str] = Counter()
    features: dict[str, tuple[str, dict[str, str]]] = {}  # kind, attributes by ID
    leaves: list[Row] = []
    for row in rows:
        kinds[row.kind] += 1
        if row.kind in ("exon", "CDS", "stop_codon"):
            leaves.append(row)
        elif "ID" in row.attributes:
            features.setdefault(row.attributes["ID"], (row.kind, row.attributes))
        elif row.kind in ("gene", "transcript") and "gene_id" in row.attributes:
            key = row.attributes.get("transcript_id") or row.attributes["gene_id"]
            features.setdefault(key, (row.kind, row.attributes))
    genes = {name for name, (kind, _) in features.items() if kind.endswith("gene")}
    translated = {
        parent for row in leaves if row.kind == "CDS" for parent, _ in _owners(row)
    }
    drafts: dict[tuple[str, str], Draft] = {}
    orphans = 0
    for row in leaves:
        owners = _owners(row)
        orphans += not owners
        for parent, own in owners:
            if parent not in genes:
                own = parent
            elif row.kind == "exon" and parent in translated:
                continue  # the CDS of this gene are transcripts of their own
            if (parent, own) not in drafts:
                drafts[parent, own] = _begin(row, parent, own, features)
            _add(drafts[parent, own], row)
    notes = []
    if orphans:
        notes.append(
            f"{orphans:,} rows of exon or CDS are left out, they name no transcript or "
            f"gene (Parent= or transcript_id)"
        )
    return list(drafts.values()), kinds, notes


def _owners(row: Row) -> list[tuple[str, str]]:
    """The parents of a row, and its own name, which counts where they are genes."""
    told = row.attributes
    own = told.get("ID") or told.get("protein_id") or told.get("locus_tag") or ""
    if "Parent" in told:
        own = own if row.kind == "CDS" else ""
        return [(parent, own or parent) for parent in told["Parent"].split(",")]
    if told.get("transcript_id"):
        return [(told["transcript_id"], told["transcript_id"])]
    return [(own, own)] if own and row.kind == "CDS" else []


def _begin(row: Row, parent: str, own: str, features: _Features) -> Draft:
    """A transcript of which nothing but a first row is known."""
    kind, told = features.get(parent, ("", {}))
    if kind and not kind.endswith("gene"):
        name = told.get("transcript_id") or parent
        above = told.get("Parent") or told.get("gene_id") or ""
        gene = features.get(above, ("", {}))[1]
        gene = gene or {k: told[k] for k in told if k not in ("Name", "ID")}
        told, of_gene = told or row.attributes, gene
    else:
        name, of_gene = own, {**row.attributes, **told}
        told = row.attributes
    draft = Draft(_PREFIX.sub("", name), row.contig, row.strand, row.line)
    draft.gene = _PREFIX.sub("", _first(of_gene, _GENE_NAMES))
    draft.biotype = _first(told, _BIOTYPES)
    if not draft.biotype:
        draft.biotype = _first(of_gene, _BIOTYPES)
        if kind.endswith("RNA") and kind != "mRNA":  # of NCBI, without a biotype
            draft.biotype = kind
    return draft


def _first(told: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((told[key] for key in keys if told.get(key)), "")


def _add(draft: Draft, row: Row) -> None:
    part = (row.start, row.end)
    draft.mixed |= row.contig != draft.contig or row.strand != draft.strand
    if row.kind == "exon":
        draft.exons.add(part)
    elif row.kind == "stop_codon":
        draft.stop.add(part)
    else:
        draft.coding[part] = row.phase
        draft.code = draft.code or row.attributes.get("transl_table", "")


def finish(
    drafts: Iterable[Draft], notes: list[str], code: Code, source: str
) -> Transcripts:
    """Transcripts of drafts, with notes on those that do not fit.

    Args:
        drafts: What was read.
        notes: Notes so far.
        code: As for `read_genes`.
        source: What messages call the file.

    Raises:
        DataError: If none is left.
    """
    left: dict[str, list[str]] = defaultdict(list)
    partial, kept = 0, []
    for draft in drafts:
        reason = _fault(draft)
        if reason:
            left[reason].append(f"{draft.name} (row {draft.line})")
            continue
        kept.append(_transcript(draft, code))
        length = sum(end - start for start, end in kept[-1].coding)
        partial += (length - kept[-1].phase) % 3 > 0
    for reason, names in left.items():
        more = ", …" if len(names) > _LISTED else ""
        notes.append(
            f"{len(names):,} transcripts are left out, {reason}: "
            f"{', '.join(names[:_LISTED])}{more}"
        )
    if partial:
        notes.append(
            f"{partial:,} transcripts have a CDS whose length is no multiple of 3 "
            f"(incomplete): its whole codons are used"
        )
    if not kept:
        raise DataError(f"{source}: no transcript can be used: " + "; ".join(notes))
    return Transcripts(kept, notes)


def _fault(draft: Draft) -> str:
    """Why a transcript cannot be used, or nothing."""
    if draft.mixed:
        return "their parts lie on several strands or contigs (trans-splicing)"
    if draft.strand not in "+-":
        return "they have no strand"
    parts = draft.order or _ordered(draft.coding, draft.strand)
    phases = [draft.coding[part] for part in parts]
    if any(phase not in ("0", "1", "2", ".") for phase in phases):
        return "a phase of their CDS is not 0, 1 or 2"
    if "." in phases or not phases:
        return ""
    done = -int(phases[0])
    for (start, end), phase in zip(parts, phases, strict=True):
        if int(phase) != -done % 3:
            return "the phases of their CDS do not fit its lengths"
        done += end - start
    return ""


def _ordered(parts: Iterable[Interval], strand: str) -> list[Interval]:
    return sorted(parts, reverse=strand == "-")


def _transcript(draft: Draft, code: Code) -> Transcript:
    parts = draft.order or _ordered(draft.coding, draft.strand)
    phase = draft.coding[parts[0]] if parts else "0"
    if parts and draft.stop:  # GTF: the stop codon is no part of the CDS there
        parts = _joined(parts, draft.stop, draft.strand)
    exons = _ordered(draft.exons, draft.strand)
    if not exons or not _within(parts, exons):
        exons = parts or exons
    number = int(draft.code) if draft.code.isdigit() else STANDARD
    if isinstance(code, int):
        number = code
    elif code:
        number = code.get(draft.contig, number)
    genetic_code(number)
    return Transcript(
        draft.name,
        draft.gene,
        draft.contig,
        draft.strand,
        draft.biotype or ("protein_coding" if parts else "non_coding"),
        tuple(exons),
        tuple(parts),
        0 if phase == "." else int(phase),
        number,
    )


def _joined(
    parts: list[Interval], stop: Iterable[Interval], strand: str
) -> list[Interval]:
    """Coding parts with those of the stop codon that they lack."""
    found = list(parts)
    for start, end in _ordered(stop, strand):
        if any(a <= start and end <= b for a, b in found):
            continue
        last = found[-1]
        if strand == "+" and last[1] == start:
            found[-1] = (last[0], end)
        elif strand == "-" and last[0] == end:
            found[-1] = (start, last[1])
        else:
            found.append((start, end))
    return found


def _within(parts: Iterable[Interval], exons: list[Interval]) -> bool:
    return all(any(a <= start and end <= b for a, b in exons) for start, end in parts)
