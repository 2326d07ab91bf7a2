import argparse

import pytest

from jaxbio.cli.flags import add_flags, descriptions
from jaxbio.models import CNN, MLP, RNN
from jaxbio.train import Training


def parser():
    made = argparse.ArgumentParser()
    add_flags(made, "training", [Training])
    add_flags(made, "model", [CNN, RNN, MLP])
    return made


def test_flags_have_the_names_and_types_of_the_fields():
    words = "--learning-rate 0.1 --channels 8,16 --no-bidirectional --epochs 3"
    options = vars(parser().parse_args(words.split()))
    assert options == {
        "learning_rate": 0.1,
        "channels": (8, 16),
        "bidirectional": False,
        "epochs": 3,
    }


@pytest.mark.parametrize("kind", [Training, CNN, RNN, MLP])
def test_every_field_is_described(kind):
    described = descriptions(kind)
    for name in kind.__dataclass_fields__:
        assert described.get(name), f"{kind.__name__}.{name}"


def test_wrong_values_are_usage_errors(capsys):
    with pytest.raises(SystemExit) as stop:
        parser().parse_args(["--channels", "8,many"])
    assert stop.value.code == 2
    assert "--channels" in capsys.readouterr().err
