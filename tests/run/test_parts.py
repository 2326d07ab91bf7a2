import numpy as np
import pandas as pd
import pytest

from jaxbio.errors import JaxbioError, TrainingError
from jaxbio.models import MLP
from jaxbio.run.fitting import fit
from jaxbio.run.parts import read_parts
from jaxbio.tasks import Regression
from tests.helpers import linear_data

SMALL = MLP(hidden=(8,))


def test_one_training_row_is_refused():
    with pytest.raises(TrainingError, match="1 training row; two are the least"):
        fit(SMALL, Regression(), linear_data(1))


def test_a_part_without_rows_is_refused():
    data = linear_data(40)
    with pytest.raises(JaxbioError, match="no valid rows: leave this part out"):
        fit(MLP(), None, data, data.take([]), epochs=1)


def test_rows_are_read_and_divided(tmp_path):
    table = pd.DataFrame({"x": range(40), "y": range(40), "part": ["train"] * 30
                          + ["valid"] * 10})  # fmt: skip
    how = {"inputs": {"x": "numeric"}, "targets": ["y"]}
    by_column = read_parts(table, by="column:part", **how)
    assert {name: len(part) for name, part in by_column.items()} == {
        "train": 30,
        "valid": 10,
    }
    divided = read_parts(table, fractions=(0.5, 0.5), **how)
    assert [(name, len(part)) for name, part in divided.items()] == [
        ("train", 20),
        ("valid", 20),
    ]
    apart = read_parts(table, test=table[:5], **how)
    assert [(name, len(part)) for name, part in apart.items()] == [
        ("train", 40),
        ("test", 5),
    ]


def _archive(path, **parts):
    arrays = {}
    for at, (name, count) in enumerate(parts.items()):
        arrays[f"{name}_images"] = np.full((count, 4, 4), at, np.uint8)
        arrays[f"{name}_labels"] = np.arange(count) % 2
    np.savez(path, **arrays)
    return path


def test_the_parts_of_an_archive_are_those_of_the_run(tmp_path):
    path = _archive(tmp_path / "x.npz", train=6, val=4, test=2)
    parts = read_parts(path)
    assert {name: len(part) for name, part in parts.items()} == {
        **{"train": 6, "valid": 4, "test": 2}
    }
    for at, part in enumerate(parts.values()):
        assert (part.inputs["image"].values == at).all()
    (note,) = parts["train"].notes
    assert note.startswith("the file divides its rows itself: train 6, valid 4, test 2")
    mixed = read_parts(path, by="random", fractions=(0.5, 0.25, 0.25))
    assert [len(part) for part in mixed.values()] == [6, 3, 3]
    assert len(np.unique(mixed["train"].inputs["image"].values)) > 1
    alone = read_parts(_archive(tmp_path / "one.npz", train=8), fractions=(0.5, 0.5))
    assert [len(part) for part in alone.values()] == [4, 4]


def test_rows_of_a_patient_are_in_one_part_and_that_is_said():
    table = pd.DataFrame(
        {
            "patient": [f"p{at // 2}" for at in range(60)],
            "x": np.linspace(0, 1, 60),
            "y": np.tile([0.0, 1.0, 2.0], 20),
        }
    )
    train, test = read_parts(table, targets="y").values()
    assert not set(train.groups) & set(test.groups)
    said = "rows of one patient are in one part (by='random' for another way)"
    assert said in train.notes
    mixed = read_parts(table, targets="y", by="random")
    assert said not in mixed["train"].notes
    assert set(mixed["train"].groups) & set(mixed["test"].groups)
