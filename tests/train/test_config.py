import dataclasses

import numpy as np
import pytest

from jaxbio.errors import TrainingError
from jaxbio.train import Training
from jaxbio.train.config import check_type


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 0.0}, "learning rate is 0.0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"epochs": 0}, "epochs is 0; it must be at least 1"),
        ({"warmup": 2.0}, "warmup is 2.0, not from 0 to 1"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(TrainingError, match=message):
        Training(**settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", "3"),
        ("epochs", 2.5),
        ("batch_size", True),
        ("learning_rate", "0.1"),
        ("learning_rate", float("nan")),
        ("warmup", None),
        ("clip", float("inf")),
        ("optimizer", 3),
        ("members", iter([1])),
    ],
)
def test_values_of_the_wrong_type_are_refused(name, value):
    (field,) = (each for each in dataclasses.fields(Training) if each.name == name)
    with pytest.raises(TrainingError, match=f"{name} is .*; it must be a"):
        check_type(field, value)  # in tests the class itself checks annotations


@pytest.mark.parametrize("seed", [-1, 1 << 64])
def test_seeds_have_64_bits(seed):
    with pytest.raises(TrainingError, match="seed is"):
        Training(seed=seed)


def test_numbers_of_arrays_are_numbers():
    fields = {field.name: field for field in dataclasses.fields(Training)}
    check_type(fields["epochs"], np.int64(3))
    check_type(fields["learning_rate"], np.float32(0.5))
