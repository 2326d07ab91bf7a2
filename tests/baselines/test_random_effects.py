"""Means of entities: closed forms, a mixed model by hand, and the published floors."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.alphabet import SMILES
from jaxbio.baselines.entity_index import are_pairs, entity_codes
from jaxbio.baselines.random_effects import RandomEffectsBaseline, fit_random_effects
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import DictionaryArray
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics import affinity_metrics, binary_metrics, regression_metrics
from tests.helpers import rows_of, runs_of

NUMBER = TargetSpec("y", "number", columns=("y",))
CLASS = TargetSpec("y", "class", classes=("0", "1"))


def column(*values):
    return np.array(values, np.float32)[:, None]


def test_many_rows_give_the_means_themselves():
    rng = np.random.default_rng(0)
    drug, cell = np.divmod(np.arange(4000), 40)
    effects = rng.normal(size=100)[drug] + 2 * rng.normal(size=40)[cell]
    y = (3 + effects + 0.01 * rng.normal(size=4000)).astype(np.float32)[:, None]
    rows = rows_of(y, drug=drug, cell=cell)
    found = RandomEffectsBaseline.fit(NUMBER, rows, ("drug", "cell")).predict(rows)
    assert np.abs(found - y).max() < 0.06
    alone = RandomEffectsBaseline.fit(NUMBER, rows, ("cell",)).predict(rows)[:, 0]
    for number in (0, 7):
        mean = y[cell == number].mean()
        assert alone[cell == number] == pytest.approx(mean, abs=0.05)


def test_few_rows_are_drawn_to_the_mean():
    # The best linear prediction has n / (n + noise / variance) of the mean deviation.
    rng = np.random.default_rng(1)
    effect = rng.normal(size=3000)  # variance 1; noise 4
    drug = np.concatenate([np.arange(3000), np.repeat(np.arange(1500), 3)])
    y = effect[drug] + 2 * rng.normal(size=len(drug))
    rows = rows_of(y.astype(np.float32)[:, None], drug=drug)
    fitted = RandomEffectsBaseline.fit(NUMBER, rows, ("drug",))
    found = fitted.predict(rows)[:, 0] - fitted.mean[0]
    count = np.bincount(drug)
    deviation = np.bincount(drug, y - fitted.mean[0]) / count
    share = found[:3000] / deviation
    assert share[:1500] == pytest.approx(4 / (4 + 4), rel=0.15)
    assert share[1500:] == pytest.approx(1 / (1 + 4), rel=0.15)


def test_noise_alone_gives_the_mean():
    rng = np.random.default_rng(2)
    y = rng.normal(size=(2000, 1)).astype(np.float32)
    rows = rows_of(y, drug=np.arange(2000) % 500)
    found = RandomEffectsBaseline.fit(NUMBER, rows, ("drug",)).predict(rows)
    assert np.abs(found - y.mean()).max() < 0.5


def test_entities_not_trained_on_and_missing_ones_add_nothing():
    rows = rows_of(column(1, 1, 1, 5, 5, 5), drug=[0, 0, 0, 1, 1, 1])
    fitted = RandomEffectsBaseline.fit(NUMBER, rows, ("drug",))
    new = rows_of(column(0, 0, 0), drug=[2, 0, 1])
    new.inputs["drug"].indices[1] = -1
    found = fitted.predict(new)[:, 0]
    assert found[:2] == pytest.approx([3, 3])
    assert found[2] > 4


def test_entities_are_found_by_value_in_another_file():
    texts = ["CCO", "CCN", "c1ccccc1"]
    y = column(0, 4, 8, 0, 4, 8)
    values = runs_of(texts, SMILES)
    which = np.array([0, 1, 2, 0, 1, 2], np.int32)
    ones, lengths = np.ones(6, np.float32), np.zeros(6, np.int64)
    train = Arrays({"drug": DictionaryArray(values, which)}, {"y": y}, ones, lengths)
    fitted = RandomEffectsBaseline.fit(NUMBER, train, ("drug",))
    plain = runs_of(["c1ccccc1", "CCO"], SMILES)
    test = Arrays({"drug": plain}, {}, ones[:2], lengths[:2])
    assert (
        fitted.predict(test)[:, 0].tolist() == fitted.predict(train)[[2, 0], 0].tolist()
    )
    saved = RandomEffectsBaseline.from_arrays(NUMBER, fitted.arrays())
    assert saved.predict(test).tolist() == fitted.predict(test).tolist()


def test_classes_counts_and_labels():
    drug = np.arange(300) % 3
    y = np.array([0, 1, 1] * 100, np.int32)
    rows = rows_of(y, drug=drug)
    found = RandomEffectsBaseline.fit(CLASS, rows, ("drug",)).predict(rows)
    assert found.shape == (300, 2) and found.sum(axis=1) == pytest.approx(1)
    assert found[:3, 1] == pytest.approx([0, 1, 1], abs=0.05)
    many = TargetSpec("y", "class", classes=("a", "b", "c"))
    found = RandomEffectsBaseline.fit(
        many, rows_of(drug.astype(np.int32), drug=drug), ("drug",)
    )
    assert found.predict(rows)[:3].argmax(axis=1).tolist() == [0, 1, 2]
    labels = TargetSpec("y", "labels", columns=("a", "b"))
    hot = np.stack([y, 1.0 - y], axis=1).astype(np.float32)
    hot[::7, 0] = np.nan
    found = RandomEffectsBaseline.fit(
        labels, rows_of(hot, drug=drug), ("drug",)
    ).predict(rows)
    assert found[:3].round().tolist() == [[0, 1], [1, 0], [1, 0]]
    count = TargetSpec("y", "count", columns=("y",))
    rng = np.random.default_rng(3)
    reads = rng.poisson(np.array([2.0, 20, 200])[drug]).astype(np.float32)[:, None]
    found = RandomEffectsBaseline.fit(
        count, rows_of(reads, drug=drug), ("drug",)
    ).predict(rows)
    assert found[:3, 0] == pytest.approx([2, 20, 200], rel=0.2)
    assert found.mean() == pytest.approx(reads.mean(), rel=1e-3)


def test_log_odds_by_hand():
    # Without effects the mean alone: the log-odds of the share.
    rows = rows_of(np.array([0, 0, 0, 1], np.int32), drug=[0, 0, 1, 1])
    found = RandomEffectsBaseline.fit(CLASS, rows, ()).predict(rows)
    assert found[:, 1] == pytest.approx(0.25)
    one_class = rows_of(np.ones(4, np.int32), drug=[0, 0, 1, 1])
    found = RandomEffectsBaseline.fit(CLASS, one_class, ("drug",)).predict(rows)
    assert (found[:, 1] > 0.99).all()


def test_weights_and_unknown_targets_do_not_count():
    y = column(1, 3, 90, np.nan)
    rows = rows_of(y, drug=[0, 0, 0, 0])
    rows.weights[2] = 0
    assert RandomEffectsBaseline.fit(NUMBER, rows, ()).mean.tolist() == [2.0]


@pytest.mark.data
def test_the_floor_of_davis(real_data):
    table = pd.read_csv(real_data("drug/davis") / "affinity.csv.gz")
    y = (9 - np.log10(table["kd_nM"])).to_numpy(np.float32)[:, None]
    rows = rows_of(y, drug=table["drug"], protein=table["target"])
    test = (table["fold"] == "test").to_numpy()
    fitted = RandomEffectsBaseline.fit(
        NUMBER, rows.take(np.flatnonzero(~test)), ("drug", "protein")
    )
    found = affinity_metrics(
        y[test, 0], fitted.predict(rows.take(np.flatnonzero(test)))[:, 0]
    )
    assert found["mse"] == pytest.approx(0.558, abs=0.001)
    assert found["concordance"] == pytest.approx(0.792, abs=0.001)


@pytest.mark.data
def test_label_reversal_undoes_the_memory_of_ligands(real_data):
    folder = real_data("drug/gpcr_label_reversal")
    parts = [pd.read_csv(folder / f"{part}.csv") for part in ("train", "test")]
    table = pd.concat(parts)
    y = table["y"].to_numpy(np.int32)
    rows = rows_of(y, drug=table["drug"], protein=table["target"])
    n = len(parts[0])
    train, test = rows.take(np.arange(n)), rows.take(np.arange(n, len(y)))
    baselines = fit_random_effects(CLASS, train)
    auroc = {
        title: binary_metrics(y[n:], fitted.predict(test))["auroc"]
        for title, fitted in baselines.items()
    }
    assert auroc["drug mean"] == 0.0
    assert auroc["protein mean"] == pytest.approx(0.753, abs=0.002)


@pytest.mark.data
def test_the_floor_of_drug_response(real_data):
    table = pd.read_csv(real_data("drug/gdsc2_response") / "response.csv.gz")
    y = table["ln_ic50"].to_numpy(np.float32)[:, None]
    rows = rows_of(y, drug=table["drug"], cell=table["cell"])
    test = np.random.default_rng(0).random(len(y)) < 0.1
    fitted = RandomEffectsBaseline.fit(
        NUMBER, rows.take(np.flatnonzero(~test)), ("drug", "cell")
    )
    found = regression_metrics(
        y[test, 0], fitted.predict(rows.take(np.flatnonzero(test)))[:, 0]
    )
    assert found["rmse"] == pytest.approx(1.20, abs=0.03)


def test_categories_are_entities_and_a_missing_one_is_none():
    n = 40
    drug = np.arange(n) // 8
    rows = rows_of(np.zeros((n, 1), np.float32), drug=drug)
    sex = (np.arange(n) % 2).astype(np.int32)
    sex[:3] = -1
    rows.inputs["sex"] = sex
    codes = entity_codes(rows)
    assert list(codes) == ["drug", "sex"] and are_pairs(rows, codes)
    assert (codes["sex"][:3] == -1).all() and set(codes["sex"][3:]) == {0, 1}
    del rows.inputs["drug"]
    rows.inputs["tissue"] = (np.arange(n) // 10).astype(np.int32)
    assert not are_pairs(rows, entity_codes(rows))  # a linear model says as much
    y = np.where(sex == 1, 2.0, 0.0).astype(np.float32)[:, None]
    y[:3] = 9
    rows.targets["y"] = y
    found = RandomEffectsBaseline.fit(NUMBER, rows, ("sex",)).predict(rows)[:, 0]
    assert found[3] > found[4] and len(set(found[:3].tolist())) == 1
