import json
import subprocess
import sys

import pytest

from jaxbio.genome.records import VariantFile
from tests.cli.test_train import run
from tests.genomes import gff, sequence, vcf


@pytest.fixture
def files(tmp_path):
    (tmp_path / "g.fa").write_text(f">1\n{sequence()}\n")
    (tmp_path / "g.gff3").write_text(gff())
    (tmp_path / "v.vcf").write_text(vcf(["145 G A 1|0", "147 T C 1/0"], ["ann"]))
    return tmp_path


def words(files, *more, out="o.vcf"):
    given = [files / "v.vcf", "--genome", files / "g.fa", "--genes", files / "g.gff3"]
    return ["data", "consequences", *given, "-o", files / out, *more]


def test_from_a_vcf_file_to_consequences(capsys, files):
    code, said, err = run(capsys, *words(files, "--json"))
    assert code == 0, err
    assert (
        "1 heterozygous calls without a phase (0/1): their alleles are looked at"
        in said
    )
    assert "consequences: missense 1, synonymous 1\n" in said
    assert "2 records with 2 alleles" in said
    result = json.loads(said.splitlines()[-1])
    assert result["consequences"] == {"missense": 1, "synonymous": 1}
    assert (
        "BCSQ=missense|GENE|T|protein_coding|+|9A>9T" in (files / "o.vcf").read_text()
    )


def test_options(capsys, files):
    code, _, _ = run(capsys, *words(files, "--unphased", "phased", out="o.tsv"))
    assert code == 0 and "@145" in (files / "o.tsv").read_text()
    code, _, err = run(capsys, *words(files, "--unphased", "error"))
    assert code == 1 and "row 7: 1 calls" in err and "--unphased alone" in err
    code, _, _ = run(capsys, *words(files, "--local", "--code", "1:2", out="p.tsv"))
    assert code == 0 and "@145" not in (files / "p.tsv").read_text()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["x"], "--code x: write a number, or CONTIG:NUMBER as MT:2"),
        (["11", "MT:2"], "--code 11 MT:2: give one number for all genes, or"),
        (["77"], "genetic code 77: there are 1, 2"),
    ],
)
def test_codes_that_there_are_not(capsys, files, given, message):
    flags = [word for each in given for word in ("--code", each)]
    code, _, err = run(capsys, *words(files, *flags))
    assert code == 1 and message in err and not (files / "o.vcf").exists()


def test_another_genome(capsys, files):
    (files / "v.vcf").write_text(vcf(["126 C A", "145 G A"]))
    code, _, err = run(capsys, *words(files))
    assert code == 1 and "one base to the left it has C: POS may be off by one" in err
    assert "--mismatch skip" in err and not (files / "o.vcf").exists()
    code, said, _ = run(capsys, *words(files, "--mismatch", "skip"))
    assert code == 0 and "REF_MISMATCH: REF is not what the genome has: row 6" in said


@pytest.mark.data
def test_all_records_of_sars_cov_2(real_data, tmp_path):
    pytest.importorskip("pysam", reason="writes .vcf.gz")
    folder, out = real_data("genomics/genome_sarscov2"), tmp_path / "o.vcf.gz"
    genome = tmp_path / "g.fa"  # the index is written beside it
    genome.write_bytes((folder / "NC_045512_Hu-1.fasta").read_bytes())
    given = [folder / "mixture.vcf.gz", "--genome", genome]
    given += ["--genes", folder / "NC_045512_Hu-1.gff", "-o", out]
    # In a process of its own, where types are not checked call by call.
    command = [sys.executable, "-m", "jaxbio", "data", "consequences", *map(str, given)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "10,603 records with 10,603 alleles" in done.stdout
    before = list(VariantFile(folder / "mixture.vcf.gz").records())
    after = list(VariantFile(out).records())
    for one, other in zip(before, after, strict=True):
        kept, _, new = other.text.partition(";BCSQ=")
        assert kept == one.text and new
