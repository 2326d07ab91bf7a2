"""GFF3 of Ensembl and NCBI, and GTF: what becomes a transcript, and what does not."""

import gzip

import pytest

from jaxbio.errors import DataError
from jaxbio.genome.gene_files import read_genes
from tests.genomes import CODING, EXONS, gff


def read(tmp_path, text, name="x.gff3", **options):
    path = tmp_path / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return read_genes(path, **options)


def rows(*lines):
    """Rows of cells separated by spaces: kind start end strand phase attributes."""
    text = ""
    for line in lines:
        kind, start, end, strand, phase, told = line.split(maxsplit=5)
        text += f"1\tx\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}\t{told}\n"
    return text


@pytest.mark.parametrize("strand", "+-")
def test_ensembl(tmp_path, strand):
    (item,) = read(tmp_path, "##gff-version 3\n" + gff(strand), "x.gff3.gz")
    turn = 1 if strand == "+" else -1
    assert (item.name, item.gene, item.biotype) == ("T", "GENE", "protein_coding")
    assert item.exons == EXONS[::turn]
    assert item.coding == CODING[::turn]
    assert (item.start, item.end, item.phase, item.code) == (100, 360, 0, 1)


def test_ncbi_with_messenger(tmp_path):
    (item,) = read(tmp_path, rows(
        "gene 1 90 + . ID=gene-ABC;Name=ABC;gene_biotype=protein_coding",
        "mRNA 1 90 + . ID=rna-NM_1.2;Parent=gene-ABC;gene=ABC;transcript_id=NM_1.2",
        "exon 1 20 + . ID=exon-1;Parent=rna-NM_1.2",
        "exon 51 90 + . ID=exon-2;Parent=rna-NM_1.2",
        "CDS 11 20 + 0 ID=cds-NP_1.1;Parent=rna-NM_1.2;transl_table=4",
        "CDS 51 70 + 2 ID=cds-NP_1.1;Parent=rna-NM_1.2;transl_table=4",
    ))  # fmt: skip
    assert (item.name, item.gene, item.code) == ("NM_1.2", "ABC", 4)
    assert item.biotype == "protein_coding"
    assert item.exons == ((0, 20), (50, 90))
    assert item.coding == ((10, 20), (50, 70))


def test_ncbi_coding_parts_under_the_gene_are_transcripts_of_their_own(tmp_path):
    genes = read(tmp_path, rows(
        "gene 1 99 + . ID=gene-O;Name=orf;gene_biotype=protein_coding",
        "CDS 1 30 + 0 ID=cds-A.1;Parent=gene-O;exception=ribosomal slippage",
        "CDS 30 98 + 0 ID=cds-A.1;Parent=gene-O;exception=ribosomal slippage",
        "CDS 1 42 + 0 ID=cds-B.1;Parent=gene-O",
    ))  # fmt: skip
    assert [(x.name, x.gene, x.coding) for x in genes] == [
        ("A.1", "orf", ((0, 30), (29, 98))),
        ("B.1", "orf", ((0, 42),)),
    ]
    assert genes.notes == []


def test_exons_right_under_a_gene_that_is_translated_say_nothing_more(tmp_path):
    genes = read(tmp_path, rows(
        "gene 1 99 + . ID=gene-O;Name=orf", "exon 1 99 + . Parent=gene-O",
        "CDS 1 30 + 0 ID=cds-A.1;Parent=gene-O",
    ))  # fmt: skip
    assert [(x.name, x.exons) for x in genes] == [("A.1", ((0, 30),))]


def test_rna_genes_are_not_translated(tmp_path):
    genes = read(tmp_path, rows(
        "gene 1 70 - . ID=gene-R;Name=trnA;gene_biotype=tRNA",
        "tRNA 1 70 - . ID=rna-R;Parent=gene-R",
        "exon 1 70 - . Parent=rna-R",
    ))  # fmt: skip
    assert [(x.name, x.biotype, x.coding) for x in genes] == [("R", "tRNA", ())]


def test_coding_parts_without_a_parent(tmp_path):
    (item,) = read(tmp_path, rows("CDS 1 30 + 0 ID=P_1;gene=dnaA;locus_tag=P_1"))
    assert (item.name, item.gene, item.biotype) == ("P_1", "dnaA", "protein_coding")


def test_a_part_may_have_several_parents(tmp_path):
    genes = read(tmp_path, rows(
        "mRNA 1 60 + . ID=a", "mRNA 1 60 + . ID=b", "exon 1 60 + . Parent=a,b",
        "CDS 1 60 + 0 Parent=a,b",
    ))  # fmt: skip
    assert [(x.name, x.coding) for x in genes] == [("a", ((0, 60),)), ("b", ((0, 60),))]


