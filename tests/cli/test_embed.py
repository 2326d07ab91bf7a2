import json

import numpy as np
import pytest

from tests.commands import run
from tests.language_models import write_model


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "m", "esm2")


def test_a_file_to_a_file(capsys, model, tmp_path):
    (tmp_path / "a.fa").write_text(">x\nMKV\n>y\nMKVLAA\n")
    out = tmp_path / "e.npz"
    words = ["embed", f"esm2:{model}", tmp_path / "a.fa", "-o", out, "--pool", "none"]
    words += ["--layer", "1", "--compile-cache", "none", "--json"]
    code, text, err = run(capsys, *words)
    assert code == 0 and "2 sequences in" in text and "2 sequences" in err
    assert json.loads(text.splitlines()[-1])["sequences"] == 2
    assert np.load(out)["offsets"].tolist() == [0, 3, 9]


def test_errors_are_in_words_of_the_command(capsys, model, tmp_path):
    (tmp_path / "a.fa").write_text(">x\nMK1\n")
    words = ["embed", model, tmp_path / "a.fa", "--compile-cache", "none", "-o"]
    code, _, err = run(capsys, *words, tmp_path / "e.npz")
    assert code == 1 and "x: '1' at position 3 is not in the vocabulary" in err
    code, _, err = run(capsys, *words, tmp_path / "e.h5ad", "--pool", "none")
    assert code == 1 and "use --pool mean" in err
    code, _, err = run(capsys, "embed", "esm2-8", *words[2:], tmp_path / "e.npz")
    assert code == 1 and "did you mean 'esm2-8m'" in err
    code, _, err = run(capsys, *words, tmp_path / "e.npz", "--missing", "n.d.")
    assert code == 1 and "--missing is for the columns of a run" in err
