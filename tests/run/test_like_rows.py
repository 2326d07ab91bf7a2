import dataclasses

import numpy as np
import pytest

from jaxbio.data import Category, Dataset, Numeric
from jaxbio.data.learn import learn_schema
from jaxbio.metrics import aalen_johansen, kaplan_meier
from jaxbio.run.like_rows import (
    Space,
    microaggregate,
    nearest_group,
    summarize_groups,
)
from tests.helpers import competing_data, survival_data

RNG = np.random.default_rng(0)


def patients(n=200):
    """Two kinds of patients, of whom one sort falls ill."""
    old = np.arange(n) % 2 == 1
    numbers = RNG.normal(size=(n, 2)) + 6 * old[:, None]
    x = Numeric(numbers.astype(np.float32), ("age", "bmi"))
    sex = Category.from_values(np.where(old, "f", "m").tolist())
    ill = Category.from_values(np.where(old, "yes", "no").tolist())
    return Dataset({"x": x, "sex": sex}, {"ill": ill})


def test_groups_are_alike_and_none_is_small():
    values = RNG.normal(size=(333, 3))
    values[:, 0] *= 5
    group = microaggregate(values, 20)
    sizes = np.bincount(group)
    assert sizes.sum() == 333 and sizes.min() >= 20 and sizes.max() < 40
    within = sum(
        values[group == k].var(axis=0)[0] * sizes[k] for k in range(len(sizes))
    )
    assert within / 333 < 0.1 * values[:, 0].var()
    assert microaggregate(np.zeros((7, 1)), 20).tolist() == [0] * 7


def test_a_row_finds_the_group_of_its_kind():
    data = patients()
    schema = learn_schema(data, {"ill": ("class", False)})
    known = summarize_groups(data, schema.targets, schema.encode(data).targets)
    assert sum(group["rows"] for group in known["groups"]) == 200
    assert min(group["rows"] for group in known["groups"]) >= 20
    for at, label in enumerate(["no", "yes"]):
        group, away = nearest_group(known, data.take([at]))
        assert group["targets"]["ill"]["counts"][label] == group["rows"] and away < 2
    blank = Numeric(np.array([[np.nan, 6.5]], np.float32), ("age", "bmi"))
    sex = Category(np.array([None], object))
    group, _ = nearest_group(known, Dataset({"x": blank, "sex": sex}))
    assert group["targets"]["ill"]["counts"]["yes"] == group["rows"]
    strange = Numeric(np.array([[90.0, -90.0]], np.float32), ("age", "bmi"))
    assert nearest_group(known, Dataset({"x": strange, "sex": sex}))[1] > 1


def test_categories_that_differ_count_as_one_deviation():
    space = Space({"age": (50.0, 10.0)}, {"sex": ("f", "m")})
    x = Numeric(np.array([[50.0], [60.0], [50.0]], np.float32), ("age",))
    rows = Dataset({"x": x, "sex": Category.from_values(["f", "f", "m"])})
    points = space.coordinates(rows)
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(1)
    assert np.linalg.norm(points[0] - points[2]) == pytest.approx(1)


def test_what_became_of_a_group_by_hand():
    for data, name in (
        (survival_data(44), "days,died"),
        (competing_data(44), "days,cause"),
    ):
        kind = "survival" if name == "days,died" else "competing"
        schema = learn_schema(data, {name: (kind, False)})
        targets, spec = schema.encode(data).targets, schema.targets[0]
        one = dataclasses.replace(data, inputs={"x": data.inputs["gene_*"]})
        known = summarize_groups(one, [spec], targets)
        points = np.nan_to_num(Space.of(one).coordinates(one))
        own = targets[name][microaggregate(points) == 0]
        seen, times = known["groups"][0]["targets"][name], np.asarray(spec.times)
        assert seen["known"] == len(own)
        time, event = own[:, 0].astype(float), own[:, 1].astype(int)
        if kind == "survival":
            expected = kaplan_meier(time, event).at(times)
            np.testing.assert_allclose(seen["survival"], expected, rtol=1e-3)
        else:
            expected = aalen_johansen(time, event, 2).at(times)
            found = [seen["incidence"][cause] for cause in spec.causes]
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-9)


def test_few_rows_and_many_columns_have_no_groups():
    data = patients(200)
    schema = learn_schema(data, {"ill": ("class", False)})
    targets = schema.encode(data).targets
    assert summarize_groups(data.take(np.arange(39)), schema.targets, targets) == {}
    wide = Numeric(RNG.normal(size=(200, 101)).astype(np.float32),
                   tuple(map(str, range(101))))  # fmt: skip
    many = dataclasses.replace(data, inputs={"x": wide})
    assert summarize_groups(many, schema.targets, targets) == {}
