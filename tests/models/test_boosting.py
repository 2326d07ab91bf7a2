import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.baselines.boosting import BoostingBaseline
from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset
from jaxbio.models import Boosting, model_from_dict, model_to_dict
from jaxbio.models.boosting import no_trees
from jaxbio.models.mixture import Mixture
from jaxbio.run.mixing import boosting_values
from jaxbio.run.planning import make_plan
from tests.helpers import numbers

KINDS = {
    "number": lambda x: numbers(3 * x[:, None] + 100),
    "two classes": lambda x: Category.from_values(x > 0),
    "three classes": lambda x: Category.from_values(np.digitize(x, [-0.5, 0.5])),
    "labels": lambda x: numbers(np.stack([x > 0, x > 1], axis=1)),
}


def planned(kind):
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 3)).astype(np.float32)
    x[::7, 1] = np.nan
    inputs = {"x": numbers(x), "sex": Category.from_values(["m", None, "f", "f"] * 20)}
    data = Dataset(inputs, {"y": KINDS[kind](x[:, 0] * np.nan_to_num(x[:, 1]))})
    return make_plan(None, None, {"train": data, "valid": data}), data


@pytest.mark.parametrize("kind", KINDS)
def test_the_network_says_what_the_baseline_says(kind):
    plan, data = planned(kind)
    arrays = plan.schema.encode(data)
    part, own = plan.model.parts["boosting"], plan.part("boosting")
    values = boosting_values(part, own, arrays)
    graph, *_ = nnx.split(own.build(nnx.Rngs(0)), nnx.Param, ...)
    network = nnx.merge(graph, values["params"], values["model_state"])
    batch = {
        k: jnp.asarray(v) for k, v in arrays.batch(np.arange(80), 0)["inputs"].items()
    }
    found = own.objective.predict(network(batch))["y"]
    baseline = BoostingBaseline.fit(plan.schema, "y", arrays).predict(arrays)
    if kind == "two classes":
        baseline = baseline[:, 1:]
    np.testing.assert_allclose(
        np.asarray(found).reshape(80, -1), baseline, rtol=2e-3, atol=2e-4
    )
    # A mixture can be learned through: no gradient passes, and nothing breaks.
    slope = jax.grad(lambda x: network({**batch, "x": x})["y"].sum())(batch["x"])
    assert not np.asarray(slope).any()


def test_it_is_known_again_by_its_fields():
    plan, _ = planned("three classes")
    again = model_from_dict(model_to_dict(Mixture({"b": plan.model.parts["boosting"]})))
    assert again.parts["b"] == Boosting(("x", "sex"), {}, (), {"y": 300})


def test_trees_of_one_leaf_add_nothing():
    trees = no_trees(3, 2)
    assert trees["outputs"].shape == (3, 2) and not trees["value"].any()
    assert (trees["left"] == np.arange(trees["left"].shape[1])).all()
