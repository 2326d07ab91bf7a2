"""What variants do to transcripts and proteins, in the words of bcftools csq.

The types, their order and the text of INFO/BCSQ are those of bcftools csq (Danecek and
McCarthy, Bioinformatics 2017, 33:2037), and so is the idea of looking at all variants
of one haplotype together. Sites of splicing are the 2 bases of an intron at each end,
regions of splicing 3 to 8 bases of the intron and 3 of the exon.
"""

import functools
from collections.abc import Iterable

from jaxbio.genome.coding import Model, span_of
from jaxbio.genome.consequence_terms import INTERGENIC, Consequence, Variant
from jaxbio.genome.protein_changes import translated
from jaxbio.genome.transcripts import Fetch, Transcript, Transcripts


class Models:
    """Models of transcripts, made when needed; the latest are kept.

    Args:
        fetch: Gives the bases of a contig, as `Fetch`.
        most: How many are kept.
    """

    def __init__(self, fetch: Fetch, *, most: int = 512):
        self._make = functools.lru_cache(maxsize=most)(
            lambda transcript: Model(transcript, fetch)
        )

    def __call__(self, transcript: Transcript) -> Model:
        """The model of a transcript."""
        return self._make(transcript)


def variant_consequences(
    contig: str,
    variants: Iterable[Variant],
    transcripts: Transcripts,
    fetch: Fetch | Models,
) -> list[list[Consequence]]:
    """What each variant does on its own.

    Args:
        contig: The contig, as `transcripts` call it.
        variants: Variants, of bases only.
        transcripts: The transcripts of the genome.
        fetch: Gives the bases of a contig from a start, from 0, to an end.

    Returns:
        Of each variant its consequences, in the order of the transcripts; `INTERGENIC`
        alone if it touches none.

    Example:
        >>> exons = ((2, 11),)
        >>> genes = Transcripts([Transcript("t", "g", "1", "+", "x", exons, exons)])
        >>> bases = "GGATGATATAAGG"
        >>> variants = [Variant(6, "A", "C"), Variant(1, "G", "A")]
        >>> found = variant_consequences("1", variants, genes,
        ...     lambda contig, start, end: bases[start:end])
        >>> [str(each) for [each] in found]
        ['missense|g|t|x|+|2I>2L|6A>C', 'intergenic']
    """
    models = fetch if isinstance(fetch, Models) else Models(fetch)
    return [alone(contig, variant, transcripts, models) for variant in variants]


def alone(
    contig: str, variant: Variant, transcripts: Transcripts, models: Models
) -> list[Consequence]:
    """What a variant does to each transcript, without others beside it.

    Args:
        contig: The contig, as `transcripts` call it.
        variant: The variant, of bases only.
        transcripts: The transcripts of the genome.
        models: Of the transcripts.
    """
    start, end, _ = span_of(variant)
    found: dict[Consequence, None] = {}
    for transcript in transcripts.overlapping(contig, start, end):
        model = models(transcript)
        placed, edits = model.effects(variant)
        groups, conflicting = translated(model, edits)
        groups += [each for one in conflicting for each in translated(model, [one])[0]]
        found.update(dict.fromkeys(group.consequence for group in groups))
        found.update(dict.fromkeys(placed))
    return list(found) or [INTERGENIC]


def haplotype_consequences(
    contig: str,
    variants: Iterable[Variant],
    transcripts: Transcripts,
    fetch: Fetch | Models,
) -> list[Consequence]:
    """What variants do that lie together on one copy of a chromosome.

    Args:
        contig: The contig, as `transcripts` call it.
        variants: All variants of the copy that may matter to each other.
        transcripts: The transcripts of the genome.
        fetch: As of `variant_consequences`.

    Returns:
        Consequences by transcript; those of several variants name all of them.

    Example:
        >>> exons = ((2, 11),)
        >>> genes = Transcripts([Transcript("t", "g", "1", "+", "x", exons, exons)])
        >>> bases = "GGATGATATAAGG"
        >>> both = [Variant(6, "A", "T"), Variant(7, "T", "G")]
        >>> [str(each) for each in haplotype_consequences("1", both, genes,
        ...     lambda contig, start, end: bases[start:end])]
        ['stop_gained|g|t|x|+|2I>2*|6A>T+7T>G']
    """
    models = fetch if isinstance(fetch, Models) else Models(fetch)
    touched: dict[Transcript, list[Variant]] = {}
    for variant in variants:
        start, end, _ = span_of(variant)
        for transcript in transcripts.overlapping(contig, start, end):
            touched.setdefault(transcript, []).append(variant)
    found: dict[Consequence, None] = {}
    for transcript, several in touched.items():
        model, edits, placed = models(transcript), [], []
        for variant in several:
            by_place, own = model.effects(variant)
            placed += by_place
            edits += own
        groups, conflicting = translated(model, edits)
        groups += [each for one in conflicting for each in translated(model, [one])[0]]
        found.update(dict.fromkeys(group.consequence for group in groups))
        found.update(dict.fromkeys(placed))
    return list(found)
