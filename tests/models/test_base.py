import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models import CNN, MLP, RNN, ResNet
from jaxbio.models.base import Encoder, check_activation, given
from tests.networks import mixed_rows


def test_an_activation_is_one_that_is_known():
    check_activation("gelu")
    for kind in (CNN, RNN, MLP, ResNet):
        with pytest.raises(
            JaxbioError, match="'rely' is not known: did you mean 'relu"
        ):
            kind(activation="rely")


def test_an_encoder_without_choices_is_as_it_is():
    schema, _ = mixed_rows()
    encoder = Encoder()
    assert encoder.resolve(schema.inputs[0], schema) is encoder
    assert encoder.stride == 1


def test_only_what_is_none_is_filled():
    values = {"hidden": (4,), "dropout": 0.5, "input_dropout": 0.25, "kmers": 3}
    values |= {"both_strands": True, "positions": True, "position_dropout": 0.1}
    filled = MLP(hidden=(3,), positions=False)._filled(values)
    assert (filled.hidden, filled.positions) == ((3,), False)
    assert (given(filled.dropout), filled.kmers) == (0.5, 3)
