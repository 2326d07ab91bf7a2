import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.language_model import LanguageModel, LanguageModelConfig
from jaxbio.nn.lora import merged, new_adapter
from jaxbio.nn.transformer import BlockConfig
from tests.helpers import normal

BLOCK = BlockConfig(dim=8, heads=2, hidden=12)
CONFIG = LanguageModelConfig(vocabulary=9, layers=2, block=BLOCK)
TOKENS, LENGTHS = jnp.asarray([[0, 5, 4, 6, 2, 1]]), jnp.asarray([5])


def _adapter(*targets):
    key = jax.random.key(0)
    return new_adapter(key, BLOCK.linear, targets, layers=2, rank=3)


def test_a_new_one_changes_no_bit():
    model = LanguageModel(CONFIG, rngs=nnx.Rngs(0))
    plain = jax.jit(model.hidden)(TOKENS, LENGTHS)
    adapter = _adapter(*BLOCK.linear)
    adapted = jax.jit(lambda a: model.hidden(TOKENS, LENGTHS, adapter=a))(adapter)
    np.testing.assert_array_equal(adapted, plain)
    assert {name: part["a"].shape for name, part in adapter.items()}["down"] == (
        2,
        12,
        3,
    )


def test_merging_is_the_same_function_and_leaves_tied_weights_alone():
    model = LanguageModel(CONFIG, rngs=nnx.Rngs(0))
    adapter = {
        name: {"a": part["a"], "b": normal(*part["b"].shape, seed=1)}
        for name, part in _adapter("query", "up").items()
    }
    options = {"adapter": adapter, "adapter_scale": 0.5}
    want = model.logits(TOKENS, LENGTHS, **options)
    params = nnx.to_pure_dict(nnx.state(model, nnx.Param))
    table = np.asarray(params["tokens"]["embedding"])
    whole = merged(params, adapter, 0.5)
    nnx.update(model, jax.tree.map(jnp.asarray, whole))
    np.testing.assert_allclose(model.logits(TOKENS, LENGTHS), want, atol=1e-5)
    np.testing.assert_array_equal(whole["tokens"]["embedding"], table)
    assert "kernel" not in whole["head"]["decoder"]  # still the table itself
    assert np.abs(want - LanguageModel(CONFIG, rngs=nnx.Rngs(0)).logits(
        TOKENS, LENGTHS)).max() > 0.01  # fmt: skip


def test_what_cannot_be_adapted():
    with pytest.raises(JaxbioError, match="no linear layer 'tokens'"):
        _adapter("tokens")
    with pytest.raises(JaxbioError, match="rank=0"):
        new_adapter(jax.random.key(0), BLOCK.linear, ["up"], layers=2, rank=0)
