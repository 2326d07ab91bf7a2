import pytest
from flax import nnx

from jaxbio.errors import JaxbioError
from jaxbio.models import CNN, MLP, Head
from tests.networks import mixed_rows


def test_positions_need_a_model_that_has_them():
    schema, _ = mixed_rows()
    heads = {"track": Head(2, "position")}
    with pytest.raises(JaxbioError, match="pool_windows"):
        CNN(pool_windows=(2, 1)).build(schema, heads, rngs=nnx.Rngs(0))
    with pytest.raises(JaxbioError, match="use a CNN or an RNN"):
        MLP().build(schema, heads, rngs=nnx.Rngs(0))
    with pytest.raises(JaxbioError, match="one entry for each convolution"):
        CNN(channels=(4, 4), kernel_sizes=(3,)).build(
            schema, {"y": Head(1)}, rngs=nnx.Rngs(0)
        )
