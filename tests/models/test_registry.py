import dataclasses
import json

import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models import MODELS, model_from_dict, model_to_dict
from tests.networks import mixed_rows


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_a_description_survives_json(kind):
    schema, _ = mixed_rows()
    config = MODELS[kind]().resolve(schema)
    assert None not in dataclasses.asdict(config).values()
    assert model_from_dict(json.loads(json.dumps(model_to_dict(config)))) == config
    assert config.resolve(schema) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "cnnn"}, "did you mean 'cnn'"),
        ({"name": "cnn", "chanels": [1]}, "did you mean 'channels'"),
        ({"name": "mlp", "activation": "rely"}, "did you mean 'relu'"),
    ],
)
def test_misspelt_descriptions_name_the_nearest(values, message):
    with pytest.raises(JaxbioError, match=message):
        model_from_dict(values)
