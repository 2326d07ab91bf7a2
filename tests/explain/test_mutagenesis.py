import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.explain import ism


@pytest.mark.parametrize("alphabet", [DNA, PROTEIN])
def test_effects_of_a_weight_matrix_are_its_differences(alphabet):
    random = np.random.default_rng(0)
    weights = random.normal(size=(9, alphabet.size)).astype(np.float32)
    tokens = alphabet.encode("ACGTTGCAA")

    def predict(rows):
        return jnp.asarray(weights)[jnp.arange(9), rows].sum(axis=1)

    effects = ism(predict, tokens, alphabet, batch_size=5)
    own = weights[np.arange(9), tokens][:, None]
    np.testing.assert_allclose(effects, weights - own, atol=1e-5)


def test_only_the_asked_symbols_are_put_in():
    def count(rows):
        return (rows == 2).sum(axis=1).astype(jnp.float32)

    effects = ism(count, DNA.encode("AG"), DNA, symbols="G")
    assert effects.tolist() == [[0, 0, 1, 0], [0, 0, 0, 0]]


def test_symbols_of_several_letters():
    tokens = SMILES.encode("C[nH]")
    target = int(SMILES.encode("Cl")[0])

    def count(rows):
        return (rows == target).sum(axis=1).astype(jnp.float32)

    effects = ism(count, tokens, SMILES, symbols=["Cl", "[nH]", "C"])
    assert effects.shape == (2, SMILES.size)
    assert effects[:, target].tolist() == [1, 1] and effects.sum() == 2
    assert ism(count, tokens, SMILES).sum() == 2
