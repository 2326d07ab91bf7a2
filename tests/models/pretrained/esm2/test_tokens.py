import dataclasses

import pytest

from jaxbio.errors import AlphabetError, JaxbioError
from jaxbio.models.pretrained.esm2.config import read_config
from jaxbio.models.pretrained.esm2.tokens import VOCABULARY, tokenizer
from jaxbio.models.pretrained.family import Fields
from tests.language_models import ESM2

CONFIG = read_config(Fields(ESM2, "c"), frozenset())


def test_the_published_numbers(tmp_path):
    assert len(VOCABULARY) == 33
    found = tokenizer(tmp_path, CONFIG)
    assert found.encode("LAGX").tolist() == [0, 4, 5, 6, 24, 2]
    assert (found.pad, found.mask, found.unknown) == (1, 32, 3)
    assert found.encode("L<mask>U").tolist() == [0, 4, 32, 26, 2]
    with pytest.raises(AlphabetError, match=r"'\*' at position 2"):
        found.encode("A*")


def test_another_vocabulary_has_to_be_there(tmp_path):
    other = dataclasses.replace(CONFIG, vocabulary=9)
    with pytest.raises(JaxbioError, match=r"has no vocab\.txt"):
        tokenizer(tmp_path, other)
    names = ["<cls>", "<pad>", "<eos>", "<unk>", *"ACGU", "<mask>"]
    (tmp_path / "vocab.txt").write_text("\n".join(names))
    assert tokenizer(tmp_path, other).encode("ACGT").tolist() == [0, 4, 5, 6, 7, 2]
