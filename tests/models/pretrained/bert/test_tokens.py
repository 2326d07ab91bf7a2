import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.bert.config import read_config
from jaxbio.models.pretrained.bert.tokens import tokenizer
from jaxbio.models.pretrained.family import Fields
from tests.language_models import BERT

CONFIG = read_config(Fields(BERT, "c"), frozenset())
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def _written(folder, *words):
    (folder / "vocab.txt").write_text("\n".join([*SPECIAL, *words]) + "\n")
    return tokenizer(folder, CONFIG)


def test_letters_and_words(tmp_path):
    assert _written(tmp_path, *"ACD").encode("DA").tolist() == [2, 7, 5, 3]
    found = _written(tmp_path, "ACG", "CGT")
    assert found.encode("ACGU").tolist() == [2, 5, 6, 3] and found.width == 3


def test_files_that_do_not_fit(tmp_path):
    with pytest.raises(JaxbioError, match=r"has no vocab\.txt"):
        tokenizer(tmp_path, CONFIG)
    with pytest.raises(JaxbioError, match=r"words of \[1, 3\] letters"):
        _written(tmp_path, "A", "ACG")
    with pytest.raises(JaxbioError, match="has 31 tokens, and the model knows 25"):
        _written(tmp_path, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
