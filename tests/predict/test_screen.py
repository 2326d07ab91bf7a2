"""Screening: every row with every item, and the best of them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from flax import nnx

from jaxbio.data import read
from jaxbio.data.learn import learn_schema
from jaxbio.data.lookup import Lookup
from jaxbio.errors import DataError
from jaxbio.models import CNN, CrossAttention, Gated, Network
from jaxbio.nn.modes import evaluation_graph
from jaxbio.predict.predictions import Predictions
from jaxbio.predict.predictor import Predictor
from jaxbio.predict.screen import Pairs, best, cross, score_of
from jaxbio.run.plan import builder
from jaxbio.tasks import Binary, MultiClass, Objective, Regression

RANDOM = np.random.default_rng(0)
DRUGS = pd.DataFrame(
    {
        "id": [f"d{at}" for at in range(7)],
        "drug": ["CCO", "CN", "c1ccccc1O", "CC(=O)N", "CCCl", "O=C=O", "N#N"],
    }
)
TARGETS = pd.DataFrame(
    {"id": ["P", "A", "B"], "sequence": ["MKVLAAGIKW", "GGSTWYE", "MKKRLAWWYEFFG"]}
)
CELLS = pd.DataFrame({"id": ["x", "y"], "g1": [0.5, -1], "g2": [2.0, 0.25]})
ROWS = pd.DataFrame(
    [
        {
            "drug": drug,
            "target": target,
            "cell": cell,
            "y": RANDOM.normal(),
            "z": at % 3,
        }
        for at, (drug, target, cell) in enumerate(
            itertools.product(DRUGS["drug"], TARGETS["id"], CELLS["id"])
        )
    ]
)
ROWS["active"] = np.where(ROWS["y"] > 0, "yes", "no")
LOOKUPS = {"target": Lookup(TARGETS, "protein"), "cell": Lookup(CELLS, "numeric")}


def predictor(tasks, *, inputs=("drug", "target"), members=2, **fields) -> Predictor:
    """A network that was not trained."""
    lookups = {name: LOOKUPS[name] for name in inputs if name in LOOKUPS}
    kinds = {name: "smiles" for name in inputs if name == "drug"}
    columns = {name: task.target_kind for name, task in tasks.items()}
    data = read(ROWS, inputs=kinds, targets=columns, lookups=lookups)
    schema = learn_schema(data, {n: (kind, False) for n, kind in columns.items()})
    objective = Objective.of(tasks, schema)
    model = Network(CNN(channels=(4,), kmers=2, wide_width=4), **fields)
    build = builder(model, schema, objective, "float32")
    modules = [build(nnx.Rngs(seed)) for seed in range(members)]
    values = [nnx.split(module, nnx.Param, ...)[1:] for module in modules]
    return Predictor(
        schema,
        objective,
        evaluation_graph(modules[0]),
        [{"params": params, "model_state": state} for params, state in values],
    )


@pytest.fixture(scope="module")
def numbers() -> Predictor:
    return predictor({"y": Regression()})


@pytest.fixture(scope="module")
def three() -> Predictor:
    return predictor({"y": Regression()}, inputs=("drug", "target", "cell"), members=1)


def explicit(drugs=DRUGS) -> pd.DataFrame:
    """Every pair as a row of its own, in the order of the drugs."""
    ids = itertools.product(range(len(drugs)), TARGETS["id"])
    rows = [{**drugs.loc[at], "target": target} for at, target in ids]
    return pd.DataFrame(rows)


def test_crossed_rows_are_what_explicit_pairs_give(numbers):
    (part,) = cross(numbers, DRUGS, {"target": TARGETS})
    expected = numbers(explicit(), lookups={"target": TARGETS})
    columns = part.columns()
    assert list(columns) == ["id", "target", "y", "y_spread"]
    assert columns["id"].tolist() == explicit()["id"].tolist()
    assert columns["target"].tolist() == explicit()["target"].tolist()
    for name in ("by_target", "spread"):
        found = getattr(part.predictions, name)["y"]
        np.testing.assert_allclose(found, getattr(expected, name)["y"], atol=1e-5)
    assert np.ptp(expected.values) > 1e-3 and expected.spread["y"].max() > 1e-3


def test_the_library_is_streamed(numbers, monkeypatch, tmp_path):
    (whole,) = cross(numbers, DRUGS, {"target": TARGETS})
    monkeypatch.setattr("jaxbio.predict.screen._PAIRS", 6)  # two drugs at a time
    DRUGS.to_csv(tmp_path / "drugs.csv", index=False)
    TARGETS.to_csv(tmp_path / "targets.tsv", index=False, sep="\t")
    items = {"target": tmp_path / "targets.tsv"}
    parts = list(cross(numbers, tmp_path / "drugs.csv", items))
    assert [len(part.predictions) for part in parts] == [6, 6, 6, 3]
    for name in ("id", "target"):
        joined = np.concatenate([part.columns()[name] for part in parts])
        assert joined.tolist() == whole.columns()[name].tolist()
    values = np.concatenate([part.predictions.values for part in parts])
    np.testing.assert_allclose(values, whole.predictions.values, atol=1e-5)


@pytest.mark.parametrize("fusion", [Gated(8), CrossAttention(8)])
def test_other_fusions(fusion):
    model = predictor({"y": Regression()}, fusion=fusion, members=1)
    (part,) = cross(model, DRUGS, {"target": TARGETS})
    expected = model(explicit(), lookups={"target": TARGETS}).values
    np.testing.assert_allclose(part.predictions.values, expected, atol=1e-5)


def test_two_crossed_inputs(three):
    (part,) = cross(three, DRUGS, {"target": TARGETS, "cell": CELLS})
    columns = part.columns()
    wanted = list(itertools.product(DRUGS["id"], TARGETS["id"], CELLS["id"]))
    assert (
        list(zip(*(columns[n] for n in ("id", "target", "cell")), strict=True))
        == wanted
    )
    rows = pd.DataFrame(wanted, columns=["id", "target", "cell"])
    rows["drug"] = rows["id"].map(DRUGS.set_index("id")["drug"])
    expected = three(rows, lookups={"target": TARGETS, "cell": CELLS})
    np.testing.assert_allclose(columns["y"], expected.values[:, 0], atol=1e-5)
    chosen = best(iter([part]), top=2)
    assert len(chosen["rank"]) == 2 * 6
    for _, group in pd.DataFrame(chosen).groupby(["target", "cell"]):
        assert group["rank"].tolist() == [1, 2]


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("pairs", [6, 1000])
def test_the_best_are_those_of_a_full_ranking(numbers, monkeypatch, lowest, pairs):
    monkeypatch.setattr("jaxbio.predict.screen._PAIRS", pairs)
    whole = pd.concat(
        pd.DataFrame(part.columns())
        for part in cross(numbers, DRUGS, {"target": TARGETS})
    )
    found = pd.DataFrame(
        best(cross(numbers, DRUGS, {"target": TARGETS}), top=3, lowest=lowest)
    )
    assert list(found) == ["rank", "id", "target", "y", "y_spread"]
    for target, group in whole.groupby("target"):
        ordered = group.sort_values("y", ascending=lowest, kind="stable")[:3]
        kept = found[found["target"] == target]
        assert kept["rank"].tolist() == [1, 2, 3]
        assert kept["id"].tolist() == ordered["id"].tolist()
        np.testing.assert_allclose(kept["y"], ordered["y"], atol=1e-5)
    everything = best(cross(numbers, DRUGS, {"target": TARGETS}), top=100)
    assert len(everything["rank"]) == 21


def made(numbers, values, ids, target="P") -> Pairs:
    array = np.array(values, np.float32)[:, None]
    ids = np.array(list(ids), object)
    found = Predictions(ids, {"y": array}, {}, (), numbers.schema)
    return Pairs(found, {"target": np.array([target] * len(ids), object)})


def test_of_equals_the_first_are_kept(numbers):
    parts = [made(numbers, [1, 2, 1], "abc"), made(numbers, [2, 1, 3], "def")]
    found = best(iter(parts), top=4)
    assert found["id"].tolist() == ["f", "b", "d", "a"]
    assert found["rank"].tolist() == [1, 2, 3, 4]
    assert best(iter(parts), top=4, lowest=True)["id"].tolist() == ["a", "c", "e", "b"]


def test_classes_are_ranked_by_the_chance_of_the_second():
    model = predictor({"active": Binary()}, members=1)
    (part,) = cross(model, DRUGS, {"target": TARGETS})
    columns = part.columns()
    np.testing.assert_allclose(score_of(part.predictions), columns["active:yes"])
    found = best(iter([part]), top=1)
    for target, chance in zip(found["target"], found["active:yes"], strict=True):
        assert chance == columns["active:yes"][columns["target"] == target].max()


def test_what_cannot_be_crossed_or_ranked(numbers, three):
    with pytest.raises(
        DataError, match="no input 'targt' to cross: it has drug, target"
    ):
        next(cross(numbers, DRUGS, {"targt": TARGETS}))
    for items in ({}, {"drug": DRUGS, "target": TARGETS}):
        with pytest.raises(
            DataError, match="crossing needs some inputs in the library"
        ):
            next(cross(numbers, DRUGS, items))
    with pytest.raises(DataError, match="no column 'g1'"):
        next(cross(three, DRUGS, {"target": TARGETS}))
    with pytest.raises(DataError, match="'A' occurs 2 times"):
        next(cross(numbers, DRUGS, {"target": TARGETS.assign(id=["A", "B", "A"])}))
    bad = DRUGS.assign(drug=["C(C", *DRUGS["drug"][1:]])
    with pytest.raises(DataError, match=r"row 0, 'C\(C': '\(' at position 2"):
        next(cross(numbers, bad, {"target": TARGETS}))
    with pytest.raises(DataError, match="no rows"):
        best(iter([]), top=1)
    with pytest.raises(DataError, match="at least 1"):
        best(iter([made(numbers, [1], "a")]), top=0)
    classes = predictor({"z": MultiClass()}, members=1)
    with pytest.raises(DataError, match="target z is not one number a row"):
        best(cross(classes, DRUGS, {"target": TARGETS}), top=1)
    both = predictor({"y": Regression(), "active": Binary()}, members=1)
    with pytest.raises(DataError, match=r"several targets \(y, active\)"):
        best(cross(both, DRUGS, {"target": TARGETS}), top=1)
    with pytest.raises(DataError, match="no target 'activ': did you mean 'active'"):
        best(cross(both, DRUGS, {"target": TARGETS}), top=1, by="activ")
    (part,) = cross(both, DRUGS, {"target": TARGETS})
    chances = part.columns()["active:yes"]
    found = best(iter([part]), top=21, by="active")["active:yes"]
    np.testing.assert_array_equal(np.sort(found), np.sort(chances))
    assert all((np.diff(each) <= 0).all() for each in np.split(found, 3))


def test_a_table_of_items_is_a_library_whatever_its_column_is_called(numbers):
    named = DRUGS.rename(columns={"id": "drug", "drug": "smiles"})
    targets = {"target": LOOKUPS["target"]}
    (plain,) = cross(numbers, DRUGS, targets)
    (found,) = cross(numbers, named, targets)
    assert found.columns()["id"].tolist() == plain.columns()["id"].tolist()
    np.testing.assert_array_equal(found.columns()["y"], plain.columns()["y"])
