"""`jaxbio design`: from a run and a start to a table of proposals."""

import json

import pandas as pd
import pytest

from jaxbio.cli.design import positions
from jaxbio.errors import DataError
from tests.commands import run

NO_CACHE = ["--compile-cache", "none"]


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    path = tmp_path_factory.mktemp("design") / "s.fa"
    path.write_text(">wild\nACGTTGCATGTCAGTCCATGACGTTGAATT\n")
    return path


def test_proposals_keep_the_rules(capsys, trained, start, tmp_path):
    out = tmp_path / "p.tsv"
    words = ["design", trained / "run", "--start", start, "--raise", "label", "--label",
             "yes", "-n", "4", "--calls", "60", "--max-edits", "3", "--fixed", "1-5,9",
             "--enzyme", "EcoRI", "--judge", trained / "run"]  # fmt: skip
    code, text, _ = run(capsys, *words, "-o", out, "--json", *NO_CACHE)
    assert code == 0 and "4 proposals from 60 calls" in text
    assert json.loads(text.splitlines()[-1])["proposals"] == 4
    table = pd.read_csv(out, sep="\t")
    assert len(table) == 4 and (table["edits"] <= 3).all()
    assert table["sequence"].str.startswith("ACGTT").all()
    assert not table["sequence"].str.contains("GAATTC").any()
    assert (table["judge_label:yes"] == table["label:yes"]).all()
    assert table["score"].is_monotonic_decreasing


def test_mistakes_are_told(capsys, trained, start, tmp_path):
    words = ["design", trained / "run", "--start", start, "-o", tmp_path / "x.tsv"]
    for more, message in [
        ([], "give --raise, --lower or --target. There are label"),
        (["--raise", "lable"], "did you mean 'label'"),
        (["--raise", "label", "--label", "yess"], "did you mean 'yes'"),
        (["--target", "label"], "write TARGET:VALUE"),
        (["--target", "label:2"], "2.0 is no probability"),
        (["--raise", "label", "--fixed", "5-2"], "'5-2' is no position"),
        (["--raise", "label", "--forbid", "ACG", "--fixed", "1-3"], "loosen one"),
        (["--raise", "label", "--calls", "1"], "--calls 1"),
    ]:
        code, _, err = run(capsys, *words, *more, *NO_CACHE)
        assert code == 1 and message in err, err
    assert not (tmp_path / "x.tsv").exists()


def test_positions_are_numbers_and_ranges():
    assert positions("7, 1-3", "--free") == (7, 1, 2, 3)
    with pytest.raises(DataError, match="--free a: 'a' is no position"):
        positions("a", "--free")
