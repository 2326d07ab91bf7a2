import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN, RNA, SMILES
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.splits.entities import (
    entity_codes,
    entity_folds,
    entity_parts,
    scaffold_codes,
)
from jaxbio.errors import DataError
from tests.helpers import sequences_of

HALVES = np.array([0.5, 0.5])


def rows(rows=(0, 1, 2, 0, 1, 2)):
    """Three drugs, the last two of one structure, with two cells."""
    drugs = sequences_of(["C1CC1N", "CCO", "CCO"], SMILES)
    cells = Numeric(np.array([[0.5], [1.5]] * 3, np.float32), ("x",))
    return Dataset(
        {"drug": DictionaryColumn(drugs, np.array(rows, np.int32)), "cell": cells},
        {"y": Category.from_values("aabbab")},
        source="x.csv",
    )


def test_entities_are_told_apart_by_value_in_the_order_they_come():
    assert entity_codes(rows(), "drug").tolist() == [0, 1, 1, 0, 1, 1]
    assert entity_codes(rows(), "cell").tolist() == [0, 1, 0, 1, 0, 1]
    with pytest.raises(DataError, match=r"x\.csv, row 1: no drug \(2 rows without"):
        entity_codes(rows((0, -1, 2, 0, -1, 2)), "drug")


def test_parts_and_folds_have_no_entity_in_common():
    data = rows()
    codes = entity_codes(data, "drug")
    part = entity_parts(data, "cold", "drug", HALVES)
    assert {len(set(part[codes == code])) for code in (0, 1)} == {1}
    for train, test in entity_folds(data, "cold", "drug", n=2):
        assert not set(codes[train]) & set(codes[test])
    # By both at once, rows that tie two parts together are of none.
    part = entity_parts(data, "cold", "drug+cell", HALVES)
    assert -1 in part and set(part) - {-1} == {0, 1}


def test_molecules_without_rings_have_one_scaffold():
    pytest.importorskip("rdkit", reason="rdkit is not installed")
    assert scaffold_codes(rows()).tolist() == [0, 1, 1, 0, 1, 1]


@pytest.mark.parametrize(
    ("method", "name", "message"),
    [
        ("cold", "", r"names an input: cold:drug or cold:cell, or several, cold:A\+B"),
        ("cold", "drug+drug", "names an input"),
        ("label_reversal", "drug+cell", "names an input: label_reversal:drug or"),
        ("scaffold", "cell", "input cell is numeric; a scaffold split needs SMILES"),
    ],
)
def test_what_cannot_be_split_by(method, name, message):
    with pytest.raises(DataError, match=message):
        entity_parts(rows(), method, name, HALVES)
    with pytest.raises(DataError, match="label_reversal has no folds"):
        entity_folds(rows(), "label_reversal", "drug")


def test_proteins_are_one_up_to_gaps_and_dna_up_to_its_strand():
    def codes(texts, alphabet):
        data = Dataset({"x": sequences_of(texts, alphabet)})
        return entity_codes(data, "x").tolist()

    assert codes(["MK-VL", "MKVL", "mkv--l", "MKVLL"], PROTEIN) == [0, 0, 0, 1]
    assert codes(["AACG", "CGTT", "AACC"], DNA) == [0, 0, 1]
    assert codes(["AACG", "CGUU"], RNA) == [0, 1]
