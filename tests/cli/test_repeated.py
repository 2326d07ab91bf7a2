import argparse
import importlib

import pytest

from jaxbio.cli import COMMANDS, main
from jaxbio.cli.repeated import _actions, spread_repeated, without_place


@pytest.fixture(scope="module")
def parser():
    parser = argparse.ArgumentParser(prog="jaxbio")
    commands = parser.add_subparsers()
    train = commands.add_parser("train")
    train.add_argument("data", nargs="*")
    train.add_argument("--missing", action="append")
    train.add_argument("--drop", action="append")
    train.add_argument("--out")
    return parser


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("x.csv --missing a b c --out r", "--missing a --missing b --missing c"),
        ("x.csv --missing=a -999 --out r", "--missing=a --missing -999"),
        (
            "x.csv --missing a b --drop c d --out r",
            "--missing a --missing b --drop c --drop d",
        ),
        ("x.csv --out r --missing a --drop b", "--missing a --drop b"),
        ("x.csv --missing x.csv x.csv --out r", "--missing x.csv --missing x.csv"),
    ],
)
def test_words_behind_a_repeatable_flag(parser, words, expected):
    words = ["train", *words.split()]
    options, extra = parser.parse_known_args(words)
    spread = spread_repeated(parser, words, extra)
    assert expected in " ".join(spread)
    options = parser.parse_args(spread)
    assert (options.data, options.out) == (["x.csv"], "r")


def test_words_without_a_place_stay_so(parser):
    words = ["train", "x.csv", "--out", "r", "s", "--missing", "a", "--ouut", "b"]
    _, extra = parser.parse_known_args(words)
    assert spread_repeated(parser, words, extra) == words
    assert "did you mean --out? See jaxbio --help" in without_place(parser, extra)
    assert without_place(parser, ["s", "t"]).startswith("'s' 't' have no place here")


def test_a_command_takes_several_marks(tmp_path, capsys):
    table = tmp_path / "t.csv"
    rows = [f"{i % 7 + 0.5},{i % 2}" for i in range(40)] + ["n.b.,0", "k.A.,1"]
    table.write_text("\n".join(["age,label", *rows]))
    words = ["train", str(table), "--dry-run", "--missing", "n.b.", "k.A.", "--json"]
    assert main(words) == 0
    with pytest.raises(SystemExit) as stop:
        main(["train", str(table), "--dryrun"])
    assert stop.value.code == 2
    assert "no option --dryrun: did you mean --dry-run?" in capsys.readouterr().err


def test_flags_of_several_words_can_be_repeated():
    for name in COMMANDS:
        parser = argparse.ArgumentParser()
        importlib.import_module(f"jaxbio.cli.{name}").add_arguments(parser)
        for action in _actions(parser):
            if action.option_strings and action.nargs in ("*", "+"):
                assert isinstance(action, argparse._ExtendAction), action.option_strings
