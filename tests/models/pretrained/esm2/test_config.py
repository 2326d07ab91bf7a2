from jaxbio.models.pretrained.esm2.config import claims, read_config
from jaxbio.models.pretrained.family import Fields
from tests.language_models import ESM1B, ESM2, NT2


def test_it_claims_its_own_configs_alone():
    assert claims(ESM2) and claims(ESM1B) and not claims(NT2)
    assert not claims({"model_type": "esmc"})


def test_settings_of_the_published_shape():
    config = read_config(Fields(ESM2, "c"), frozenset({"lm_head.bias"}))
    assert config.block.positions == "rotary" and config.block.norm == "pre"
    assert config.token_dropout and config.head and config.tied
    assert config.max_tokens is None
    assert not read_config(Fields(ESM2, "c"), frozenset()).head


def test_learned_positions_begin_behind_the_pad():
    config = read_config(Fields(ESM1B, "c"), frozenset())
    assert (config.first_position, config.max_tokens) == (2, 18)
    assert config.embedding_norm and config.block.positions == "none"
