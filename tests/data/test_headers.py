"""Patterns for labels in headers, by hand."""

import re

import pytest

from jaxbio.cli import main
from jaxbio.data.headers import proposed_pattern


@pytest.mark.parametrize(
    ("headers", "labels"),
    [
        (["a len=20 class=x", "b len=21 class=y", "c len=22 class=x"], "xyx"),
        (["a y=1.5", "b y=2.5", "c y=-3"], ["1.5", "2.5", "-3"]),
        (
            ["a subclass=7 class=x", "b subclass=8 class=y", "c subclass=9 class=x"],
            "xyx",
        ),
        (["a|1|train", "b|0|train", "c|1|train"], "101"),
        (["a alpha 1", "b beta 1", "c alpha 1"], ["alpha", "beta", "alpha"]),
        (["sp|P1|A_HUMAN", "sp|P2|B_HUMAN", "sp|P3|C_HUMAN"], None),
        (["a kinase", "b kinase"], None),
        (["a", "b"], None),
        ([""], None),
        ([], None),
    ],
)
def test_what_varies_as_labels_do_is_found(headers, labels):
    pattern = proposed_pattern(headers)
    if labels is None:
        assert pattern is None
    else:
        found = [re.search(pattern, header)[1] for header in headers]
        assert found == list(labels)


def test_the_command_proposes_a_pattern_that_it_takes(tmp_path, capsys):
    path = tmp_path / "x.fa"
    records = [f">r{at}|{'ab'[at % 2]}\n{'ACGTTGCAAC' * 2}\n" for at in range(30)]
    path.write_text("".join(records))
    words = ["train", str(path), "--out", str(tmp_path / "run")]
    assert main(words) == 1
    error = capsys.readouterr().err
    pattern = re.search("--labels '(.*?)', which takes 'a' from", error)[1]
    assert main([*words, "--labels", pattern, "--dry-run"]) == 0
    assert not (tmp_path / "run").exists()
    path.write_text(">r1\nACGTTGCAACGT\n>r2\nACGTTGCAACGA\n" * 20)
    assert main(words) == 1
    assert "show no label that varies" in capsys.readouterr().err
