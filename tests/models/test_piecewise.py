import numpy as np
import pytest

from jaxbio.data.dataset import Dataset
from jaxbio.errors import JaxbioError
from jaxbio.models import Network, Piecewise
from jaxbio.run.fitting import fit
from tests.helpers import numbers, numeric, sequences_of


def test_a_threshold_is_learned_where_a_line_fails():
    values = np.linspace(0, 1, 60, dtype=np.float32)[:, None]
    values[::15] = np.nan
    steps = (np.abs(values - 0.5) < 0.2).astype(np.float32)
    data = Dataset({"x": numbers(values)}, {"y": numbers(steps, ("y",))})
    run = fit(
        Network(Piecewise(hidden=(), dropout=0.0), hidden=()), None, data, data,
        epochs=60, members=1, batch_size=60, learning_rate=0.05, baselines=False,
    )  # fmt: skip
    known = ~np.isnan(values[:, 0])
    error = run.predictor(data).values[known, 0] - steps[known, 0]
    assert np.sqrt((error**2).mean()) < 0.25 < 0.45 < steps[known].std()


def test_other_inputs_are_refused():
    sequences = Dataset(
        {"s": sequences_of(["ACGT"] * 9)}, {"y": numeric(*([at] for at in range(9)))}
    )
    with pytest.raises(JaxbioError, match="piecewise takes numbers"):
        fit(Piecewise(), None, sequences)
