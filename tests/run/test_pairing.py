from typing import Any

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.models import Mixture
from jaxbio.models.pairwise import Pairwise
from jaxbio.run.mixing import _fit
from jaxbio.run.pairing import find_sides
from jaxbio.run.plan import Plan
from jaxbio.run.planning import make_plan
from jaxbio.tasks import Regression, infer_tasks
from tests.helpers import numbers


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


DRUGS, CELLS = 10, 14
HOW: dict[str, Any] = {"epochs": 1, "members": 1, "batch_size": 32}


def named(name, values):
    return tuple(f"{name}{at}" for at in range(values.shape[1]))


def responses() -> Dataset:
    """What a drug does to a cell line is a matter of both."""
    drugs, cells = normal(DRUGS, 2, seed=1), normal(CELLS, 3, seed=2)
    drug, cell = np.divmod(np.arange(DRUGS * CELLS, dtype=np.int32), CELLS)
    y = 5 + 3 * np.sign(drugs[drug, 0]) * cells[cell, 0]
    columns = {
        "drug": (drugs, drug),
        "expression": (cells[:, :2], cell),
        "mutations": (cells[:, 2:], cell),
    }
    inputs = {
        name: DictionaryColumn(
            Numeric(
                x.astype(np.float32), tuple(f"{name}{i}" for i in range(x.shape[1]))
            ),
            at,
        )
        for name, (x, at) in columns.items()
    }
    return Dataset(inputs, {"y": numbers(y[:, None])})


def parts() -> dict[str, Dataset]:
    order = np.random.default_rng(0).permutation(DRUGS * CELLS)
    data = responses()
    return {"train": data.take(order[:110]), "valid": data.take(order[110:])}


def plan_of() -> Plan:
    """The plan for responses, with a pairwise regression."""
    return make_plan(None, None, parts(), settings=HOW)


def test_inputs_that_go_together_are_one_side():
    plan = plan_of()
    assert isinstance(plan.model, Mixture)
    part = plan.model.parts["pairwise"]
    assert isinstance(part, Pairwise)
    assert part.left == ("drug",) and part.ranks == (DRUGS + 1, CELLS + 1)
    assert [part.side_of(name) for name in ("drug", "expression", "mutations")] == [
        0, 1, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    ["one side", "no pairs", "three", "missing", "few", "classes"],
)
def test_other_rows_have_none(change):
    data = responses()
    drug, expression, mutations = data.inputs.values()
    assert isinstance(drug, DictionaryColumn)
    inputs = {
        "one side": {"expression": expression, "mutations": mutations},
        "no pairs": {"drug": drug, "dose": numbers(normal(DRUGS * CELLS, 1))},
        "three": {
            **data.inputs,
            "day": DictionaryColumn(
                numbers(normal(20, 1)), np.arange(DRUGS * CELLS, dtype=np.int32) % 20
            ),
        },
        "missing": {
            "drug": DictionaryColumn(
                drug.values, np.where(drug.indices, drug.indices, -1)
            ),
            "expression": expression,
        },
    }.get(change, dict(data.inputs))
    targets = dict(data.targets)
    if change == "classes":
        targets = {"y": Category.from_values(["a", "b"] * (DRUGS * CELLS // 2))}
    data = Dataset(inputs, targets)
    if change == "few":
        data = data.take(np.arange(40))
    tasks = infer_tasks(data)
    plan = make_plan(jb.Network(), tasks, {"train": data, "valid": data}, settings=HOW)
    assert find_sides(data, plan.schema, tasks) is None


def test_its_values_give_the_responses_of_pairs_that_were_not_seen():
    plan = plan_of()
    own = plan.part("pairwise")
    assert isinstance(own.model, Pairwise)
    rows = {name: plan.schema.encode(part) for name, part in plan.parts.items()}
    outputs = _fit(own.model, own, rows["train"], rows["valid"], {}).outputs["y"]
    spec = plan.schema.target("y")
    found = outputs[:, 0] * spec.scale[0] + spec.mean[0]
    truth = np.asarray(rows["valid"].targets["y"]).ravel()
    assert np.corrcoef(found, truth)[0, 1] > 0.8
    plain = make_plan(
        None, {"y": Regression(standardize=False)}, parts(), settings=HOW
    ).part("pairwise")
    again = _fit(own.model, plain, rows["train"], rows["valid"], {}).outputs["y"]
    np.testing.assert_allclose(again[:, 0], found, atol=1e-3)


def test_a_run_with_pairs_is_loaded_again(tmp_path):
    sets = parts()
    run = jb.fit(None, None, sets["train"], sets["valid"], out=tmp_path / "run", **HOW)
    assert isinstance(run.model, Mixture) and "pairwise" in run.model.parts
    again = jb.load(tmp_path / "run")
    np.testing.assert_array_equal(
        again(sets["valid"]).values, run.predictor(sets["valid"]).values
    )
