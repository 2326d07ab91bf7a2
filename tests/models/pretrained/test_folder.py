import json

import numpy as np
import pytest

from jaxbio.data.io.safetensors import write_safetensors
from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.folder import ModelFolder, sha256

A, B = {"a": np.ones(2, np.float32)}, {"b": np.zeros(3, np.float32)}


def _sharded(path):
    names = ("model-1-of-2.safetensors", "model-2-of-2.safetensors")
    for name, part in zip(names, (A, B), strict=True):
        write_safetensors(path / name, part)
    index = {"weight_map": {"a": names[0], "b": names[1]}}
    (path / "model.safetensors.index.json").write_text(json.dumps(index))
    return ModelFolder(path)


def test_several_files_are_one_model(tmp_path):
    folder = _sharded(tmp_path)
    found = folder.tensors()
    assert set(found) == {"a", "b"} and found["b"].tolist() == [0, 0, 0]
    before = folder.digest()
    (tmp_path / "model-2-of-2.safetensors").unlink()
    with pytest.raises(JaxbioError, match=r"lacks model-2-of-2\.safetensors of model"):
        folder.tensors()
    write_safetensors(tmp_path / "model-2-of-2.safetensors", A)
    assert folder.digest() != before


def test_an_index_that_points_elsewhere(tmp_path):
    folder = _sharded(tmp_path)
    index = {"weight_map": {"a": "../model.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(JaxbioError, match="outside the folder"):
        folder.files()


def test_one_file_and_its_checksum(tmp_path):
    write_safetensors(tmp_path / "model.safetensors", A)
    folder = ModelFolder(tmp_path)
    assert folder.digest() == sha256(tmp_path / "model.safetensors")
    folder.write_checksums()
    assert folder.digest() == sha256(tmp_path / "model.safetensors")
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    with pytest.raises(JaxbioError, match=r"model\.safetensors is altered: its sha256"):
        folder.digest()


def test_folders_without_config_or_weights(tmp_path):
    folder = ModelFolder(tmp_path)
    with pytest.raises(JaxbioError, match=r"cannot read .*config\.json"):
        folder.config()
    (tmp_path / "config.json").write_text("[1]")
    with pytest.raises(JaxbioError, match="no JSON object"):
        folder.config()
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(JaxbioError, match="is no JSON"):
        folder.config()
    with pytest.raises(JaxbioError, match=r"no weights: neither model\.safetensors"):
        folder.files()
