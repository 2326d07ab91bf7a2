import ast
import inspect
import json
from pathlib import Path

import numpy as np
import pytest

import benchmarks.accuracy.__main__ as accuracy
import jaxbio as jb
from benchmarks.accuracy import problems
from tests.helpers import linear_data, survival_data

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
        ("design.py", {"None"}, set()),
        ("explain.py", {"None"}, set()),
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


@pytest.fixture
def toy_survival(monkeypatch):
    runs = problems.folds(lambda: survival_data(80, 2), 2, most=1, by="random")
    problem = problems.Problem(runs, "concordance", how="1 of 2 folds")
    monkeypatch.setitem(accuracy.PROBLEMS, "toy", problem)
    monkeypatch.setitem(accuracy.survival.PROBLEMS, "toy", problem)
    fit, small = jb.fit, jb.MLP(hidden=(4,))
    monkeypatch.setattr(
        accuracy.jb, "fit", lambda _, __, *parts, **how: fit(
            small, None, *parts, **how, epochs=2
        ),
    )  # fmt: skip


@pytest.mark.parametrize("there", [True, False])
def test_survival_sets_have_intervals_brier_scores_and_peers(
    toy_survival, monkeypatch, tmp_path, capsys, there
):
    peer = {"concordance": 0.7, "ibs": 0.2}
    monkeypatch.setattr(accuracy, "installed", lambda: there)
    monkeypatch.setattr(accuracy, "score_peers", lambda *_: {"Cox": peer})
    path = tmp_path / "a.jsonl"
    assert accuracy.main(["toy", "--results", str(path)]) == 0
    (line,) = map(json.loads, path.read_text().splitlines())
    low, high = line["interval"]
    assert low < line["score"] < high
    assert line["peers"] == ({"Cox": 0.7} if there else {})
    assert set(line["baselines"]) == {"trivial", "linear", "boosting"}
    assert set(line["ibs"]) == {"model", *line["baselines"], *line["peers"]}
    assert all(0 < value < 0.5 for value in line["ibs"].values())
    out, err = capsys.readouterr()
    assert "| toy | integrated Brier |" in out
    assert ("no peers" in err) != there


def test_the_best_of_each_row_of_the_survival_table_is_bold():
    line = {
        "set": "a", "metric": "concordance", "score": 0.7, "peers": {"Cox": 0.71},
        "baselines": {"trivial": 0.5}, "ibs": {"model": 0.1, "Cox": 0.2},
    }  # fmt: skip
    text = accuracy.survival_table([line, {"set": "b", "metric": "auroc"}])
    assert text.splitlines()[2:] == [
        "| a | concordance | 0.700 |  |  | **0.710** |  |  | 0.500 |",
        "| a | integrated Brier | **0.100** |  |  | 0.200 |  |  |  |",
    ]


def test_the_name_of_the_page_stands_for_its_survival_sets(monkeypatch, tmp_path):
    asked = []

    def run(name, *_):
        asked.append(name)
        raise jb.JaxbioError("not here")

    monkeypatch.setattr(accuracy, "run", run)
    accuracy.main(["survival", "golub", "--results", str(tmp_path / "a.jsonl")])
    assert asked == [*accuracy.survival.PROBLEMS, "golub"]


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
