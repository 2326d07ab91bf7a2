import dataclasses

import numpy as np
import pandas as pd
import pytest

from jaxbio.errors import JaxbioError, TrainingError
from jaxbio.models import MLP
from jaxbio.run.fitting import fit
from jaxbio.run.parts import read_parts
from jaxbio.run.planning import make_plan
from jaxbio.tasks import Binary, Regression
from jaxbio.train import Flip
from tests.helpers import linear_data
from tests.networks import quick_fit

SMALL = MLP(hidden=(8,))


def test_unknown_settings_are_refused():
    with pytest.raises(TrainingError, match="no setting 'learning_rat'"):
        quick_fit(learning_rat=0.1)


def test_weights_that_are_all_zero_are_refused():
    data = linear_data(40)
    none = dataclasses.replace(data, weights=np.zeros(40, np.float32))
    with pytest.raises(TrainingError, match="all weights are zero in the 40 training"):
        fit(SMALL, Regression(), none, data, epochs=1)
    with pytest.raises(TrainingError, match="zero in the 40 validation rows"):
        fit(SMALL, Regression(), data, none, epochs=1)


def test_augmentations_are_checked_before_training():
    with pytest.raises(TrainingError, match=r"flip is of images, not of gene_\*"):
        make_plan(None, None, {"train": linear_data(40)},
                  settings={"augment": [Flip()]})  # fmt: skip


def test_a_task_that_does_not_fit_its_target_is_found_before_anything_is_written():
    table = pd.DataFrame({"x": np.linspace(0, 1, 60), "y": list("abc") * 20})
    parts = read_parts(table, targets="y")
    with pytest.raises(JaxbioError, match="a binary task needs two"):
        make_plan(None, Binary(), parts)
