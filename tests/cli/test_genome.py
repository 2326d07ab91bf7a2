"""A run along a genome, from the command line."""

from tests.commands import run


def test_along_a_genome(capsys, trained, tmp_path):
    genome = tmp_path / "g.fa"
    genome.write_text(">c\n" + "ACGTTGCAAC" * 30 + "\n>tiny\nACGT\n")
    out = tmp_path / "x.bedGraph"
    words = ["predict", trained / "run", "--genome", genome, "-o", out]
    code, said, err = run(capsys, *words, "--stride", 10, "--length", 30, "--json")
    assert code == 0, err
    assert "label:yes of 28 windows" in said
    assert '"written": 28' in said
    assert "tiny (4)" in err and "g.fa.fai was written" in err
    first, *_, last = out.read_text().splitlines()
    assert first.startswith("c\t10\t20\t0.") and last.startswith("c\t280\t290\t0.")
    region = ["--region", "c:1-15", "--output", "label:no", "--stride", 10]
    code, said, err = run(capsys, *words, *region)
    assert code == 0, err
    (row,) = out.read_text().splitlines()
    assert row.startswith("c\t10\t15\t0.")


def test_what_is_missing(capsys, trained):
    code, _, err = run(capsys, "predict", trained / "run", "-o", "x.tsv")
    assert code == 1 and "DATA is missing" in err
    words = ["predict", trained / "run", "--genome", trained / "none.fa", "-o", "x.bg"]
    code, _, err = run(capsys, *words)
    assert code == 1 and "there is no such file" in err
