"""Schemas: statistics by hand, and one path from rows to arrays."""

import json

import numpy as np
import pytest

from jaxbio.alphabet import DNA, SMILES, Alphabet
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError

NAN = np.nan


def numeric(*rows, names=None) -> Numeric:
    values = np.array(rows, np.float32)
    return Numeric(values, names or tuple(f"c{at}" for at in range(values.shape[1])))


def example(**changes) -> Dataset:
    columns = {
        "seq": Sequences.from_strings(["ACG", "ACT", "CCT"], DNA),
        "x": numeric([1, 5], [NAN, 5], [3, 5], names=("a", "b")),
        "sex": Category.from_values(["m", None, "f"]),
    }
    targets = {
        "y": numeric([1], [2], [6], names=("y",)),
        "kind": Category.from_values(["10", "9", None]),
        "tox": numeric([0, 1], [1, NAN], [1, 1], names=("t1", "t2")),
        "ss": Category.from_values(["HHE", "?EC", None]),
        "acc": Track(np.array([1, 2, 3, NAN, 5], np.float32), np.array([0, 3, 5, 5])),
    }
    return Dataset(columns, {**targets, **changes}, source="x.csv")


KINDS = {
    "y": ("number", False),
    "kind": ("class", False),
    "tox": ("labels", False),
    "ss": ("class", True),
    "acc": ("number", True),
}


def test_statistics_by_hand():
    schema = learn_schema(example(), KINDS)
    seq, x = schema.input("seq"), schema.input("x")
    assert (seq.min_length, seq.max_length, seq.buckets) == (3, 3, (3,))
    assert seq.conservation == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert seq.parent == "ACT"
    assert (x.mean, x.scale, x.has_missing) == ((2, 5), (1, 1), True)
    assert schema.input("sex").categories == ("f", "m")
    y = schema.target("y")
    assert y.mean == (3,) and y.scale == pytest.approx((np.sqrt(14 / 3),))
    assert schema.target("kind").classes == ("9", "10")
    assert schema.target("kind").frequencies == (1, 1)
    assert schema.target("tox").frequencies == (2, 2)
    assert schema.target("ss").classes == ("C", "E", "H")
    assert schema.target("ss").frequencies == (1, 2, 2)
    assert schema.target("acc").mean == (11 / 4,)
    assert (schema.n_train, schema.buckets) == (3, (3,))


def test_json_and_back():
    schema = learn_schema(example(), KINDS)
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema


def test_encode_by_hand():
    data = example()
    arrays = learn_schema(data, KINDS).encode(data)
    assert arrays.inputs["sex"].tolist() == [1, -1, 0]
    assert arrays.targets["kind"].tolist() == [1, 0, -1]
    np.testing.assert_array_equal(arrays.targets["tox"], [[0, 1], [1, NAN], [1, 1]])
    np.testing.assert_array_equal(
        arrays.targets["ss"].values, [2, 2, 1, NAN, 1, 0, NAN, NAN, NAN]
    )
    assert arrays.lengths.tolist() == [3, 3, 3]
    assert arrays.weights.tolist() == [1, 1, 1]
    batch = arrays.batch(np.array([2, 0]), 4, counted=1)
    assert batch["inputs"]["seq"].tolist() == [[1, 1, 3, 16], [0, 1, 2, 16]]
    np.testing.assert_array_equal(batch["targets"]["acc"][1], [1, 2, 3, NAN])
    assert batch["weights"].tolist() == [1, 0] and batch["index"].tolist() == [2, 0]
    assert arrays.weights.tolist() == [1, 1, 1]


