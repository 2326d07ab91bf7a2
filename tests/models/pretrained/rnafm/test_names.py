import re

from jaxbio.models.pretrained.family import Fields
from jaxbio.models.pretrained.rnafm.config import RNAFM, read_config
from jaxbio.models.pretrained.rnafm.names import IGNORED, table

SETTINGS = {
    "arch": "roberta_large", "vocab_size": 25, "layers": 2, "embed_dim": 8,
    "attention_heads": 2, "ffn_embed_dim": 16, "max_position_embeddings": 20,
}  # fmt: skip


def test_the_table_names_the_layers_without_prefixes():
    found = table(read_config(Fields(SETTINGS, "c"), frozenset()))
    assert found["stack/layers/query"].format(3) == "layers.3.self_attn.q_proj"
    assert RNAFM.table is table


def test_what_files_have_besides():
    for name in ("lm_head.weight", "contact_head.regression.weight"):
        assert any(re.fullmatch(pattern, name) for pattern in IGNORED), name
    assert not any(re.fullmatch(pattern, "lm_head.bias") for pattern in IGNORED)
