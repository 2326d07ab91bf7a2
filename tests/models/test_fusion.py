import pytest
from flax import nnx

from jaxbio import nn
from jaxbio.models.fusion import Concat, CrossAttention, Fusion, Gated


@pytest.mark.parametrize(
    ("config", "module", "features"),
    [
        (Concat(), nn.Concat, 7),
        (Gated(5), nn.Gated, 5),
        (CrossAttention(8), nn.CrossAttention, 7 + 2 * 8),
    ],
)
def test_the_module_of_the_same_name_is_built(config, module, features):
    built = config.build([3, 4], [0, 2], rngs=nnx.Rngs(0))
    assert isinstance(built, module) and built.features == features
    assert Fusion.registry[config.name] is type(config)
