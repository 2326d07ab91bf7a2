"""Layers against values worked out by hand or by plain NumPy loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.nn import (
    Categories,
    Norm,
    PositionWeights,
    Recurrent,
    Standardize,
    TokenConv,
    kmer_counts,
    kmer_width,
    max_windows,
    one_hot,
    reverse_complement,
)
from jaxbio.nn.amino_acids import residue_properties

DNA_TEXT = st.text(alphabet="ACGTN-", min_size=1, max_size=12)


def _row(text, length=12):
    codes = np.full((1, length), DNA.pad, np.uint8)
    codes[0, : len(text)] = DNA.encode(text)
    return jnp.asarray(codes)


@settings(max_examples=20, deadline=None)
@given(DNA_TEXT)
def test_the_opposite_strand(text):
    pairs = dict(zip("ACGTN-", "TGCAN-", strict=True))
    expected = "".join(pairs[base] for base in reversed(text))
    found = reverse_complement(_row(text), DNA)
    assert DNA.decode(np.asarray(found[0])) == expected
    np.testing.assert_array_equal(reverse_complement(found, DNA), _row(text))


@settings(max_examples=20, deadline=None)
@given(DNA_TEXT)
def test_kmer_counts_are_those_of_the_text(text):
    counts = np.asarray(kmer_counts(_row(text), DNA, (1, 2, 3)))[0]
    words = [
        "".join("ACGT"[(n // 4**i) % 4] for i in reversed(range(k)))
        for k in (1, 2, 3)
        for n in range(4**k)
    ]
    for word, count in zip(words, counts, strict=True):
        starts = range(len(text) - len(word) + 1)
        assert count == sum(text[at : at + len(word)] == word for at in starts)


def test_both_strands_have_one_spectrum():
    text = _row("GATTACAGCC")
    both = [
        kmer_counts(tokens, DNA, (2, 3), both_strands=True)
        for tokens in (text, reverse_complement(text, DNA))
    ]
    np.testing.assert_array_equal(*both)
    assert kmer_width(DNA, (2, 3), True) == 10 + 32  # palindromes stand alone


def test_a_convolution_over_tokens_is_a_convolution_over_profiles():
    layer = TokenConv(DNA, 3, kernel_size=4, rngs=nnx.Rngs(0))
    tokens = _row("GANTA-CA", 9)
    kernel = layer.project.kernel[...].reshape(4, 4, 3)
    expected = jax.lax.conv_general_dilated(
        one_hot(tokens, DNA),
        kernel,
        (1,),
        [(1, 2)],
        dimension_numbers=("NWC", "WIO", "NWC"),
    )
    np.testing.assert_allclose(layer(tokens), expected, atol=1e-6)


def test_max_windows_round_up():
    x = jnp.arange(5.0).reshape(1, 5, 1) - 10
    pooled, mask = max_windows(x, jnp.array([[True, True, True, True, False]]), 3)
    assert pooled[0, :, 0].tolist() == [-8.0, -7.0]
    assert mask.tolist() == [[True, True]]


def test_batch_statistics_count_only_what_the_mask_lets_through():
    norm = Norm("batch", 1, rngs=nnx.Rngs(0))
    x = jnp.array([[[1.0], [3.0]], [[5.0], [99.0]]])
    mask = jnp.array([[True, True], [True, False]])
    out = norm(x, mask)
    scale = np.sqrt(8 / 3 + 1e-5)  # mean 3, variance (4 + 0 + 4) / 3
    np.testing.assert_allclose(out[0, :, 0], [-2 / scale, 0], atol=1e-6)
    np.testing.assert_allclose(norm.layer.mean[...], [0.3], rtol=1e-6)
    evaluated = nnx.view(norm, use_running_average=True)(x, mask)
    var = 0.9 + 0.1 * 8 / 3
    np.testing.assert_allclose(evaluated[0, 0, 0], 0.7 / np.sqrt(var + 1e-5), rtol=1e-5)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("kind", ["lstm", "gru", "mingru"])
def test_recurrence_is_that_of_the_textbook(kind):
    layer = Recurrent(kind, 3, 2, rngs=nnx.Rngs(0))
    x = np.random.default_rng(0).normal(size=(1, 5, 3)).astype(np.float32)
    gates = np.asarray(layer.project(jnp.asarray(x)))[0]
    recur = np.zeros((2, 8)) if kind == "mingru" else np.asarray(layer.recur[...])
    hidden, cell, expected = np.zeros(2), np.zeros(2), []
    for gate in gates:
        if kind == "mingru":
            update, new = _sigmoid(gate[:2]), gate[2:]
            hidden = (1 - update) * hidden + update * new
        elif kind == "lstm":
            take, forget, new, show = np.split(gate + hidden @ recur, 4)
            cell = _sigmoid(forget) * cell + _sigmoid(take) * np.tanh(new)
            hidden = _sigmoid(show) * np.tanh(cell)
        else:
            back = hidden @ recur
            reset = _sigmoid(gate[:2] + back[:2])
            update = _sigmoid(gate[2:4] + back[2:4])
            new = np.tanh(gate[4:] + reset * back[4:])
            hidden = (1 - update) * new + update * hidden
        expected.append(hidden)
    mask = jnp.array([[True] * 4 + [False]])
    found = layer(jnp.asarray(x), mask)
    np.testing.assert_allclose(found[0, :4], expected[:4], atol=1e-5)
    assert not np.asarray(found[0, 4]).any()


def test_a_parent_contributes_nothing():
    layer = PositionWeights(
        PROTEIN, 2, length=4, wild_type="MKVL", properties=True, rngs=nnx.Rngs(0)
    )
    layer.project.kernel[...] = jnp.ones_like(layer.project.kernel[...])
    wild_type = jnp.asarray(PROTEIN.encode("MKVL"))[None]
    np.testing.assert_allclose(layer(wild_type), 0, atol=1e-6)
    variant = jnp.asarray(PROTEIN.encode("MKWL"))[None]
    table = residue_properties(PROTEIN)
    change = table[PROTEIN.symbols.index("W")] - table[PROTEIN.symbols.index("V")]
    np.testing.assert_allclose(layer(variant)[0, 0], change.sum(), rtol=1e-4)


def test_missing_numbers_are_filled_and_pointed_out():
    values = jnp.array([[3.0, jnp.nan]])
    layer = Standardize((1.0, 0.0), (2.0, 1.0), has_missing=True)
    layer.fill[...] = jnp.array([0.0, 7.0])
    assert layer(values).tolist() == [[1.0, 7.0, 0.0, 1.0]]
    assert Standardize((1.0, 0.0), (2.0, 1.0))(values).tolist() == [[1.0, 0.0]]


def test_unknown_categories_share_a_row():
    layer = Categories(2, 3, rngs=nnx.Rngs(0))
    found = layer(jnp.array([-1, 5, 0], jnp.int32))
    assert not np.asarray(found[:2]).any()
    assert np.asarray(found[2]).any()
