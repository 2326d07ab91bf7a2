import pytest

from tests.networks import quick_fit


def test_validation_loss_is_the_exact_mean_whatever_the_batch_size():
    losses = [
        quick_fit(epochs=1, batch_size=150, seed=1, learning_rate=rate).history[0][0]
        for rate in (1e-9, 1e-9)
    ]
    assert losses[0]["valid_loss"] == losses[1]["valid_loss"]
    # 50 rows in batches of 32 and 18 weigh like 50 rows in one batch.
    odd = quick_fit(epochs=1, batch_size=32, seed=1, learning_rate=1e-9).history[0][0]
    assert odd["valid_loss"] == pytest.approx(losses[0]["valid_loss"], rel=1e-5)
