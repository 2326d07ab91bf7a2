"""Consequences against bcftools csq: its own cases, and random variants."""

import random
import re

import pytest

from jaxbio.data.io.files import open_bytes
from jaxbio.data.io.sequences import read_fasta
from jaxbio.genome.consequence_files import annotate_consequences
from jaxbio.genome.consequence_terms import INTERGENIC, Variant
from jaxbio.genome.consequences import (
    Models,
    alone,
    haplotype_consequences,
    variant_consequences,
)
from jaxbio.genome.gene_files import read_genes
from jaxbio.genome.records import VariantFile
from jaxbio.genome.transcripts import Transcript, genetic_code
from tests.genome.genomes import bcftools
from tests.genomes import (
    CODING,
    LENGTH,
    PROTEIN,
    Bases,
    genome,
    gff,
    sequence,
    vcf,
)

CASES = {  # what the programme wrote, in the order of the records; "" for nothing
    "ENSG00000173376.synon": [
        "synonymous|NDNF|ENST00000379692|protein_coding|-|145L|1944T>C,"
        "synonymous|NDNF|ENST00000515757|protein_coding|-|145L|1944T>C"
    ],
    "ENST00000256452.intron": ["intron|IL5RA||protein_coding"],
    "ENST00000519442.synon-splice-region-del": ["intron|SOX30||protein_coding"],
    "ENST00000542803.splice-region": [
        "missense|NTNG1|ENST00000542803|protein_coding|+|361C>361Y|263634G>A,"
        "splice_region|NTNG1|ENST00000542803|protein_coding"
    ],
    # INFO/EXP leaves out &NMD_transcript, which the expected output has.
    "ENST00000573314.incorrect-insertion-overlap": [
        "frameshift&NMD_transcript|VWA9|ENST00000573314|NMD|-|"
        "4DCVRRWARGEWGGRGPGTAFRCLLGLQVKGLWVKNNPGPALGLPATVAAAPRCL*>"
        "4ESLCRRTVSGDGHGVSGEAEGPGLPFAACWGYR*|"
        "32388GTCCGTCGGCATAAACTT>GTCCGTCGGCATAAACTTTCCGTCGGCATAAACTT"
    ],
    "EMN908947.simple": [
        "missense|ORF1ab|ORF1ab|protein_coding|+|4401N>4401K|13468C>G"
    ],
}


def fasta(path, name=None):
    contigs = {}
    with open_bytes(path) as handle:
        for frame in read_fasta(handle, str(path)):
            ids, bases = frame.columns["id"], frame.columns["sequence"]
            contigs |= dict(zip(ids, bases, strict=True))
    return Bases({name or contig: bases for contig, bases in contigs.items()})


def case(folder, name):
    """Genome, file of genes and file of variants of a case."""
    gene = name.split(".")[0]
    if gene == "EMN908947":  # the same sequence under its name in GenBank
        path = folder.parent / "genome_sarscov2" / "NC_045512_Hu-1.fasta"
        return fasta(path, "MN908947.3"), folder / f"{name}.gff", folder / f"{name}.vcf"
    path = folder / f"{gene}.fa"
    path = path if path.exists() else folder / f"{gene}.fa.gz"
    return fasta(path), folder / f"{gene}.gff", folder / f"{name}.vcf"


@pytest.mark.data
@pytest.mark.parametrize("name", CASES)
def test_cases_of_bcftools(real_data, tmp_path, name):
    folder = real_data("genomics/csq_cases")
    bases, genes, variants = case(folder, name)
    out = tmp_path / "out.vcf"
    annotate_consequences(variants, genes, bases, out)
    found = [
        record.text.split("BCSQ=")[1].split("\t")[0]
        for record in VariantFile(out).records()
    ]
    assert found == CASES[name]
    written = folder / f"{name}.txt"
    written = written if written.exists() else folder / f"{name}.cmd.out"
    assert all(f"\t{text}\n" in written.read_text() for text in found)


@pytest.mark.data
def test_case_of_haploid_and_diploid_calls(real_data, tmp_path):
    pytest.importorskip("pysam", reason="bcftools query, which translates FORMAT/BCSQ")
    folder = real_data("genomics/csq_cases")
    bases, genes, variants = case(folder, "ENST00000381157.haploid-diploid")
    out = tmp_path / "out.vcf"
    summary = annotate_consequences(variants, genes, bases, out)
    said = bcftools("query", "-f", "[%POS\t%REF\t%ALT\t%TBCSQ\n]\n", out)
    assert said == (folder / "ENST00000381157.haploid-diploid.txt").read_text()
    assert any("calls of more than two copies" in note for note in summary.notes)


@pytest.fixture
def csq(tmp_path):
    """Rows of a VCF file as bcftools csq writes them."""
    pytest.importorskip("pysam", reason="bcftools csq, which is compared with")

    def run(bases, genes, text, *words):
        (tmp_path / "g.fa").write_text(f">1\n{bases}\n")
        (tmp_path / "g.gff3").write_text("##gff-version 3\n" + genes)
        (tmp_path / "v.vcf").write_text(text)
        files = ("-f", tmp_path / "g.fa", "-g", tmp_path / "g.gff3", tmp_path / "v.vcf")
        bcftools("csq", *words, "-v", "0", "-o", tmp_path / "csq.vcf", *files)
        return tmp_path / "csq.vcf"

    return run


