import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multinomial

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import Profile, make_task, task_from_dict

SPEC = TargetSpec("x", "number", True, columns=("x",), mean=(0.5,), scale=(1.0,))
TASK = Profile(length=6, bins=3)
COUNTS = jnp.array([[1.0, 0, 0, 2, 0, 1], [0, 0, 0, 0, 0, 0], [jnp.nan] * 6])
OUTPUTS = jax.random.normal(jax.random.key(0), (3, 6, 2))


def test_the_loss_is_that_of_bpnet():
    losses, known = TASK.loss(OUTPUTS, COUNTS, SPEC)
    assert known.tolist() == [1, 1, 0] and losses[2] == 0
    mean_total = 3.0
    for row, binned in enumerate([[1, 2, 1], [0, 0, 0]]):
        logits = np.asarray(OUTPUTS[row, :, 0]).reshape(3, 2).mean(axis=1)
        shares = np.exp(logits) / np.exp(logits).sum()
        unlikely = -multinomial.logpmf(binned, sum(binned), shares / shares.sum())
        log_total = np.log1p(mean_total) + float(OUTPUTS[row, :, 1].mean())
        off = (np.log1p(sum(binned)) - log_total) ** 2
        np.testing.assert_allclose(
            losses[row], unlikely / mean_total + off / 2, rtol=1e-4
        )


def test_expected_counts_add_up_to_the_total():
    found = TASK.predict(OUTPUTS, SPEC)
    total = np.expm1(np.log1p(3.0) + np.asarray(OUTPUTS[..., 1].mean(axis=1)))
    np.testing.assert_allclose(found.sum(axis=1), np.maximum(total, 0), rtol=1e-4)
    pairs = np.asarray(found).reshape(3, 3, 2)
    np.testing.assert_array_equal(pairs[..., 0], pairs[..., 1])


def test_padding_changes_nothing():
    wide = jnp.pad(OUTPUTS, ((0, 0), (0, 2), (0, 0)), constant_values=7.0)
    counts = jnp.pad(COUNTS, ((0, 0), (0, 2)), constant_values=jnp.nan)
    np.testing.assert_allclose(
        TASK.loss(wide, counts, SPEC)[0], TASK.loss(OUTPUTS, COUNTS, SPEC)[0], rtol=1e-6
    )
    found = TASK.predict(wide, SPEC)
    np.testing.assert_allclose(found[:, :6], TASK.predict(OUTPUTS, SPEC), rtol=1e-6)
    assert (found[:, 6:] == 0).all()


def test_gradients_are_finite_where_values_are_missing():
    counts = COUNTS.at[0, 2:4].set(jnp.nan)  # a whole bin

    def loss(outputs):
        return TASK.loss(outputs, counts, SPEC)[0].sum()

    gradient = jax.grad(loss)(OUTPUTS)
    assert jnp.isfinite(gradient).all()
    assert (gradient[0, 2:4, 0] == 0).all() and (gradient[0, :2, 0] != 0).all()
    assert (gradient[2] == 0).all()


def test_metrics_see_windows_in_flat_values():
    truth = np.array([1.0, 0, 0, 2, 0, 1, 0, 3, 1, 0, 0, 0])
    found = TASK.metrics(truth, truth, SPEC)
    assert found["n"] == 2 and found["profile_jsd"] == 0
    with pytest.raises(JaxbioError, match="7 positions are no windows of 6"):
        TASK.metrics(truth[:7], truth[:7], SPEC)


def test_json_and_wrong_fields():
    assert task_from_dict(TASK.to_dict()) == TASK
    assert make_task("profile", length=8, bins=4).bins == 4
    for fields in ({"length": 6, "bins": 4}, {"bins": 4}, {"length": 4, "bins": 0}):
        with pytest.raises(JaxbioError, match="bins that divide it"):
            Profile(**fields)
    with pytest.raises(JaxbioError, match="a value for each position"):
        Profile(per_position=False, length=4)
    with pytest.raises(JaxbioError, match="windows of 6 positions, and these have 4"):
        TASK.predict(OUTPUTS[:, :4], SPEC)
