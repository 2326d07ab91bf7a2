import numpy as np

from jaxbio.alphabet import SMILES
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.parts import counted
from jaxbio.data.columns.words import Words
from tests.helpers import sequences_of

ORIGIN = Origin("x.csv", np.array(["1", "2", "3", "4", "5"]))
TEXTS = ["CCO", "CCN", "CCCl", "CO", "CN"]


def words(texts=tuple(TEXTS)):
    return Words.view(sequences_of(list(texts), SMILES))


def test_training_rows_choose_the_parts_that_some_have_but_not_all():
    spec = words().learn("words@x", ORIGIN)
    # C stands in all five, Cl in one; words of three rows are the least.
    assert spec.columns == ("CC",)
    table = words().encode(spec, ORIGIN)
    np.testing.assert_allclose(table[:, 0], np.log1p([1, 1, 1, 0, 0]))
    np.testing.assert_allclose(spec.mean, table.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(spec.scale, table.std(axis=0), rtol=1e-6)
    assert not spec.has_missing
    few = words(["CO", "CN"]).learn("words@x", ORIGIN)  # nothing is frequent
    assert set(few.columns) == {"C", "O", "N", "CO", "CN"}


def test_other_rows_are_counted_by_the_same_parts():
    spec = words().learn("words@x", ORIGIN)
    other = words(["CCCC", "N"]).encode(spec, ORIGIN)
    np.testing.assert_allclose(other, np.log1p([[3], [0]]))
    nothing = words().nothing(2)
    assert nothing.missing().all() and np.isnan(nothing.encode(spec, ORIGIN)).all()


def test_rows_are_taken_joined_and_hashed():
    column = words()
    back = column.take(np.array([4, 0]))
    assert len(back) == 2
    both = Words.concatenate([back, column])
    hashes = both.hashes()
    assert hashes[0] == hashes[6] and hashes[1] == hashes[2]
    assert len(set(hashes.tolist())) == 5
    assert column.buffers() == words().buffers() != both.buffers()
    assert column.describe() == "11 words"
    names = set(column.names(np.unique(column.keys)))
    assert {"C", "CC", "CCO", "CN", "CCCl", "Cl", "CCl"} < names


def test_occurrences_become_counts():
    keys, counts, offsets = counted(
        np.array([2, 0, 0, 2]), np.array([5, 9, 5, 5], np.uint64), 3
    )
    assert keys.tolist() == [5, 9, 5] and counts.tolist() == [1, 1, 2]
    assert offsets.tolist() == [0, 2, 2, 3]
