import json

import pytest

from jaxbio.errors import CheckpointError, JaxbioError
from jaxbio.run.fitting import load
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
