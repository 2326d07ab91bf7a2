import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.errors import DataError, JaxbioError
from jaxbio.explain import deletion_effects, deletions, ism, substitution_effects
from jaxbio.models import CNN, Network
from jaxbio.run.fitting import fit
from tests.helpers import linear_data, motif_data


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


QUICK: dict = {"epochs": 1, "batch_size": 32, "baselines": False, "seed": 0}


def log_odds(chance):
    return np.log(chance) - np.log1p(-chance)


def test_effects_are_changes_of_the_log_odds_of_the_mean():
    data = motif_data(120)
    model = CNN(channels=(4,), kernel_sizes=(5,), kmers=0)
    predictor = fit(model, None, data, members=2, **QUICK).predictor
    text = data.inputs["seq"].strings()[1]
    (effects,) = substitution_effects(predictor, text, label="yes")
    assert effects.shape == (30, 4)
    changed = [text, "A" + text[1:], "C" + text[1:], "G" + text[1:], "T" + text[1:]]
    odds = log_odds(predictor(changed).values)
    np.testing.assert_allclose(effects[0], odds[1:] - odds[0], atol=1e-4)
    (other,) = substitution_effects(predictor, text, label="no")
    np.testing.assert_allclose(other, -effects, atol=1e-4)
    # Without a label the likeliest class is looked at.
    likeliest = "yes" if odds[0] > 0 else "no"
    expected = {"yes": effects, "no": other}[likeliest]
    (found,) = substitution_effects(predictor, text)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_deletions_shift_what_follows():
    weights = np.random.default_rng(0).normal(size=5).astype(np.float32)

    def predict(rows):
        return jnp.where(rows < 4, rows + 1.0, 0.0) @ weights

    text = "ACGTT"
    found = deletions(predict, DNA.encode(text), DNA, batch_size=3)
    value = {letter: at + 1.0 for at, letter in enumerate("ACGT")}
    numbers = [value[letter] for letter in text]
    for at in range(5):
        left = [*numbers[:at], *numbers[at + 1 :], 0.0]
        expected = np.dot(left, weights) - np.dot(numbers, weights)
        np.testing.assert_allclose(found[at], expected, atol=1e-5)
    some = deletions(predict, DNA.encode(text), DNA, window=(1, 3))
    np.testing.assert_allclose(some, [0, *found[1:3], 0, 0], atol=1e-6)


def test_deletions_are_predictions_of_shorter_sequences():
    data = motif_data(60)
    model = CNN(channels=(4,), kernel_sizes=(5,), kmers=0, pool="max")
    predictor = fit(model, None, data, members=1, **QUICK).predictor
    text = data.inputs["seq"].strings()[0]
    (found,) = deletion_effects(predictor, text, label="yes", window=(4, 7))
    odds = log_odds(
        predictor([text, *(text[:x] + text[x + 1 :] for x in (4, 6))]).values
    )
    np.testing.assert_allclose(found[[4, 6]], odds[1:] - odds[0], atol=1e-4)
    assert found.shape == (30,) and found[0] == 0


def test_only_a_sequence_alone():
    predictor = fit(Network(hidden=()), None, linear_data(40), **QUICK).predictor
    with pytest.raises(DataError, match="the only input of a model, a sequence"):
        list(substitution_effects(predictor, linear_data(4)))
    assert ism  # which the message names


def test_a_window_of_a_long_sequence_in_small_batches():
    tokens = np.random.default_rng(0).integers(0, 4, 5000).astype(np.uint8)
    sizes = []

    def weighed(tokens):
        sizes.append(tokens.shape)
        return (tokens == 2).astype("float32") @ np.arange(5000, dtype="float32")

    found = ism(weighed, tokens, DNA, batch_size=16, window=(4000, 4003))
    expected = np.zeros((5000, 4), np.float32)
    for at in range(4000, 4003):
        for code in range(4):
            expected[at, code] = at * (float(code == 2) - float(tokens[at] == 2))
    np.testing.assert_allclose(found, expected, atol=0.51)  # sums of millions
    assert set(sizes) == {(16, 5000)}
    with pytest.raises(JaxbioError, match="window 5:5: give a start and an end within"):
        ism(weighed, tokens, DNA, window=(5, 5))
