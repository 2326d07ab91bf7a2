import jax
import pytest

from jaxbio.errors import TrainingError
from jaxbio.train import Flip
from jaxbio.train.augmentation import Augmentation
from tests.train.test_augment import Noise, schema


def test_its_key_follows_from_its_name():
    key = jax.random.key(3)
    data = jax.random.key_data
    assert (data(Noise().own_key(key)) == data(Noise(2.0).own_key(key))).all()
    assert (data(Noise().own_key(key)) != data(key)).any()


def test_positions_stay_where_nothing_is_said():
    key = jax.random.key(0)
    assert Augmentation().sources(key, key, schema().inputs[0]) is None


def test_shares_are_from_zero_to_one():
    with pytest.raises(TrainingError, match="flip: share is nan, not from 0 to 1"):
        Flip(float("nan"))
