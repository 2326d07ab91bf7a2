import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.family import Fields
from jaxbio.models.pretrained.nt2.config import claims, read_config
from tests.language_models import ESM2, NT2


def test_settings_of_the_published_shape():
    assert claims(NT2) and not claims(ESM2)
    config = read_config(Fields(NT2, "c"), frozenset({"lm_head.bias"}))
    assert config.block.perceptron == "swiglu"
    assert config.block.attention_bias and not config.block.up_bias
    assert not config.tied and not config.token_dropout


def test_version_one_is_refused():
    values = {**NT2, "position_embedding_type": "absolute"}
    with pytest.raises(JaxbioError, match="only 'rotary' is known"):
        read_config(Fields(values, "c"), frozenset())
