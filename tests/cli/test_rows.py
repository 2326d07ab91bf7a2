import pytest

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
