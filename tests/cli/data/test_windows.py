"""What is learned of intervals, as a table."""

import pandas as pd
import pytest

from tests.commands import run


def test_windows_as_a_table(capsys, tmp_path):
    (tmp_path / "g.fa").write_text(">c\n" + "ACGGTTAACC" * 20 + "\n")
    rows = ["c\t10\t14\ta\t1\t-", "c\t50\t54\tb\t2\t+", "c\t0\t2\tz\t3\t+"]
    (tmp_path / "x.bed").write_text("\n".join(rows))
    words = ["data", "windows", tmp_path / "x.bed", "--genome", tmp_path / "g.fa"]
    words += ["--length", 6, "--about", "start"]
    out = tmp_path / "w.csv"
    code, said, err = run(capsys, *words, "-o", out)
    assert code == 0, err
    assert "g.fa.fai was written: the index of the genome" in said
    assert "2 windows of 6 bases" in said and "are left out: z (row 3)" in said
    table = pd.read_csv(out)
    assert table["sequence"].tolist() == ["TAACCG", "ACCACG"]
    assert table["id"].tolist() == ["c:12-17(-)", "c:48-53(+)"]
    assert table["strand"].tolist() == ["-", "+"]
    code, piped, said = run(capsys, *words, "-o", "-", "--negatives", "matched")
    assert code == 0 and "negatives were drawn" in said
    assert piped.splitlines()[0].split("\t")[:7][-1] == "label"


def test_what_a_profile_learns_as_columns(capsys, tmp_path):
    pybigtools = pytest.importorskip("pybigtools", reason="bigWig files")
    (tmp_path / "g.fa").write_text(">c\n" + "ACGGTTAACC" * 2 + "\n")
    rows = [("c", 0, 4, 1.0), ("c", 6, 8, 3.0)]
    pybigtools.open(str(tmp_path / "x.bw"), "w").write({"c": 20}, iter(rows))
    words = ["data", "windows", "--genome", tmp_path / "g.fa", "--length", 8, "--bins"]
    words += [2, "--tracks", tmp_path / "x.bw"]
    code, _, err = run(capsys, *words, "-o", tmp_path / "w.csv")
    assert code == 0, err
    table = pd.read_csv(tmp_path / "w.csv")
    assert table[["x_bin_1", "x_bin_2"]].values.tolist() == [[4, 6], [0, 0]]
    code, _, err = run(capsys, *words, "--summary", "profile", "-o", tmp_path / "w.csv")
    assert code == 1 and "make no columns: give sum" in err
