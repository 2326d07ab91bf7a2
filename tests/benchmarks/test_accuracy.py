import ast
import inspect
import json
from pathlib import Path

import numpy as np
import pytest

import benchmarks.accuracy.__main__ as accuracy
import jaxbio as jb
from benchmarks.accuracy import problems
from tests.helpers import linear_data

FOLDER = Path(accuracy.__file__).parent
DESCRIPTIONS = {"train", "valid", "seed", "callbacks"}
"""What the runner may give to `jaxbio.fit`."""


def test_no_script_chooses_a_network_or_a_setting():
    for path in [FOLDER / "__main__.py", *(FOLDER / "sets").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        fits = [call for call in calls if ast.unparse(call.func) == "jb.fit"]
        assert len(fits) == (path.name == "__main__.py"), path
        for call in fits:
            assert [ast.unparse(each) for each in call.args[:2]] == ["None", "None"]
            assert {word.arg for word in call.keywords} <= DESCRIPTIONS
        encoders = {name for name, _ in jb.models.ENCODERS.items()}
        named = {ast.unparse(call.func).rpartition(".")[2].lower() for call in calls}
        assert not named & {*encoders, "network", "training"}, path


@pytest.mark.parametrize(
    ("name", "models", "further"),
    [
        ("masked.py", {"jb.Masked()"}, {"out", "resume"}),
        ("pretrained.py", {"None", "vectors"}, set()),
        ("effects.py", {"None"}, set()),
        ("transfer.py", {"None", "trunk.model.trunk"}, {"init"}),  # that of the run
    ],
)
def test_other_scripts_take_what_commands_take(name, models, further):
    tree = ast.parse((FOLDER / name).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    fits = [call for call in calls if ast.unparse(call.func) == "jb.fit"]
    assert fits
    for call in fits:
        assert (
            ast.unparse(call.args[0]) in models and ast.unparse(call.args[1]) == "None"
        )
        assert {word.arg for word in call.keywords} <= DESCRIPTIONS | further
    encoders = {encoder for encoder, _ in jb.models.ENCODERS.items()}
    named = {ast.unparse(call.func).rpartition(".")[2].lower() for call in calls}
    own = {"pretrained"} if name == "pretrained.py" else set()  # by --model
    assert not named & {*encoders, "network", "training"} - own


def test_settings_of_fit_are_known():
    """So that one with a new name does not slip through."""
    given = set(inspect.signature(jb.fit).parameters) & DESCRIPTIONS
    assert given == {"train", "valid", "callbacks"}  # a seed is one of `settings`


@pytest.fixture
def toy(monkeypatch):
    data = linear_data(60, columns=2)
    runs = problems.folds(lambda: data, 2, most=1)
    problem = problems.Problem(runs, "rmse", ".1", "nobody", how="1 of 2 folds")
    monkeypatch.setitem(accuracy.PROBLEMS, "toy", problem)


def test_a_line_says_what_was_run_and_stands_in_the_table(toy, tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    assert accuracy.main(["toy", "--results", str(path)]) == 0
    (line,) = map(json.loads, path.read_text().splitlines())
    assert line["rows"] == 30 and line["seeds"] == [0] and len(line["runs"]) == 1
    assert set(line["baselines"]) == {"trivial", "linear", "boosting"}
    low, high = line["interval"]
    assert low <= line["score"] <= high < line["baselines"]["trivial"]
    assert "linear" in line["weights"]
    out = capsys.readouterr().out
    assert "| toy | rmse; 1 of 2 folds | 30 |" in out and ".1 (nobody)" in out


def test_sets_that_are_not_known_or_not_here(monkeypatch, tmp_path, capsys):
    with pytest.raises(SystemExit):
        accuracy.main(["no_such_set"])
    monkeypatch.setenv("JAXBIO_DATA", str(tmp_path))
    path = tmp_path / "a.jsonl"
    assert accuracy.main(["golub", "--results", str(path)]) == 0
    assert "no expression/golub in the folder" in capsys.readouterr().err
    assert not path.exists()


def test_folds_keep_each_class_where_that_can_be():
    classes = np.repeat(["a", "b"], [6, 14])
    data = jb.Dataset(
        {"x": jb.data.Numeric(np.arange(20.0, dtype=np.float32)[:, None], ("x",))},
        {"y": jb.data.Category.from_values(classes)},
    )
    assert problems.natural_folds(data, 5) == "stratified"
    assert problems.natural_folds(data, 7) == "random"
    parts = list(problems.folds(lambda: data, 5)(0))
    assert [len(each["test"]) for each in parts] == [4] * 5 or len(parts) == 5
    left = problems.by_name(lambda: data, lambda: classes)
    assert [len(each["test"]) for each in left(0)] == [6, 14]
