import json

import numpy as np
import pytest

from jaxbio.alphabet import SMILES, Alphabet
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from tests.helpers import MIXED_KINDS, NAN, mixed_data, numeric


def test_encode_by_hand():
    data = mixed_data()
    arrays = learn_schema(data, MIXED_KINDS).encode(data)
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
    schema = learn_schema(mixed_data(), MIXED_KINDS)
    data = mixed_data().take([0])
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


def test_bad_rows_to_encode():
    schema = learn_schema(mixed_data(), MIXED_KINDS)

    def refused(message, **changes):
        with pytest.raises(DataError, match=message):
            schema.encode(mixed_data(**changes))

    unseen = "was not in the training rows"
    refused(f"class 'new' {unseen}", kind=Category.from_values(["new", "new", None]))
    refused(f"class 'X' {unseen}", ss=Category.from_values(["HHX"] * 3))
    refused("the column was read as numeric", kind=numeric([1], [2], [3]))
    refused("the column was read as category", y=Category.from_values("abc"))
    one = numeric([1], [1], [1], names=("t2",))
    refused("tox lacks 1 of 2 columns, the first 't1'", tox=one)
    data = mixed_data()
    inputs = {k: v for k, v in data.inputs.items() if k != "seq"}
    with pytest.raises(DataError, match="no input 'seq'"):
        schema.encode(Dataset(inputs))
    with pytest.raises(DataError, match="input seq is numeric, the model takes dna"):
        schema.encode(Dataset({**data.inputs, "seq": data.inputs["x"]}))
    lacking = numeric([1], [1], [1], names=("a",))
    with pytest.raises(DataError, match="x lacks 1 of 2 columns, the first 'b'"):
        schema.encode(Dataset({**data.inputs, "x": lacking}), targets=False)


def texts_of(runs, alphabet):
    assert runs.fill == alphabet.pad
    return alphabet.decode_rows(runs.values, runs.offsets)


def test_an_earlier_alphabet_of_the_same_kind():
    letters = Alphabet("smiles", "#()+-123=BCNO[]clnorsH")  # before it had tokens
    texts = ["CCl", "c1cc[nH]c1", "CC"]
    old = Dataset({"drug": Sequences.from_strings(["CCl", "cn", "OCC"], letters)})
    schema = Schema.from_dict(json.loads(json.dumps(learn_schema(old, {}).to_dict())))
    column = Sequences.from_strings(texts, SMILES)
    arrays = schema.encode(Dataset({"drug": column}))
    assert texts_of(arrays.inputs["drug"], letters) == texts
    assert arrays.lengths.tolist() == [3, 10, 2]
    repeated = DictionaryColumn(column, np.array([1, 1, 0, -1], np.int32))
    again = schema.encode(Dataset({"drug": repeated}))
    assert texts_of(again.inputs["drug"].values, letters) == texts
    assert again.lengths.tolist() == [10, 10, 3, 0]
    unknown = Dataset({"drug": Sequences.from_strings(["C", "CF"], SMILES)})
    with pytest.raises(DataError, match="input drug, row 2: symbol 'F' at position 2"):
        schema.encode(unknown)


def test_json_and_back():
    schema = learn_schema(mixed_data(), MIXED_KINDS)
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