@pytest.mark.parametrize(
    ("strand", "stop", "coding"), [("+", 31, ((10, 33),)), ("-", 8, ((7, 30),))]
)
def test_gtf_takes_the_stop_codon_along(tmp_path, strand, stop, coding):
    told = (
        'gene_id "G1"; transcript_id "T1"; gene_name "ABC"; gene_type "protein_coding";'
    )
    genes = read(tmp_path, rows(
        f"exon 1 40 {strand} . {told}", f"CDS 11 30 {strand} 0 {told}",
        f"stop_codon {stop} {stop + 2} {strand} 0 {told}",
    ), "x.gtf")  # fmt: skip
    assert [(x.name, x.gene, x.biotype) for x in genes] == [
        ("T1", "ABC", "protein_coding")
    ]
    assert genes.items[0].coding == coding


def test_gtf_stop_codon_in_an_exon_of_its_own(tmp_path):
    told = 'gene_id "G"; transcript_id "T";'
    (item,) = read(tmp_path, rows(
        f"exon 1 30 + . {told}", f"exon 51 53 + . {told}", f"CDS 1 30 + 0 {told}",
        f"stop_codon 51 53 + 0 {told}",
    ), "x.gtf")  # fmt: skip
    assert item.coding == ((0, 30), (50, 53))


def test_annotation_text_after_the_features_is_not_read(tmp_path):
    text = gff() + "##FASTA\n>1\nACGT\n"
    assert len(read(tmp_path, text)) == 1


@pytest.mark.parametrize(("code", "number"), [(11, 11), ({"1": 2}, 2), (None, 4)])
def test_genetic_code_as_asked_for(tmp_path, code, number):
    text = rows("CDS 1 30 + 0 ID=P_1;transl_table=4")
    assert read(tmp_path, text, code=code).items[0].code == number


def test_genetic_code_of_a_contig_that_has_no_genes(tmp_path):
    with pytest.raises(
        DataError, match="no genes on contig 'chr1', for which there is"
    ):
        read(tmp_path, gff(), code={"chr1": 2})


def test_genetic_code_that_there_is_not(tmp_path):
    with pytest.raises(DataError, match="genetic code 99"):
        read(tmp_path, gff(), code=99)


def test_phases_that_do_not_fit_are_listed(tmp_path):
    bad = gff(name="bad").replace("201\t230\t.\t+\t0", "201\t230\t.\t+\t1")
    genes = read(tmp_path, gff() + bad)
    assert [item.name for item in genes] == ["T"]
    assert genes.notes == [
        "1 transcripts are left out, the phases of their CDS do not fit its lengths: "
        "bad (row 13)"
    ]


def test_incomplete_coding_parts_are_used_and_counted(tmp_path):
    genes = read(tmp_path, gff(coding=(*CODING[:2], (300, 329))))
    assert len(genes) == 1
    assert "1 transcripts have a CDS whose length is no multiple of 3" in genes.notes[0]


def test_parts_on_two_strands_are_listed(tmp_path):
    text = gff(name="odd") + rows("CDS 401 430 - 0 Parent=transcript:odd")
    genes = read(tmp_path, gff() + text)
    assert "on several strands or contigs (trans-splicing): odd" in genes.notes[0]


def test_orphans_are_counted(tmp_path):
    genes = read(tmp_path, gff() + rows("exon 1 9 + . note=x"))
    assert (
        "1 rows of exon or CDS are left out, they name no transcript" in genes.notes[0]
    )


def test_no_transcripts(tmp_path):
    with pytest.raises(DataError, match=r"no transcripts.*it holds gene \(2\)"):
        read(tmp_path, rows("gene 1 9 + . ID=a", "gene 20 30 + . ID=b"))
    told = 'gene_id "G";'
    with pytest.raises(DataError, match="transcript_id in GTF"):
        read(tmp_path, rows(f"exon 1 9 + . {told}"), "x.gtf")


def test_none_that_can_be_used(tmp_path):
    with pytest.raises(DataError, match="no transcript can be used: 1 transcripts are"):
        read(tmp_path, rows("CDS 1 30 . 0 ID=a"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\tx\tCDS\t5\n", "row 1: 4 columns instead of the 9"),
        ("1\tx\tCDS\t9\t5\t.\t+\t0\tID=a\n", "row 1: start '9' and end '5'"),
        ("1\tx\tCDS\t0\t5\t.\t+\t0\tID=a\n", "positions count from 1"),
        ("1\tx\tCDS\tx\t5\t.\t+\t0\tID=a\n", "start 'x'"),
    ],
)
def test_damaged_rows(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_other_files(tmp_path):
    with pytest.raises(DataError, match="genes are read from GFF3, GTF and GenBank"):
        read(tmp_path, ">1\nACGT\n", "x.fa")
