import sys

import numpy as np
import pytest

from jaxbio.errors import DataError, JaxbioError
from jaxbio.explain import (
    modisco_commands,
    reported_motifs,
    run_modisco,
    write_modisco,
)
from tests.commands import stand_in


def test_arrays_for_modisco_have_symbols_before_positions(tmp_path):
    hot = np.eye(4, dtype=np.float32)[np.zeros((3, 7), int)]
    paths = write_modisco(tmp_path, hot, 2 * hot)
    sequences, contributions = (np.load(path)["arr_0"] for path in paths)
    assert sequences.shape == (3, 4, 7) and sequences[:, 0].all()
    np.testing.assert_array_equal(contributions, 2 * sequences)


def test_the_window_is_no_longer_than_the_sequences(monkeypatch):
    monkeypatch.setenv("PATH", "")  # no MEME suite
    for length, window in ((2114, "400"), (400, "400"), (75, "74")):
        motifs, report = modisco_commands("why", length, seqlets=9, known="known.meme")
        assert motifs[motifs.index("-w") + 1] == window
        assert motifs[motifs.index("-n") + 1] == "9"
        assert report[-2:] == ["-m", "known.meme"] and "-l" in report
    with pytest.raises(DataError, match="sequences of 39 letters"):
        modisco_commands("why", 39)
    with pytest.raises(DataError, match="seqlets=0"):
        modisco_commands("why", 400, seqlets=0)


@pytest.mark.parametrize("name", ["report.html", "motifs.html"])
def test_both_commands_run_and_the_report_is_found(tmp_path, monkeypatch, name):
    page = "<td>pos_patterns.pattern_1</td><td>neg_patterns.pattern_0 </td>"
    script = f"""echo "$@" >> "$(dirname "$0")/told"
test "$1" = motifs || {{ mkdir -p "$5" && echo '{page} {page}' > "$5/{name}"; }}"""
    stand_in(monkeypatch, tmp_path, "modisco", script)
    page = run_modisco(tmp_path / "why", 50)
    assert page == tmp_path / "why" / "report" / name
    found = ["pos_patterns.pattern_1", "neg_patterns.pattern_0"]
    assert reported_motifs(page) == found
    told = (tmp_path / "told").read_text().splitlines()
    assert [line.split()[0] for line in told] == ["motifs", "report"]


def test_what_modisco_says_when_it_fails(tmp_path, monkeypatch):
    stand_in(monkeypatch, tmp_path, "modisco", "echo no seqlets >&2; exit 3")
    with pytest.raises(JaxbioError, match="ended with code 3: no seqlets"):
        run_modisco(tmp_path, 50)


def test_a_report_that_is_not_there(tmp_path, monkeypatch):
    stand_in(monkeypatch, tmp_path, "modisco", "echo all done")
    with pytest.raises(JaxbioError, match=r"wrote no report\.html or .*: all done"):
        run_modisco(tmp_path, 50)


def test_the_command_of_the_environment_that_runs(tmp_path, monkeypatch):
    stand_in(monkeypatch, tmp_path, "modisco", "echo from here >&2; exit 3")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(JaxbioError, match="from here"):
        run_modisco(tmp_path, 50)


def test_where_it_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(JaxbioError, match="pip install modisco-lite") as error:
        run_modisco("why", 50)
    assert "modisco motifs -s why/ohe.npz" in str(error.value)
