"""`jaxbio variants`: from files to files, and what does not go together."""

import json

import pandas as pd
import pytest

from tests.commands import run
from tests.genome.genomes import LENGTH, random_genome, run_of, vcf_of

CACHE = ["--compile-cache", "none"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("variants")
    genome = random_genome(path)
    base = genome.fetch("chr1", 49, 50)
    other = "ACGT"[("ACGT".index(base) + 1) % 4]
    vcf_of(path / "in.vcf", ("1", 50, base, f"{other},<DEL>"))
    vcf_of(path / "off.vcf", ("1", 50, other, base))
    (path / "t.csv").write_text(f"snp,label\nchr1:50:{base}:{other},x\n")
    wild = genome.fetch("chr1", 0, LENGTH)
    (path / "wild.fa").write_text(f">wild\n{wild}\n")
    (path / "m.csv").write_text(f"mutant\n{wild[2]}3{'A' if wild[2] != 'A' else 'C'}\n")
    (path / "r.bed").write_text("chr1\t10\t12\ta\nchr2\t0\t1\tb\n")
    run_of().predictor.save(path / "run")
    return path


def words(folder, *more, out="out.vcf"):
    return ["variants", folder / "run", *more, "-o", folder / out, *CACHE]


def test_variants_of_a_file(capsys, folder):
    genome = ["--genome", folder / "genome.fa", "--background", "2"]
    code, out, err = run(
        capsys, *words(folder, "--vcf", folder / "in.vcf", *genome), "--json"
    )
    assert code == 0 and "1 records, 1 of 2 alleles scored" in out
    assert "1 is chr1" in err and "without a score (SYMBOLIC): 1" in err
    result = json.loads(out.splitlines()[-1])
    assert result["skipped"] == {"SYMBOLIC": 1} and result["mismatches"] == 0
    assert "JB_SKIP=.,SYMBOLIC" in (folder / "out.vcf").read_text()


def test_tables_and_regions(capsys, folder):
    genome = ["--genome", folder / "genome.fa", "--background", "0"]
    code, out, err = run(
        capsys,
        *("variants", folder / "run", "--table", folder / "t.csv", *genome, "-o", "-"),
        *("--column", "snp", *CACHE),
    )
    assert code == 0 and out.splitlines()[1].startswith("chr1\t50\t")
    assert "1 records" in err and "1 records" not in out
    code, _, _ = run(
        capsys, *words(folder, "--saturate", folder / "r.bed", *genome, out="s.tsv")
    )
    table = pd.read_csv(folder / "s.tsv", sep="\t")
    assert code == 0 and table["region"].tolist() == ["a"] * 6 + ["b"] * 3
    code, out, _ = run(
        capsys,
        *words(folder, "--region", "1:11-14", "--deletions", *genome, out="r.tsv"),
        *("--heatmap", folder / "r.png"),
    )
    assert code == 0 and len(pd.read_csv(folder / "r.tsv", sep="\t")) == 16
    assert (folder / "r.png").exists() and "map of the region" in out


def test_mutants_of_a_parent(capsys, folder):
    given = ["--table", folder / "m.csv", "--parent", folder / "wild.fa"]
    code, out, _ = run(capsys, *words(folder, *given, out="m.tsv"))
    assert code == 0 and "1 mutants in" in out
    assert list(pd.read_csv(folder / "m.tsv", sep="\t")) == ["mutant", "y", "y_change"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--vcf", "in.vcf"], "which genome? Give the FASTA file with --genome"),
        (["--table", "t.csv"], "or a parent sequence with --parent"),
        (["--vcf", "in.vcf", "--parent", "wild.fa"], "--parent goes with --table"),
        (["--table", "t.csv", "--parent", "wild.fa", "--genome", "genome.fa"],
         "give --genome for variants by their place"),
        (["--vcf", "in.vcf", "--genome", "genome.fa", "--heatmap", "x.png"],
         "--heatmap goes with --region"),
        (["--region", "1:5-9", "--genome", "genome.fa", "--heatmap", "x.tif"],
         "x.tif: not the name of a picture"),
        (["--region", "1:5-9", "--genome", "genome.fa", "--genes", "g.gff3"],
         "--genes goes with --vcf or --table"),
        (["--vcf", "off.vcf", "--genome", "genome.fa"], "--mismatch skip gives such"),
        (["--vcf", "in.vcf", "--genome", "genome.fa", "--output", "z"],
         "no output 'z'"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told(capsys, folder, given, message):
    files = {x.name for x in folder.iterdir()}
    given = [folder / word if word in files else word for word in given]
    code, _, err = run(capsys, *words(folder, *given, out="none.vcf"))
    assert code == 1 and message in err
    assert not (folder / "none.vcf").exists()
