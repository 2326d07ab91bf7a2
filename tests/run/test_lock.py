import json
import os
import socket
import subprocess
import sys

import pytest

from jaxbio.errors import JaxbioError
from jaxbio.run.lock import NAME, held, refuse_held


def test_a_folder_is_held_by_one_process(tmp_path):
    with held(tmp_path):
        owner = json.loads((tmp_path / NAME).read_text())
        assert (owner["host"], owner["pid"]) == (socket.gethostname(), os.getpid())
        with (
            pytest.raises(JaxbioError, match=f"in use by process {os.getpid()} on "),
            held(tmp_path),
        ):
            pass
        assert (tmp_path / NAME).exists()  # the second leaves that of the first
    assert not list(tmp_path.iterdir())


def test_the_lock_of_a_process_that_ended_is_taken_over(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass
    owner = {"host": socket.gethostname(), "pid": child.pid, "since": "then"}
    (tmp_path / NAME).write_text(json.dumps({**owner, "started": ""}))
    with held(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())["pid"] == os.getpid()
    # A later process may have its number.
    again = {**owner, "pid": os.getpid(), "started": "1"}
    (tmp_path / NAME).write_text(json.dumps(again))
    refuse_held(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"host": "elsewhere", "pid": 1, "since": "noon", "started": ""}),
    ],
)
def test_what_cannot_be_told_to_be_over_is_not_taken(tmp_path, text):
    (tmp_path / NAME).write_text(text)
    with pytest.raises(JaxbioError, match=rf"delete .*{NAME}"), held(tmp_path):
        pass
    assert (tmp_path / NAME).read_text() == text
