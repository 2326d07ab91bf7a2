import numpy as np
import pytest

from jaxbio.errors import TrainingError
from jaxbio.train.transfer import replaced, transfer

ONE = np.ones((2, 3), np.float32)
SOURCE = {
    "params": {"trunk": {"kernel": ONE, "bias": ONE[0]}, "heads": {"y": ONE}},
    "model_state": {"trunk": {"mean": ONE[0]}},
}


def test_what_fits_is_taken_and_the_rest_is_listed():
    zeros = np.zeros((2, 3), np.float32)
    params = {"trunk": {"kernel": zeros, "bias": zeros[:, 0]}, "heads": {"z": zeros}}
    state = {"trunk": {"mean": zeros[0], "var": zeros[0]}}
    found = transfer(SOURCE, {"params": params, "model_state": state})
    assert list(found.params) == ["trunk/kernel"]
    assert list(found.model_state) == ["trunk/mean"]
    assert set(found.new) == {"trunk/bias", "heads/z"}
    assert set(found.unused) == {"trunk/bias", "heads/y"}
    assert "1 arrays as in the trained network" in found.summary()
    changed = replaced(params, found.params)
    assert changed["trunk"]["kernel"] is ONE and changed["heads"]["z"] is zeros


def test_nothing_that_fits_is_an_error():
    with pytest.raises(TrainingError, match="no array of the trained network fits"):
        transfer(SOURCE, {"params": {"other": ONE}, "model_state": {}})
