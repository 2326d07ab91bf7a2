"""VCF files and tables with consequences: nothing lost, and read back by others."""

import gzip

import pandas as pd
import pytest

from jaxbio.errors import DataError, JaxbioError
from jaxbio.genome.consequence_files import annotate_consequences
from jaxbio.genome.gene_files import read_genes
from tests.genomes import Bases, genome, gff, vcf

ROWS = ["90 N A 0|0 0|1", "145 G A 1|0 1|1", "147 T C 1|0 0|0", "151 N C,A 1|2 ."]


@pytest.fixture
def files(tmp_path):
    (tmp_path / "g.gff3").write_text(gff())
    (tmp_path / "v.vcf").write_text(vcf(ROWS, ["a", "b"]))
    return tmp_path


def annotate(files, out="o.vcf", *, source="v.vcf", **options):
    """Consequences of the variants of a folder."""
    genes, bases = files / "g.gff3", genome()
    return annotate_consequences(files / source, genes, bases, files / out, **options)


def test_records_are_kept_as_they_are_but_for_the_new_fields(files):
    summary = annotate(files)
    before = (files / "v.vcf").read_text().split("\n")
    after = (files / "o.vcf").read_text().split("\n")
    new = [line for line in after if line.startswith("##") and line not in before]
    assert [line[:15] for line in new] == ["##INFO=<ID=BCSQ", "##FORMAT=<ID=BC"]
    columns = "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change"
    assert new[0].endswith(f'Format: {columns}">')
    records = [line.split("\t") for line in after if line and line[0] != "#"]
    assert [cells[7].partition(";BCSQ=")[2] for cells in records] == [
        "intergenic",
        "missense|GENE|T|protein_coding|+|9A>9T|145G>A,"
        "missense|GENE|T|protein_coding|+|9A>9T|145G>A+147T>C",
        "@145",
        "splice_donor|GENE|T|protein_coding",
    ]
    # Bit 0 and 1 are the copies of the first consequence, 2 and 3 of the second.
    assert [cells[8:] for cells in records] == [
        ["GT:BCSQ", "0|0:0", "0|1:2"],
        ["GT:BCSQ", "1|0:4", "1|1:3"],
        ["GT:BCSQ", "1|0:1", "0|0:0"],
        ["GT:BCSQ", "1|2:3", ".:0"],
    ]
    old = [line.split("\t") for line in before if line and line[0] != "#"]
    assert [cells[:7] for cells in records] == [cells[:7] for cells in old]
    assert summary.records == 4 and summary.variants == 5


def test_calls_with_fields_left_out_at_their_end(files):
    text = (files / "v.vcf").read_text()
    text = text.replace("\tGT\t1|0\t1|1", "\tGT:DP:GQ\t1|0\t1|1:9:9")
    (files / "v.vcf").write_text(text)
    annotate(files)
    assert "\tGT:DP:GQ:BCSQ\t1|0:.:.:4\t1|1:9:9:3\n" in (files / "o.vcf").read_text()


def test_many_consequences_take_several_numbers(files):
    genes = "".join(gff(name=f"T{at}") for at in range(17))
    (files / "g.gff3").write_text(genes)
    (files / "v.vcf").write_text(vcf(["145 G A 1|0"], ["a"]))
    annotate(files)
    ones = sum(1 << 2 * at for at in range(15))
    assert (files / "o.vcf").read_text().endswith(f"\tGT:BCSQ\t1|0:{ones},5\n")


def test_local_looks_at_each_variant_alone(files):
    annotate(files, local=True)
    text = (files / "o.vcf").read_text()
    assert "9A|147T>C" in text and "@145" not in text and "FORMAT=<ID=BCSQ" not in text


