import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.models.rnn import SequenceRNN

TOKENS = jnp.asarray([DNA.encode("ACGTAC"), DNA.encode("TTGCAA")])


def test_features_are_the_states_of_both_directions():
    one = SequenceRNN(DNA, widths=(3,), bidirectional=False, rngs=nnx.Rngs(0))
    both = SequenceRNN(DNA, widths=(3,), outputs=2, rngs=nnx.Rngs(0))
    assert (one.features, both.features) == (3, 6)
    states, mask = one.positions(TOKENS)
    assert states.shape == (2, 6, 3) and mask.all()
    # Read forward, the last state has seen everything.
    np.testing.assert_array_equal(one(TOKENS), states[:, -1])
    assert both(TOKENS).shape == (2, 2)


def test_the_order_of_symbols_matters():
    model = SequenceRNN(DNA, widths=(3,), pool="mean", rngs=nnx.Rngs(0))
    there, back = model(TOKENS[:1]), model(TOKENS[:1, ::-1])
    assert float(jnp.abs(there - back).max()) > 1e-4


def test_convolutions_shorten_what_is_read():
    model = SequenceRNN(
        DNA, widths=(3,), channels=(4,), kernel_sizes=(3,), pool_windows=(2,),
        norm="none", pool="flatten", length=6, rngs=nnx.Rngs(0),
    )  # fmt: skip
    assert model.positions(TOKENS)[0].shape == (2, 3, 6)
    assert model(TOKENS).shape == (2, model.features) == (2, 18)
