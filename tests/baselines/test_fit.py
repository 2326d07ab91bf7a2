"""Plain baselines: features counted by hand, known truths recovered, real floors."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import matthews_corrcoef

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.baselines.features import Block, learn_blocks, matrix, windows
from jaxbio.baselines.fit import fit_baselines, load_baselines, save_baselines
from jaxbio.baselines.linear import LinearBaseline
from jaxbio.baselines.solvers import PENALTIES, fit_logistic, fit_ridge, softmax
from jaxbio.baselines.trivial import TrivialBaseline
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.datasets import loaders
from jaxbio.errors import CheckpointError
from jaxbio.run.evaluation import measure
from jaxbio.tasks import Objective, make_task


def numbers(values, names=None):
    values = np.asarray(values, np.float32)
    return Numeric(values, tuple(names or map(str, range(values.shape[1]))))


def random_texts(n, length, seed=0, letters="ACGT"):
    rng = np.random.default_rng(seed)
    return ["".join(row) for row in rng.choice(list(letters), (n, length))]


def prepared(inputs, column, kind, *, per_position=False, weights=None):
    data = Dataset(inputs, {"y": column}, weights=weights)
    schema = learn_schema(data, {"y": (kind, per_position)})
    return schema, schema.encode(data)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("ACGTN", min_size=1, max_size=12), min_size=1, max_size=6))
def test_kmer_features_are_log_counts(texts):
    schema, arrays = prepared(
        {"seq": Sequences.from_strings(texts, DNA)}, numbers(np.zeros((len(texts), 1))),
        "number",
    )  # fmt: skip
    for k in (1, 2, 3):
        block = Block("seq", "kmers", k, np.arange(4**k))
        table = matrix([block], schema, arrays, np.arange(len(texts)))
        for text, row in zip(texts, table, strict=True):
            kmers = Counter(text[at : at + k] for at in range(len(text) - k + 1))
            expected = np.zeros(4**k)
            for kmer, count in kmers.items():
                if "N" not in kmer:
                    code = int(kmer.translate(str.maketrans("ACGT", "0123")), 4)
                    expected[code] = np.log1p(count)
            np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_columns_that_do_not_vary_are_left_out():
    texts = ["ACGA", "ACTA", "ACGA"]
    schema, arrays = prepared(
        {
            "seq": Sequences.from_strings(texts, DNA),
            "x": numbers([[1, 5, np.nan], [2, 5, 3], [3, 5, 4]]),
            "tissue": Category.from_values(["liver", None, "brain"]),
        },
        numbers([[1], [2], [3]]),
        "number",
    )
    blocks = learn_blocks(schema, arrays)
    found = {(b.input, b.kind, b.k): b.columns.tolist() for b in blocks}
    assert found["seq", "positions", 0] == [2 * 4 + 2, 2 * 4 + 3]
    assert found["seq", "kmers", 1] == [0, 1, 2, 3]
    assert found["x", "numeric", 0] == [
        0,
        2,
        5,
    ]  # two that vary, one that lacks a value
    table = matrix(blocks, schema, arrays, np.array([1, 0]))
    names = [(b.kind, c) for b in blocks for c in b.columns.tolist()]
    column = {name: table[:, at] for at, name in enumerate(names)}
    assert column["positions", 11].tolist() == [1, 0]
    assert column["category", 0].tolist() == [0, 0]  # brain
    assert column["category", 1].tolist() == [0, 1]  # liver
    assert column["numeric", 0] == pytest.approx([0, -np.sqrt(1.5)])
    assert column["numeric", 2].tolist() == pytest.approx(
        [-1, 0]
    )  # missing is the mean
    assert column["numeric", 5].tolist() == [0, 1]


def test_windows_are_zero_outside_the_sequence():
    column = Sequences.from_strings(["ACG", "TT"], DNA)
    seen = windows(column, np.array([0, 3]), width=3).reshape(2, 3, 4)
    assert seen[0].tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]]
    assert seen[1].tolist() == [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1]]


def test_ridge_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    y_of = rng.normal(size=(30, 2))
    for n, p in ((200, 30), (20, 30)):  # by columns, and by rows
        x = rng.normal(size=(n, p)).astype(np.float32)
        y = x @ y_of[:p] + rng.normal(size=(n, 2)) + 5
        weights = rng.uniform(0.5, 2, n)
        b, a = fit_ridge(x, y, weights=weights, candidates=[np.ones(p, bool)])
        close = []
        for penalty in PENALTIES:
            # Weights are relative here, absolute there.
            peer = Ridge(penalty).fit(x, y, sample_weight=weights / weights.mean())
            close.append(
                np.allclose(b, peer.coef_.T, atol=1e-3)
                and np.allclose(a, peer.intercept_, atol=1e-2)
            )
        assert sum(close) == 1


def test_logistic_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype(np.float32) + 3
    scores = (x - 3) @ rng.normal(size=(4, 3))
    y = np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)
    every = [np.ones(4, bool)]
    fitted = fit_logistic(x, y, 4, weights=np.ones(300), candidates=every)
    chance = softmax(x @ fitted[0] + fitted[1])
    assert chance[:, 3].max() < 1e-9  # a class that does not occur
    peers = [
        LogisticRegression(C=strength, tol=1e-6, max_iter=1000)
        .fit(x, y)
        .predict_proba(x)
        for strength in (1, 0.1, 0.01)
    ]
    assert min(np.abs(chance[:, :3] - peer).max() for peer in peers) < 0.02


def test_columns_are_chosen_by_held_out_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 100)).astype(np.float32)
    good = np.arange(100) < 3
    y = x[:, :3].sum(axis=1, keepdims=True) + 0.5 * rng.normal(size=(150, 1))
    candidates = [~good, good, np.ones(100, bool)]
    b, _ = fit_ridge(x, y, weights=np.ones(150), candidates=candidates)
    assert (b[3:] == 0).all() and np.allclose(b[:3], 1, atol=0.2)
    classes = (y[:, 0] > 0).astype(int)
    b, _ = fit_logistic(x, classes, 2, weights=np.ones(150), candidates=candidates)
    assert (b[3:] == 0).all() and (b[:3, 1] > 0.5).all()


def test_trivial_baselines_are_means_and_frequencies():
    inputs = {"x": numbers([[0], [1], [2], [3]])}
    schema, arrays = prepared(
        inputs, numbers([[1, 4], [2, np.nan], [3, 6], [6, 5]]), "number"
    )
    guess = TrivialBaseline(schema.targets[0]).predict(arrays)
    assert guess.tolist() == [[3, 5]] * 4
    schema, arrays = prepared(inputs, Category.from_values("aaba"), "class")
    guess = TrivialBaseline(schema.targets[0]).predict(arrays)
    assert guess.tolist() == [[0.75, 0.25]] * 4
    schema, arrays = prepared(
        inputs, numbers([[1, 0], [1, 0], [0, 0], [1, 1]]), "labels"
    )
    guess = TrivialBaseline(schema.targets[0]).predict(arrays)
    assert guess.tolist() == [[0.75, 0.25]] * 4


def test_numbers_of_all_inputs_together_with_gaps_and_weights():
    rng = np.random.default_rng(1)
    n = 400
    texts = random_texts(n, 20)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    tissue = rng.choice(["brain", "liver"], n)
    y = np.array([[text.count("GC")] for text in texts]) + 2 * x[:, :1] + 10
    y = y + 3 * (tissue == "liver")[:, None]
    two = np.concatenate([y, -y], axis=1)
    two[::3, 0] = np.nan
    two[5] = np.nan
    weights = np.ones(n, np.float32)
    two[7], weights[7] = 1e6, 0  # a row that does not count
    inputs = {
        "seq": Sequences.from_strings(texts, DNA),
        "x": numbers(x),
        "tissue": Category.from_values(tissue),
    }
    schema, arrays = prepared(inputs, numbers(two), "number", weights=weights)
    found = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    # The features are logarithms of counts, so a few rows are off.
    assert np.quantile(np.abs(found[:, 0] - y[:, 0]), 0.8) < 0.3
    assert np.quantile(np.abs(found[:, 1] + y[:, 0]), 0.8) < 0.3


def test_classes_by_motif_and_by_position():
    texts = random_texts(600, 24)
    for rule in (lambda text: "ACG" in text, lambda text: text[11] in "AC"):
        labels = Category.from_values(["yes" if rule(t) else "no" for t in texts])
        inputs = {"seq": Sequences.from_strings(texts, DNA)}
        schema, arrays = prepared(inputs, labels, "class")
        train, test = arrays.take(np.arange(400)), arrays.take(np.arange(400, 600))
        chance = LinearBaseline.fit(schema, "y", train).predict(test)
        assert chance.shape == (200, 2) and np.allclose(chance.sum(axis=1), 1)
        assert matthews_corrcoef(test.targets["y"], chance.argmax(axis=1)) > 0.8


def test_labels_with_gaps():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    y = (x[:, :3] > 0).astype(np.float32)
    y[:, 2] = 1  # a label without a negative
    y[rng.random(y.shape) < 0.3] = np.nan
    schema, arrays = prepared({"x": numbers(x)}, numbers(y), "labels")
    chance = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert (chance[:, 2] > 0.99).all()
    for label in (0, 1):
        assert ((chance[:, label] > 0.5) == (x[:, label] > 0)).mean() > 0.93


def test_many_labels_by_ridge_are_probabilities():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    y = (x @ rng.normal(size=(4, 40)) > 0).astype(np.float32)
    schema, arrays = prepared({"x": numbers(x)}, numbers(y), "labels")
    chance = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert chance.min() >= 0 and chance.max() <= 1
    assert ((chance > 0.5) == (y > 0.5)).mean() > 0.85


def test_counts_are_positive_and_have_the_right_level():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 2)).astype(np.float32)
    y = rng.poisson(np.exp(1 + x[:, :1])).astype(np.float32)
    schema, arrays = prepared({"x": numbers(x)}, numbers(y), "count")
    rate = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert (rate > 0).all()
    assert rate.mean() == pytest.approx(y.mean(), rel=1e-3)
    assert spearmanr(rate[:, 0], x[:, 0]).statistic > 0.95


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


@pytest.mark.parametrize("kind", ["number", "class"])
def test_two_rows_are_enough(kind):
    column = numbers([[1], [2]]) if kind == "number" else Category.from_values("ab")
    schema, arrays = prepared(
        {"seq": Sequences.from_strings(["AC", "GT"], DNA)}, column, kind
    )
    found = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("kind", ["number", "class"])
def test_inputs_that_do_not_vary_leave_the_mean(kind):
    column = (
        numbers([[1], [2], [6]]) if kind == "number" else Category.from_values("aab")
    )
    schema, arrays = prepared({"x": numbers([[4], [4], [4]])}, column, kind)
    found = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert np.allclose(found, 3 if kind == "number" else [2 / 3, 1 / 3], atol=1e-5)


def test_longer_and_stranger_rows_than_in_training():
    texts = random_texts(50, 12)
    inputs = {"seq": Sequences.from_strings(texts, DNA)}
    schema, arrays = prepared(inputs, numbers(np.arange(50.0)[:, None]), "number")
    linear = LinearBaseline.fit(schema, "y", arrays)
    longer = {"seq": Sequences.from_strings([texts[0] + "ACGT", "A", "NNNN"], DNA)}
    rows = schema.encode(Dataset(longer), targets=False)
    assert np.isfinite(linear.predict(rows)).all()
    assert linear.predict(rows.take(np.array([], np.int64))).shape == (0, 1)


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


def pairs(n_drugs=12, n_proteins=10):
    """Pairs of which both drugs and proteins say something; targets of each kind."""
    drug, protein = np.divmod(np.arange(n_drugs * n_proteins, dtype=np.int32), 10)
    rng = np.random.default_rng(0)
    y = rng.normal(size=n_drugs)[drug] + rng.normal(size=n_proteins)[protein]
    y += 0.1 * rng.normal(size=len(y))
    molecules = Sequences.from_strings(random_texts(n_drugs, 8, 1, "CNOS"), SMILES)
    chains = Sequences.from_strings(random_texts(n_proteins, 20, 2, "ACDEFG"), PROTEIN)
    return Dataset(
        {
            "drug": DictionaryColumn(molecules, drug),
            "protein": DictionaryColumn(chains, protein),
        },
        {
            "kd": numbers(y[:, None]),
            "reads": numbers(rng.poisson(np.exp(y))[:, None]),
            "binds": Category.from_values(np.where(y > 0, "yes", "no")),
            "labels": numbers(np.stack([y > 0, y > 1], axis=1)),
        },
    )


KINDS = {
    "kd": ("number", False), "reads": ("count", False), "binds": ("class", False),
    "labels": ("labels", False),
}  # fmt: skip
MEANS = ["drug mean", "protein mean", "drug + protein means"]


def test_pairs_have_the_means_of_their_entities_too(tmp_path):
    data = pairs()
    schema = learn_schema(data, KINDS)
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
    data = pairs()
    for inputs in (
        {"drug": data.inputs["drug"]},
        {"a": Category.from_values("ab" * 60), "b": Category.from_values("cdd" * 40)},
    ):
        rows = Dataset(inputs, data.targets)
        schema = learn_schema(rows, KINDS)
        fitted = fit_baselines(schema, schema.encode(rows))
        assert all(list(each) == ["trivial", "linear"] for each in fitted.values())


def test_files_of_earlier_versions_without_means_are_read(tmp_path):
    data = pairs()
    schema = learn_schema(data, KINDS)
    fitted = fit_baselines(schema, schema.encode(data))
    plain = {
        target: {name: each[name] for name in ("trivial", "linear")}
        for target, each in fitted.items()
    }
    save_baselines(plain, tmp_path / "old.npz")
    loaded = load_baselines(tmp_path / "old.npz", schema)
    assert all(list(each) == ["trivial", "linear"] for each in loaded.values())


def test_scores_of_pairs(tmp_path):
    data = pairs()
    schema = learn_schema(data, KINDS)
    arrays = schema.encode(data)
    fitted = fit_baselines(schema, arrays)
    tasks = {
        "kd": make_task("regression"), "reads": make_task("poisson"),
        "binds": make_task("binary"), "labels": make_task("multilabel"),
    }  # fmt: skip
    objective = Objective.of(tasks, schema)
    guess = {name: each["trivial"].predict(arrays) for name, each in fitted.items()}
    scores = measure(objective, arrays, guess, baselines=fitted).scores
    found = scores["kd"]["drug + protein means"]
    assert found["concordance_index"] > 0.9 and found["r_m2"] > 0.8
    assert found["within_drug_pearson"] > 0.9
    assert scores["kd"]["drug mean"]["within_drug_pearson"] is None
    assert scores["kd"]["model"]["concordance_index"] == 0.5
    assert not any("r_m2" in scores[name]["model"] for name in ("reads", "binds"))
    single = Dataset({"drug": data.inputs["drug"]}, data.targets)
    schema = learn_schema(single, KINDS)
    rows = schema.encode(single)
    alone = measure(Objective.of(tasks, schema), rows, guess).scores
    assert "concordance_index" not in alone["kd"]["model"]


def test_a_damaged_file_is_refused(tmp_path):
    file = tmp_path / "baselines.npz"
    schema, arrays = prepared({"x": numbers([[0], [1]])}, numbers([[0], [1]]), "number")
    save_baselines(fit_baselines(schema, arrays), file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=r"baselines\.npz holds no baselines"):
        load_baselines(file, schema)


def test_fits_are_repeatable():
    texts = random_texts(100, 20)
    labels = Category.from_values(np.random.default_rng(1).choice(["a", "b"], 100))
    schema, arrays = prepared(
        {"seq": Sequences.from_strings(texts, DNA)}, labels, "class"
    )
    one, two = (LinearBaseline.fit(schema, "y", arrays, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.coefficients, two.coefficients)


@pytest.mark.data
@pytest.mark.parametrize(("task", "floor"), [("prom_core_tata", 0.77), ("tf_2", 0.56)])
def test_floors_of_gue(real_data, task, floor):
    real_data("genomics/gue")
    parts = loaders.load("gue", task)
    schema = learn_schema(parts["train"], {"label": ("class", False)})
    train, test = schema.encode(parts["train"]), schema.encode(parts["test"])
    chance = LinearBaseline.fit(schema, "label", train).predict(test)
    assert matthews_corrcoef(test.targets["label"], chance.argmax(axis=1)) > floor


@pytest.mark.data
@pytest.mark.parametrize(
    ("variant", "floor"), [("three_vs_rest", 0.74), ("low_vs_high", 0.3)]
)
def test_floors_of_gb1(real_data, variant, floor):
    real_data("protein/flip_gb1")
    parts = loaders.load("flip_gb1", variant)
    schema = learn_schema(parts["train"], {"fitness": ("number", False)})
    train, test = schema.encode(parts["train"]), schema.encode(parts["test"])
    found = LinearBaseline.fit(schema, "fitness", train).predict(test)
    assert spearmanr(test.targets["fitness"][:, 0], found[:, 0]).statistic > floor
