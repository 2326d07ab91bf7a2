import io
import json
import subprocess
import sys

import pytest

from jaxbio.cli import main
from jaxbio.cli.output import Messages, printable
from tests.commands import run


def test_control_characters_become_escapes():
    assert printable("a\x1b]0;x\x07\x9b\r\u202e\ud800b\tc\n") == (
        "a\\x1b]0;x\\x07\\x9b\\r\\u202e\\ud800b\tc\n"
    )


class Full(io.StringIO):
    def write(self, text):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("raw", [Full(), None])
def test_messages_go_on_without_their_stream(raw):
    messages = Messages(raw)
    print("one", file=messages)
    print("two", file=messages, flush=True)
    assert messages.lost in ("No space left on device", "it is closed")


def test_control_characters_of_data_do_not_reach_a_terminal(capsys, trained):
    path = trained / "odd.csv"
    path.write_text("seq,label\nAC\x1b[2JGT,yes\n")
    code, out, err = run(
        capsys, "predict", trained / "run", path, "-o", trained / "p.tsv"
    )
    assert code == 1 and "\x1b" not in err + out


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-", "</dev/null >&- 2>&-"])
def test_a_written_file_counts_whatever_becomes_of_messages(trained, redirect):
    out = trained / "written.tsv"
    out.unlink(missing_ok=True)
    words = f"{sys.executable} -m jaxbio predict {trained}/run {trained}/rows.csv"
    done = subprocess.run(
        ["sh", "-c", f"{words} -o {out} {redirect}"], text=True, stderr=subprocess.PIPE
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1 and len(out.open().readlines()) == 121
    assert main(["predict", f"{trained}/run", f"{trained}/none.csv", "-o", "x"]) == 1


@pytest.mark.parametrize("redirect", ["-o - >/dev/full", "-o x.tsv --json >/dev/full"])
def test_results_that_are_lost_are_an_error(trained, tmp_path, redirect):
    words = f"{sys.executable} -m jaxbio predict {trained}/run {trained}/rows.csv"
    done = subprocess.run(
        ["sh", "-c", f"{words} {redirect}"],
        text=True, stderr=subprocess.PIPE, cwd=tmp_path, env=None,
    )  # fmt: skip
    assert done.returncode == 1 and "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_json_has_one_line(capsys, trained):
    words = ["predict", trained / "run", trained / "rows.csv", "--json"]
    code, out, _ = run(capsys, *words, "-o", trained / "p.tsv")
    assert code == 0 and json.loads(out.splitlines()[-1])["rows"] == 120
