import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError, remedies_as_flags
from jaxbio.explain import column_attributions, contributions, with_function
from jaxbio.explain.functions import check_function, outputs_by_name


@pytest.fixture(scope="module")
def several():
    """A network of a class and a number far from zero, trained for one epoch."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    table["state"] = np.where(table["a"] > 0, "sick", "well")
    table["level one"] = 1e6 + 2 * table["b"]
    data = jb.read(table, targets=["state", "level one"])
    model = jb.Network(jb.MLP(hidden=(4,)), hidden=())
    run = jb.fit(model, None, data, epochs=1, members=2, baselines=False)
    return run.predictor, table


def column(found, name):
    return np.asarray(found.by_target[name]).reshape(len(found.ids), -1)[:, 0]


def test_a_function_of_outputs_is_predicted(several):
    predictor, table = several
    (name,) = (spec.name for spec in predictor.schema.inputs)
    predict, params = predictor.function(outputs="logits")
    rows = jnp.asarray(table[["a", "b"]].to_numpy(), jnp.float32)
    logits = predict(params, {name: rows})
    level = column(predictor(table), "level one")
    own = column(with_function(predictor, "`level one`")(table), "`level one`")
    np.testing.assert_allclose(own, level, rtol=1e-6)
    both = column(with_function(predictor, "sick - well")(table), "sick - well")
    again = with_function(predictor, lambda x: x["state:sick"] - x["well"], name="f")
    np.testing.assert_allclose(column(again(table), "f"), both, rtol=1e-6)
    one = column(with_function(predictor, "2 * sick")(table), "2 * sick")
    np.testing.assert_allclose(both, one, atol=1e-5)  # of two classes
    sign = 1 if predictor.schema.target("state").classes[1] == "sick" else -1
    np.testing.assert_allclose(one, 2 * sign * logits["state"][:, 0], atol=1e-5)
    text = "max(sick, well) + sqrt(4) ** 2 - 1e0 * abs(-sick) / (1 + 0)"
    found = column(with_function(predictor, text)(table), text)
    np.testing.assert_allclose(found, 4, atol=1e-5)


def test_it_is_explained_as_a_number(several):
    predictor, table = several
    rows, text = table.head(3), "2 * sick - well"
    changed = with_function(predictor, text)
    found = column_attributions(changed, rows, background=table, steps=32)
    own = column_attributions(predictor, rows, background=table, steps=32,
                              target="state", label="sick")  # fmt: skip
    np.testing.assert_allclose(found.values, 3 * own.values, atol=1e-4)
    assert found.explained == (text,) * 3 and found.unit == ""
    shapley = contributions(changed, rows, background=table)
    np.testing.assert_allclose(
        shapley.predictions, column(changed(rows), text), atol=1e-5
    )


def test_names_that_several_targets_have():
    one = TargetSpec("one", "class", classes=("no", "yes"))
    two = TargetSpec("two", "class", classes=("no", "maybe"))
    along = TargetSpec("along", "number", per_position=True, columns=("along",))
    assert list(outputs_by_name(Schema((), (one, two, along)))) == [
        "one:no", "one:yes", "two:no", "two:maybe", "yes", "maybe",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sik - well", "no output 'sik': did you mean 'sick'"),
        ("sick - ", "cannot be read: write names of outputs"),
        ("sick.real", "cannot be read|no output"),
        ("__import__('os')", "no output '__import__'"),
        ("max()", "cannot be read"),
        ("[sick]", "cannot be read"),
        ("1 + 2", "has no output"),
    ],
)
def test_what_cannot_be_read(several, text, message):
    with pytest.raises(JaxbioError, match=message):
        with_function(several[0], text)


def test_what_gives_no_number_a_row(several):
    predictor, table = several
    with pytest.raises(JaxbioError, match="let it give a number a row"):
        with_function(predictor, lambda x: x["sick"].sum())(table)
    with remedies_as_flags(), pytest.raises(JaxbioError, match="--function sik"):
        with_function(predictor, "sik")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda x: jnp.stack(list(x.values())).argmax(axis=0),
            "'f' has gradients of 0",
        ),
        (lambda x: jnp.round(x["sick"] / 1e3), "in all 3 rows: it changes by steps"),
        (lambda x: (x["sick"] > 0) * 1.0, "method='ism', 'shapley' and 'occlusion'"),
        (lambda x: np.maximum(x["sick"], 0), "takes values out of JAX"),
        (lambda x: x["sick"] if x["sick"][0] > 0 else x["well"], "such as jnp.where"),
        (lambda x: x["sik"], "no output 'sik': did you mean 'sick'"),
    ],
)
def test_what_has_no_gradient(several, function, message):
    predictor, table = several
    changed = with_function(predictor, function, name="f")
    with pytest.raises(JaxbioError, match=message):
        column_attributions(changed, table.head(3), background=table)


def test_other_methods_take_steps(several):
    predictor, table = several
    step = with_function(predictor, lambda x: (x["sick"] > 0) * 1, name="f")
    found = contributions(step, table.head(2), background=table)
    assert set(np.round(found.predictions, 5)) <= {0.0, 0.5, 1.0}
    check_function(predictor, table)  # no function of outputs
    with remedies_as_flags(), pytest.raises(JaxbioError, match="--method ism"):
        check_function(with_function(predictor, "0 * sick"), table)
