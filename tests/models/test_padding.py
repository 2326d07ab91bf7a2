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
POOLS = ("max", "mean", "attention", "flatten")
NORMS = ("batch", "layer", "group", "none")
CELLS = ("lstm", "gru", "mingru")


def _tokens(alphabet, length):
    rng = np.random.default_rng(0)
    table = np.full((len(LENGTHS), length), alphabet.pad, np.uint8)
    for row, size in enumerate(LENGTHS):
        table[row, :size] = rng.integers(0, alphabet.pad, size)
    return jnp.asarray(table)


def _outputs(make, alphabet):
    """Results in training and then in evaluation, near, far and alone, in one program.

    `make` gives all networks of a family at once: compiling is what takes the time.
    """

    @jax.jit
    def run():
        results = []
        for name, model in make(nnx.Rngs(0)).items():
            trained = [
                model(_tokens(alphabet, length), rngs=nnx.Rngs(1))
                for length in (LONGEST, 21)
            ]
            model = nnx.view(
                model,
                deterministic=True,
                use_running_average=True,
                raise_if_not_found=False,
            )
            near = model(_tokens(alphabet, LONGEST))
            far = model(_tokens(alphabet, 21))
            alone = model(_tokens(alphabet, LONGEST)[2:3, : LENGTHS[2]])
            results.append((name, trained, near, far, alone))
        return {name: rest for name, *rest in results}

    return jax.tree.map(np.asarray, run())


def _check(make, alphabet=DNA, *, same_in_training=True):
    for name, (trained, near, far, alone) in _outputs(make, alphabet).items():
        close = {"atol": 1e-6, "rtol": 1e-6, "err_msg": name}
        np.testing.assert_allclose(far, near, **close)
        np.testing.assert_allclose(alone[0], near[2], **close)
        if same_in_training:  # statistics of a batch do not count the padding either
            np.testing.assert_allclose(*trained, **{**close, "atol": 1e-5})
        assert np.abs(near - near[:1]).max() > 1e-3, name  # the rows do differ


@pytest.mark.parametrize("norm", NORMS)
def test_convolutions(norm):
    def make(rngs):
        return {
            f"{pool} residual={residual}": SequenceCNN(
                DNA,
                channels=(8, 8, 8),
                kernel_sizes=(5, 4, 3),
                dilations=(1, 2, 3),
                pool_windows=(2, 1, 3),
                residual=residual,
                norm=norm,
                pool=pool,
                length=LONGEST,
                outputs=3,
                rngs=rngs,
            )
            for pool, residual in itertools.product(POOLS, (False, True))
        }

    _check(make)


@pytest.mark.parametrize("cell", CELLS)
def test_recurrence(cell):
    def make(rngs):
        return {
            f"{pool} bidirectional={bidirectional}": SequenceRNN(
                DNA,
                cell=cell,
                widths=(6, 5),
                bidirectional=bidirectional,
                pool=pool,
                length=LONGEST,
                outputs=2,
                rngs=rngs,
            )
            for pool, bidirectional in itertools.product(
                ("last", *POOLS), (False, True)
            )
        }

    _check(make)


def test_convolutions_then_recurrence():
    def make(rngs):
        return {
            f"{cell} {pool}": SequenceRNN(
                PROTEIN,
                cell=cell,
                widths=(6,),
                channels=(8, 8),
                kernel_sizes=(5, 3),
                pool_windows=(2, 2),
                pool=pool,
                length=LONGEST,
                outputs=2,
                rngs=rngs,
            )
            for cell, pool in itertools.product(CELLS, ("last", "flatten"))
        }

    _check(make, PROTEIN)


def test_wide_branches():
    def make(rngs):
        return {
            f"both strands={both}": SequenceCNN(
                DNA,
                channels=(4,),
                kernel_sizes=(3,),
                wide=Wide(
                    DNA,
                    kmers=3,
                    both_strands=both,
                    length=LONGEST,
                    parent="ACGT",
                    rngs=rngs,
                ),
                outputs=1,
                rngs=rngs,
            )
            for both in (False, True)
        }

    _check(make)
