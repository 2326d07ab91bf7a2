import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.explain import ism
from jaxbio.plot import contribution_logo, contributions


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


def test_the_logo_is_a_picture(tmp_path):
    effects = np.zeros((12, 4), np.float32)
    effects[3:7] = -1.0
    assert contributions(effects)[3] == pytest.approx(4 / 3)
    path = tmp_path / "logo.png"
    contribution_logo(effects, "ACGTACGTACGT", DNA, path, title="t", marked=(3, 7))
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [item.name for item in tmp_path.iterdir()] == ["logo.png"]
