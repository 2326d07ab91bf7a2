import jax
import numpy as np
from flax import nnx

from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.models import MLP, Head, Network


def test_the_classic_perceptron():
    """1,000 columns, two layers of 64, one value out: the weights are counted."""
    values = np.random.default_rng(0).normal(size=(3, 1000)).astype(np.float32)
    names = tuple(f"gene_{at}" for at in range(1000))
    schema = learn_schema(Dataset({"genes": Numeric(values, names)}))
    model = Network(MLP(hidden=(64, 64))).build(
        schema, {"y": Head(1)}, rngs=nnx.Rngs(0)
    )
    count = sum(x.size for x in jax.tree.leaves(nnx.state(model, nnx.Param)))
    assert count == 1001 * 64 + 65 * 64 + 65
