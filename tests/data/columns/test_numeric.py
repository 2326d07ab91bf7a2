import numpy as np

from jaxbio.data.columns.numeric import Numeric


def test_numeric_take():
    column = Numeric(np.array([[1, np.nan], [3, 4]], np.float32), ("a", "b"))
    assert column.take(np.array([1, 1])).values.tolist() == [[3, 4], [3, 4]]
    assert len(column) == 2
