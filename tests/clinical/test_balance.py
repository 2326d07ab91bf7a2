import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.clinical.balance import Balance


def batch_of(arm):
    numbers = {
        f"y|{at}": jnp.where(arm == at, 1.0, jnp.nan)[:, None] for at in range(2)
    }
    return {"targets": numbers}


def test_features_that_do_not_tell_the_arm_are_free():
    arm = jnp.array([0, 1, 0, 1])
    same = jnp.array([[1.0, 2], [1, 2], [3, 0], [3, 0]])
    assert float(Balance(1.0)(same, batch_of(arm))) == pytest.approx(0, abs=1e-6)
    told = jnp.stack([arm * 2.0 - 1, jnp.zeros(4)], axis=1)
    assert float(Balance(1.0)(told, batch_of(arm))) == pytest.approx(1, abs=1e-3)
    scaled = float(Balance(3.0)(10 * told, batch_of(arm)))
    assert scaled == pytest.approx(3, abs=1e-3)


def test_classes_tell_the_arm_too_and_gradients_are_finite():
    classes = {"targets": {"y|a": jnp.array([0, -1]), "y|b": jnp.array([-1, 1])}}
    features = jnp.array([[1.0], [-1.0]])
    assert float(Balance(1.0)(features, classes)) == pytest.approx(1, abs=1e-3)
    slopes = jax.grad(lambda x: Balance(1.0)(x, classes))(jnp.zeros((2, 1)))
    assert np.isfinite(slopes).all()
