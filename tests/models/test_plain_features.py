import jax.numpy as jnp
import numpy as np

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.ordinal import Ordinal
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.models.plain_features import Fitted, PlainFeatures, blocks_of, one_hot
from tests.helpers import numbers


def test_features_stand_in_blocks_of_the_width_that_is_told():
    values = np.array([[1.0, np.nan], [3.0, 4.0], [5.0, 8.0]], np.float32)
    inputs = {"x": numbers(values), "sex": Category.from_values(["m", "f", "m"])}
    data = Dataset(inputs, {"y": numbers(values[:, :1])})
    schema = learn_schema(data, {"y": ("number", False)})
    config = Fitted.of(schema)
    assert config.inputs == ("x", "sex")
    assert all(Fitted.takes(spec) for spec in schema.inputs)
    assert blocks_of(config, schema) == {"x": 4, "sex": 2}
    rows = schema.encode(data).batch(np.arange(3), 0)["inputs"]
    network = PlainFeatures(config, schema)
    found = network.blocks({name: jnp.asarray(x) for name, x in rows.items()})
    # Standard scores, then which numbers are missing; a column for each category.
    scale = np.sqrt(8 / 3)
    expected = [[-2 / scale, 0, 0, 1], [0, -1, 0, 0], [2 / scale, 1, 0, 0]]
    np.testing.assert_allclose(found["x"], expected, atol=1e-5)
    assert found["sex"].tolist() == [[0, 1], [1, 0], [0, 1]]


def test_grades_stand_as_the_linear_model_sees_them():
    words = np.array(["low", "high", None, "medium"], object)
    column = Ordinal(words, levels=("low", "medium", "high"))
    data = Dataset({"risk": column}, {"y": numbers(np.arange(4.0)[:, None])})
    schema = learn_schema(data, {"y": ("number", False)})
    codes = schema.encode(data).batch(np.arange(4), 0)["inputs"]["risk"]
    (spec,) = schema.inputs
    found = one_hot(spec, jnp.asarray(codes))
    assert found.tolist() == [[1, 0, 0], [1, 1, 1], [0, 0, 0], [1, 1, 0]]
    np.testing.assert_array_equal(found, spec.linear_features(np.asarray(codes)))
