import contextlib
import json
import shutil

import numpy as np
import pytest

from jaxbio.errors import CheckpointError, JaxbioError
from jaxbio.run.fitting import load, load_run
from jaxbio.run.folder import RunDirectory, digest_json
from tests.helpers import linear_data
from tests.networks import quick_fit


def test_folders_in_use_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(JaxbioError, match="exists and is not empty"):
        quick_fit(tmp_path)
    with pytest.raises(JaxbioError, match=r"holds notes.txt and no run"):
        quick_fit(tmp_path, resume=True)
    with pytest.raises(JaxbioError, match="is a file"):
        quick_fit(tmp_path / "notes.txt")
    assert [item.name for item in tmp_path.iterdir()] == ["notes.txt"]


def test_missing_and_newer_folders_are_told_apart(tmp_path):
    with pytest.raises(CheckpointError, match="does not exist"):
        load(tmp_path / "none")
    with pytest.raises(CheckpointError, match=r"is not a run: config.json is missing"):
        load(tmp_path)
    quick_fit(tmp_path / "run", epochs=1)
    path = tmp_path / "run" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "format": 99}))
    with pytest.raises(CheckpointError, match=r"newer version .* update jaxbio"):
        load(tmp_path / "run")
    path.write_text(json.dumps({**config, "training": {}}))
    with pytest.raises(CheckpointError, match="damaged or was changed"):
        load(tmp_path / "run")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A run of two networks with scores, that nothing is changed of."""
    path = tmp_path_factory.mktemp("pair") / "run"
    quick_fit(path, epochs=2, members=2, baselines=True)
    return path


@pytest.fixture
def copied(pair, tmp_path):
    shutil.copytree(pair, tmp_path / "run")
    return tmp_path / "run"


def test_networks_that_are_missing_or_exchanged_are_told(copied, tmp_path):
    first, second = (copied / "checkpoints" / name for name in "01")
    shutil.move(second, tmp_path / "kept")
    with pytest.raises(CheckpointError, match="no checkpoint of network 2 of 2"):
        load(copied)
    shutil.copytree(first, second)
    with pytest.raises(CheckpointError, match="of another run or network"):
        load(copied)
    shutil.rmtree(second)
    other = quick_fit(tmp_path / "other", epochs=2, members=2, seed=5)
    shutil.copytree(other.path / "checkpoints" / "1", second)
    with pytest.raises(CheckpointError, match="of another run or network"):
        load(copied)
    shutil.rmtree(second)
    shutil.move(tmp_path / "kept", second)
    shutil.rmtree(second / "2")  # the epoch before is whole, but not the last
    with pytest.raises(CheckpointError, match="not the one with which training ended"):
        load(copied)


def test_stray_folders_are_no_checkpoints(copied, pair):
    for name in ("checkpoints/7", "checkpoints/0/abc", "checkpoints/0/²"):
        (copied / name).mkdir()
    data = linear_data(seed=4)
    expected = load(pair)(data).values
    np.testing.assert_array_equal(load(copied)(data).values, expected)
    (copied / "checkpoints/0/99").mkdir()
    with pytest.raises(CheckpointError, match="not a checkpoint of jaxbio"):
        load(copied)
    again = quick_fit(copied, epochs=2, members=2, baselines=True, resume=True)
    np.testing.assert_array_equal(again.predictor(data).values, expected)


@pytest.mark.parametrize("text", [None, "{}", "[]", "", '{"scores": {"valid": []}}'])
def test_scores_that_were_changed_are_refused(copied, text):
    path = copied / "metrics.json"
    path.unlink() if text is None else path.write_text(text)
    what = "is missing" if text is None else "is damaged or was changed"
    with pytest.raises(CheckpointError, match=f"metrics.json {what}"):
        load_run(copied)
    load(copied)  # predictions do without
    quick_fit(copied, epochs=2, members=2, baselines=True, resume=True)
    assert load_run(copied).scores  # written again


DEEP: list = []
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize("value", [None, [], {}, "x", -1, 1e308, 10**30, DEEP])
def test_a_configuration_written_by_hand_is_an_error(copied, value):
    path = copied / "config.json"
    body = json.loads(path.read_text())
    del body["sha256"]
    for part in ("schema", "model", "tasks", "training", "plugins", "results"):
        changed = {**body, part: value}
        path.write_text(json.dumps({**changed, "sha256": digest_json(changed)}))
        with contextlib.suppress(JaxbioError):  # and no other error
            load_run(copied)
    path.write_text(json.dumps(value))
    with pytest.raises(CheckpointError, match="is not the configuration of a run"):
        load(copied)
    path.write_text("[" * 100_000)
    with pytest.raises(CheckpointError, match="cannot be read"):
        load(copied)


def test_a_folder_is_held_and_cleared(copied):
    (copied / ".123.metrics.json").write_text("half")
    folder = RunDirectory(copied)
    with folder.held():
        assert not (copied / ".123.metrics.json").exists()
        with pytest.raises(JaxbioError, match="in use by process"):
            quick_fit(copied, epochs=2, members=2, baselines=True, resume=True)


def test_a_damaged_checkpoint_sends_training_back(tmp_path, monkeypatch):
    monkeypatch.setattr("jaxbio.run.ensemble._BETWEEN", 0)  # each epoch is written
    whole = quick_fit(tmp_path / "run", epochs=3, patience=0)
    newest = tmp_path / "run" / "checkpoints" / "0" / "3"
    for path in (newest / "state").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1])
    again = quick_fit(tmp_path / "run", epochs=3, patience=0, resume=True)
    assert any("went back to epoch 2" in note for note in again.notes)
    data = linear_data(seed=4)
    np.testing.assert_array_equal(
        again.predictor(data).values, whole.predictor(data).values
    )
    for step in ("2", "3"):
        (newest.parent / step / "_CHECKPOINT_METADATA").unlink()
    with pytest.raises(CheckpointError, match="no earlier one is whole"):
        quick_fit(tmp_path / "run", epochs=3, patience=0, resume=True)


def test_a_run_that_failed_before_anything_was_made_leaves_the_folder_empty(tmp_path):
    def fails(folder, *made):
        with pytest.raises(KeyError), folder.held():
            folder.write_config({"a": 1})
            folder.member(0).mkdir(parents=True, exist_ok=True)
            for name in made:
                (folder.member(0) / name).write_text("w")
            raise KeyError

    begun = RunDirectory(tmp_path / "begun")
    fails(begun)
    assert list(begun.path.iterdir()) == []
    fails(begun, "weights")
    assert (begun / "config.json").exists()
    (begun.member(0) / "weights").unlink()
    fails(begun)  # of a run that was begun before
    assert (begun / "config.json").exists()
