"""The padding is invisible, whatever the network is made of."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.models import SequenceCNN, SequenceRNN, SequenceTransformer, WideBranch

# From jax 0.11 on, XLA sums in another order for another shape, and normalising the few
# channels here makes more of the last digit.
SAME = 1e-6 if jax.__version_info__ < (0, 11) else 5e-6

LENGTHS = (1, 2, 7, 12, 13)
LONGEST = 13
POOLS = ("max", "mean", "attention", "flatten")
NORMS = ("batch", "layer", "group", "none")
CELLS = ("lstm", "gru", "mingru")


def _tokens(alphabet, length):
    rng = np.random.default_rng(0)
    table = np.full((len(LENGTHS), length), alphabet.pad, np.uint8)
    for row, size in enumerate(LENGTHS):
        table[row, :size] = rng.integers(0, alphabet.pad, size)
    return jnp.asarray(table)


def _check(make, alphabet=DNA, *, statistics=False):
    """The same rows in two bucket lengths; with batch statistics in training too."""

    def build():
        return nnx.split(make(nnx.Rngs(0)), nnx.Param, ...)

    graphdef = nnx.eval_shape(build)[0]
    state = jax.jit(lambda: tuple(map(nnx.to_pure_dict, build()[1:])))()

    @jax.jit
    def outputs(tokens):
        model = nnx.merge(graphdef, *state)
        trained = model(tokens, rngs=nnx.Rngs(1)) if statistics else 0.0
        model = nnx.view(
            model,
            deterministic=True,
            use_running_average=True,
            raise_if_not_found=False,
        )
        return trained, model(tokens)  # evaluation uses the statistics just updated

    near = jax.tree.map(np.asarray, outputs(_tokens(alphabet, LONGEST)))
    far = outputs(_tokens(alphabet, 21))
    np.testing.assert_allclose(far[0], near[0], atol=2 * SAME)
    np.testing.assert_allclose(far[1], near[1], atol=SAME)
    assert np.abs(near[1] - near[1][:1]).max() > 1e-3  # the rows do differ


@pytest.mark.parametrize(
    ("pool", "norm"),
    [*itertools.product(POOLS, NORMS[:1]), *itertools.product(POOLS[:1], NORMS[1:])],
)
def test_convolutions(pool, norm):
    def make(rngs):
        return SequenceCNN(
            DNA,
            channels=(4, 4, 4),
            kernel_sizes=(5, 4, 3),
            dilations=(1, 2, 3),
            pool_windows=(2, 1, 3),
            residual=norm != "none",
            norm=norm,
            pool=pool,
            length=LONGEST,
            outputs=3,
            rngs=rngs,
        )

    _check(make, statistics=norm == "batch")


@pytest.mark.parametrize(("cell", "both"), [*itertools.product(CELLS, (False, True))])
def test_recurrence(cell, both):
    def make(rngs):
        return SequenceRNN(
            DNA,
            cell=cell,
            widths=(6, 5) if both else (6,),
            bidirectional=both,
            outputs=2,
            rngs=rngs,
        )

    _check(make)


@pytest.mark.parametrize("pool", POOLS)
def test_convolutions_then_recurrence(pool):
    def make(rngs):
        return SequenceRNN(
            PROTEIN,
            cell="mingru",
            widths=(6,),
            channels=(4, 4),
            kernel_sizes=(5, 3),
            pool_windows=(2, 2),
            pool=pool,
            length=LONGEST,
            outputs=2,
            rngs=rngs,
        )

    _check(make, PROTEIN, statistics=True)


@pytest.mark.parametrize("pool", POOLS)
def test_attention(pool):
    def make(rngs):
        convs = {"channels": (4,), "kernel_sizes": (5,), "pool_windows": (2,)}
        return SequenceTransformer(
            DNA,
            dim=8,
            layers=2,
            heads=2,
            hidden=8,
            pool=pool,
            length=LONGEST,
            outputs=2,
            rngs=rngs,
            **(convs if pool == "max" else {}),
        )

    _check(make)


@pytest.mark.parametrize("both_strands", [False, True])
def test_wide_branches(both_strands):
    def make(rngs):
        wide = WideBranch(
            DNA,
            kmers=3,
            both_strands=both_strands,
            length=LONGEST,
            wild_type="ACGT",
            rngs=rngs,
        )
        return SequenceCNN(
            DNA, channels=(4,), kernel_sizes=(3,), wide=wide, outputs=1, rngs=rngs
        )

    _check(make)


def test_a_row_alone_is_the_row_among_others():
    model = SequenceCNN(DNA, channels=(4, 4), kernel_sizes=(5, 3), rngs=nnx.Rngs(0))
    model = nnx.view(model, deterministic=True, use_running_average=True)
    tokens = _tokens(DNA, 21)
    alone = model(tokens[2:3, : LENGTHS[2]])
    np.testing.assert_allclose(alone[0], model(tokens)[2], atol=1e-6)
