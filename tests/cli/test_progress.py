"""Lines of progress: what is done, what was done before, what is left."""

import pytest

from jaxbio.cli import progress as module
from jaxbio.cli.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """Time that goes by as it is told."""
    now = [0.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    return now


def test_a_line_now_and_then_with_the_time_that_is_left(clock, capsys):
    show = Progress("alleles")
    for seconds, done in ((1, 10), (6, 60), (8, 80), (10, 100)):
        clock[0] = float(seconds)
        show(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["60 of 100 alleles, 4 s left", "100 of 100 alleles"]


def test_what_an_earlier_call_did_takes_no_time(clock, capsys):
    show = Progress("alleles", every=0)
    clock[0] = 50.0
    show(40, 100, False)
    show(80, 100, False)
    clock[0] = 60.0
    show(90, 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "80 alleles were done before",
        "90 of 100 alleles, 10 s left",
    ]


def test_where_the_work_is_and_no_known_end(clock, capsys):
    show = Progress("windows", every=0)
    clock[0] = 2.0
    show(7, 9, at="chr1")
    show(8)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("chr1: 7 of 9 windows, ")
    assert lines[1] == "8 windows (2 s)"
