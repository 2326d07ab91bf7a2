import sys

import numpy as np
import pandas as pd
import pytest

from tests.commands import run, stand_in


@pytest.fixture
def words(sequence_run, tmp_path):
    """The command for three sequences of 41 letters."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 41)) for _ in range(3)]
    pd.DataFrame({"seq": texts}).to_csv(tmp_path / "rows.csv", index=False)
    words = ["explain", sequence_run / "run", tmp_path / "rows.csv", "--method"]
    return [*words, "modisco", "--references", "1", "-o", tmp_path / "why"]


def test_the_files_are_there_when_modisco_runs(capsys, words, tmp_path, monkeypatch):
    script = """told="$(dirname "$0")/told"
test -f "$3" || test "$1" = report && echo "$@" >> "$told"
test "$1" = motifs && exit
mkdir -p "$5" && echo pos_patterns.pattern_0 > "$5/report.html"
"""
    stand_in(monkeypatch, tmp_path, "modisco", script)
    code, told, err = run(capsys, *words, "--seqlets", "7")
    assert code == 0, err
    assert "why/report/report.html" in told
    assert "1 motifs: pos_patterns.pattern_0" in told
    assert "the contributions correlate by" in told
    motifs, report = (tmp_path / "told").read_text().splitlines()
    assert motifs.split()[5:9] == ["-n", "7", "-w", "40"]
    assert report.split()[0] == "report"
    assert np.load(tmp_path / "why" / "ohe.npz")["arr_0"].shape == (3, 4, 41)


def test_rows_of_two_lengths(capsys, words, tmp_path, monkeypatch):
    stand_in(monkeypatch, tmp_path, "modisco", "true")
    pd.DataFrame({"seq": ["ACGT" * 12, "ACGT" * 11]}).to_csv(tmp_path / "rows.csv")
    code, _, err = run(capsys, *words)
    assert code == 1 and "48 letters, row 3 44" in err


def test_without_modisco_nothing_is_computed(capsys, words, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    code, _, err = run(capsys, *words)
    assert code == 1 and "there is no command modisco" in err
    assert not (tmp_path / "why").exists()