def random_variants(bases, rng, count, *, indels, low=92, high=368):
    """Substitutions of 1 to 4 bases and, leftmost as they should be, indels."""
    found = set()
    while len(found) < count:
        at, kind = rng.randrange(low, high), rng.choice("smid" if indels else "s")
        size = rng.choice([1, 2, 3, 6])
        before, old, new = bases[at - 1], bases[at : at + size], ""
        if kind in "sm":
            old = old[: 1 if kind == "s" else 4]
            new = "".join(rng.choice("ACGT".replace(base, "")) for base in old)
            found.add((at + 1, old, new))
            continue
        if kind == "i":
            old, new = "", "".join(rng.choices("ACGT", k=size))
        while (old or new)[-1] == before:  # to the left
            old, new = (before + old)[: len(old)], (before + new)[: len(new)]
            at -= 1
            before = bases[at - 1]
        found.add((at, before + old, before + new))
    return sorted(found)


def found_by(path):
    fields = [record.text.split("\t")[7] for record in VariantFile(path).records()]
    texts = [text.partition("BCSQ=")[2] for text in fields]
    return [sorted(text.split(",")) if text else [str(INTERGENIC)] for text in texts]


@pytest.mark.parametrize("strand", "+-")
def test_substitutions_like_bcftools(csq, tmp_path, strand):
    bases = sequence(strand)
    variants = random_variants(bases, random.Random(1), 300, indels=False)
    rows = [" ".join(map(str, variant)) for variant in variants]
    genes = gff(strand) + gff(strand, name="D", biotype="nonsense_mediated_decay")
    theirs = found_by(csq(bases, genes, vcf(rows), "-l"))
    items = read_genes(tmp_path / "g.gff3")
    asked = [Variant(*variant) for variant in variants]
    found = variant_consequences("1", asked, items, genome(strand).fetch)
    mine = [sorted(map(str, several)) for several in found]
    assert mine == theirs


@pytest.mark.parametrize("strand", "+-")
def test_indels_like_bcftools_but_at_the_ends_of_exons(csq, tmp_path, strand):
    """Where an indel touches an end of a coding part, csq contradicts itself.

    The same loss of bases is `frameshift&splice_donor` at one end of an intron and
    `splice_acceptor&coding_sequence` at the other, a start or stop codon that an indel
    leaves whole is lost, and `20F>20?` stands for an amino acid that is gone.
    """
    bases = sequence(strand)
    variants = random_variants(bases, random.Random(2), 400, indels=True)
    rows = [" ".join(map(str, variant)) for variant in variants]
    theirs = found_by(csq(bases, gff(strand), vcf(rows), "-l"))
    items = read_genes(tmp_path / "g.gff3")
    models = Models(genome(strand).fetch)
    ends = {end for part in CODING for end in part}
    differing = []
    for variant, expected in zip(variants, theirs, strict=True):
        found = sorted(map(str, alone("1", Variant(*variant), items, models)))
        near = range(variant[0] - 4, variant[0] + len(variant[1]) + 4)
        if found != expected:
            assert ends & set(near), (variant, found, expected)
            differing.append(variant)
    assert len(differing) < 20


@pytest.mark.parametrize("strand", "+-")
def test_haplotypes_like_bcftools(csq, tmp_path, strand):
    bases, rng = sequence(strand), random.Random(3)
    variants = random_variants(bases, rng, 100, indels=False, low=123, high=325)
    variants = list({variant[0]: variant for variant in variants}.values())
    samples = ["a", "b", "c"]
    calls = ["0|0", "0|1", "1|0", "1|1", "0", "1", "."]
    rows = [
        " ".join([*map(str, variant), *rng.choices(calls, k=len(samples))])
        for variant in variants
    ]
    exons, coding = ((100, 150), (300, 360)), (CODING[0], CODING[2])
    genes = gff(strand) + gff(strand, name="S", exons=exons, coding=coding)
    theirs = csq(bases, genes, vcf(rows, samples), "-G", "1")
    out = tmp_path / "mine.vcf"
    annotate_consequences(tmp_path / "v.vcf", tmp_path / "g.gff3", genome(strand), out)
    asked = "[%POS\t%SAMPLE\t%TBCSQ\n]"
    one, other = (bcftools("query", "-f", asked, path) for path in (theirs, out))
    assert by_copy(one) == by_copy(other)
    assert len(by_copy(one)) > 150


def by_copy(text):
    rows = [line.split("\t") for line in text.split("\n") if line]
    return {
        (position, sample, copy): sorted(one.split(","))
        for position, sample, *copies in rows
        for copy, one in enumerate(copies)
        if one not in ("", ".")
    }


