"""Only what an edit reaches, and the same numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio import DNA
from jaxbio.explain import substitution_effects
from jaxbio.explain.receptive_fields import (
    edited_positions,
    is_local,
    local_function,
    saves,
    windows,
)
from jaxbio.models.cnn import ConvStack
from tests.helpers import motif_data


def stack_of(**fields):
    stack = ConvStack(DNA, rngs=nnx.Rngs(0), **fields)
    how = {"use_running_average": True, "deterministic": True}
    return nnx.view(stack, raise_if_not_found=False, **how)


POOLED = {"channels": (4, 5, 6), "kernel_sizes": (7, 3, 4), "pool_windows": (2, 1, 3)}
DILATED = {"channels": (4, 4, 4), "kernel_sizes": (5, 3, 3), "dilations": (1, 2, 4)}


@pytest.mark.parametrize(
    ("length", "strands", "fields"),
    [
        (40, 1, POOLED),
        (41, 2, {**DILATED, "residual": True, "norm": "none"}),
        # The last layer sees everything, the first two do not.
        (14, 1, {**DILATED, "residual": True, "norm": "layer"}),
    ],
)
def test_all_edits_are_as_the_whole_network_has_them(length, strands, fields):
    stack = stack_of(**fields)
    rng = np.random.default_rng(0)
    own = rng.integers(0, 4, (strands, 1, length)).astype(np.uint8)
    own[0, 0, -3:] = DNA.pad  # padding stays what it is
    rows = np.repeat(own, 1 + length, axis=1)
    for strand in range(strands):
        for at in range(length - 3):
            rows[strand, 1 + at, at] = (rows[strand, 1 + at, at] + 1) % 4
    rows = jnp.asarray(rows.reshape(-1, length))
    whole, mask = jax.jit(stack)(rows)
    found, same = jax.jit(lambda x: edited_positions(stack, x, strands=strands))(rows)
    np.testing.assert_allclose(found, whole, atol=1e-5)
    np.testing.assert_array_equal(same, mask)
    assert 0 < len(windows(stack, length + -length % 6)) <= 3


def test_windows_grow_by_what_a_kernel_sees():
    found = windows(stack_of(**DILATED), 60)
    assert [each.outputs for each in found] == [5, 9, 17]
    found = windows(stack_of(**POOLED), 120)
    # 7 positions touch 4 pairs, 4 + 2 positions 6, 6 + 3 positions 4 windows of 3
    assert [each.outputs for each in found] == [4, 6, 4]
    assert [each.wide for each in found] == [8, 6, 12]
    assert [each.whole for each in found] == [60, 60, 20]


def test_what_is_short_is_computed_as_a_whole():
    stack = stack_of(**DILATED)
    assert saves(stack, 100) and not saves(stack, 5)


@pytest.mark.parametrize("average", [True, False])
def test_effects_of_a_network_are_those_of_its_predictions(average):
    data = motif_data(60)
    encoder = jb.CNN(channels=(4, 4), kernel_sizes=(5, 3), kmers=2, pool="attention")
    model = jb.Network(encoder, hidden=(), average_strands=average)
    how = {"epochs": 1, "batch_size": 32, "baselines": False, "members": 1 + average}
    predictor = jb.fit(model, None, data, **how).predictor
    assert is_local(predictor, "seq", 30)
    text = data.inputs["seq"].strings()[0]
    (effects,) = substitution_effects(predictor, text, label="yes")
    changed = [text, *(text[:11] + base + text[12:] for base in "ACGT")]
    chance = np.asarray(predictor(changed).values)
    odds = np.log(chance) - np.log1p(-chance)
    np.testing.assert_allclose(effects[11], odds[1:] - odds[0], atol=1e-4)
    predict, params = local_function(predictor, "seq")
    tokens = jnp.asarray(np.stack([DNA.encode(x) for x in changed]))
    found = jax.jit(predict)(params, {"seq": tokens})["label"]
    np.testing.assert_allclose(np.reshape(found, -1), chance, atol=1e-5)


def test_group_normalization_looks_at_all_positions():
    data = motif_data(40)
    encoder = jb.CNN(channels=(8,), kernel_sizes=(5,), norm="group")
    how = {"epochs": 1, "batch_size": 32, "baselines": False, "members": 1}
    predictor = jb.fit(encoder, None, data, **how).predictor
    assert not is_local(predictor, "seq", 30)
