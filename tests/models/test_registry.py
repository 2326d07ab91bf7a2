import json

import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models import (
    CNN,
    ENCODERS,
    MLP,
    CrossAttention,
    Network,
    Pairs,
    model_from_dict,
    model_to_dict,
)
from tests.networks import mixed_rows


@pytest.mark.parametrize(
    "config",
    [
        Network(),
        Network(CNN(channels=(4,))),
        Network({"level": MLP()}, fusion=CrossAttention(8), pairs=Pairs(4, (1,))),
    ],
)
def test_a_description_survives_json(config):
    schema, _ = mixed_rows()
    for each in (config, config.resolve(schema)):
        assert model_from_dict(json.loads(json.dumps(model_to_dict(each)))) == each


def test_the_encoders_of_the_package_are_known():
    assert {"cnn", "rnn", "mlp", "resnet", "embedding"} <= set(ENCODERS)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"encoders": [{"name": "cnnn"}]}, "did you mean 'cnn'"),
        ({"encoders": [{"name": "cnn", "chanels": [1]}]}, "did you mean 'channels'"),
        ({"encoders": {"x": {"name": "mlp", "activation": "rely"}}}, "mean 'relu'"),
        ({"fusion": {"name": "gatd"}}, "did you mean 'gated'"),
        ({"hiden": [1]}, "a network has no field 'hiden': did you mean 'hidden'"),
    ],
)
def test_misspelt_descriptions_name_the_nearest(values, message):
    with pytest.raises(JaxbioError, match=message):
        model_from_dict(values)
