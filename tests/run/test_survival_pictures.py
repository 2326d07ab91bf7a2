import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError
from jaxbio.predict.predictor import Predictor
from jaxbio.run.survival_pictures import survival_pages
from tests.helpers import linear_data, survival_data


class Sum(nnx.Module):
    """A network whose log hazard is that of the data."""

    def __init__(self, width):
        self.scale, self.width = nnx.Param(jnp.ones(1)), width

    def __call__(self, inputs):
        hazard = inputs["gene_*"] @ jnp.linspace(1.5, -0.5, 3) * self.scale[...]
        return {"days,died": jnp.pad(hazard[:, None], ((0, 0), (0, self.width - 1)))}


def predictor_of(data):
    schema = learn_schema(data, {"days,died": ("survival", False)})
    module = Sum(1 + len(schema.targets[0].times))
    _, params, rest = nnx.split(module, nnx.Param, ...)
    state = {"params": params, "model_state": rest}
    return Predictor.of(module, state, schema=schema, tasks=jb.Survival())


def test_groups_of_risk_fare_as_they_should():
    data = survival_data(150)
    pages = survival_pages(predictor_of(data), data)
    assert list(pages) == ["groups", "calibration"]
    axes = pages["groups"].axes[0]
    halves = [
        line.get_xdata()[np.argmax(line.get_ydata() <= 0.5)] for line in axes.lines[::2]
    ]
    assert halves == sorted(halves, reverse=True) and len(halves) == 3
    assert axes.get_title(loc="right") == "log-rank p < 0.001"
    assert axes.lines[0].get_label() == "low risk (50)"
    points = np.asarray(pages["calibration"].axes[0].collections[0].get_offsets())
    assert len(points) > 3 and ((points >= 0) & (points <= 1)).all()


def test_what_cannot_be_drawn():
    data = survival_data(60)
    predictor = predictor_of(data)
    data.targets["days,died"].values[:, 1] = 0
    with pytest.raises(DataError, match="no row has the event"):
        survival_pages(predictor, data)
    schema = learn_schema(linear_data(20), {"y": ("number", False)})
    other = Predictor(schema, predictor.objective, predictor._graph, predictor.members)
    with pytest.raises(DataError, match="need a survival target; the model predicts y"):
        survival_pages(other, data)
