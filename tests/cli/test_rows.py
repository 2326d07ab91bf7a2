import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import main
from jaxbio.cli.rows import listed, load_parts
from jaxbio.errors import JaxbioError


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{at % 7},{at},{at % 2},{(at // 2) % 2}" for at in range(60)]
    path.write_text("\n".join(["ward,x,l_a,l_b", *rows]))
    return str(path)


def test_options_say_what_columns_are_and_how_rows_are_divided(table):
    settings = {"data": [table], "target": ["x"], "kind": ["ward:category"]}
    parts, tasks = load_parts({**settings, "fractions": "0.5,0.25,0.25"}, 0)
    assert {name: len(part) for name, part in parts.items()} == {
        "train": 30, "valid": 15, "test": 15,
    }  # fmt: skip
    assert tasks is None and parts["train"].inputs["ward"].kind == "category"
    few, _ = load_parts(settings, 0)
    assert {name: len(part) for name, part in few.items()} == {"train": 48, "test": 12}


def test_several_labels_are_one_target(table):
    settings = {"data": [table], "target": ["l_*:multilabel"]}
    parts, tasks = load_parts(settings, 0)
    assert list(tasks) == ["l_*"] and parts["train"].targets["l_*"].values.shape[1] == 2


def test_options_that_do_not_go_together(table):
    for settings, said in (
        ({"task": "multilabel"}, "which columns are the labels"),
        ({"target": ["x"], "split": "random", "test": table}, "does not go with"),
        ({"target": ["x"], "fractions": "a,b"}, "give numbers, as in"),
        ({"target": ["x"], "kind": ["ward"]}, "give COLUMN:KIND"),
        ({"target": ["x"], "balanced": True}, "--balanced is for classes"),
    ):
        with pytest.raises(JaxbioError, match=said):
            load_parts({"data": [table], **settings}, 0)
    assert listed("a") == ["a"] and listed(("a", "b")) == ["a", "b"]


def test_files_are_joined_in_training_and_after(tmp_path, capsys):
    random = np.random.default_rng(0)
    names = [f"p{at}" for at in range(40)]
    value = random.normal(size=40)
    clinic = pd.DataFrame({"who": names, "age": range(40), "y": value + 0.001})
    genes = pd.DataFrame({"who": names[::-1], "g": value[::-1]})
    clinic.to_csv(tmp_path / "clinic.csv", index=False)
    genes.to_csv(tmp_path / "genes.csv", index=False)
    data, more = str(tmp_path / "clinic.csv"), ["--join", str(tmp_path / "genes.csv")]
    run = str(tmp_path / "run")
    quick = ["--quick", "--members", "1", "--epochs", "1", "--out", run]
    assert main(["train", data, *more, "--target", "y", *quick]) == 0
    out = tmp_path / "p.csv"
    assert main(["predict", run, data, *more, "-o", str(out)]) == 0
    assert pd.read_csv(out)["id"].tolist() == names
    assert main(["evaluate", run, data, *more]) == 0
    capsys.readouterr()
    assert main(["predict", run, data, "-o", str(out)]) == 1
    assert "no column 'g'" in capsys.readouterr().err
    assert main(["predict", run, data, "--join-on", "who", "-o", str(out)]) == 1
    assert "--join files" in capsys.readouterr().err
