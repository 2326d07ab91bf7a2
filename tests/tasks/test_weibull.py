import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.tasks import make_task, task_from_dict
from jaxbio.tasks.time_to_event import DEVIATION
from jaxbio.tasks.weibull import Weibull, cohort_weibull
from tests.helpers import survival_data

# The cohort's cumulative hazard is 0.1 t ** 2.
SPEC = TargetSpec("t,e", "survival", times=(1.0, 2.0, 3.0), hazards=(0.1, 0.3, 0.5))
ROWS = np.array(
    [[2.0, 1, 0], [2.5, 0, 1.5], [5.0, 1, 0], [np.nan, np.nan, 0]], np.float32
)
OUTPUTS = np.array([[0.0, 0], [0.7, -1], [-0.4, 2], [0.3, 0.1]], np.float32)


def by_hand(at):
    """Cumulative hazards at a time of each row, and the shapes."""
    shape = 2 * np.exp(DEVIATION * OUTPUTS[:, 1].astype(float))
    middle = np.log([1, 2, 3]).mean()
    level = np.log(0.1) + 2 * middle + OUTPUTS[:, 0]
    return np.exp(shape * (np.log(at) - middle) + level), shape


def test_the_cohort_lies_on_a_line():
    cohort = cohort_weibull(SPEC)
    assert cohort.shape == pytest.approx(2)
    assert cohort.level == pytest.approx(np.log(0.1) + 2 * cohort.middle)
    one = TargetSpec("t,e", "survival", times=(4.0,), hazards=(0.1,))
    assert cohort_weibull(one) == pytest.approx((1, np.log(4), np.log(0.4)))


def test_likelihood_by_hand():
    loss, known = Weibull().loss(jnp.asarray(OUTPUTS), jnp.asarray(ROWS), SPEC)
    end, shape = by_hand(np.array([2.0, 2.5, 5, 1]))
    start, _ = by_hand(np.array([1.0, 1.5, 1, 1]))
    time = np.array([2.0, 2.5, 5, 1])
    hazard, usual = shape * end / time, 0.2 * time
    expected = [
        end[0] - np.log(hazard / usual)[0],
        end[1] - start[1],  # entered late, and is censored
        end[2] - np.log(hazard / usual)[2],
        0,
    ]
    np.testing.assert_allclose(loss, expected, rtol=1e-5, atol=1e-6)
    assert known.tolist() == [1, 1, 1, 0]


def test_curves_by_hand():
    curves = Weibull().predict(jnp.asarray(OUTPUTS), SPEC)
    expected = np.exp(-np.stack([by_hand(t)[0] for t in SPEC.times], axis=1))
    np.testing.assert_allclose(curves, expected, rtol=1e-5)
    far = Weibull().predict(jnp.array([[1e6, 1e6], [-1e6, -1e6]]), SPEC)
    assert np.isfinite(far).all()


def test_gradients_are_finite_also_of_rows_without_a_label():
    def total(x):
        return Weibull().loss(x, jnp.asarray(ROWS), SPEC)[0].sum()

    slopes = np.asarray(jax.jit(jax.grad(total))(jnp.asarray(OUTPUTS)))
    assert np.isfinite(slopes).all()
    assert (slopes[3] == 0).all() and (slopes[:3] != 0).all()


@pytest.mark.filterwarnings("ignore")  # of pandas, about lifelines
@pytest.mark.parametrize("how", ["right", "late", "between"])
def test_estimates_of_lifelines(how):
    peer = pytest.importorskip("lifelines")
    pandas = pytest.importorskip("pandas")
    from scipy.optimize import minimize

    data = survival_data(200, 2)
    rows = data.targets["days,died"].values.copy()
    time, event, _ = rows.T
    if how == "late":
        rows[:, 2] = time * np.linspace(0, 0.5, len(rows))
    looks = np.stack([np.floor(time / 3) * 3, np.floor(time / 3) * 3 + 3], axis=1)
    looks = np.where(event[:, None] > 0, looks, time[:, None])
    if how == "between":
        half = np.diff(looks, axis=1) / 2
        rows = np.concatenate([looks.mean(axis=1)[:, None], rows[:, 1:], half], axis=1)
        rows = rows.astype(np.float32)
    x = data.inputs["gene_*"].values
    ends = (1.0, 5.0, 20.0)
    spec = TargetSpec("t,e", "survival", times=ends, hazards=(0.1, 0.1, 0.1))

    @jax.jit
    def total(values):
        outputs = jnp.stack(
            [x @ values[:2] + values[2], jnp.full(len(x), values[3])], axis=1
        )
        return Weibull().loss(outputs, jnp.asarray(rows), spec)[0].mean()

    found = minimize(jax.value_and_grad(total), np.zeros(4), jac=True, method="BFGS")
    table = pandas.DataFrame(x.astype(float), columns=["a", "b"])
    fitter = peer.WeibullAFTFitter()
    if how == "between":
        looks[event == 0, 1] = np.inf
        table["l"], table["u"] = looks.T.astype(float)
        fitter.fit_interval_censoring(table, "l", "u")
    else:
        table["t"], table["e"], table["s"] = rows.T.astype(float)
        fitter.fit(table, "t", "e", entry_col="s")
    shape = float(np.exp(fitter.params_["rho_", "Intercept"]))
    # A cohort of constant hazard has the shape 1.
    assert np.exp(DEVIATION * found.x[3]) == pytest.approx(shape, abs=2e-3)
    # Times are longer by -1 / shape of each log hazard ratio.
    stretch = fitter.params_["lambda_"][["a", "b"]].to_numpy()
    assert -found.x[:2] / shape == pytest.approx(stretch, abs=2e-3)


def test_names():
    assert make_task("weibull") == Weibull()
    assert task_from_dict(Weibull(weight=2.0).to_dict()) == Weibull(weight=2.0)
