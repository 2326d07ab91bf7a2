import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import Survival, make_task, task_from_dict

SPEC = TargetSpec(
    "t,e",
    "survival",
    columns=("t", "e"),
    times=(1.0, 3.0, 4.0),
    hazards=(0.2, 0.5, 0.1),
)
ROWS = jnp.array(
    [[2.0, 1, 0], [3.0, 0, 1.5], [9.0, 1, 0], [0.5, 1, 0], [jnp.nan, jnp.nan, 0]]
)
OUTPUTS = jnp.asarray(np.random.default_rng(0).normal(size=(5, 4)), jnp.float32)


def hazards(outputs):
    """The hazard of each row and interval, by hand."""
    outputs = np.asarray(outputs)
    return np.exp(outputs[:, :1] + 0.3 * outputs[:, 1:]) * np.asarray(SPEC.hazards)


def test_likelihood_of_exact_times_by_hand():
    loss, known = Survival().loss(OUTPUTS, ROWS, SPEC)
    h = hazards(OUTPUTS)
    base = np.log(np.asarray(SPEC.hazards))
    expected = [
        h[0] @ [1, 1, 0] - np.log(h[0, 1]) + base[1],
        h[1] @ [0, 1.5, 0],  # entered at 1.5, last seen at 3
        h[2] @ [1, 2, 1],  # after the grid nothing is known
        h[3] @ [0.5, 0, 0] - np.log(h[3, 0]) + base[0],
        0,
    ]
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    assert known.tolist() == [1, 1, 1, 1, 0]


def test_likelihood_of_intervals_by_hand():
    loss, _ = Survival(model="hazards").loss(OUTPUTS, ROWS, SPEC)
    steps = hazards(OUTPUTS) * np.array([1, 2, 1])
    seen = np.log1p(-np.exp(-steps))
    expected = [
        steps[0, 0] - seen[0, 1],
        steps[1, 1],  # more than half of the second, not the first
        steps[2].sum(),
        -seen[3, 0],
        0,
    ]
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


BETWEEN = jnp.array(
    [[2.5, 1, 0, 1.0], [0.5, 1, 0, 0.5], [2.0, 1, 0, 0], [2.0, 0, 0, 0]]
)


@pytest.mark.parametrize("model", ["piecewise", "hazards"])
def test_events_between_two_looks_by_hand(model):
    outputs = OUTPUTS[:4]
    loss, known = Survival(model=model).loss(outputs, BETWEEN, SPEC)
    h = hazards(outputs)
    expected = [  # from 1.5 to 3.5, and from 0 to 1
        h[0] @ [1, 0.5, 0] - np.log1p(-np.exp(-h[0] @ [0, 1.5, 0.5])),
        -np.log1p(-np.exp(-h[1, 0])),
    ]
    np.testing.assert_allclose(loss[:2], expected, rtol=1e-5)
    exact, _ = Survival(model=model).loss(outputs, BETWEEN[:, :3], SPEC)
    np.testing.assert_allclose(loss[2:], exact[2:], rtol=1e-6)
    assert known.tolist() == [1, 1, 1, 1]


def test_looks_are_learned_from_and_scored_beside_baselines():
    import pandas as pd

    import jaxbio as jb

    x = np.tile([0.0, 1, 2, 3], 20)
    last = np.where(np.arange(80) % 5 == 0, 3.0, 6 - x)
    first = np.where(np.arange(80) % 5 == 0, np.nan, last + 2)
    table = pd.DataFrame({"x": x, "negative": last, "positive": first})
    data = jb.read(table, targets={"negative..positive": "survival"})
    assert list(data.inputs) == ["x"]
    run = jb.fit(jb.MLP(hidden=(4,)), None, data, epochs=20, learning_rate=0.05)
    scores = run.evaluate(data).scores["negative..positive"]
    assert set(scores) == {"model", "trivial", "linear", "boosting"}
    assert min(scores[each]["concordance"] for each in ("model", "linear")) > 0.75
    columns = run.predictor(data).columns(at=[4])
    assert {"positive_risk", "positive_median", "positive_at_4"} <= set(columns)


