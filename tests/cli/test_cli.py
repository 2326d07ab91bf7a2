import pytest

from jaxbio.cli import main


def test_help_shows_every_command(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    for name in (
        "quickstart",
        "train",
        "evaluate",
        "predict",
        "explain",
        "cells",
        "data",
    ):
        assert name in out


def test_wrong_usage_exits_with_2(capsys):
    for words in (["fly"], ["train", "--epochs", "many"], []):
        with pytest.raises(SystemExit) as stop:
            main(words)
        assert stop.value.code == 2
