import json

from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from tests.helpers import MIXED_KINDS, mixed_data


def test_json_and_back():
    schema = learn_schema(mixed_data(), MIXED_KINDS)
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
