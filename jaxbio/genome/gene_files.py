"""Transcripts from files of genes: GFF3, GTF and GenBank.

GFF3 as Ensembl writes it (gene, transcript, exon, CDS) and as NCBI does (mRNA, or CDS
right under the gene, as of bacteria and viruses); GTF with `transcript_id`, where the
stop codon stands beside the CDS; records of GenBank, read by Biopython.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from jaxbio.data.io.files import format_of, open_bytes, text_blocks
from jaxbio.errors import DataError
from jaxbio.genome.gene_drafts import Code, Draft, finish_drafts
from jaxbio.genome.transcripts import Transcripts, genetic_code

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
_PARTS = ("exon", "CDS", "stop_codon")
_ASKED = (*_GENE_NAMES, *_BIOTYPES, "Parent", "transcript_id")
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
    score: str = "."


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
            drafts, kinds, notes = _drafts(gff_rows(handle, source))
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
    return finish_drafts(drafts, notes, code, source)


def gff_rows(handle: io.BufferedIOBase, source: str) -> Iterator[Row]:
    """Features of a GFF3 or GTF file, up to the sequences that it may hold.

    Args:
        handle: The bytes.
        source: What messages call the file.

    Raises:
        DataError: For a line that is none.
    """
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
    contig, _, kind, start, end, score, strand, phase, rest = cells
    contig, kind = sys.intern(contig), sys.intern(kind)
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
    places = int(start) - 1, int(end)
    return Row(line, contig, kind, *places, strand, phase, attributes, score)


def _drafts(rows: Iterable[Row]) -> tuple[list[Draft], Counter[str], list[str]]:
    kinds: Counter[str] = Counter()
    features: dict[str, tuple[str, dict[str, str]]] = {}
    found: dict[tuple[str, str], tuple[Draft, dict[str, str]]] = {}
    orphans = 0
    for row in rows:
        kinds[row.kind] += 1
        if row.kind in _PARTS:
            owners = _owners(row)
            orphans += not owners
            for owner in owners:
                if owner not in found:
                    draft = Draft("", row.contig, row.strand, row.line)
                    found[owner] = draft, _kept(row.attributes)
                _add(found[owner][0], row)
            continue
        told = row.attributes
        name = told.get("ID") or told.get("transcript_id") or told.get("gene_id")
        if name and ("ID" in told or row.kind in ("gene", "transcript")):
            features.setdefault(name, (row.kind, _kept(told)))
    notes = []
    if orphans:
        notes.append(
            f"{orphans:,} rows of exon or CDS are left out, they name no transcript or "
            f"gene (Parent= or transcript_id)"
        )
    return _merged(found, features), kinds, notes


def _kept(attributes: dict[str, str]) -> dict[str, str]:
    """What may be asked for of the attributes; there are many rows."""
    return {key: attributes[key] for key in _ASKED if key in attributes}


def _merged(
    found: Mapping[tuple[str, str], tuple[Draft, dict[str, str]]], features: _Features
) -> list[Draft]:
    """One draft a transcript: what is under a gene apart by its own name, else not."""
    genes = {name for name, (kind, _) in features.items() if kind.endswith("gene")}
    translated = {parent for (parent, _), (draft, _) in found.items() if draft.coding}
    merged: dict[tuple[str, str], Draft] = {}
    for (parent, own), (draft, told) in found.items():
        if parent not in genes:
            own = parent
        elif not draft.coding and parent in translated:
            continue  # the CDS of this gene are transcripts of their own
        first = merged.setdefault((parent, own), draft)
        if first is draft:
            _name(draft, told, parent, own, features)
        else:
            first.merge(draft)
    return list(merged.values())


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


def _name(
    draft: Draft, own: dict[str, str], parent: str, name: str, features: _Features
) -> None:
    """Name a transcript, its gene and its biotype.

    Args:
        draft: The transcript.
        own: What its first row tells.
        parent: Its parent's ID.
        name: Its own ID where the parent is a gene.
        features: Genes and transcripts.
    """
    kind, told = features.get(parent, ("", {}))
    if kind and not kind.endswith("gene"):
        name = told.get("transcript_id") or parent
        above = told.get("Parent") or told.get("gene_id") or ""
        gene = features.get(above, ("", {}))[1]
        gene = gene or {k: told[k] for k in told if k not in ("Name", "ID")}
    else:
        gene, told = {**own, **told}, own
    draft.name = _PREFIX.sub("", name)
    draft.gene = _PREFIX.sub("", _first(gene, _GENE_NAMES))
    draft.biotype = _first(told, _BIOTYPES)
    if not draft.biotype:
        draft.biotype = _first(gene, _BIOTYPES)
        if kind.endswith("RNA") and kind != "mRNA":  # of NCBI, without a biotype
            draft.biotype = kind


def _first(told: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((told[key] for key in keys if told.get(key)), "")


def _add(draft: Draft, row: Row) -> None:
    part = (row.start, row.end)
    draft.mixed |= row.contig != draft.contig or row.strand != draft.strand
    if row.kind == "exon":
        draft.exons.append(part)
    elif row.kind == "stop_codon":
        draft.stop.append(part)
    else:
        draft.coding.append((part, row.phase))
        draft.code = draft.code or row.attributes.get("transl_table", "")
