import numpy as np

from jaxbio.data import (
    Dataset,
    Numeric,
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
    assert "\n".join(describe_kinds(data)) == (
        "column  kind      values                             missing  used as\n"
        "a       numeric   1 to 5, 3 different whole numbers           input features "
        "(or kinds={'a': 'category'})\n"
        "b       numeric   2 to 6.5                                    input features\n"
        "sex     category  2 classes (f, m)                            input\n"
        "y       category  2 classes (0, 1)                            target"
    )


def test_letters_by_position_stay_what_they_are(tmp_path):
    path = tmp_path / "states.csv"
    path.write_text("seq,y\nMKVLA,HHEEC\nMKV,EEC\nMKVLAAG,HHHHHHC\n")
    data = read(path, inputs={"seq": "protein"}, targets=["y"])
    assert kinds_of(data)[1] == {"y": "positions_class"}
    assert "3 classes per position (C, E, H)" in describe_kinds(data)[2]
    both = concatenate([data.take(np.array([1])), data])
    assert kinds_of(both)[1] == {"y": "positions_class"}
    asked = read(path, inputs={"seq": "protein"}, targets={"y": "class"})
    assert kinds_of(asked)[1] == {"y": "class"}


def test_columns_that_are_not_used_stand_in_the_table(tmp_path):
    path = tmp_path / "rows.csv"
    rows = "".join(
        f"P{at:02},{at / 7:.3f},08:{at + 1:02},{at % 2}\n" for at in range(28)
    )
    path.write_text("patient,age,seen,label\n" + rows)
    lines = describe_kinds(read(path))
    assert lines[-2].split(maxsplit=1) == [
        "patient",
        "not used: names the rows, also of predictions",
    ]
    assert lines[-1].split(maxsplit=1) == ["seen", "not used: times of day"]


def test_a_very_wide_table_is_cut():
    names = tuple(f"c{at}" for at in range(29))
    columns = {
        str(at): Numeric(np.full((2, 29), at, np.float32), names) for at in range(3)
    }
    lines = describe_kinds(Dataset(columns))
    assert len(lines) == 41 and "48 more columns" in lines[-1]
