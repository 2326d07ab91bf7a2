"""Data sets: rows stay together."""

import dataclasses

import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.errors import DataError


def example(weights=True) -> Dataset:
    return Dataset(
        {
            "seq": Sequences.from_strings(["A", "CC", "GGG"], DNA),
            "x": Numeric(np.array([[1], [2], [3]], np.float32), ("x",)),
        },
        {
            "y": Category.from_values(["no", None, "yes"]),
            "t": Track(np.arange(3, dtype=np.float32), np.arange(4)),
        },
        ids=np.array(["a", "b", "c"], object),
        weights=np.array([1, 2, 3], np.float32) if weights else None,
        groups=np.array(["u", "u", "v"], object),
        source="x.csv",
    )


def rows_of(data: Dataset) -> list[tuple]:
    tracks = np.split(data.targets["t"].values, data.targets["t"].offsets[1:-1])
    return list(
        zip(
            data.inputs["seq"].strings(),
            data.inputs["x"].values[:, 0].tolist(),
            data.targets["y"].values.tolist(),
            [track.tolist() for track in tracks],
            data.ids.tolist(),
            data.weights.tolist(),
            data.groups.tolist(),
            strict=True,
        )
    )


@pytest.mark.parametrize(
    "indices", [[2, 0], [1, 1], [-1], np.array([True, False, True])]
)
def test_take_keeps_rows_together(indices):
    everything = np.array(rows_of(example()), dtype=object)
    taken = rows_of(example().take(indices))
    assert taken == [tuple(row) for row in everything[indices]]


def test_take_nothing():
    assert len(example().take([])) == 0


def test_concatenate_undoes_take():
    data = example()
    again = concatenate([data.take([0]), data.take([]), data.take([1, 2])])
    assert rows_of(again) == rows_of(data)
    assert again.digest() == data.digest()
    assert concatenate([data]).source == "x.csv"


def test_digest_sees_every_value():
    data = example()
    digests = {data.digest()}
    changed = [
        {"ids": np.array(["a", "b", "d"], object)},
        {"weights": np.array([1, 2, 4], np.float32)},
        {"groups": None},
        {
            "inputs": {
                **data.inputs,
                "seq": Sequences.from_strings(["A", "C", "G"], DNA),
            }
        },
        {"targets": {**data.targets, "y": Category.from_values(["no", "no", "yes"])}},
        {"targets": {"y": data.targets["y"]}},
    ]
    for change in changed:
        digests.add(dataclasses.replace(data, **change).digest())
    assert len(digests) == len(changed) + 1
    assert example().digest() == data.digest()


def test_errors():
    data = example()
    with pytest.raises(DataError, match=r"x\.csv: no input 'sec': did you mean 'seq'"):
        data.input("sec")
    with pytest.raises(DataError, match="different lengths"):
        dataclasses.replace(data, ids=np.array(["a"], object))
    with pytest.raises(DataError, match="at least one input"):
        Dataset({})


def test_rows_are_numbered_without_ids():
    assert Dataset({"x": example().inputs["x"]}).ids.tolist() == ["0", "1", "2"]
