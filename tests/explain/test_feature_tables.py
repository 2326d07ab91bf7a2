import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data import learn_schema
from jaxbio.data.columns.images import Images
from jaxbio.errors import DataError
from jaxbio.explain import named_features


def test_numbers_levels_words_and_places():
    data = jb.Dataset(
        {
            "x": jb.data.Numeric(
                np.array([[1.0, np.nan], [2.0, 3.0]], "f4"), ("a", "b")
            ),
            "sex": jb.data.Category.from_values(["f", None]),
            "seq": jb.data.Sequences.from_strings(["ACAC", "CANC"], jb.DNA),
        }
    )
    table, names = named_features(learn_schema(data), data)
    column = dict(zip(names, table.T, strict=True))
    np.testing.assert_array_equal(column["b"], np.array([np.nan, 3], np.float32))
    assert column["sex = f"].tolist() == [1, 0] and column["no sex"].tolist() == [0, 1]
    assert column["count of AC in seq"].tolist() == [2, 0]
    assert column["count of CA in seq"].tolist() == [1, 1]
    assert column["C at 4 in seq"].tolist() == [1, 1]
    assert "count of ACACA in seq" not in column


def test_words_do_not_reach_into_the_next_row():
    data = jb.Dataset({"seq": jb.data.Sequences.from_strings(["AC", "GTA"], jb.DNA)})
    _, names = named_features(learn_schema(data), data)
    assert "count of CG" not in names and "count of GTA" in names
    assert not any(" at " in name for name in names)  # of different lengths


def test_images_have_no_names():
    pixels = np.zeros((4, 8, 8, 1), np.uint8)
    data = jb.Dataset({"scan": Images(pixels)})
    with pytest.raises(DataError, match=r"this model takes scan \(image\)"):
        named_features(learn_schema(data), data)
