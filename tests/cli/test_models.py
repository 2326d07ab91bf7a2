import json

import pytest

from tests.commands import run
from tests.language_models import write_model


@pytest.fixture(autouse=True)
def models(monkeypatch, tmp_path):
    monkeypatch.setenv("JAXBIO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "none"))
    return tmp_path / "models"


def test_models_that_are_known(capsys, models):
    write_model(models / "esm2-8m", "esm2")
    code, out, _ = run(capsys, "models", "list")
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert code == 0 and "here" in lines["esm2-8m"] and "[MIT]" in lines["esm2-8m"]
    assert "here" not in lines["esm2-35m"] and "[CC BY-NC-SA" in lines["nt2-50m"]
    assert "15.1 B" in lines["esm2-15b"]


def test_a_model_that_is_here(capsys, models):
    write_model(models / "esm2-8m", "esm2")
    code, out, _ = run(capsys, "models", "path", "esm2-8m")
    assert (code, out.strip()) == (0, str(models / "esm2-8m"))
    code, out, _ = run(capsys, "models", "get", "esm2-8m")
    assert code == 0 and "licence: MIT" in out and "sha256: " in out


def test_a_licence_and_a_name(capsys, models):
    write_model(models / "nt2-50m", "nt2")
    code, _, err = run(capsys, "models", "get", "nt2-50m")
    assert code == 1 and "jaxbio models get nt2-50m --accept-licence" in err
    assert run(capsys, "models", "get", "nt2-50m", "--accept-licence")[0] == 0
    accepted = json.loads((models / "accepted.json").read_text())
    assert accepted == ["CC BY-NC-SA 4.0"]
    code, _, err = run(capsys, "models", "path", "esm2-9m")
    assert code == 1 and "did you mean 'esm2-8m'" in err
