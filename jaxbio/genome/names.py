"""Variants as they are written in tables: chr1:100:A:G, chr1-100-A-G, chr1:g.100A>G.

Of HGVS names those by genomic positions are read: substitutions, `del`, `dup`, `ins`,
`delins` and `inv` (Human Genome Variation Society, hgvs-nomenclature.org).
"""

import re
from typing import NamedTuple

from jaxbio.errors import DataError, option
from jaxbio.genome.hgvs import parse_hgvs
from jaxbio.genome.matching import DELETED, Genome
from jaxbio.genome.transcripts import Transcripts

CODING = re.compile(r"(?P<of>[^:\s]+):(?P<name>[cn]\..+)")
"""A variant by its place in a transcript."""

_PARTS = re.compile(
    r"(?P<contig>.+?)[:\-_ ](?P<position>[\d,]+)[:\-_ ]"
    r"(?P<reference>[A-Za-z]+)[:\-_ />](?P<alternative>[A-Za-z]+|-|\*|<[^>]+>)"
)
_SHORT = re.compile(
    r"(?P<contig>.+):(?P<position>[\d,]+)(?P<reference>[A-Za-z]+)>"
    r"(?P<alternative>[A-Za-z]+)"
)
_HGVS = re.compile(
    r"(?P<contig>.+?):?[gm]\.(?P<start>\d+)(?:_(?P<end>\d+))?"
    r"(?:(?P<reference>[A-Za-z])>(?P<alternative>[A-Za-z])"
    r"|(?P<how>delins|del|dup|ins|inv)(?P<bases>[A-Za-z]*))"
)
_OTHER = str.maketrans("ACGTacgt", "TGCAtgca")
_FORMS = (
    "write CHROM:POS:REF:ALT, CHROM-POS-REF-ALT or HGVS by genomic positions, as "
    "chr1:g.100A>G or chr1:g.100_102del"
)


class Named(NamedTuple):
    """A variant by its alleles.

    Attributes:
        contig: As it is written.
        position: From 1.
        reference: The bases that are replaced.
        alternative: What comes in their place, `-` for nothing.
    """

    contig: str
    position: int
    reference: str
    alternative: str


def parse_variant(
    text: str, genome: Genome | None = None, where: str = "variant"
) -> Named:
    """The alleles of a variant that is written in one word.

    Args:
        text: The word.
        genome: What says which bases a deletion or an insertion in HGVS stands at; such
            names cannot be read without it.
        where: What messages call it.

    Raises:
        DataError: For a text that is none of the forms, or bases that lie outside.

    Example:
        >>> parse_variant("chr2:1,000:A:G")
        Named(contig='chr2', position=1000, reference='A', alternative='G')
        >>> parse_variant("HLA-A*01-7-C-CT").contig
        'HLA-A*01'
        >>> parse_variant("NC_000001.11:g.7A>T").contig
        'NC_000001.11'
    """
    word = text.strip()
    found = _HGVS.fullmatch(word)
    if found is not None:
        return _hgvs(found, word, genome, where)
    found = _PARTS.fullmatch(word) or _SHORT.fullmatch(word)
    if found is None:
        coding = re.search(r"\b[cnr]\.", word)
        hint = (
            f"places in a transcript are read with its genes "
            f"({option('genes', 'genes.gff3')}), or beside a parent sequence"
            if coding
            else _FORMS
        )
        raise DataError(f"{where}: {text!r} is no variant: {hint}")
    position = int(found["position"].replace(",", "") or 0)
    return Named(found["contig"], position, found["reference"], found["alternative"])


def parse_coding(
    text: str, genes: Transcripts, genome: Genome, where: str = "variant"
) -> Named:
    """The alleles of a variant that is named by its place in a transcript.

    Args:
        text: Such as `NM_000142.5:c.76A>G`; the version may be left out, and the name
            of a gene may stand there that has one transcript.
        genes: The transcripts, by the genome's names of contigs.
        genome: The genome.
        where: What messages call it.

    Raises:
        DataError: For another text, a transcript that is not there, or bases that are
            not the genome's.
    """
    found = CODING.fullmatch(text.strip())
    if found is None:
        raise DataError(f"{where}: {text!r} names no place in a transcript")
    of = re.sub(r"\(.*\)$", "", found["of"])
    same = [x for x in genes if x.name == of]
    same = same or [x for x in genes if x.name.split(".")[0] == of.split(".")[0]]
    same = same or [x for x in genes if x.gene == of]
    if len(same) != 1:
        listed = ", ".join(x.name for x in same[:4])
        what = f"several transcripts: {listed}" if same else "no transcript"
        raise DataError(f"{where}: {text!r}: the genes have {what} of the name {of!r}")
    (transcript,) = same
    try:
        variant = parse_hgvs(found["name"], transcript, genome.fetch)
    except DataError as error:
        raise DataError(f"{where}: {error}") from None
    return Named(transcript.contig, *variant)


def _hgvs(found: re.Match[str], word: str, genome: Genome | None, where: str) -> Named:
    contig, start = found["contig"].rstrip(":"), int(found["start"])
    if found["how"] is None:
        if found["end"]:
            raise DataError(f"{where}: {word!r}: a substitution has one position")
        return Named(contig, start, found["reference"], found["alternative"])
    end, how, bases = int(found["end"] or start), found["how"], found["bases"]
    if genome is None:
        raise DataError(f"{where}: {word!r} is read beside a genome only")
    own = genome.resolve(contig)
    if own is None:  # told by whoever matches it with the genome
        return Named(contig, start, "N", DELETED)
    if not 1 <= start <= end <= genome.lengths[own]:
        raise DataError(
            f"{where}: {word!r}: {contig} has the positions 1 to "
            f"{genome.lengths[own]:,}, and the start comes before the end"
        )
    if how == "ins":
        if end != start + 1 or not bases:
            raise DataError(
                f"{where}: {word!r}: an insertion stands between two neighbours and "
                f"names its bases, as in g.100_101insACG"
            )
        before = genome.fetch(own, start - 1, start)
        return Named(contig, start, before, before + bases)
    reference = genome.fetch(own, start - 1, end)
    if how == "delins":
        if not bases:
            raise DataError(f"{where}: {word!r} names no bases after delins")
        return Named(contig, start, reference, bases)
    if bases and bases.upper() != reference:
        raise DataError(
            f"{where}: {word!r}: the genome has {reference:.20} there, not {bases:.20}"
        )
    after = {"del": DELETED, "dup": reference * 2}
    turned = reference.translate(_OTHER)[::-1]
    return Named(contig, start, reference, after.get(how, turned))
