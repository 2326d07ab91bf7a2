import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.errors import JaxbioError
from jaxbio.models.cnn import CNN, ConvStack, SequenceCNN

TOKENS = jnp.asarray(np.stack([DNA.encode("ACGTACGTA"), DNA.encode("TTGCAAGTC")]))
SMALL: dict = {"channels": (4, 6), "kernel_sizes": (3, 3), "norm": "none"}


@pytest.mark.parametrize(
    ("windows", "short"), [((1, 1), 9), ((2, 1), 5), ((2, 2), 3), ((3, 4), 1)]
)
def test_windows_round_up(windows, short):
    stack = ConvStack(DNA, pool_windows=windows, rngs=nnx.Rngs(0), **SMALL)
    assert stack.short(9) == short


def test_windows_of_padding_do_not_count():
    stack = ConvStack(DNA, pool_windows=(2, 2), rngs=nnx.Rngs(0), **SMALL)
    x, mask = stack(TOKENS.at[0, 4:].set(DNA.pad))
    assert x.shape == (2, 3, stack.features) == (2, 3, 6)
    assert mask.tolist() == [[True, False, False], [True, True, True]]


def test_features_and_outputs_have_their_width():
    features = SequenceCNN(DNA, rngs=nnx.Rngs(0), pool="flatten", length=9, **SMALL)
    assert features(TOKENS).shape == (2, features.features) == (2, 9 * 6)
    headed = SequenceCNN(DNA, rngs=nnx.Rngs(0), outputs=3, **SMALL)
    assert headed(TOKENS).shape == (2, 3)


def test_a_maximum_over_positions_does_not_mind_where_a_motif_stands():
    model = SequenceCNN(DNA, rngs=nnx.Rngs(0), **SMALL)
    texts = ["AAAAGATTAAAAAA", "AAAAAAAGATTAAA"]
    first, second = model(jnp.asarray(np.stack([DNA.encode(text) for text in texts])))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_every_convolution_has_its_sizes():
    with pytest.raises(JaxbioError, match="one entry for each convolution"):
        CNN(channels=(4, 4), kernel_sizes=(3,))
    assert CNN(pool_windows=(2, 3)).stride == 6
