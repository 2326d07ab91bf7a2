import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio.data.columns.numeric import Numeric
from jaxbio.errors import JaxbioError
from jaxbio.models import Head, Network, model_from_dict, model_to_dict
from jaxbio.models.batch_ensemble import BatchEnsembleNetwork, CopiedLinear
from jaxbio.nn.modes import evaluated
from jaxbio.run.planning import make_plan
from tests.helpers import linear_data, motif_data

COPIES = Network(jb.MLP(), hidden=(4,), dropout=0.0, copies=3)


@pytest.fixture(scope="module")
def module():
    schema = make_plan(COPIES, None, {"train": linear_data(40)}).schema
    return evaluated(COPIES.build(schema, {"y": Head(2)}, rngs=nnx.Rngs(0)))


def inputs(rows=5):
    (column,) = linear_data(rows).inputs.items()
    name, values = column
    assert isinstance(values, Numeric)
    return {name: jnp.asarray(values.values)}


def test_each_copy_sees_its_own_scales_and_has_its_own_head(module):
    assert isinstance(module, BatchEnsembleNetwork)
    assert set(np.unique(module.scales[...])) <= {-1.0, 1.0}
    fused = jnp.concatenate([v.reshape(5, -1) for v in inputs().values()], axis=-1)
    (encoder,) = module.encoders.values()
    fused = encoder(fused)
    (layer,) = module.trunks["row"].layers
    head = module.heads["y"]
    each = module.by_copy(inputs())["y"]
    for copy in range(3):
        x = fused * module.scales[copy]
        seen = jnp.concatenate([jax.nn.relu(layer(x)), x], axis=-1)
        expected = seen @ head.kernel[copy] + head.bias[copy]
        np.testing.assert_allclose(each[copy], expected, rtol=1e-4, atol=1e-5)


def test_the_output_is_the_mean_of_the_copies(module):
    each = module.by_copy(inputs())["y"]
    assert each.shape == (3, 5, 2)
    np.testing.assert_allclose(module(inputs())["y"], each.mean(axis=0), rtol=1e-6)
    assert not np.allclose(each[0], each[1])
    assert module.features(inputs())["row"].ndim == 2


def test_layers_of_copies_are_apart():
    layer = CopiedLinear(2, 3, 1, rngs=nnx.Rngs(0), dtype=jnp.float32)
    x = jnp.stack([jnp.ones((4, 3)), jnp.zeros((4, 3))])
    out = layer(x)
    np.testing.assert_allclose(
        out[0], jnp.full((4, 1), layer.kernel[0].sum()), rtol=1e-5
    )
    assert not out[1].any()


def test_a_batch_ensemble_learns_and_is_loaded_again(tmp_path):
    data = linear_data(80)
    train, valid = data.take(np.arange(60)), data.take(np.arange(60, 80))
    how = {"epochs": 12, "members": 1, "batch_size": 16, "learning_rate": 0.02}
    run = jb.fit(COPIES, None, train, valid, out=tmp_path / "run", **how)
    losses = [record["valid_loss"] for record in run.history[0]]
    assert losses[-1] < 0.7 * losses[0]
    again = jb.load(tmp_path / "run")
    np.testing.assert_array_equal(again(valid).values, run.predictor(valid).values)
    assert model_from_dict(model_to_dict(run.model)) == run.model


def test_copies_are_for_rows():
    with pytest.raises(JaxbioError, match="copies are of networks for rows"):
        jb.fit(Network(jb.CNN(), copies=2, average_strands=True), None, motif_data(20))
