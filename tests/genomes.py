"""A small genome with a gene on either strand, made by hand, and files of genes."""

import random

LENGTH = 600
CODING = ((120, 150), (200, 230), (300, 330))  # from 0
EXONS = ((100, 150), (200, 230), (300, 360))
PROTEIN = "MALGKGALAAHFAHLEAGEFHEFGKEHKA*"
CODONS = {
    **{"M": "ATG", "A": "GCT", "L": "CTG", "G": "GGC", "K": "AAA"},
    **{"H": "CAC", "F": "TTC", "E": "GAA", "*": "TAA"},
}
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


class Bases:
    """A genome in memory."""

    def __init__(self, contigs):
        self.contigs = contigs
        self.lengths = {name: len(bases) for name, bases in contigs.items()}

    def resolve(self, name):
        return name if name in self.contigs else None

    def fetch(self, contig, start, end):
        return self.contigs[contig][start:end]


def sequence(strand="+"):
    """Bases of which the coding parts are translated into PROTEIN."""
    bases = random.Random(1).choices("ACGT", k=LENGTH)
    coding = "".join(CODONS[letter] for letter in PROTEIN)
    if strand == "-":
        coding = coding[::-1].translate(_COMPLEMENT)
    places = [place for part in CODING for place in range(*part)]
    for place, base in zip(places, coding, strict=True):
        bases[place] = base
    return "".join(bases)


def genome(strand="+"):
    return Bases({"1": sequence(strand)})


def gff(strand="+", *, name="T", exons=EXONS, coding=CODING, biotype="protein_coding"):
    """Rows of GFF3 as Ensembl writes them."""

    def row(kind, start, end, told, phase="."):
        return f"1\tx\t{kind}\t{start + 1}\t{end}\t.\t{strand}\t{phase}\t{told}\n"

    start, end = exons[0][0], exons[-1][1]
    rows = row("gene", start, end, f"ID=gene:G{name};Name=GENE;biotype={biotype}")
    own = f"ID=transcript:{name};Parent=gene:G{name};biotype={biotype}"
    rows += row("transcript", start, end, own)
    parent, done = f"Parent=transcript:{name}", 0
    for part in exons:
        rows += row("exon", *part, parent)
    for part in coding if strand == "+" else coding[::-1]:
        rows += row("CDS", *part, parent, str(-done % 3))
        done += part[1] - part[0]
    if coding:  # which csq looks at
        left, right = "five_prime_UTR", "three_prime_UTR"
        left, right = (left, right) if strand == "+" else (right, left)
        for start, end in exons:
            if start < coding[0][0]:
                rows += row(left, start, min(end, coding[0][0]), parent)
            if end > coding[-1][1]:
                rows += row(right, max(start, coding[-1][1]), end, parent)
    return rows


def vcf(rows, samples=()):
    """A VCF file; cells of a row are separated by spaces: POS REF ALT, then calls."""
    lines = [
        "##fileformat=VCFv4.2",
        f"##contig=<ID=1,length={LENGTH}>",
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
    ]
    columns = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    lines.append(
        "#" + "\t".join([*columns, *(["FORMAT", *samples] if samples else [])])
    )
    for row in rows:
        position, reference, alternative, *calls = row.split()
        cells = ["1", position, ".", reference, alternative, ".", "PASS", "DP=9"]
        lines.append("\t".join([*cells, *(["GT", *calls] if samples else [])]))
    return "\n".join(lines) + "\n"
