from jaxbio.models.pretrained.dnabert2.config import read_config
from jaxbio.models.pretrained.dnabert2.names import table
from jaxbio.models.pretrained.family import Fields
from tests.language_models import DNABERT2


def test_query_key_and_value_are_thirds_of_one_tensor():
    found = table(read_config(Fields(DNABERT2, "c"), frozenset()))
    parts = [found[f"stack/layers/{name}"] for name in ("query", "key", "value")]
    assert [(part.at, part.of) for part in parts] == [(0, 3), (1, 3), (2, 3)]
    assert parts[0].name.format(1) == "bert.encoder.layer.1.attention.self.Wqkv"
