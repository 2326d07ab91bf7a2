"""Baselines of all targets: which there are, saved and read again."""

import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.baselines.fit import fit_baselines, load_baselines, save_baselines
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.errors import CheckpointError
from tests.helpers import PAIR_KINDS, drug_pairs, numbers, prepared, random_texts


def test_classes_of_positions_from_their_window():
    texts = [text[: 20 + at % 9] for at, text in enumerate(random_texts(60, 30))]
    states = ["".join("G" if base in "GC" else "?" if at == 3 else "A"
                      for at, base in enumerate(text)) for text in texts]  # fmt: skip
    inputs = {"seq": Sequences.from_strings(texts, DNA)}
    schema, arrays = prepared(
        inputs, Category.from_values(states), "class", per_position=True
    )
    baselines = fit_baselines(schema, arrays)["y"]
    chance = baselines["linear"].predict(arrays)
    truth = arrays.targets["y"].values
    known = ~np.isnan(truth)
    assert chance.shape == (len(truth), 2)
    assert (chance.argmax(axis=1)[known] == truth[known]).all()
    guess = baselines["trivial"].predict(arrays)
    assert guess.shape == chance.shape and np.allclose(guess[0].sum(), 1)
    bare = schema.encode(Dataset(inputs), targets=False)
    np.testing.assert_array_equal(baselines["linear"].predict(bare), chance)
    assert baselines["trivial"].predict(bare).shape == chance.shape


def test_numbers_of_positions_from_their_window():
    texts = random_texts(40, 25, letters="ACDEFGHIKLMNPQRSTVWY")
    column = Sequences.from_strings(texts, PROTEIN)
    after = np.roll(column.codes, -1) == PROTEIN.symbols.index("W")
    values = (5 + 2.0 * after).astype(np.float32)
    values[::11] = np.nan
    values[24::25] = np.nan  # the last position has nothing after it
    track = Track(values, column.offsets)
    schema, arrays = prepared({"seq": column}, track, "number", per_position=True)
    baselines = fit_baselines(schema, arrays)["y"]
    found = baselines["linear"].predict(arrays)
    known = ~np.isnan(values)
    assert np.abs(found[known] - values[known]).max() < 0.3
    assert baselines["trivial"].predict(arrays).shape == found.shape == values.shape


def test_saved_baselines_predict_the_same(tmp_path):
    texts = random_texts(80, 15)
    rng = np.random.default_rng(0)
    data = Dataset(
        {
            "seq": Sequences.from_strings(texts, DNA),
            "x": numbers(rng.normal(size=(80, 2))),
        },
        {
            "y": numbers(rng.normal(size=(80, 1))),
            "label": Category.from_values(rng.choice(["a", "b", "c"], 80)),
            "state": Category.from_values(texts),
        },
    )
    schema = learn_schema(
        data,
        {"y": ("number", False), "label": ("class", False), "state": ("class", True)},
    )
    arrays = schema.encode(data)
    fitted = fit_baselines(schema, arrays)
    save_baselines(fitted, tmp_path / "baselines.npz")
    loaded = load_baselines(tmp_path / "baselines.npz", schema)
    assert loaded.keys() == fitted.keys() == {"y", "label", "state"}
    for target, each in fitted.items():
        for name, baseline in each.items():
            again = loaded[target][name].predict(arrays)
            np.testing.assert_array_equal(again, baseline.predict(arrays))


MEANS = ["drug mean", "protein mean", "drug + protein means"]


def test_pairs_have_the_means_of_their_entities_too(tmp_path):
    data = drug_pairs()
    schema = learn_schema(data, PAIR_KINDS)
    arrays = schema.encode(data)
    fitted = fit_baselines(schema, arrays)
    save_baselines(fitted, tmp_path / "baselines.npz")
    loaded = load_baselines(tmp_path / "baselines.npz", schema)
    for target, each in fitted.items():
        assert list(each) == list(loaded[target]) == ["trivial", "linear", *MEANS]
        for name, baseline in each.items():
            again = loaded[target][name].predict(arrays)
            np.testing.assert_array_equal(again, baseline.predict(arrays))
    both = fitted["kd"]["drug + protein means"].predict(arrays)[:, 0]
    alone = fitted["kd"]["drug mean"].predict(arrays)[:, 0]
    truth = arrays.targets["kd"][:, 0]
    assert np.std(truth - both) < 0.15 < np.std(truth - alone)


def test_rows_that_are_no_pairs_have_no_means(tmp_path):
    data = drug_pairs()
    for inputs in (
        {"drug": data.inputs["drug"]},
        {"a": Category.from_values("ab" * 60), "b": Category.from_values("cdd" * 40)},
    ):
        rows = Dataset(inputs, data.targets)
        schema = learn_schema(rows, PAIR_KINDS)
        fitted = fit_baselines(schema, schema.encode(rows))
        names = [name for each in fitted.values() for name in each]
        assert not any("mean" in name for name in names) and "linear" in names


def test_files_of_earlier_versions_without_means_are_read(tmp_path):
    data = drug_pairs()
    schema = learn_schema(data, PAIR_KINDS)
    fitted = fit_baselines(schema, schema.encode(data))
    plain = {
        target: {name: each[name] for name in ("trivial", "linear")}
        for target, each in fitted.items()
    }
    save_baselines(plain, tmp_path / "old.npz")
    loaded = load_baselines(tmp_path / "old.npz", schema)
    assert all(list(each) == ["trivial", "linear"] for each in loaded.values())


def test_a_damaged_file_is_refused(tmp_path):
    file = tmp_path / "baselines.npz"
    schema, arrays = prepared({"x": numbers([[0], [1]])}, numbers([[0], [1]]), "number")
    save_baselines(fit_baselines(schema, arrays), file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=r"baselines\.npz holds no baselines"):
        load_baselines(file, schema)