@pytest.mark.parametrize("ending", [".tsv", ".tsv.gz"])
def test_tables(files, ending):
    rows = [*ROWS, "160 N <DEL> 0|1 0|1"]
    (files / "v.vcf").write_text(vcf(rows, ["a", "b"]))
    out = files / f"o{ending}"
    annotate(files, out.name)
    with gzip.open(out) if ending.endswith("gz") else out.open("rb") as handle:
        table = pd.read_csv(handle, sep="\t", dtype=str, keep_default_na=False)
    shown = table[["pos", "alt", "consequence", "amino_acid_change", "haplotypes"]]
    assert shown.values.tolist() == [
        ["90", "A", "intergenic", "", "1"],
        ["145", "A", "missense", "9A>9T", "2"],
        ["145", "A", "missense", "9A>9T", "1"],
        ["147", "C", "@145", "", "1"],
        ["151", "C", "splice_donor", "", "1"],
        ["151", "A", "splice_donor", "", "1"],
        ["160", "<DEL>", "", "", ""],
    ]


def test_files_without_samples(files):
    (files / "v.vcf").write_text(vcf(["145 G A", "147 T C", "126 T ."]))
    annotate(files)
    text = (files / "o.vcf").read_text()
    assert "9A>9T|145G>A\n" in text and "9A|147T>C\n" in text
    annotate(files, "o.tsv")
    lines = (files / "o.tsv").read_text().split("\n")
    assert (
        lines[0].endswith("\tdna_change\thgvs_p")
        and lines[3] == "1\t126\t.\tT\t." + "\t" * 8
    )


def test_a_file_that_has_the_field_is_refused(files):
    annotate(files)
    with pytest.raises(DataError, match=r"has BCSQ already: take it off first"):
        annotate(files, "p.vcf", source="o.vcf")


def test_options_that_there_are_not(files):
    with pytest.raises(JaxbioError, match=r"mismatch='both'.*Known: error, skip"):
        annotate(files, mismatch="both")
    with pytest.raises(JaxbioError, match=r"o\.txt: variants are written to"):
        annotate(files, "o.txt")


def test_nothing_half_written(files):
    (files / "v.vcf").write_text(vcf(["145 G A 1|0", "146 G A 1|0"], ["a"]))
    with pytest.raises(DataError, match="row 7: REF at 1:146 is G, the genome has C"):
        annotate(files)
    assert sorted(path.name for path in files.iterdir()) == ["g.gff3", "v.vcf"]


def test_read_back_by_pysam(files):
    pysam = pytest.importorskip("pysam", reason="VCF files are read back by it")
    out = files / "o.vcf.gz"
    genes = read_genes(files / "g.gff3")
    annotate_consequences(files / "v.vcf", genes, genome(), out)
    read = pysam.VariantFile
    with read(str(files / "v.vcf")) as one, read(str(out)) as two:
        pairs = list(zip(one, two, strict=True))
        assert len(pairs) == 4
        for before, after in pairs:
            assert before.alleles == after.alleles and before.pos == after.pos
            assert after.info["DP"] == before.info["DP"]
            assert len(after.info["BCSQ"]) > 0
            calls = [sample["GT"] for sample in after.samples.values()]
            assert calls == [sample["GT"] for sample in before.samples.values()]


@pytest.mark.data
def test_sars_cov_2(real_data, tmp_path):
    folder = real_data("genomics/genome_sarscov2")
    lines = (folder / "NC_045512_Hu-1.fasta").read_text().split("\n")
    bases = Bases({"NC_045512.2": "".join(lines[1:])})
    genes, out = folder / "NC_045512_Hu-1.gff", tmp_path / "o.tsv"
    summary = annotate_consequences(folder / "test.vcf", genes, bases, out)
    assert (summary.records, summary.skipped, summary.notes) == (73, {}, [])
    table = pd.read_csv(out, sep="\t", dtype=str, keep_default_na=False)
    assert table[["pos", "alt"]].drop_duplicates().shape[0] == 73
    known = {("S", "23403A>G"): "614D>614G", ("ORF1ab", "14408C>T"): "4715P>4715L"}
    for (gene, dna), change in known.items():  # nsp12 P323L, behind the slippage
        rows = table[(table.gene == gene) & (table.dna_change == dna)]
        assert list(rows.amino_acid_change) == [change]
    assert set(table[table.dna_change == "23403A>G"].hgvs_p) == {"p.Asp614Gly"}
