"""Transcripts of GenBank records: CDS, mRNA and RNA features."""

import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jaxbio.data.io.files import open_bytes, text_lines
from jaxbio.errors import DataError
from jaxbio.genome.gene_drafts import Code, Draft, finish_drafts
from jaxbio.genome.transcripts import Interval, Transcripts

if TYPE_CHECKING:
    from Bio.SeqFeature import SeqFeature
    from Bio.SeqRecord import SeqRecord

_RNA = ("tRNA", "rRNA", "ncRNA", "tmRNA", "misc_RNA")


def genbank_transcripts(path: str | Path, *, code: Code = None) -> Transcripts:
    """Transcripts of the records of a GenBank file.

    A CDS is a transcript; where an mRNA of the same gene holds it, with its exons. The
    contig is called as the record's version (`NC_045512.2`).

    Args:
        path: The file, also compressed.
        code: As for `read_genes`; each CDS says its own as `transl_table`.

    Raises:
        DataError: For a file that is no GenBank or holds no such features.
    """
    source = str(path)
    drafts: dict[tuple[str, int], Draft] = {}
    kinds: dict[str, int] = defaultdict(int)
    for record in genbank_records(path, source):
        for number, (feature, exons) in enumerate(_translated(record, kinds)):
            drafts[str(record.id), number] = _draft(record, feature, exons, number)
    if not drafts:
        found = ", ".join(f"{kind} ({n:,})" for kind, n in kinds.items())
        raise DataError(
            f"{path}: no CDS and no RNA among the features of its records, which hold "
            f"{found or 'none'}"
        )
    return finish_drafts(drafts.values(), [], code, source)


def genbank_records(path: str | Path, source: str) -> Iterator["SeqRecord"]:
    """Records of a GenBank file, as Biopython has them.

    Args:
        path: The file, also compressed.
        source: What messages call it.

    Raises:
        DataError: For a file that is no GenBank.
    """
    from Bio import BiopythonParserWarning, SeqIO

    with open_bytes(path) as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore", BiopythonParserWarning)
        try:
            yield from SeqIO.parse(
                cast("str", _Lines(text_lines(handle, source))), "gb"
            )
        except DataError:
            raise
        except (ValueError, KeyError, IndexError, AssertionError) as error:
            raise DataError(
                f"{source}: not a GenBank record ({error}): check that the file is "
                f"whole and holds GenBank"
            ) from None


class _Lines:
    """Lines as Biopython reads them."""

    def __init__(self, lines: Iterator[str]):
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def readline(self) -> str:
        return next(self._lines, "")

    def read(self, size: int = -1) -> str:
        return "" if size == 0 else "".join(self._lines)


def _translated(
    record: "SeqRecord", kinds: dict[str, int]
) -> Iterator[tuple["SeqFeature", list[Interval]]]:
    """CDS and RNA features with the exons of the mRNA around them, if there is one."""
    messengers = defaultdict(list)
    for feature in record.features:
        kinds[feature.type] += 1
        if feature.type == "mRNA" and feature.location is not None:
            messengers[_name(feature)].append(_parts(feature))
    for feature in record.features:
        if feature.location is None:
            continue
        if feature.type in _RNA:
            yield feature, []
        elif feature.type == "CDS":
            own = _parts(feature)
            around = (exons for exons in messengers[_name(feature)] if _fit(own, exons))
            yield feature, next(around, [])


def _fit(own: list[Interval], exons: list[Interval]) -> bool:
    """Check that coding parts are those of exons, cut only at the two ends."""
    inner = [edge for part in sorted(own) for edge in part][1:-1]
    edges = {edge for part in exons for edge in part}
    inside = all(any(a <= s and e <= b for a, b in exons) for s, e in own)
    return inside and all(edge in edges for edge in inner)


def _parts(feature: "SeqFeature") -> list[Interval]:
    """Parts in the order of transcription."""
    location = cast("Any", feature.location)  # typed as if ends could be unknown
    return [(int(part.start), int(part.end)) for part in location.parts]


def _name(feature: "SeqFeature") -> str:
    told = feature.qualifiers
    keys = ("gene", "locus_tag", "protein_id", "product")
    return next((told[key][0] for key in keys if key in told), "")


def _draft(
    record: "SeqRecord", feature: "SeqFeature", exons: list[Interval], number: int
) -> Draft:
    told, location = feature.qualifiers, feature.location
    strand = {1: "+", -1: "-"}.get(location.strand or 0, "") if location else ""
    keys = ("transcript_id", "protein_id", "locus_tag")
    name = next((told[key][0] for key in keys if key in told), "")
    name = name or f"{_name(feature) or feature.type}.{number + 1}"
    draft = Draft(name, str(record.id), strand or "?", number + 1)
    draft.gene = _name(feature)
    strands = {part.strand for part in location.parts} if location else set()
    draft.mixed = len(strands) > 1
    parts = _parts(feature)
    if feature.type == "CDS":
        first = int(told.get("codon_start", ["1"])[0]) - 1
        phases = [str(first), *"." * (len(parts) - 1)]
        draft.coding = list(zip(parts, phases, strict=True))
        draft.ordered, draft.exons = True, exons
        draft.code = told.get("transl_table", [""])[0]
        draft.biotype = "pseudogene" if {"pseudo", "pseudogene"} & set(told) else ""
    else:
        draft.exons = parts
        draft.biotype = told.get("ncRNA_class", [feature.type])[0]
    return draft
