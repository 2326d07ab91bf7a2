import argparse

import pytest

from jaxbio.cli.parts import (
    AUGMENTATIONS,
    MOVED,
    add_network_flags,
    listing,
    model_of,
    parse_fields,
    parse_part,
    training_of,
)
from jaxbio.errors import JaxbioError
from jaxbio.models import (
    CNN,
    ENCODERS,
    MLP,
    RNN,
    CrossAttention,
    Gated,
    Network,
    Pairs,
    Pretrained,
)
from jaxbio.train import Flip, Mutate, ReverseComplement, Rotate


def options(*words):
    parser = argparse.ArgumentParser()
    add_network_flags(parser)
    return vars(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--model", "cnn"], Network(CNN())),
        (
            ["--encoder", "cnn:channels=128+64,kernel-sizes=15+5,residual=yes"],
            Network(CNN(channels=(128, 64), kernel_sizes=(15, 5), residual=True)),
        ),
        (
            ["--encoder", "drug=mlp:hidden=512,dropout=0.1", "--encoder", "p=rnn"],
            Network({"drug": MLP(hidden=(512,), dropout=0.1), "p": RNN()}),
        ),
        (
            ["--fusion", "gated:64", "--hidden", "8,4", "--no-skip"],
            Network(fusion=Gated(64), hidden=(8, 4), skip=False),
        ),
        (["--fusion", "attention"], Network(fusion=CrossAttention())),
        (
            ["--model", "esm2-8m", "--tune", "lora", "--rank", "4"],
            Network(Pretrained("esm2-8m", tune="lora", rank=4)),
        ),
        (
            ["--encoder", "p=esm2:a/b,tune=full", "--encoder", "d=mlp", "--rank", "2"],
            Network({"p": Pretrained("esm2:a/b", "full", 2), "d": MLP()}),
        ),
        (["--model", "lab/x:pool=max"], Network(Pretrained("lab/x", pool="max"))),
        (
            ["--pairs", "channels=8,dilations=1+2"],
            Network(pairs=Pairs(channels=8, dilations=(1, 2))),
        ),
    ],
)
def test_networks_from_words(words, expected):
    assert model_of(options(*words)) == expected


def test_nothing_said_is_nothing_given():
    assert model_of(options()) is None
    assert training_of(options()) == {}


def test_tables_are_the_same_as_words():
    table = {"encoders": {"drug": {"name": "mlp", "hidden": [8]}, "p": "rnn:widths=4"}}
    expected = Network({"drug": MLP(hidden=(8,)), "p": RNN(widths=(4,))})
    assert model_of(table) == expected
    # A word for an input replaces what a file says of it, a word for all everything.
    changed = model_of({**table, "encoder": ["p=cnn"]})
    assert changed == Network({"drug": MLP(hidden=(8,)), "p": CNN()})
    assert model_of({**table, "model": "cnn"}) == Network(CNN())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            ["reverse_complement:0.5", "mutate:0.1"],
            [ReverseComplement(0.5), Mutate(0.1)],
        ),
        (["scan=flip", "scan=rotate:10"], {"scan": [Flip(), Rotate(10.0)]}),
        ({"scan": {"flip": 0.5, "rotate": {"most": 5}}}, {"scan": [Flip(), Rotate(5)]}),
        ({"flip": 0.5}, [Flip(0.5)]),
        ({"scan": [{"name": "flip", "share": 0.1}]}, {"scan": [Flip(0.1)]}),
    ],
)
def test_augmentations_from_words_and_tables(given, expected):
    assert training_of({"augment": given, "epochs": 3, "out": "run"}) == {
        "augment": expected,
        "epochs": 3,
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoder": ["cnnn"]}, "encoder 'cnnn' is not known: did you mean 'cnn'"),
        ({"encoder": ["cnn:chanels=8"]}, "no field 'chanels': did you mean 'channels'"),
        ({"encoder": ["cnn:channels=8+many"]}, "channels '8.many': invalid literal"),
        ({"encoder": ["cnn:residual=1"]}, "residual '1': write yes or no"),
        ({"encoder": ["cnn:norm=bach"]}, "norm 'bach': known: batch, layer"),
        ({"encoder": ["cnn:8"]}, "no field '8'"),
        ({"encoder": ["cnn", "drug=mlp"]}, "input of every encoder, or of none"),
        ({"encoder": ["drug=mlp", "drug=rnn"]}, "drug has two encoders, mlp and rnn"),
        ({"fusion": "gatd:8"}, "did you mean 'gated'"),
    ],
)
def test_what_cannot_be_is_told(settings, message):
    with pytest.raises(JaxbioError, match=message):
        model_of(settings)


def test_augmentations_that_need_a_value():
    with pytest.raises(JaxbioError, match=r"augmentation shift: .*'most'"):
        training_of({"augment": ["shift"]})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--channels", "--encoder cnn:channels=…"),
        ("--flip", "--augment flip:…"),
        ("--fusion-width", "--fusion gated:…"),
        ("--pair-dropout", "--pairs dropout=…"),
    ],
)
def test_options_of_older_versions_name_the_new_ones(capsys, old, new):
    assert old[2:].replace("-", "_") in MOVED
    with pytest.raises(SystemExit) as stop:
        options(old, "8")
    assert stop.value.code == 2
    assert f"{old} is written {new}" in capsys.readouterr().err


def test_fields_by_place_and_by_name():
    assert parse_fields(Pairs, "8,dropout=0.2", "") == {"channels": 8, "dropout": 0.2}
    assert parse_part(ENCODERS, "embedding:4") == (
        None,
        {"name": "embedding", "width": 4},
    )


def test_every_part_and_field_is_listed():
    text = listing()
    for name in (*ENCODERS, *AUGMENTATIONS, "gated"):
        assert f"  {name}: " in text
    assert "kernel_sizes" in text and "(default: chosen by the data)" in text
    assert max(map(len, text.splitlines())) <= 80


def test_pretrained_models_that_cannot_be():
    with pytest.raises(JaxbioError, match="'esm2-8n' is not known: did you mean 'esm2"):
        model_of(options("--model", "esm2-8n"))
    with pytest.raises(JaxbioError, match="tune='lora' is for a pretrained model"):
        model_of(options("--model", "cnn", "--tune", "lora"))
    with pytest.raises(JaxbioError, match="no field 'ranks': did you mean 'rank'"):
        model_of(options("--model", "esm2-8m:ranks=2"))
