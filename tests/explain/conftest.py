"""A network that has learned a linear function."""

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb


@pytest.fixture(scope="package")
def linear():
    """A network that has learned a linear function, nearly: its rows and their sum."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    table["y"] = 3 * table["a"] - table["b"]
    data = jb.read(table, targets=["y"])
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    run = jb.fit(model, None, data, epochs=60, members=1, learning_rate=0.03, seed=0)
    return run.predictor, table, data
