import numpy as np
import pytest

from jaxbio.alphabet import SMILES
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.views import made_of, source_of, view_of, views_for, with_views
from jaxbio.errors import DataError
from tests.helpers import numeric, sequences_of

SEQUENCES = sequences_of(["CCO", "CCN", "CO"], SMILES)
DATA = Dataset({"drug": SEQUENCES})


def test_a_view_is_named_by_its_type_and_its_input():
    assert source_of("words@drug") == "drug" and source_of("drug") == ""
    assert set(views_for(SEQUENCES)) == {"words", "fragments", "descriptors"}
    assert views_for(numeric([1.0])) == ()


def test_rows_that_lack_a_view_have_it_made():
    made = view_of("words@drug", DATA)
    assert made.describe() == "8 words"
    own = with_views(DATA, ["words@drug"])
    assert view_of("words@drug", own) is own.inputs["words@drug"]
    with pytest.raises(DataError, match="no input 'words@dug'"):
        view_of("words@dug", DATA)


def test_values_that_rows_share_are_looked_at_once():
    shared = DictionaryColumn(SEQUENCES, np.array([2, 2, -1], np.int32))
    view = made_of("words@drug", shared)
    assert isinstance(view, DictionaryColumn) and len(view.values) == 3
    assert view.missing().tolist() == [False, False, True]


def test_a_schema_encodes_views_of_rows_that_bring_the_input_alone():
    schema = learn_schema(with_views(DATA, ["words@drug"]))
    assert [spec.name for spec in schema.own] == ["drug"]
    arrays = schema.encode(DATA)
    assert set(arrays.inputs) == {"drug", "words@drug"}
    seen = schema.of(["words@drug"])
    rows = seen.select(arrays)
    assert set(rows.inputs) == {"words@drug"} and not rows.lengths.any()
