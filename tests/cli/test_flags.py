import argparse
import dataclasses

import pytest

from jaxbio.cli.flags import add_flags, add_help_all, convert, descriptions
from jaxbio.models import ENCODERS, Network
from jaxbio.plugins import origin
from jaxbio.train import Training


def parser():
    made = argparse.ArgumentParser()
    add_flags(made, "training", [Training], without=["augment"])
    add_flags(made, "network", [Network], without=["encoders", "fusion", "pairs"])
    return made


def test_flags_have_the_names_and_types_of_the_fields():
    words = "--learning-rate 0.1 --hidden 8,16 --no-skip --epochs 3"
    options = vars(parser().parse_args(words.split()))
    assert options == {
        "learning_rate": 0.1,
        "hidden": (8, 16),
        "skip": False,
        "epochs": 3,
    }


KINDS = [kind for _, kind in ENCODERS.items() if not origin(kind)]


@pytest.mark.parametrize("kind", [Training, Network, *KINDS])
def test_every_field_is_described(kind):
    described = descriptions(kind)
    for field in dataclasses.fields(kind):
        assert described.get(field.name), f"{kind.__name__}.{field.name}"


def test_wrong_values_are_usage_errors(capsys):
    with pytest.raises(SystemExit) as stop:
        parser().parse_args(["--hidden", "8,many"])
    assert stop.value.code == 2
    assert "--hidden" in capsys.readouterr().err


def test_help_shows_what_is_common_and_help_all_the_rest(capsys):
    made = argparse.ArgumentParser()
    add_help_all(made, ["epochs", "help"], lambda: "parts: cnn, mlp")
    add_flags(made, "training", [Training], without=["augment"])
    shown = []
    for word in ("--help", "--help-all"):
        with pytest.raises(SystemExit):
            made.parse_args([word])
        shown.append(capsys.readouterr().out)
    assert "  --epochs" in shown[0] and "  --warmup" not in shown[0]
    assert "  --warmup" in shown[1] and "parts: cnn, mlp" in shown[1]
    assert vars(made.parse_args([])) == {}


def test_values_of_fields():
    assert convert(int | None, "3") == 3
    assert convert(tuple[float, ...], "0.5+1") == (0.5, 1.0)
    with pytest.raises(ValueError, match="yes or no"):
        convert(bool, "maybe")
