import pandas as pd
import pytest

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.data.columns.words import Words
from jaxbio.data.reading import read
from jaxbio.errors import DataError
from tests.helpers import numeric, sequences_of


def found(text, alphabet):
    column = Words.view(sequences_of([text], alphabet))
    names = column.names(column.keys)
    return dict(zip(names, column.counts.tolist(), strict=True))


def test_words_are_runs_of_tokens_up_to_a_length_that_the_alphabet_has():
    assert found("CClC", SMILES) == {
        "C": 2, "Cl": 1, "CCl": 1, "ClC": 1, "CClC": 1,
    }  # fmt: skip
    assert found("MKMK", PROTEIN) == {"M": 2, "K": 2, "MK": 2, "KM": 1}
    assert max(map(len, found("ACGTACGTAC", DNA))) == 5
    longest = found("CNOCNOCNO", SMILES)
    assert max(map(len, longest)) == 6 and longest["CNO"] == 3


def test_words_do_not_cross_rows():
    column = Words.view(sequences_of(["CO", "NC"], SMILES))
    assert "ON" not in column.names(column.keys)


def test_a_column_is_read_as_words():
    table = pd.DataFrame({"smiles": ["CCO", "CCN"], "y": [1.0, 2.0]})
    data = read(table, inputs={"smiles": "words=smiles"}, targets=["y"])
    assert data.inputs["smiles"].kind == "words=smiles"
    with pytest.raises(DataError, match="no input kind 'words=klingon'"):
        read(table, inputs={"smiles": "words=klingon"}, targets=["y"])
    with pytest.raises(DataError, match="words are of sequences, not of numeric"):
        Words.view(numeric([1.0]))
