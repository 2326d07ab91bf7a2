import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.models.fusion import CrossAttention, Gated
from tests.networks import drugs_and_proteins, inputs_of, network


def test_cross_attention_looks_at_the_positions_of_others():
    data = drugs_and_proteins([0, -1], [2, 2])
    schema, module = network(data, fusion=CrossAttention(8))
    module.fusion.nothing[...] = jnp.ones((2, 8))
    batch = inputs_of(schema.encode(data), 2, max(schema.buckets))
    encoded = module.encode(batch, rngs=nnx.Rngs(dropout=0))
    encodings = [encoded[name] for name in module.order]
    weights = module.fusion.weights(encodings)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)
    places = [e.get("positions", e["summary"][:, None]).shape[1] for e in encodings]
    assert weights.shape == (2, 3, 4, sum(places) + 1)
    starts = np.cumsum([0, *places])
    for at in range(3):  # nobody looks at itself
        assert not weights[:, at, :, starts[at] : starts[at + 1]].any()
    drug = module.order.index("drug")  # which the second row lacks
    assert not weights[1, :, :, starts[drug] : starts[drug + 1]].any()
    # The means by these weights are what the fusion gives.
    values = [
        layer(e.get("positions", e["summary"][:, None]))
        for layer, e in zip(module.fusion.values, encodings, strict=True)
    ]
    values = jnp.concatenate([*values, jnp.ones((2, 1, 8))], axis=1)
    heads = values.reshape(2, -1, 4, 2)
    means = jnp.einsum("nqhk,nkhd->nqhd", weights, heads).reshape(2, -1)
    np.testing.assert_allclose(module.fusion(encodings)[:, -24:], means, atol=1e-5)


def test_gates_weigh_only_what_is_there():
    data = drugs_and_proteins([0, -1], [2, 2])
    schema, module = network(data, fusion=Gated(8))
    batch = inputs_of(schema.encode(data), 2, max(schema.buckets))
    encoded = module.encode(batch, rngs=nnx.Rngs(dropout=0))
    weights = module.fusion.weights([encoded[name] for name in module.order])
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert float(weights[1, 0]) == 0 < float(weights[0, 0])
