import dataclasses
import hashlib
import sys
import types
import zipfile

import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained import hub
from jaxbio.models.pretrained.catalog import MODELS
from tests.language_models import write_model


@pytest.fixture(autouse=True)
def models(monkeypatch, tmp_path):
    monkeypatch.setenv("JAXBIO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    return tmp_path / "models"


def test_places_in_order(models, tmp_path):
    assert hub.find("esm2-8m") is None
    cache = tmp_path / "hub" / "hub" / "models--facebook--esm2_t6_8M_UR50D"
    write_model(cache / "snapshots" / "abc", "esm2")
    assert hub.path("esm2-8m") == cache / "snapshots" / "abc"
    assert hub.path("facebook/esm2_t6_8M_UR50D") == cache / "snapshots" / "abc"
    write_model(models / "esm2-8m", "esm2")
    assert hub.path("esm2-8m") == models / "esm2-8m" == hub.get("esm2-8m")
    write_model(models / "lab--model", "esm2")
    assert hub.path("lab/model") == models / "lab--model"
    assert hub.path(str(models / "esm2-8m")) == models / "esm2-8m"


def test_the_usual_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("JAXBIO_MODELS")
    monkeypatch.setenv("JAXBIO_CACHE", str(tmp_path))
    assert hub.models_folder() == tmp_path / "models"


def test_what_is_not_here_says_what_to_do(models, tmp_path):
    message = (
        r"esm2-8m is not on this machine: type: jaxbio models get esm2-8m; or without "
        r"network here, download from https://huggingface\.co/facebook/esm2_t6_8M_UR50D"
        r" on another machine config\.json, .* and put them into .*esm2-8m"
    )
    with pytest.raises(JaxbioError, match=message):
        hub.path("esm2-8m")
    with pytest.raises(JaxbioError, match=r"pypi\.org/project/antiberty/0\.1\.3"):
        hub.path("antiberty")
    with pytest.raises(JaxbioError, match=r"huggingface\.co/lab/model .*lab--model"):
        hub.path("lab/model")
    with pytest.raises(JaxbioError, match="no model 'esm2-8': did you mean 'esm2-8m'"):
        hub.path("esm2-8")
    with pytest.raises(JaxbioError, match=r"has no config\.json"):
        hub.path(str(tmp_path))


def _library(monkeypatch, files, fail=False):
    """A stand-in for the library that downloads."""

    def download(repository, *, local_dir, allow_patterns):
        if fail:
            raise OSError("no network\nat all")
        write_model(local_dir, "esm2")
        library.asked = repository, allow_patterns

    library = types.ModuleType("huggingface_hub")
    library.snapshot_download = download
    library.list_repo_files = lambda repository: files
    monkeypatch.setitem(sys.modules, "huggingface_hub", library)
    return library


def test_downloading(monkeypatch, models):
    library = _library(monkeypatch, ["model.safetensors", "pytorch_model.bin"])
    assert hub.get("esm2-8m") == models / "esm2-8m"
    assert library.asked[0] == "facebook/esm2_t6_8M_UR50D"
    assert "*.safetensors" in library.asked[1]
    assert not any("bin" in pattern for pattern in library.asked[1])
    assert (models / "esm2-8m" / "checksums.json").exists()
    library = _library(monkeypatch, ["pytorch_model.bin"])
    hub.get("lab/model")
    assert "pytorch_model*.bin" in library.asked[1]


def test_a_download_that_fails_leaves_nothing(monkeypatch, models):
    _library(monkeypatch, [], fail=True)
    with pytest.raises(JaxbioError, match=r"\(no network\): without network here"):
        hub.get("esm2-8m")
    assert list(models.iterdir()) == []
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(JaxbioError, match=r"pip install 'jaxbio\[models\]'"):
        hub.get("esm2-8m")
    with pytest.raises(JaxbioError, match="no model 'esm3'"):
        hub.get("esm3")


def test_licences_that_exclude_uses(monkeypatch):
    _library(monkeypatch, ["model.safetensors"])
    with pytest.raises(JaxbioError, match="nt2-50m is under CC BY-NC-SA"):
        hub.get("nt2-50m")
    hub.get("nt2-50m", accept_licence=True)
    assert hub.get("nt2-100m").name == "nt2-100m"  # it is remembered


def test_files_of_a_wheel(tmp_path):
    wheel, out = tmp_path / "a.whl", tmp_path / "out"
    out.mkdir()
    digest = hashlib.sha256(b"weights").hexdigest()
    entry = dataclasses.replace(
        MODELS["antiberty"], files={"a/w.bin": "w.bin"}, checksums={"w.bin": digest}
    )
    for content in (b"weights", b"others"):
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("a/w.bin", content)
        if content == b"weights":
            hub.unpack(entry, wheel, out)
            assert (out / "w.bin").read_bytes() == content
    with pytest.raises(JaxbioError, match=r"w\.bin is altered"):
        hub.unpack(entry, wheel, out)
    wheel.write_bytes(b"PK")
    with pytest.raises(JaxbioError, match="is not the wheel antiberty==0"):
        hub.unpack(entry, wheel, out)
