import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.models import MLP, Head, Network
from jaxbio.models.mlp import LinearSequenceEncoder
from jaxbio.models.sequence import WideBranch


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


def test_layers_over_variants_learn():
    """Maps of mutations begin at 0, which units behind them must not make of all."""
    wide = WideBranch(DNA, length=4, width=6, wild_type="ACGT", rngs=nnx.Rngs(0))
    model = LinearSequenceEncoder(DNA, wide=wide, hidden=(8,), rngs=nnx.Rngs(1))
    tokens = jnp.asarray([DNA.encode("ACGA")])
    gradient = nnx.grad(lambda network: network(tokens).sum())(model)
    assert np.abs(np.asarray(gradient.wide.branches[0].project.kernel)).max() > 0
