"""`jaxbio detect`: from reads to a table of what was not expected."""

import pandas as pd
import pytest

from tests.commands import run
from tests.language_models import write_model

NO_CACHE = ["--compile-cache", "none"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("detect")
    write_model(path / "m", "esm2")
    (path / "reads.fa").write_text(">a\nMKVLAW\n>b\nWWAG\n>a\nMKVXA\n")
    return path


def test_it_finds_what_it_did_not_expect(capsys, folder):
    out = folder / "hits.tsv"
    words = ["detect", f"esm2:{folder / 'm'}", folder / "reads.fa", "-o", out]
    code, text, _ = run(capsys, *words, "--fdr", "1", "--passes", "2", *NO_CACHE)
    # Reads of one name are two reads; an unknown residue is not looked at.
    assert code == 0 and "of 14 places" in text
    table = pd.read_csv(out, sep="\t")
    assert list(table) == ["id", "position", "symbol", "expected", "score", "fdr"]
    assert (table["symbol"] != table["expected"]).all() and (table["score"] > 0).all()
    assert table["score"].is_monotonic_decreasing and set(table["id"]) <= {"a", "b"}


def test_what_cannot_be_is_told(capsys, folder):
    words = ["detect", f"esm2:{folder / 'm'}", folder / "reads.fa", "-o",
             folder / "x.tsv", *NO_CACHE]  # fmt: skip
    code, _, err = run(capsys, *words, "--fdr", "2")
    assert code == 1 and "--fdr 2.0: give a share above 0" in err
    code, _, err = run(capsys, *words, "--background", folder / "no.fa")
    assert code == 1 and "no.fa" in err
    assert not (folder / "x.tsv").exists()
