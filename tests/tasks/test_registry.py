import numpy as np
import pytest

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.track import Track
from jaxbio.errors import JaxbioError
from jaxbio.tasks import (
    Binary,
    CountRegression,
    MultiClass,
    MultiLabel,
    Regression,
    infer_task,
    make_task,
    task_from_dict,
)


@pytest.mark.parametrize(
    "task",
    [
        Regression(loss_name="huber", weight=2.0),
        CountRegression(distribution="negative_binomial"),
        Binary(balanced=True, per_position=True),
        MultiClass(label_smoothing=0.1),
        MultiLabel(),
    ],
)
def test_tasks_go_to_json_and_back(task):
    assert task_from_dict(task.to_dict()) == task


def test_unknown_tasks_are_refused_with_a_hint():
    with pytest.raises(JaxbioError, match="did you mean 'regression'"):
        make_task("regresion")
    with pytest.raises(JaxbioError, match="task regression has no field 'colour'"):
        task_from_dict({"task": "regression", "colour": "red"})


def test_the_task_follows_from_the_column():
    labels = Numeric(np.array([[0, 1], [1, 0]], np.float32), ("u", "v"))
    floats = Numeric(np.array([[0.5], [2.0]], np.float32), ("u",))
    assert infer_task(labels) == MultiLabel()
    assert infer_task(floats) == Regression()
    assert infer_task(Category.from_values("aab")) == Binary()
    assert infer_task(Category.from_values("abc")) == MultiClass()
    letters = Category(np.array(["HEC", "HE"], object), per_position=True)
    assert infer_task(letters) == MultiClass(per_position=True)
    track = Track(np.zeros(2, np.float32), np.array([0, 2]))
    assert infer_task(track) == Regression(per_position=True)
