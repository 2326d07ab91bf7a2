import dataclasses

import pytest

from jaxbio.errors import AlphabetError, JaxbioError
from jaxbio.models.pretrained.family import Fields
from jaxbio.models.pretrained.nt2.config import read_config
from jaxbio.models.pretrained.nt2.tokens import tokenizer, vocabulary
from tests.language_models import NT2

CONFIG = read_config(Fields(NT2, "c"), frozenset())


def _spelt(found, text, **options):
    return [found.tokens[token] for token in found.encode(text, **options)][1:]


def test_words_from_the_left(tmp_path):
    found = tokenizer(tmp_path, CONFIG)
    assert found.encode("")[0] == found.start == 3 and (found.pad, found.mask) == (1, 2)
    assert _spelt(found, "ACGTACGTACGTAC") == ["ACGTAC", "GTACGT", "A", "C"]
    assert _spelt(found, "acguacn") == ["ACGTAC", "N"]
    assert _spelt(found, "ACNNACGTACG") == ["A", "C", "N", "N", "ACGTAC", "G"]
    # The order of the letters is A, T, C, G: the second word ends in T.
    assert found.encode("AAAAAA").tolist()[1] == 6
    assert found.encode("AAAAAG").tolist()[1] == 9
    assert found.encode("GGGGGG").tolist()[1] == 6 + 4**6 - 1


def test_letters_that_are_no_bases(tmp_path):
    found = tokenizer(tmp_path, CONFIG)
    with pytest.raises(AlphabetError, match=r"'R' at position 3 .*\(ATCGN\)"):
        found.encode("ACR")
    assert _spelt(found, "ACR", unknown="any") == ["A", "C", "N"]


def test_another_vocabulary_has_to_be_there(tmp_path):
    other = dataclasses.replace(CONFIG, vocabulary=4105)
    with pytest.raises(JaxbioError, match=r"has no vocab\.txt"):
        tokenizer(tmp_path, other)
    (tmp_path / "vocab.txt").write_text("\n".join(reversed(vocabulary())))
    assert tokenizer(tmp_path, other).start == 4107 - 1 - 3