def test_columns_in_another_order():
    schema = learn_schema(example(), KINDS)
    data = example().take([0])
    swapped = {
        "x": numeric([5, 0, 1], names=("b", "more", "a")),
        "tox": numeric([9, 1, 0], names=("more", "t2", "t1")),
    }
    first = Dataset(
        {name: swapped.get(name, column) for name, column in data.inputs.items()},
        {name: swapped.get(name, column) for name, column in data.targets.items()},
    )
    arrays = schema.encode(first)
    assert arrays.inputs["x"].tolist() == [[1, 5]]
    assert arrays.targets["tox"].tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("changes", "kinds", "message"),
    [
        ({}, {"z": ("number", False)}, "no target 'z'"),
        ({"y": Category.from_values("abc")}, {}, "numbers were asked for"),
        ({"kind": numeric([1], [2], [3])}, {}, "classes were asked for"),
        (
            {"kind": Category.from_values("aaa")},
            {},
            r"1 class in 3 training rows \(a\)",
        ),
        ({"kind": Category.from_values([None] * 3)}, {}, "every value is missing"),
        ({"y": numeric([NAN], [NAN], [NAN])}, {}, "every value is missing"),
        ({"y": numeric([1], [np.inf], [1])}, {}, "row 1, column c0: infinite"),
        ({"ss": Category.from_values(["HH", "HH", None])}, {}, "1 class over all"),
    ],
)
def test_bad_training_rows(changes, kinds, message):
    with pytest.raises(DataError, match=message):
        learn_schema(example(**changes), {**KINDS, **kinds})


def test_no_training_rows():
    with pytest.raises(DataError, match="no training rows"):
        learn_schema(example().take([]), {})


def test_bad_rows_to_encode():
    schema = learn_schema(example(), KINDS)

    def refused(message, **changes):
        with pytest.raises(DataError, match=message):
            schema.encode(example(**changes))

    unseen = "was not in the training rows"
    refused(f"class 'new' {unseen}", kind=Category.from_values(["new", "9", "9"]))
    refused(f"class 'X' {unseen}", ss=Category.from_values(["HHX"] * 3))
    refused("the column was read as numeric", kind=numeric([1], [2], [3]))
    refused("the column was read as category", y=Category.from_values("abc"))
    one = numeric([1], [1], [1], names=("t2",))
    refused("tox lacks 1 of 2 columns, the first 't1'", tox=one)
    data = example()
    inputs = {k: v for k, v in data.inputs.items() if k != "seq"}
    with pytest.raises(DataError, match="no input 'seq'"):
        schema.encode(Dataset(inputs))
    with pytest.raises(DataError, match="input seq is numeric, the model takes dna"):
        schema.encode(Dataset({**data.inputs, "seq": data.inputs["x"]}))
    lacking = numeric([1], [1], [1], names=("a",))
    with pytest.raises(DataError, match="x lacks 1 of 2 columns, the first 'b'"):
        schema.encode(Dataset({**data.inputs, "x": lacking}), targets=False)


def test_many_rows_are_counted_quickly():
    labels = Category(np.array([str(at % 300) for at in range(200_000)], object))
    column = numeric(*([0.0],) * 200_000)
    data = Dataset({"x": column}, {"y": labels})
    spec = learn_schema(data, {"y": ("class", False)}).target("y")
    assert sum(spec.frequencies) == 200_000 and spec.frequencies[0] == 667


def test_an_earlier_alphabet_of_the_same_kind():
    letters = Alphabet("smiles", "#()+-123=BCNO[]clnorsH")  # before it had tokens
    texts = ["CCl", "c1cc[nH]c1", "CC"]
    old = Dataset({"drug": Sequences.from_strings(["CCl", "cn", "OCC"], letters)})
    schema = Schema.from_dict(json.loads(json.dumps(learn_schema(old, {}).to_dict())))
    column = Sequences.from_strings(texts, SMILES)
    arrays = schema.encode(Dataset({"drug": column}))
    assert arrays.inputs["drug"].alphabet == letters
    assert arrays.inputs["drug"].strings() == texts
    assert arrays.lengths.tolist() == [3, 10, 2]
    repeated = DictionaryColumn(column, np.array([1, 1, 0, -1], np.int32))
    again = schema.encode(Dataset({"drug": repeated}))
    assert again.inputs["drug"].items.strings() == texts
    assert again.inputs["drug"].items.alphabet == letters
    assert again.lengths.tolist() == [10, 10, 3, 0]
    unknown = Dataset({"drug": Sequences.from_strings(["C", "CF"], SMILES)})
    with pytest.raises(DataError, match="input drug, row 2: symbol 'F' at position 2"):
        schema.encode(unknown)
