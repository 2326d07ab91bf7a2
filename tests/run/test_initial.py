import jax
import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import JaxbioError
from tests.networks import quick_fit


def test_a_run_begins_with_the_weights_of_another(tmp_path):
    first = quick_fit(tmp_path / "first", epochs=4)
    settings = {"epochs": 1, "learning_rate": 1e-3}
    tuned = quick_fit(
        init=jb.load(tmp_path / "first"), freeze=("encoders",), **settings
    )
    assert any(note.startswith("init: 4 arrays") for note in tuned.notes)
    before, after = (r.predictor.members[0]["params"] for r in (first, tuned))
    jax.tree.map(np.testing.assert_array_equal, before["encoders"], after["encoders"])
    assert (before["heads"]["y"]["kernel"] != after["heads"]["y"]["kernel"]).any()
    anew = quick_fit(**settings)
    losses = [run.history[0][0]["valid_loss"] for run in (tuned, anew)]
    assert losses[0] < losses[1]


def test_an_init_that_is_none_is_refused():
    with pytest.raises(JaxbioError, match="give a trained predictor"):
        quick_fit(init="runs/first")
