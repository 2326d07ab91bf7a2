import numpy as np

from jaxbio.data import (
    concatenate,
    describe_kinds,
    kinds_of,
    read,
)


def test_kinds_of_a_file_read_the_next_one_alike(tmp_path):
    train, valid = tmp_path / "train.csv", tmp_path / "valid.csv"
    train.write_text("a,b,sex,y\n1,2,m,0\n3,4,f,1\n5,6.5,m,0\n")
    valid.write_text("y,b,sex,a,more\n0.5,1,f,7,x\n")
    data = read(train)
    inputs, targets = kinds_of(data)
    assert (inputs, targets) == (
        {"features": ("a", "b"), "sex": "category"},
        {"y": "class"},
    )
    again = read(valid, inputs=inputs, targets=targets)
    assert again.inputs["features"].values.tolist() == [[7, 1]]
    assert again.targets["y"].values.tolist() == ["0.5"]
    assert describe_kinds(data) == [
        "input features: 2 numbers (a, b)",
        "input sex: 2 classes (f, m)",
        "target y: 2 classes (0, 1)",
    ]


def test_letters_by_position_stay_what_they_are(tmp_path):
    path = tmp_path / "states.csv"
    path.write_text("seq,y\nMKVLA,HHEEC\nMKV,EEC\nMKVLAAG,HHHHHHC\n")
    data = read(path, inputs={"seq": "protein"}, targets=["y"])
    assert kinds_of(data)[1] == {"y": "positions_class"}
    assert describe_kinds(data)[1] == "target y: 3 classes per position (C, E, H)"
    both = concatenate([data.take(np.array([1])), data])
    assert kinds_of(both)[1] == {"y": "positions_class"}
    asked = read(path, inputs={"seq": "protein"}, targets={"y": "class"})
    assert kinds_of(asked)[1] == {"y": "class"}