def apart(bases, rng):
    """Some variants inside coding parts, behind the start and before the stop."""
    variants, free = [], 123
    for at in sorted(rng.sample(range(123, 326), rng.randrange(1, 6))):
        old = bases[at : at + rng.choice([1, 1, 2, 3, 4])]
        new, end = "".join(rng.choices("ACGT", k=rng.randrange(1, 5))), at + len(old)
        inside = any(low + 3 <= at and end <= high - 3 for low, high in CODING)
        if at > free and inside and old != new:
            variants.append(Variant(at + 1, old, new))
            free = end
    return variants


def mutant(item, bases, variants):
    """The protein of a transcript of a genome that has the variants."""
    parts = item.coding
    for each in reversed(variants):
        start = each.position - 1
        bases = bases[:start] + each.alternative + bases[start + len(each.reference) :]
        grown = len(each.alternative) - len(each.reference)
        parts = [(a + grown * (a > start), b + grown * (b > start)) for a, b in parts]
    moved = Transcript("t", "g", "1", item.strand, "x", tuple(parts), tuple(parts))
    coding = moved.coding_sequence(Bases({"1": bases}).fetch)
    return genetic_code(1).translate(coding)


@pytest.mark.parametrize("strand", "+-")
def test_changes_that_are_told_make_the_protein_that_the_bases_make(tmp_path, strand):
    """Random haplotypes: all variants put into the genome, spliced and translated."""
    genes = genes_of(tmp_path, gff(strand))
    (item,), bases, rng = genes, sequence(strand), random.Random(4)
    models, seen = Models(genome(strand).fetch), set()
    for _ in range(150):
        variants = apart(bases, rng)
        protein, found = PROTEIN, haplotype_consequences("1", variants, genes, models)
        changes = []
        for each in found:
            if match := re.fullmatch(r"(\d+)([A-Z*]+)>\d+([A-Z*?]+)", each.protein):
                changes.append((int(match[1]) - 1, match[2], match[3].replace("?", "")))
                seen |= set(each.types)
        for at, before, after in sorted(changes, reverse=True):
            assert protein[at : at + len(before)] == before
            protein = protein[:at] + after + protein[at + len(before) :]
        assert until_stop(protein) == until_stop(mutant(item, bases, variants)), (
            variants
        )
    assert {"frameshift", "inframe_altering", "stop_gained", "missense"} <= seen
    assert {"inframe_deletion", "inframe_insertion"} <= seen


def until_stop(protein):
    ended, stop, _ = protein.partition("*")
    return ended + stop


def genes_of(tmp_path, text):
    path = tmp_path / "genes.gff3"
    path.write_text(text)
    return read_genes(path)


def test_haplotype_of_one_copy(tmp_path):
    variants = [Variant(145, "G", "A"), Variant(147, "T", "C"), Variant(150, "T", "A")]
    found = haplotype_consequences(
        "1", variants, genes_of(tmp_path, gff()), genome().fetch
    )
    assert [str(each) for each in found] == [
        "missense|GENE|T|protein_coding|+|9A>9T|145G>A+147T>C",
        "synonymous|GENE|T|protein_coding|+|10A|150T>A",
        "splice_region|GENE|T|protein_coding",
    ]


def test_codon_across_an_intron(tmp_path):
    """Two substitutions of one codon whose bases lie in two exons."""
    coding = ((100, 104), (150, 158))
    bases = "A" * 100 + "ATGG" + "A" * 46 + "CTAAATAA" + "A" * (LENGTH - 158)
    genes = genes_of(tmp_path, gff(exons=coding, coding=coding))
    both = [Variant(104, "G", "T"), Variant(151, "C", "G")]
    found = haplotype_consequences("1", both, genes, Bases({"1": bases}).fetch)
    assert str(found[0]) == "missense|GENE|T|protein_coding|+|2A>2C|104G>T+151C>G"


def test_a_base_that_is_read_twice_changes_both_codons(tmp_path):
    bases = "GG" + "ATGAAACGGTAA" + "GG"
    rows = ["gene 3 14 . ID=gene-A;Name=A"]
    rows += [f"CDS {part} 0 ID=cds-A;Parent=gene-A" for part in ("3 8", "8 14")]
    text = ""
    for row in rows:
        kind, start, end, phase, told = row.split()
        text += f"1\tx\t{kind}\t{start}\t{end}\t.\t+\t{phase}\t{told}\n"
    genes, one = genes_of(tmp_path, text), Variant(8, "A", "C")
    (found,) = variant_consequences("1", [one], genes, Bases({"1": bases}).fetch)
    # ATG AAA|ACG GTA A: the last base of AAA and the first of ACG.
    assert [str(each) for each in found] == [
        "missense|A|A|protein_coding|+|2KT>2NP|8A>C"
    ]


def test_transcripts_that_are_not_translated(tmp_path):
    genes = genes_of(tmp_path, gff(coding=(), biotype="lncRNA"))
    at = [Variant(120, "A", "C"), Variant(151, "A", "C"), Variant(90, "A", "C")]
    found = variant_consequences("1", at, genes, genome().fetch)
    assert [str(each) for [each] in found] == [
        "non_coding|GENE||lncRNA",
        "non_coding|GENE||lncRNA",
        "intergenic",
    ]
