"""The padding is invisible, whatever the network is made of."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.models import SequenceCNN, SequenceRNN, Wide

LENGTHS = (1, 2, 7, 12, 13)
LONGEST = 13


def _tokens(alphabet, length, lengths=LENGTHS):
    rng = np.random.default_rng(0)
    table = np.full((len(lengths), length), alphabet.pad, np.uint8)
    for row, size in enumerate(lengths):
        table[row, :size] = rng.integers(0, alphabet.pad, size)
    return table


def _settle(model, alphabet):
    """Take one step in training mode, so that running statistics are not trivial."""
    model(jnp.asarray(_tokens(alphabet, LONGEST)), rngs=nnx.Rngs(1))
    return nnx.view(
        model,
        deterministic=True,
        use_running_average=True,
        raise_if_not_found=False,
    )


def _check(make, alphabet=DNA):
    model = _settle(make(nnx.Rngs(0)), alphabet)
    graphdef, state = nnx.split(model)
    run = jax.jit(lambda tokens: nnx.merge(graphdef, state)(tokens))
    near = np.asarray(run(_tokens(alphabet, LONGEST)))
    for length in (16, 24):
        far = np.asarray(run(_tokens(alphabet, length)))
        np.testing.assert_allclose(far, near, atol=1e-6, rtol=0)
    row = _tokens(alphabet, LONGEST)[2:3, :7]  # alone, and without any padding
    np.testing.assert_allclose(np.asarray(run(row))[0], near[2], atol=1e-6, rtol=0)
    assert np.abs(near - near[:1]).max() > 1e-3  # the rows do differ


POOLS = ("max", "mean", "attention", "flatten")
NORMS = ("batch", "layer", "group", "none")


@pytest.mark.parametrize(("pool", "norm"), itertools.product(POOLS, NORMS))
def test_convolutions(pool, norm):
    _check(
        lambda rngs: SequenceCNN(
            DNA,
            channels=(8, 8, 8),
            kernel_sizes=(5, 4, 3),
            dilations=(1, 2, 4),
            pool_windows=(2, 1, 3),
            residual=True,
            norm=norm,
            pool=pool,
            length=LONGEST,
            outputs=3,
            rngs=rngs,
        )
    )


@pytest.mark.parametrize(
    ("cell", "bidirectional", "pool"),
    itertools.product(("lstm", "gru", "mingru"), (False, True), ("last", "attention")),
)
def test_recurrence(cell, bidirectional, pool):
    _check(
        lambda rngs: SequenceRNN(
            DNA,
            cell=cell,
            widths=(6, 5),
            bidirectional=bidirectional,
            pool=pool,
            outputs=2,
            rngs=rngs,
        )
    )


@pytest.mark.parametrize("pool", ["last", "max", "mean", "flatten"])
def test_convolutions_then_recurrence(pool):
    _check(
        lambda rngs: SequenceRNN(
            PROTEIN,
            cell="gru",
            widths=(6,),
            channels=(8, 8),
            kernel_sizes=(5, 3),
            pool_windows=(2, 2),
            pool=pool,
            length=LONGEST,
            outputs=2,
            rngs=rngs,
        ),
        PROTEIN,
    )


@pytest.mark.parametrize("both_strands", [False, True])
def test_wide_branches(both_strands):
    def make(rngs):
        wide = Wide(
            DNA,
            kmers=3,
            both_strands=both_strands,
            kmer_dropout=0.2,
            length=LONGEST,
            position_dropout=0.2,
            rngs=rngs,
        )
        return SequenceCNN(
            DNA, channels=(4,), kernel_sizes=(3,), wide=wide, outputs=1, rngs=rngs
        )

    _check(make)


@pytest.mark.parametrize("norm", NORMS)
def test_statistics_of_training_ignore_the_padding(norm):
    """The same rows in a longer bucket leave the same running statistics."""

    def statistics(length):
        model = SequenceCNN(
            DNA,
            channels=(4, 4),
            kernel_sizes=(3, 3),
            pool_windows=(2, 1),
            norm=norm,
            rngs=nnx.Rngs(0),
        )
        out = model(jnp.asarray(_tokens(DNA, length)), rngs=nnx.Rngs(1))
        return jax.tree.leaves((out, nnx.state(model, nnx.BatchStat)))

    for near, far in zip(statistics(LONGEST), statistics(24), strict=True):
        np.testing.assert_allclose(far, near, atol=1e-6)
