import dataclasses

import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.models.pretrained.language_model import (
    LanguageModel,
    LanguageModelConfig,
    shapes_of,
)
from jaxbio.nn.transformer import BlockConfig

BLOCK = BlockConfig(dim=8, heads=2, hidden=12)
CONFIG = LanguageModelConfig(vocabulary=9, layers=2, block=BLOCK, mask=4)
TOKENS, LENGTHS = jnp.asarray([[0, 5, 4, 6, 2, 1]]), jnp.asarray([5])


def test_masked_tokens_are_zero_and_the_others_are_scaled():
    config = dataclasses.replace(CONFIG, token_dropout=True)
    model = LanguageModel(config, rngs=nnx.Rngs(0))
    table = np.asarray(model.tokens["embedding"][...])
    x = np.asarray(model.embed(TOKENS, LENGTHS))[0]
    # One of five is masked, and 0.15 * 0.8 were in training.
    np.testing.assert_allclose(x[1], table[5] * 0.88 / 0.8, rtol=1e-6)
    assert not x[2].any() and not x[5].any()
    none = model.embed(TOKENS.at[0, 2].set(5), LENGTHS)
    np.testing.assert_allclose(none[0, 1], table[5] * 0.88, rtol=1e-6)


def test_vectors_stand_for_tokens():
    model = LanguageModel(CONFIG, rngs=nnx.Rngs(0))
    vectors = model.tokens["embedding"][...][TOKENS]
    np.testing.assert_array_equal(
        model.hidden(TOKENS, LENGTHS, vectors=vectors), model.hidden(TOKENS, LENGTHS)
    )


def test_heads_over_the_first_token():
    config = dataclasses.replace(CONFIG, pooler=True, classifiers=(("kind", 3),))
    model = LanguageModel(config, rngs=nnx.Rngs(0))
    x = model.hidden(TOKENS, LENGTHS)
    found = model.classify(x)["kind"]
    first = np.tanh(x[0, 0] @ model.pooler["kernel"][...])
    want = first @ model.classifiers["kind"]["kernel"][...]
    np.testing.assert_allclose(found[0], want, atol=1e-6)


def test_shapes_are_those_of_a_module():
    config = dataclasses.replace(
        CONFIG, tied=False, decoded=7, learned_positions=5, first_position=2
    )
    assert config.max_tokens == 3 and CONFIG.max_tokens is None
    shapes = shapes_of(config)
    assert shapes["head"]["decoder"]["kernel"].shape == (8, 7)
    assert shapes["positions"]["embedding"].shape == (5, 8)
    assert "types" not in shapes and "final_norm" not in shapes
