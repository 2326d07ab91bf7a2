import json

import pytest

from jaxbio.errors import AlphabetError, JaxbioError
from jaxbio.models.pretrained.dnabert2.config import read_config
from jaxbio.models.pretrained.dnabert2.tokens import tokenizer
from jaxbio.models.pretrained.family import Fields
from tests.language_models import DNABERT2

CONFIG = read_config(Fields(DNABERT2, "c"), frozenset())
NAMES = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
VOCABULARY = {name: at for at, name in enumerate([*NAMES, *"ACGT", "AC", "ACG"])}


def _written(folder):
    added = [
        {
            "content": name, "id": at, "special": True, "single_word": False,
            "lstrip": False, "rstrip": False, "normalized": False,
        }
        for at, name in enumerate(NAMES)
    ]  # fmt: skip
    model = {"type": "BPE", "vocab": VOCABULARY, "merges": ["A C", "AC G"]}
    model |= {"unk_token": "[UNK]"}
    values = {"version": "1.0", "added_tokens": added, "model": model}
    (folder / "tokenizer.json").write_text(json.dumps(values))


def test_pieces_by_the_library(tmp_path):
    pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    _written(tmp_path)
    found = tokenizer(tmp_path, CONFIG)
    assert (found.pad, found.mask) == (3, 4)
    assert found.encode("acguac").tolist() == [1, 10, 8, 9, 2]


def test_letters_and_files_that_cannot_be(tmp_path):
    with pytest.raises(JaxbioError, match=r"has no tokenizer\.json, without which"):
        tokenizer(tmp_path, CONFIG)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(JaxbioError, match=r"has no token \[PAD\]"):
        tokenizer(tmp_path, CONFIG)
    _written(tmp_path)
    with pytest.raises(AlphabetError, match="'N' at position 3"):
        tokenizer(tmp_path, CONFIG).encode("ACN")
