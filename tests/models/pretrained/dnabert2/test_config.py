from jaxbio.models.pretrained.dnabert2.config import claims, read_config
from jaxbio.models.pretrained.family import Fields
from tests.language_models import BERT, DNABERT2


def test_positions_are_slopes_whatever_the_config_says():
    assert claims(DNABERT2) and not claims(BERT)
    assert DNABERT2["position_embedding_type"] == "absolute"
    config = read_config(Fields(DNABERT2, "c"), frozenset())
    assert config.block.positions == "alibi" and not config.learned_positions
    assert config.block.perceptron == "geglu" and config.block.norm == "post"
    assert not config.block.up_bias and config.block.down_bias
