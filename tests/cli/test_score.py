"""`jaxbio score`: from a sequence and a table of mutants to scores."""

import json

import pandas as pd
import pytest

from tests.commands import run
from tests.language_models import write_model

NO_CACHE = ["--compile-cache", "none"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("score")
    write_model(path / "m", "esm2")
    (path / "w.fa").write_text(">wild\nMKVLAW\n")
    (path / "two.fa").write_text(">a\nMKV\n>b\nMKVLAW\n")
    (path / "m.csv").write_text("mutant,DMS_score\nM1A,0.5\nK2R:A5G,0.1\n")
    (path / "off.csv").write_text("variant\nM0A\nK1R\n")
    return path


def test_a_table_gets_scores(capsys, folder):
    out = folder / "s.tsv"
    words = ["score", f"esm2:{folder / 'm'}", folder / "w.fa", "-o", out, *NO_CACHE]
    code, text, err = run(capsys, *words, "--mutations", folder / "m.csv", "--json")
    assert code == 0 and "2 mutants in" in text and "2 mutants" in err
    assert json.loads(text.splitlines()[-1])["mutants"] == 2
    table = pd.read_csv(out, sep="\t")
    assert list(table) == ["mutant", "DMS_score", "score"]
    assert table["mutant"].tolist() == ["M1A", "K2R:A5G"]
    code, _, _ = run(capsys, *words, "--all", "--method", "wild")
    assert code == 0 and len(pd.read_csv(out, sep="\t")) == 19 * 6


def test_what_does_not_fit_is_told(capsys, folder):
    words = ["score", f"esm2:{folder / 'm'}", folder / "w.fa", "-o", folder / "x.tsv"]
    code, _, err = run(capsys, *words, "--mutations", folder / "off.csv", *NO_CACHE)
    assert code == 1 and "off.csv, row 2: M0A" in err and "use --first 0" in err
    code, _, err = run(capsys, *words[:2], folder / "two.fa", *words[3:], *NO_CACHE)
    assert code == 1 and "2 sequences: say which, as in --id a" in err
    code, _, err = run(capsys, *words, "--mutations", folder / "m.csv", "--column",
                       "mutan", *NO_CACHE)  # fmt: skip
    assert code == 1 and "did you mean 'mutant'" in err
    assert not (folder / "x.tsv").exists()
