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
    filled = CNN(channels=(3,), pool="mean")._filled(
        dict.fromkeys(vars(CNN()), 0) | {"channels": (4,), "kernel_sizes": (5,)}
        | {"dilations": (1,), "pool_windows": (1,)}
    )  # fmt: skip
    assert (filled.channels, filled.kernel_sizes, filled.pool) == ((3,), (5,), "mean")
    assert filled.dropout == given(filled.kmers) == 0
