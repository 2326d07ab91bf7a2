"""A type of column that the package has not: all it needs stands in this file."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.cli import main
from jaxbio.data import (
    Dataset,
    Frame,
    concatenate,
    describe_kinds,
    infer,
    kinds_of,
    leakage,
    learn_schema,
    read,
    read_for,
    stream,
)
from jaxbio.data.columns.base import Column, Origin, Reading, column_of
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.data.hashing import hash_numbers
from jaxbio.data.io.parse import numbers
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, JaxbioError

NAN = np.nan


@dataclasses.dataclass(frozen=True)
class AngleSpec(NumericSpec):
    """Angles, as the training rows showed them; their sines have mean 0."""


@jb.register
@dataclasses.dataclass(frozen=True)
class Angles(Column):
    """Circular angles in degrees; NaN stands for a missing one."""

    degrees: np.ndarray
    names: tuple[str, ...]
    name = "angles"
    spec = AngleSpec

    @classmethod
    def read(cls, frame: Frame, name: str, kind: Any, how: Reading) -> Column:
        names = frame.matching(name, how.used)
        return cls(numbers(frame, names), names)

    def __len__(self) -> int:
        return len(self.degrees)

    def take(self, indices) -> "Angles":
        return dataclasses.replace(self, degrees=self.degrees[indices])

    @classmethod
    def concatenate(cls, columns: Sequence["Angles"]) -> "Angles":
        degrees = np.concatenate([column.degrees for column in columns])
        return dataclasses.replace(columns[0], degrees=degrees)

    def nothing(self, rows: int) -> "Angles":
        return Angles(np.full((rows, len(self.names)), NAN, np.float32), self.names)

    def missing(self):
        return np.isnan(self.degrees).all(axis=1)

    def hashes(self):
        return hash_numbers(self.degrees % 360)

    def buffers(self) -> list[Any]:
        return [repr(self.names).encode(), self.degrees.tobytes()]

    def describe(self) -> str:
        return f"{len(self.names)} angles"

    def learn(self, name: str, origin: Origin) -> AngleSpec:
        width = 2 * len(self.names)
        missing = bool(np.isnan(self.degrees).any())
        zeros, ones = (0.0,) * width, (1.0,) * width
        return AngleSpec(name, self.kind, self.names, zeros, ones, missing)

    def encode(self, spec: AngleSpec, origin: Origin) -> np.ndarray:
        lacking = set(spec.columns) - set(self.names)
        if lacking:
            raise DataError(f"{origin.source}: {spec.name} lacks {min(lacking)}")
        radians = np.radians(self.degrees)[:, list(map(self.names.index, spec.columns))]
        return np.concatenate([np.sin(radians), np.cos(radians)], axis=1)


CELLS = pd.DataFrame(
    {"phi_1": ["0", "90", "NA"], "phi_2": ["180", "", ""], "y": ["1", "2", "3"]}
)
KINDS = {"phi_*": "angles"}


@pytest.fixture
def data() -> Dataset:
    return read(CELLS, inputs=KINDS, targets={"y": "number"})


def test_it_is_read_from_a_table(data):
    column = data.inputs["phi_*"]
    assert isinstance(column, Angles) and column.names == ("phi_1", "phi_2")
    expected = [[0, 180], [90, NAN], [NAN, NAN]]
    np.testing.assert_array_equal(column.degrees, expected)
    assert describe_kinds(data)[1].split() == [
        "phi_*",
        *["angles", "2", "angles", "1", "input"],
    ]
    assert kinds_of(data) == (KINDS, {"y": "number"})
    assert infer(CELLS, inputs=KINDS)[0] == KINDS
    first, *rest = stream(CELLS, KINDS, rows=2)
    assert first.inputs["phi_*"].degrees.tolist()[0] == [0, 180] and len(rest) == 1
    wrong = CELLS.assign(phi_1=["0", "north", "1"])
    with pytest.raises(DataError, match="row 1, column phi_1: 'north' is not a number"):
        read(wrong, inputs=KINDS, targets={"y": "number"})


def test_a_misspelt_kind_names_it():
    with pytest.raises(
        DataError, match="no input kind 'angels': did you mean 'angles'"
    ):
        read(CELLS, inputs={"phi_*": "angels"}, targets={"y": "number"})


def test_its_rows_are_taken_joined_compared_and_counted(data):
    again = concatenate([data.take([2]), data.take([0, 1])])
    degrees = again.inputs["phi_*"].degrees
    np.testing.assert_array_equal(degrees, [[NAN, NAN], [0, 180], [90, NAN]])
    assert again.take([1, 2, 0]).digest() == data.digest() != again.digest()
    column = data.inputs["phi_*"]
    assert column.missing().tolist() == [False, False, True]
    turned = dataclasses.replace(column, degrees=column.degrees + 360)
    np.testing.assert_array_equal(column.hashes(), turned.hashes())
    found = leakage({"train": data, "test": Dataset({"phi_*": turned.take([0])})})
    assert found.overlap("train", "test").identical == 1
    shared = DictionaryColumn(column, np.array([1, -1], np.int32))
    assert shared.missing().tolist() == [False, True]
    np.testing.assert_array_equal(shared.expanded().degrees, [[90, NAN], [NAN, NAN]])


def test_a_schema_has_it_and_is_json(data):
    schema = learn_schema(data, {"y": ("number", False)})
    values = json.loads(json.dumps(schema.to_dict()))
    assert values["inputs"][0] == {
        "type": "angles",
        "name": "phi_*",
        "kind": "angles",
        "absent": pytest.approx(1 / 3),
        "columns": ["phi_1", "phi_2"],
        "mean": [0.0] * 4,
        "scale": [1.0] * 4,
        "offset": [],
        "has_missing": True,
        "low": [],
        "high": [],
        "edges": [],
        "units": [],
    }
    assert Schema.from_dict(values) == schema
    encoded = schema.encode(read_for(CELLS, schema)).inputs["phi_*"]
    expected = [[0, 0, 1, -1], [1, NAN, 0, NAN], [NAN] * 4]
    np.testing.assert_allclose(encoded, expected, atol=1e-6)
    swapped = Angles(np.array([[10, 20]], np.float32), ("phi_2", "phi_1"))
    turned = schema.encode(Dataset({"phi_*": swapped}), targets=False).inputs["phi_*"]
    np.testing.assert_allclose(turned[0, :2], np.sin(np.radians([20, 10])), atol=1e-6)
    values["inputs"][0]["type"] = "angle"
    with pytest.raises(JaxbioError, match="column type 'angle' is not known: did you"):
        Schema.from_dict(values)


def circle(n=200) -> pd.DataFrame:
    """A number that only the direction says: 359 degrees are near 1."""
    phi = np.random.default_rng(0).uniform(0, 360, n)
    return pd.DataFrame({"phi_1": phi, "y": np.cos(np.radians(phi)) + 3})


def test_a_model_of_it_is_trained_kept_and_asked(tmp_path):
    data = read(circle(), inputs=KINDS, targets={"y": "number"})
    train, test = data.take(np.arange(150)), data.take(np.arange(150, 200))
    out = tmp_path / "run"
    settings = {"epochs": 3, "members": 1, "batch_size": 16, "out": out}
    run = jb.fit(jb.models.MLP(hidden=(8,)), None, train, test, **settings)
    # The linear baseline sees sine and cosine, too.
    assert run.evaluate(test).scores["y"]["linear"]["r2"] > 0.99
    predictor = jb.load(out)
    assert predictor.schema.inputs == run.predictor.schema.inputs
    table = circle().drop(columns="y").iloc[:8]
    np.testing.assert_array_equal(predictor(table).values, run.predictor(table).values)
    around = predictor(pd.DataFrame({"phi_1": [10.0, 370.0]})).values
    np.testing.assert_allclose(around[0], around[1], atol=1e-4)


def test_the_command_line_takes_it(tmp_path, capsys):
    table, out = tmp_path / "rows.csv", tmp_path / "run"
    circle(60).to_csv(table, index=False)
    options = ["--epochs", "1", "--members", "1", "--model", "mlp", "--out", str(out)]
    assert not main(
        ["train", str(table), "--input", "phi_*:angles", "--target", "y", *options]
    )
    assert "phi_*   angles   1 angles" in capsys.readouterr().out
    found = tmp_path / "found.tsv"
    assert not main(["predict", str(out), str(table), "--out", str(found)])
    assert len(pd.read_csv(found, sep="\t")) == 60


def test_what_a_type_does_not_say_is_refused():
    frame = Frame({"x": np.array(["1"])}, "x.csv", np.array([2]))
    with pytest.raises(DataError, match=r"x\.csv: a angles column cannot be a target"):
        Angles.read_target(frame, "x", "number", Reading())
    column = Numeric(np.zeros((1, 1), np.float32), ("x",))
    assert column.aligned(Angles(column.values, ("y",))) is column


def test_the_column_of_an_input():
    frame = Frame({"smiles": np.array(["C"])}, "x.csv", np.array([2]))
    assert column_of(frame, "bits@smiles") == column_of(frame, "smiles") == "smiles"
    with pytest.raises(DataError, match=r"'smi\*' may match several columns"):
        column_of(frame, "smi*")
