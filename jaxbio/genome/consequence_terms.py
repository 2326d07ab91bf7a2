"""The words of consequences, and how they are written: those of bcftools csq."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

TYPES = (
    "synonymous",
    "missense",
    "stop_lost",
    "stop_gained",
    "inframe_deletion",
    "inframe_insertion",
    "frameshift",
    "splice_acceptor",
    "splice_donor",
    "start_lost",
    "splice_region",
    "stop_retained",
    "5_prime_utr",
    "3_prime_utr",
    "non_coding",
    "intron",
    "intergenic",
    "inframe_altering",
    "NMD_transcript",
    "coding_sequence",
    "start_retained",
)
"""All types, in the order in which several of one variant are joined by `&`."""

_ESCAPED = {ord(sign): f"%{ord(sign):02X}" for sign in " ,;=|%\t"}
_RANK = {name: rank for rank, name in enumerate(TYPES)}


def in_order(types: Iterable[str]) -> tuple[str, ...]:
    """Types in the order of `TYPES`, each once.

    Example:
        >>> in_order(["start_lost", "inframe_insertion"])
        ('inframe_insertion', 'start_lost')
    """
    return tuple(sorted(set(types), key=_RANK.__getitem__))


class Variant(NamedTuple):
    """One alternative allele, as VCF writes it.

    Attributes:
        position: Of the first base of `reference`, from 1.
        reference: Bases of the genome.
        alternative: Bases in their place.
    """

    position: int
    reference: str
    alternative: str

    def __str__(self) -> str:
        return f"{self.position}{self.reference}>{self.alternative}"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What one or several variants do to one transcript.

    Attributes:
        types: One or several of `TYPES`.
        gene: The name of the gene; empty between genes.
        transcript: The name of the transcript; empty where all of a gene share it.
        biotype: As of the transcript.
        strand: `+` or `-` where the protein is changed or could be, else empty.
        protein: Amino acids before and after, with the place of the first, `5I>5L`.
        dna: The variants, `1944T>C+1945G>A`.
        after_stop: A variant upstream on the same haplotype has ended the protein.
        reference_protein: The whole protein without the variants, where it is changed.
    """

    types: tuple[str, ...]
    gene: str = ""
    transcript: str = ""
    biotype: str = ""
    strand: str = ""
    protein: str = ""
    dna: str = ""
    after_stop: bool = False
    reference_protein: str = field(default="", repr=False, compare=False)

    @property
    def type(self) -> str:
        """The types in one word, such as `*missense` or `frameshift&stop_retained`."""
        return "*" * self.after_stop + "&".join(self.types)

    def __str__(self) -> str:
        names = (self.gene, self.transcript, self.biotype)
        named = (name.translate(_ESCAPED) for name in names)
        fields = (self.type, *named, self.strand, self.protein, self.dna)
        return "|".join(fields).rstrip("|")


INTERGENIC = Consequence(("intergenic",))
"""What a variant does that touches no transcript."""
