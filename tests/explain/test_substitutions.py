import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.explain import ism, substitution_effects
from jaxbio.models import CNN, MLP
from jaxbio.run.fitting import fit
from tests.helpers import linear_data, motif_data

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


def test_only_a_sequence_alone():
    predictor = fit(MLP(hidden=()), None, linear_data(40), **QUICK).predictor
    with pytest.raises(DataError, match="the only input of a model, a sequence"):
        list(substitution_effects(predictor, linear_data(4)))
    assert ism  # which the message names
