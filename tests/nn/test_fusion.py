import numpy as np
from flax import nnx

from jaxbio.models.fusion import Gated
from tests.networks import drugs_and_proteins, inputs_of, network


def test_gates_weigh_only_what_is_there():
    data = drugs_and_proteins([0, -1], [2, 2])
    schema, module = network(data, fusion=Gated(8))
    batch = inputs_of(schema.encode(data), 2, max(schema.buckets))
    encoded = module.encode(batch, rngs=nnx.Rngs(dropout=0))
    weights = module.fusion.weights([encoded[name] for name in module.order])
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert float(weights[1, 0]) == 0 < float(weights[0, 0])