def test_curves_fall_and_the_same_outputs_give_the_cohort():
    flat = Survival().predict(jnp.zeros((1, 4)), SPEC)
    np.testing.assert_allclose(flat[0], np.exp([-0.2, -1.2, -1.3]), rtol=1e-6)
    curves = np.asarray(Survival().predict(OUTPUTS, SPEC))
    assert (np.diff(curves, axis=1) < 0).all() and (curves > 0).all()
    far = Survival().predict(jnp.array([[1e6, 0, 0, 0], [-1e6, 0, 0, 0]]), SPEC)
    assert np.isfinite(far).all()


@pytest.mark.parametrize("model", ["piecewise", "hazards", "cox"])
def test_gradients_are_finite_also_of_rows_without_a_label(model):
    task = Survival(model=model)
    outputs = OUTPUTS[:, : task.width(SPEC)]

    def total(x):
        losses, known = task.loss(x, ROWS, SPEC)
        return (losses * known).sum()

    slopes = np.asarray(jax.grad(total)(outputs))
    assert np.isfinite(slopes).all()
    assert (slopes[4] == 0).all() and (slopes[:4] != 0).any(axis=1).all()


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_partial_likelihood_of_lifelines(ties):
    """Both ways for ties, against sums over the sorted rows and by hand."""
    from jaxbio.baselines.cox import partial_likelihood, risk_sets

    rows = np.array([[1.0, 1, 0], [1, 1, 0], [2, 0, 0], [2.5, 1, 0.5], [4, 0, 1.2]])
    ratio = np.array([[0.3], [-0.2], [0.5], [0.1], [0.9]], np.float32)
    task = Survival(model="cox", ties=ties)
    given = jnp.asarray(rows, jnp.float32)
    loss, seen = task.loss(jnp.asarray(ratio), given, SPEC)
    shifted, _ = task.loss(jnp.asarray(ratio + 1), given, SPEC)
    w = np.exp(ratio[:, 0].astype(float))
    first = w[:4].sum()
    share = 0.5 if ties == "efron" else 0.0
    expected = [
        np.log(first) - 0.3,
        np.log(first - share * (w[0] + w[1])) + 0.2,
        np.log(w[3] + w[4]) - 0.1,
    ]
    assert seen.tolist() == [1, 1, 0, 1, 0]
    level = float(loss[0]) - expected[0]
    np.testing.assert_allclose(np.asarray(loss)[[0, 1, 3]] - level, expected, rtol=1e-4)
    # The level alone changes where all rows get the same more.
    np.testing.assert_allclose(np.diff(loss[:2]), np.diff(shifted[:2]), atol=1e-5)
    if ties == "efron":
        value, _ = partial_likelihood(risk_sets(rows, np.ones(5)), ratio[:, 0])
        np.testing.assert_allclose(-value, np.sum(expected), rtol=1e-5)


def test_names_and_json():
    assert make_task("cox") == Survival(model="cox")
    assert make_task("hazards").model == "hazards"
    assert task_from_dict(Survival(ties="breslow").to_dict()).ties == "breslow"
    with pytest.raises(Exception, match="weibul"):  # of types, where these are checked
        task_from_dict({"task": "survival", "model": "weibul"})
    with pytest.raises(JaxbioError, match="of rows, not of positions"):
        make_task("positions:survival")


def test_metrics_and_what_verdicts_compare():
    curves = Survival().predict(OUTPUTS, SPEC)
    scores = Survival().metrics(np.asarray(ROWS), np.asarray(curves), SPEC)
    assert scores["n"] == 4 and 0 <= scores["concordance"] <= 1
    assert Survival().compared(np.asarray(curves), SPEC).shape == (5,)
