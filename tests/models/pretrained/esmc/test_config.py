import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.esmc.config import claims, read_config
from jaxbio.models.pretrained.family import Fields
from tests.language_models import ESM2, ESMC


def test_settings_of_the_published_shape():
    assert claims(ESMC) and not claims(ESM2)
    config = read_config(Fields(ESMC, "c"), frozenset({"lm_head.dense.weight"}))
    block = config.block
    assert block.query_key_norm and block.perceptron == "swiglu"
    assert not (block.attention_bias or block.up_bias or block.down_bias)
    assert np.isclose(block.residual_divisor, np.sqrt(2 / 36))
    assert config.final_norm == "scale" and not config.tied


@pytest.mark.parametrize("field", ["attention_bias", "tie_word_embeddings"])
def test_other_shapes_are_refused(field):
    with pytest.raises(JaxbioError, match=f"{field} is True"):
        read_config(Fields({**ESMC, field: True}, "c"), frozenset())
    with pytest.raises(JaxbioError, match="rope_theta is 5"):
        values = {**ESMC, "rope_parameters": {"rope_theta": 5.0}}
        read_config(Fields(values, "c"), frozenset())
