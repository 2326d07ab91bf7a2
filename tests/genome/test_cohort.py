import pandas as pd
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.cohort import cohort_columns

SAMPLES = ["ann", "bob", "cid"]
TABLE = pd.DataFrame(
    {"name": ["x", "y", "z"], "IID": ["eve", "cid", "ann"], "age": [4.5, None, 7]}
)


def test_columns_stand_in_the_order_of_the_samples():
    columns, note = cohort_columns(TABLE, SAMPLES)
    assert {name: values.tolist() for name, values in columns.items()} == {
        "name": ["z", None, "y"], "age": ["7.0", None, None],
    }  # fmt: skip
    assert "2 of 3 samples found by column IID" in note
    named = TABLE.assign(name=["bob", "cid", "eve"])
    columns, note = cohort_columns(named, SAMPLES, column="name")
    assert columns["IID"].tolist() == [None, "eve", "cid"] and "column name" in note


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (TABLE.assign(IID=["ann", "bob", "ann"]), {}, "'ann' stands there twice"),
        (TABLE.assign(IID=["p", "q", "r"]), {}, "none of the samples of genotypes"),
        (TABLE.drop(columns="IID"), {}, "no column called id, sample"),
        (TABLE, {"column": "nam"}, "did you mean 'name'"),
        (TABLE, {"taken": ["age"]}, "column 'age' has the name of a column"),
    ],
)
def test_tables_that_do_not_fit(table, options, message):
    with pytest.raises(DataError, match=message):
        cohort_columns(table, SAMPLES, **options)
