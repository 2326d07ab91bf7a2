from jaxbio.models.pretrained.bert.config import claims, read_config
from jaxbio.models.pretrained.family import Fields
from tests.language_models import BERT, DNABERT2


def test_settings_of_the_published_shape():
    assert claims(BERT) and not claims(DNABERT2)
    names = {"cls.predictions.bias", "cls.species.weight", "bert.pooler.dense.weight"}
    config = read_config(Fields(BERT, "c"), frozenset(names))
    assert config.block.norm == "post" and config.block.positions == "none"
    assert (config.max_tokens, config.first_position) == (40, 0)
    assert config.classifiers == (("species", 6),) and config.pooler
    assert not read_config(Fields(BERT, "c"), frozenset()).pooler
