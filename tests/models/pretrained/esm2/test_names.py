import re

from jaxbio.models.pretrained.esm2.config import ESM2 as FAMILY, read_config
from jaxbio.models.pretrained.esm2.names import IGNORED, table
from jaxbio.models.pretrained.family import Fields
from tests.language_models import ESM2


def test_the_table_names_the_head_and_the_layers():
    config = read_config(Fields(ESM2, "c"), frozenset())
    found = table(config)
    assert found["head/decoder/bias"] == "lm_head.bias"
    assert found["stack/layers/query"].format(3) == (
        "esm.encoder.layer.3.attention.self.query"
    )
    assert FAMILY.table is table


def test_what_newer_and_older_files_have_besides():
    besides = [
        "esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq",
        "esm.embeddings.position_ids",
        "esm.contact_head.regression.weight",
        "lm_head.decoder.weight",
    ]
    for name in besides:
        assert any(re.fullmatch(pattern, name) for pattern in IGNORED), name
    assert not any(re.fullmatch(pattern, "lm_head.bias") for pattern in IGNORED)
