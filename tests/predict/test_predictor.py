import dataclasses
import gzip
import os
import pickle
import subprocess
import sys
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.alphabet import DNA
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, JaxbioError
from jaxbio.models import CNN, MLP, Network
from jaxbio.run.fitting import fit, load
from jaxbio.tasks import Binary, Regression
from tests.helpers import linear_data, motif_data

QUICK = {"epochs": 1, "members": 1, "batch_size": 32, "baselines": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A saved run of two networks over sequences of one length."""
    path = tmp_path_factory.mktemp("runs") / "run"
    data = motif_data(96)
    encoder = CNN(channels=(4,), kernel_sizes=(5,), kmers=0, positions=False)
    model = Network(encoder, hidden=(4,))
    fit(model, Binary(), data, data, out=path, **{**QUICK, "members": 2})
    return path


TEXTS = ["ACGTACGTACGT", "TTTTTTTTTTTTTTTTTTTTTTTTT", "GATTACAGATTACAGATTACA" * 2]


def test_a_string_a_list_a_table_and_a_file_agree(binary, tmp_path):
    expected = binary(TEXTS).values
    assert expected.shape == (3,)
    np.testing.assert_allclose(binary(TEXTS[0]).values, expected[:1], atol=1e-6)
    frame = pd.DataFrame({"other": [1, 2, 3], "seq": TEXTS})
    np.testing.assert_allclose(binary(frame).values, expected, atol=1e-6)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    np.testing.assert_allclose(
        binary(tmp_path / "rows.csv").values, expected, atol=1e-6
    )
    np.testing.assert_allclose(
        binary(str(tmp_path / "rows.csv")).values, expected, atol=1e-6
    )
    data = Dataset({"seq": Sequences.from_strings(TEXTS, DNA)})
    np.testing.assert_allclose(binary(data).values, expected, atol=1e-6)


def test_batches_and_buckets_change_nothing(binary):
    random = np.random.default_rng(1)
    texts = [
        "".join(random.choice(list("ACGT"), n)) for n in random.integers(5, 130, 40)
    ]
    alone = np.concatenate([binary(text).values for text in texts])
    np.testing.assert_allclose(binary(texts).values, alone, atol=1e-6)
    np.testing.assert_allclose(binary(texts, batch_size=7).values, alone, atol=1e-6)
    order = random.permutation(len(texts))
    shuffled = binary([texts[at] for at in order]).values
    np.testing.assert_allclose(shuffled, alone[order], atol=1e-6)


def test_lower_case_and_uracil_are_read_as_documented(binary):
    expected = binary("ACGTACGTACGT").values
    np.testing.assert_array_equal(binary("acguacguacgu").values, expected)


def fasta(path, texts) -> None:
    with gzip.open(path, "wt") as file:
        file.writelines(f">r{at}\n{text}\n" for at, text in enumerate(texts))


def random_texts(n, lengths=(5, 90)) -> list[str]:
    random = np.random.default_rng(n)
    sizes = random.integers(*lengths, n)
    return ["".join(random.choice(list("ACGT"), size)) for size in sizes]


def threads() -> list[str]:
    """Those that read ahead; the pool that compiles stays, with nothing to do."""
    names = [thread.name for thread in threading.enumerate()]
    return [n for n in names if "jaxbio-" in n and "jaxbio-compile" not in n]


@pytest.mark.parametrize("rows", [1, 7, 64])
def test_streaming_gives_what_a_call_gives(binary, tmp_path, rows):
    texts = random_texts(30)
    fasta(tmp_path / "x.fa.gz", texts)
    parts = list(binary.stream(tmp_path / "x.fa.gz", rows=rows))
    assert [len(part) for part in parts] == [rows] * (30 // rows) + [30 % rows] * (
        30 % rows > 0
    )
    found = np.concatenate([part.values for part in parts])
    np.testing.assert_allclose(found, binary(texts).values, atol=1e-6)
    assert np.concatenate([part.ids for part in parts])[29] == "r29"
    assert not threads()


def test_an_error_comes_after_the_rows_before_it(binary, tmp_path):
    fasta(tmp_path / "x.fa.gz", ["ACGT"] * 9 + ["AC!T"])
    seen = 0
    with pytest.raises(DataError, match=r"row 10: symbol '!' at position 3"):
        for part in binary.stream(tmp_path / "x.fa.gz", rows=2):
            seen += len(part)
    assert seen == 8
    assert not threads()


def test_the_reader_ends_with_its_user(binary, tmp_path):
    fasta(tmp_path / "x.fa.gz", ["ACGT"] * 500)
    parts = binary.stream(tmp_path / "x.fa.gz", rows=1)
    assert len(next(parts)) == 1
    assert threads()
    parts.close()
    assert not threads()


def test_ensembles_average_and_show_their_spread(folder):
    predictor = load(folder)
    text = "ACGTACGTACGTACGTACGTACGTACGTAC"
    predictions = predictor(text)
    function, members = predictor.function()
    tokens = jnp.asarray(DNA.encode(text))[None]
    single = [function((member,), {"seq": tokens})["label"][0] for member in members]
    np.testing.assert_allclose(predictions.values, [np.mean(single)], rtol=1e-5)
    np.testing.assert_allclose(
        predictions.spread["label"], [np.std(single)], rtol=1e-3, atol=1e-7
    )
    assert "label:yes_spread" in predictions.frame().columns


def test_the_pure_function_lives_in_a_larger_program(folder):
    function, params = load(folder).function()
    tokens = jnp.asarray(DNA.encode("ACGTTGCAAGCTTACGATCGATTGACTCAT"))

    @jax.jit
    def program(scale, tokens):
        def one(row):
            scaled = jax.tree.map(lambda value: value * scale, params)
            return function(scaled, {"seq": row[None]})["label"][0]

        return jax.vmap(one)(tokens).sum()

    rows = jnp.stack([tokens, tokens[::-1]])
    gradient = jax.grad(program)(1.0, rows)
    step = 1e-2
    numeric = (program(1 + step, rows) - program(1 - step, rows)) / (2 * step)
    assert float(gradient) == pytest.approx(float(numeric), rel=2e-2, abs=1e-4)


@pytest.fixture(scope="module")
def numeric():
    """A network over five genes."""
    return fit(MLP(hidden=(4,)), Regression(), linear_data(), **QUICK).predictor


def test_columns_may_stand_in_any_order_among_others(numeric):
    values = linear_data(seed=1).inputs["gene_*"].values
    frame = pd.DataFrame(values, columns=[f"gene_{at}" for at in range(5)])
    expected = numeric(frame).values
    mixed = frame[["gene_3", "gene_0", "gene_4", "gene_1", "gene_2"]].copy()
    mixed.insert(2, "gene_99", 5.0)
    np.testing.assert_array_equal(numeric(mixed).values, expected)
    np.testing.assert_allclose(numeric(values).values, expected, atol=1e-6)


def test_missing_columns_are_named(numeric):
    frame = pd.DataFrame({f"gene_{at}": [1.0] for at in range(4)})
    with pytest.raises(DataError, match="gene_4"):
        numeric(frame)


@pytest.fixture(scope="module")
def named():
    """A network over one number, whose training rows were named by `subject`."""
    table = pd.DataFrame({"subject": range(101, 141), "x": np.linspace(0, 1, 40)})
    table["y"] = 2 * table["x"]
    data = jb.read(table, inputs={"x": "numeric"}, targets=["y"], ids="subject")
    return fit(MLP(hidden=(4,)), Regression(), data, data, **QUICK).predictor


def test_rows_are_named_as_those_of_training_were(named, tmp_path):
    table = pd.DataFrame({"x": [0.1, 0.2], "subject": [7, 9], "other": ["a", None]})
    path = tmp_path / "rows.csv"
    table.to_csv(path, index=False)
    parts = [named(table), named(str(path)), *named.stream(path)]
    assert [list(part.ids) for part in parts] == [["7", "9"]] * 3
    assert not any(part.warnings for part in parts)
    assert list(named(table, ids="x").ids) == ["0.1", "0.2"]
    assert list(named(np.array([[0.1], [0.2]])).ids) == ["0", "1"]
    (warning,) = named(table[["x"]]).warnings
    assert "no column 'subject'" in warning and "numbers (ids='COLUMN'" in warning
    with pytest.raises(DataError, match="no column 'subjec': did you mean 'subject'"):
        named(table, ids="subjec")


def test_columns_of_the_file_go_along(named):
    table = pd.DataFrame({"x": [0.1, 0.2], "y": [1, 2], "note": ["NA", None]})
    columns = named(table, keep=["all"]).columns()
    assert list(columns) == ["id", "x", "y_given", "note", "y"]
    assert columns["y_given"].tolist() == [1, 2]
    assert columns["note"].tolist() == ["NA", None]  # as they stand
    assert list(named(table, keep=["note"]).columns()) == ["id", "note", "y"]
    with pytest.raises(DataError, match="no column 'note_'"):
        named(table, keep=["note_"])


def test_missing_values_are_handled_inside_the_model():
    data = linear_data(missing=0.2)
    run = fit(MLP(hidden=(8,)), Regression(), data, **QUICK)
    values = data.inputs["gene_*"].values[:4].copy()
    values[0, 1:] = np.nan
    values[1] = np.nan
    found = run.predictor(values)
    assert np.isnan(found.values).ravel().tolist() == [False, True, False, False]
    counted, named = found.warnings
    assert "of 4 rows, " in counted and "2 lack gene_1" in counted
    assert "1 rows have none of the inputs and get no prediction: 1" in named
    truth = data.take(np.arange(4))
    blank = dataclasses.replace(truth, inputs={"gene_*": Numeric(values, NAMES)})
    scores = run.evaluate(blank)
    assert scores.unanswered == 1 and scores.scores["y"]["model"]["n"] == 3
    assert "1 rows have none of the inputs and are not scored" in str(scores)


NAMES = tuple(f"gene_{at}" for at in range(5))


def test_rows_without_inputs_have_no_class():
    sexes = Category.from_values(["m", "f"] * 20)
    data = Dataset({"sex": sexes}, {"y": Category.from_values(["p", "q"] * 20)})
    predictor = fit(Network(hidden=(4,)), Binary(), data, data, **QUICK).predictor
    found = predictor(pd.DataFrame({"id": ["a", "b"], "sex": ["m", None]}))
    assert found.columns()["y"][1] is None and np.isnan(found.columns()["y:p"][1])
    assert [text.split(": ", 1)[1] for text in found.warnings] == [
        "of 2 rows, 1 lack sex",
        "1 rows have none of the inputs and get no prediction: b",
    ]


def test_bad_rows_keep_their_places(binary, tmp_path):
    texts = [*TEXTS[:2], "AC!T", TEXTS[2], "", "X?"]
    table = pd.DataFrame({"id": list("abcdef"), "seq": texts})
    table.to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(JaxbioError):
        binary(table)
    good = binary(TEXTS).values
    parts = [binary(table, skip_bad=True)]
    parts += [binary(str(tmp_path / "rows.csv"), skip_bad=True, keep=["seq"])]
    for found in parts:
        assert list(found.ids) == list("abcdef")
        blank = np.isnan(found.values).ravel()
        assert blank.tolist() == [False, False, True, False, True, True]
        np.testing.assert_allclose(found.values[~blank], good, atol=1e-6)
        assert any("3 of 6 rows cannot be read" in text for text in found.warnings)
    assert parts[1].columns()["seq"][2] == "AC!T"
    streamed = list(binary.stream(tmp_path / "rows.csv", rows=2, skip_bad=True))
    assert [np.isnan(part.values).sum() for part in streamed] == [0, 1, 2]
    with pytest.raises(JaxbioError):  # nothing is left
        binary(table[2:3], skip_bad=True)
    with pytest.raises(JaxbioError, match="no column"):
        binary(table[["id"]], skip_bad=True)


def test_values_of_another_unit_are_counted(numeric):
    values = linear_data(seed=1).inputs["gene_*"].values[:12].copy()
    assert not numeric(values).warnings
    values[3, 2] *= 1000
    (one,) = numeric(values).warnings
    assert "column gene_2: 1 of 12 values are far outside" in one and "in row 3" in one
    values = values[:12] * 0 + [0, 0, 0, 0, 8]  # beyond the range, if not by far
    (shifted,) = numeric(values).warnings
    assert "column gene_4: 12 of 12 values" in shifted


def test_unknown_categories_are_counted():
    data = Dataset(
        {"tissue": Category.from_values(["liver", "brain"] * 20)},
        {"y": Numeric(np.arange(40, dtype=np.float32)[:, None], ("y",))},
    )
    predictor = fit(Network(hidden=(4,)), Regression(), data, data, **QUICK).predictor
    frame = pd.DataFrame({"tissue": ["brain", "moon", "moon"]})
    (warning,) = predictor(frame).warnings
    assert "'moon' was not in the training rows (brain, liver)" in warning
    assert "2 rows are treated as unknown" in warning


def test_unknown_symbols_are_refused_or_read_as_n(binary):
    with pytest.raises(DataError, match="symbol '!' at position 3"):
        binary("AC!TACGTACGT")
    np.testing.assert_allclose(
        binary("AC!TACGTACGT", unknown="any").values,
        binary("ACNTACGTACGT").values,
        atol=1e-6,
    )


def test_what_the_model_does_not_take_is_refused(binary):
    with pytest.raises(DataError, match="the model takes seq"):
        binary(np.zeros((2, 3), np.float32))
    with pytest.raises(DataError, match="no sequences were given"):
        binary([])
    with pytest.raises(DataError, match="sequence is missing"):
        binary(["ACGT", ""])


MANY = """
import resource, sys
from pathlib import Path
from jaxbio.data.io.write import write_table
from jaxbio.run.fitting import load

predictor = load(sys.argv[1])
first = next(predictor.stream(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
frames = (part.frame() for part in predictor.stream(sys.argv[2]))
rows = write_table(frames, sys.argv[3])
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_many_sequences_stream_in_bounded_memory(folder, tmp_path):
    random = np.random.default_rng(0)
    bases = np.frombuffer(b"ACGT", np.uint8)
    with (tmp_path / "many.fa").open("wb") as file:
        for start in range(0, 200_000, 50_000):
            rows = bases[random.integers(0, 4, (50_000, 150))]
            file.write(
                b"".join(
                    b">s%d\n%s\n" % (start + at, row.tobytes())
                    for at, row in enumerate(rows)
                )
            )
    size = (tmp_path / "many.fa").stat().st_size / 2**20
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            MANY,
            folder,
            tmp_path / "many.fa",
            tmp_path / "o.tsv",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "XLA_FLAGS": ""},  # it computes more than it compiles
    )
    rows, grown = done.stdout.split()
    assert int(rows) == 200_000
    # The file, its strings or its results alone would each take more.
    assert float(grown) < size, f"grew by {grown} MiB over a file of {size:.0f} MiB"
    with (tmp_path / "o.tsv").open() as file:
        next(file)
        for number, line in enumerate(file):
            assert line.startswith(f"s{number}\t")
    assert number == 199_999


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two small networks over DNA of one length."""
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("ACGT"), 12)) for _ in range(60)]
    table = pd.DataFrame({"seq": texts, "y": [text.count("G") * 1.0 for text in texts]})
    data = jb.read(table, inputs={"seq": "dna"}, targets={"y": "number"})
    model = jb.CNN(channels=(4,), kernel_sizes=(3,), kmers=2)
    return jb.fit(model, None, data, data, **QUICK | {"members": 2}).predictor


TOKENS = jnp.asarray([DNA.encode("ACGTTGCAACGT"), DNA.encode("GGGGTTTTAAAA")])


def test_soft_inputs_give_what_codes_give_and_have_gradients(two):
    plain, params = two.function()
    soft, _ = two.function(inputs="one_hot")
    weights = jb.nn.one_hot(TOKENS, DNA)
    expected = plain(params, {"seq": TOKENS})["y"]
    given = soft(params, {"seq": weights})["y"]
    np.testing.assert_allclose(given, expected, rtol=1e-4, atol=1e-5)
    gradient = jax.grad(lambda x: soft(params, {"seq": x})["y"].sum())(weights)
    assert (
        gradient.shape == (2, 12, 4) and (np.abs(gradient).sum(axis=(1, 2)) > 0).all()
    )
    with pytest.raises(JaxbioError, match=r"takes \[batch len symbols\]"):
        soft(params, {"seq": TOKENS})


def test_logits_features_and_spread(two):
    predict, params = two.function(spread=True)
    mean, spread = predict(params, {"seq": TOKENS})
    table = two(["ACGTTGCAACGT", "GGGGTTTTAAAA"])
    np.testing.assert_allclose(mean["y"], table.values, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(spread["y"], table.spread["y"], rtol=1e-3, atol=1e-5)
    logits = two.function(outputs="logits")[0](params, {"seq": TOKENS})["y"]
    spec = two.schema.targets[0]
    np.testing.assert_allclose(
        logits * spec.scale[0] + spec.mean[0], mean["y"], rtol=1e-4, atol=1e-5
    )
    features = two.function(outputs="features")[0](params, {"seq": TOKENS})
    assert set(features) == {"row"} and features["row"].shape[0] == 2


def test_forward_mode_and_texts_for_names(two):
    predict, params = two.function(inputs="one_hot", forward_mode=True)
    weights = jb.nn.one_hot(TOKENS, DNA)

    def total(x):
        return predict(params, {"seq": x})["y"].sum()

    gradient = jax.grad(total)(weights)
    slope = jax.jvp(total, (weights,), (jnp.ones_like(weights),))[1]
    assert float(slope) == pytest.approx(float(gradient.sum()), rel=1e-2, abs=1e-4)
    paths = jax.tree_util.tree_leaves_with_path(params)
    keys = [key for path, _ in paths for key in path[1:]]
    assert all(isinstance(key.key, str) for key in keys)


def test_a_predictor_pickles_and_warms_up(two):
    again = pickle.loads(pickle.dumps(two))
    again.warmup()
    np.testing.assert_array_equal(
        again(["ACGTTGCAACGT"]).values, two(["ACGTTGCAACGT"]).values
    )
