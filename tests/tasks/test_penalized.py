import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models import MLP
from jaxbio.run.fitting import fit
from tests.helpers import linear_data, motif_data
from tests.networks import weights_of

HOW = {"epochs": 2, "members": 1, "baselines": False, "batch_size": 16}


def features_of(run, data):
    predict, params = run.predictor.function(outputs="features")
    arrays = run.predictor.schema.encode(data, targets=False)
    inputs = {name: jnp.asarray(each) for name, each in arrays.inputs.items()}
    return np.asarray(predict(params, inputs)["row"])


def test_a_penalty_acts_on_the_features():
    data = linear_data(60)
    small = fit(MLP(), None, data, penalty=lambda x, batch: 100 * jnp.mean(x**2), **HOW)
    plain = fit(MLP(), None, data, **HOW)
    assert (features_of(small, data) ** 2).mean() < (
        0.9 * (features_of(plain, data) ** 2).mean()
    )


def test_no_penalty_is_the_objective_itself():
    data = linear_data(60)
    nothing = fit(MLP(), None, data, penalty=lambda x, batch: 0.0 * x.sum(), **HOW)
    plain = fit(MLP(), None, data, **HOW)
    assert weights_of(nothing) == weights_of(plain)


def test_targets_by_position_have_none():
    from jaxbio.data import Category, Dataset

    data = motif_data(20)
    states = Category(np.array(["A" * 30, "B" * 30] * 10, object), per_position=True)
    rows = Dataset(data.inputs, {"state": states})
    with pytest.raises(JaxbioError, match="features of rows"):
        fit(None, None, rows, penalty=lambda x, batch: x.sum(), **HOW)
