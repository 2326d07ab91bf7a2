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


def test_intervals_for_a_model_of_a_table(capsys, trained, tmp_path):
    """Its column is not called as that of windows, and it keeps no length."""
    (tmp_path / "g.fa").write_text(">c\n" + "ACGTTGCAAC" * 30 + "\n")
    (tmp_path / "x.bed").write_text("c\t50\t60\ta\nc\t0\t9\tb\n")
    words = ["predict", trained / "run", tmp_path / "x.bed", "--genome"]
    words += [tmp_path / "g.fa", "-o", "-"]
    code, _, err = run(capsys, *words)
    assert code == 1 and "give --length 1000" in err
    code, out, err = run(capsys, *words, "--length", 30, "--about", "start")
    assert code == 0, err
    head, first, second = (line.split("\t") for line in out.splitlines())
    assert head[:6] == ["id", "chrom", "start", "end", "strand", "name"]
    assert first[0] == "c:36-65" and first[-1].startswith("0.")
    assert second[-1] == ""


def test_what_is_missing(capsys, trained):
    code, _, err = run(capsys, "predict", trained / "run", "-o", "x.tsv")
    assert code == 1 and "DATA is missing" in err
    words = ["predict", trained / "run", "--genome", trained / "none.fa", "-o", "x.bg"]
    code, _, err = run(capsys, *words)
    assert code == 1 and "there is no such file" in err
