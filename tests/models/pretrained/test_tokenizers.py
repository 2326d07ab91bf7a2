import numpy as np
import pytest

from jaxbio.alphabet import PROTEIN
from jaxbio.errors import AlphabetError, JaxbioError
from jaxbio.models.pretrained.tokenizers import (
    Tokenizer,
    WordTokenizer,
    find,
    read_vocabulary,
)

LETTERS = WordTokenizer(("<c>", "<p>", "<e>", "<u>", "A", "C", "X", "_"), 1, 7, 3, 0, 2)
WORDS = WordTokenizer(
    ("<p>", "<m>", "<u>", "ACG", "CGT"), 0, 1, 2, width=3, aliases=(("U", "T"),)
)


def test_letters_between_beginning_and_end():
    assert isinstance(LETTERS, Tokenizer)
    assert LETTERS.encode("acX").tolist() == [0, 4, 5, 6, 2]
    assert LETTERS.encode("").tolist() == [0, 2]
    assert LETTERS.encode("A_C_").tolist() == [0, 4, 7, 5, 7, 2]


def test_overlapping_words():
    assert WORDS.encode("ACGU").tolist() == [3, 4]
    assert WORDS.encode("ACG<m>CGT").tolist() == [3, 1, 4]
    with pytest.raises(AlphabetError, match="shorter than the 3 letters"):
        WORDS.encode("AC")


def test_letters_that_are_not_known():
    with pytest.raises(AlphabetError, match=r"'W' at position 2 .* \(ACX_\)") as caught:
        LETTERS.encode("AWC")
    assert (caught.value.symbol, caught.value.position) == ("W", 1)
    assert LETTERS.encode("AWC", unknown="any").tolist() == [0, 4, 3, 5, 2]


def test_tokens_of_an_alphabet():
    table = LETTERS.letters(PROTEIN)
    assert len(table) == PROTEIN.n_codes and table.dtype == np.int32
    assert table[PROTEIN.encode("ACWX")].tolist() == [4, 5, 6, 6]
    assert table[PROTEIN.pad] == 1


def test_files_of_tokens(tmp_path):
    path = tmp_path / "vocab.txt"
    with pytest.raises(JaxbioError, match=r"has no vocab\.txt, without which"):
        read_vocabulary(path)
    path.write_bytes(b"[PAD]\r\nA\r\nC\n")
    assert read_vocabulary(path) == ("[PAD]", "A", "C")
    assert find(("a", "b"), "x", "b") == 1
    with pytest.raises(JaxbioError, match="no x or y"):
        find(("a",), "x", "y")
