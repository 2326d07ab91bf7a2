"""Rows of a run, and those that were measured after it."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli.rounds import rows_of, with_rows
from jaxbio.design import Term
from jaxbio.errors import JaxbioError
from jaxbio.run import load_run
from tests.commands import run

NO_CACHE = ["--compile-cache", "none"]


@pytest.fixture(scope="module")
def measured(trained, tmp_path_factory):
    """Ten rows of a round: those of the run with one letter changed."""
    table = pd.read_csv(trained / "rows.csv").head(10)
    table["seq"] = ["A" * 6 + text[6:] for text in table["seq"]]
    path = tmp_path_factory.mktemp("rounds") / "round1.csv"
    table.to_csv(path, index=False)
    return path


def test_a_run_remembers_its_rows_and_those_of_rounds(trained, measured, tmp_path):
    first = load_run(trained / "run")
    rows = rows_of(first, str(trained / "run"))
    assert len(rows.train) == 96 and rows.valid is None  # 24 are for testing
    terms = [Term("label", label="yes")]
    second = str(tmp_path / "run2")
    predictor, known, notes = with_rows(
        str(trained / "run"), terms, measured=[str(measured)], save=second
    )
    assert len(known.codes) == 106
    assert "before, on the 10 measured rows, label" in notes[0]
    assert "trained anew on 96 earlier rows and 10 measured" in notes[1]
    again = rows_of(load_run(second), second)
    assert len(again.train) == 106
    assert predictor.schema.target("label").classes == ("no", "yes")


def test_a_file_of_training_rows(trained):
    path = str(trained / "rows.csv")
    rows = rows_of(load_run(trained / "run"), str(trained / "run"), path)
    assert len(rows.train) == 120 and rows.valid is None
    _, known, notes = with_rows(
        str(trained / "run"), [Term("label", label="yes")], measured=[], training=path
    )
    assert not notes and len(known.names) == 120 and known.best > 5


def test_rounds_by_the_command(capsys, trained, measured, tmp_path):
    out, saved = tmp_path / "p.tsv", tmp_path / "run2"
    words = ["design", trained / "run", "--raise", "label", "--label", "yes",
             "--measured", measured, "--save", saved, "--batch", "3", "--calls", "40",
             "--starts", "2", "-o", out]  # fmt: skip
    code, text, told = run(capsys, *words, *NO_CACHE)
    assert code == 0 and "3 proposals from" in text and "trained anew" in told
    table = pd.read_csv(out, sep="\t")
    assert table["start"].nunique() <= 2 and (table["training_distance"] >= 1).all()
    again = ["design", saved, "--candidates", measured, "--raise", "label", "--label",
             "yes", "-o", out, "-n", "2"]  # fmt: skip
    assert run(capsys, *again, *NO_CACHE)[0] == 0
    assert len(pd.read_csv(out, sep="\t")) == 2


def test_mistakes_are_told(capsys, trained, measured, tmp_path):
    words = ["design", trained / "run", "--raise", "label", "-o", tmp_path / "x.tsv"]
    for more, message in [
        ([], "where to begin? Give --start FILE"),
        (["--save", "x"], "--save is about a model that is trained anew"),
        (["--optimism", "ucd", "--start", "x"], "did you mean 'ucb'"),
        (["--candidates", measured, "--max-edits", "2"], "give --start FILE"),
    ]:
        code, _, err = run(capsys, *words, *more, *NO_CACHE)
        assert code == 1 and message in err, err


def test_mutations_of_a_start(capsys, trained, tmp_path):
    table = pd.DataFrame({"mutations": ["A1G", "A1G:C2T", "A1T"]})
    table.to_csv(tmp_path / "m.csv", index=False)
    start = tmp_path / "s.fa"
    start.write_text(">wild\nACGTTGCATGTCAGTCCATGACGTTGAATT\n")
    out = tmp_path / "p.tsv"
    words = ["design", trained / "run", "--raise", "label", "--label", "yes",
             "--candidates", tmp_path / "m.csv", "-o", out]  # fmt: skip
    assert "--start" in run(capsys, *words, *NO_CACHE)[2]
    assert run(capsys, *words, "--start", start, *NO_CACHE)[0] == 0
    found = pd.read_csv(out, sep="\t")
    assert sorted(found["id"]) == ["A1G", "A1G:C2T", "A1T"]
    assert (found["id"] == found["mutations"]).all()
    assert np.isfinite(found["score"]).all()


def test_a_run_of_python_does_not_know_its_rows(tmp_path, dna_run):
    with pytest.raises(JaxbioError, match="does not know its data"):
        rows_of(load_run(dna_run), str(dna_run))


@pytest.fixture(scope="module")
def dna_run(tmp_path_factory):
    import jaxbio as jb

    out = tmp_path_factory.mktemp("python") / "run"
    rows = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(["ACGT", "GGTT"] * 8, jb.DNA)},
        {"y": jb.data.Numeric(np.arange(16, dtype=np.float32)[:, None], ("y",))},
    )
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    jb.fit(model, None, rows, epochs=1, members=1, out=out, batch_size=4)
    return out
