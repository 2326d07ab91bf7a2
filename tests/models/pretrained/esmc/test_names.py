from jaxbio.models.pretrained.esmc.config import read_config
from jaxbio.models.pretrained.esmc.names import table
from jaxbio.models.pretrained.family import Fields
from jaxbio.models.pretrained.language_model import shapes_of
from tests.language_models import ESMC, tensors_of


def test_every_tensor_is_some_parameter():
    config = read_config(Fields(ESMC, "c"), frozenset({"lm_head.dense.weight"}))
    named = {name.format(layer) for name in table(config).values() for layer in (0, 1)}
    modules = {name.rpartition(".")[0] for name in tensors_of("esmc")}
    assert named == modules
    layers = {path.split("/")[2] for path in table(config) if "layers" in path}
    assert layers == set(shapes_of(config)["stack"]["layers"])
