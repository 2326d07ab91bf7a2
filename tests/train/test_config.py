import pytest

from jaxbio.errors import TrainingError
from jaxbio.train import Training


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
