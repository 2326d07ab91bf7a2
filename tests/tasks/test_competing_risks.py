import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxbio.data.learn import learn_schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import make_task
from jaxbio.tasks.competing_risks import CompetingRisks
from tests.helpers import competing_data

SPEC = TargetSpec(
    "t,c", "competing", columns=("t", "c"), times=(1.0, 3.0, 4.0),
    hazards=(0.2, 0.5, 0.1, 0.1, 0.25, 0.3), causes=("a", "b"),
)  # fmt: skip
STEPS = np.array([[0.2, 1.0, 0.1], [0.1, 0.5, 0.3]])
"""Hazards times lengths of the intervals."""
ROWS = np.array(
    # An event of each cause, one censored, one after the grid, one late, one unknown.
    [[2, 1, 0], [0.5, 2, 0], [3.5, 0, 0], [9, 1, 0], [3.5, 2, 2], [np.nan, np.nan, 0]],
    np.float32,
)
NETWORK = np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)
MODELS = ("piecewise", "hazards", "deephit")


def losses(model, outputs, rows=ROWS, **options):
    task = CompetingRisks(model=model, **options)
    loss, known = task.loss(jnp.asarray(outputs), jnp.asarray(rows), SPEC)
    assert known.tolist() == [1, 1, 1, 1, 1, 0][: len(rows)]
    return np.asarray(loss)


def ratios():
    table = NETWORK.astype(float).reshape(6, 2, 4)
    return table[:, :, :1] + 0.3 * table[:, :, 1:]


def test_piecewise_likelihood_by_hand():
    r = ratios()
    h = STEPS * np.exp(r)  # of whole intervals
    total = h.sum(axis=1)
    expected = [
        total[0, 0] + total[0, 1] / 2 - r[0, 0, 1],
        total[1, 0] / 2 - r[1, 1, 0],
        total[2, 0] + total[2, 1] + total[2, 2] / 2,
        total[3].sum(),
        total[4, 1] / 2 + total[4, 2] / 2 - r[4, 1, 2],
        0,
    ]
    np.testing.assert_allclose(losses("piecewise", NETWORK), expected, rtol=1e-5)


def test_likelihood_of_hazards_by_hand():
    whole = STEPS.sum(axis=0)
    odds = STEPS / whole * np.expm1(whole) * np.exp(ratios())
    none = 1 / (1 + odds.sum(axis=1))
    events = odds * none[:, None]
    expected = [
        none[0, 0] * events[0, 0, 1],
        events[1, 1, 0],
        none[2, 0] * none[2, 1] * np.sqrt(none[2, 2]),
        none[3].prod(),
        np.sqrt(none[4, 1]) * events[4, 1, 2],
        1,
    ]
    found = losses("hazards", NETWORK)
    np.testing.assert_allclose(found, -np.log(expected), rtol=1e-4, atol=1e-6)


def chances():
    """The probability of each cause and interval, and of later, for DeepHit."""
    left = np.exp(-np.concatenate([[0], np.cumsum(STEPS.sum(axis=0))]))
    usual = STEPS / STEPS.sum(axis=0) * -np.diff(left)
    scores = np.append(usual.ravel(), left[-1]) * np.exp(NETWORK[:, :7].astype(float))
    scores /= scores.sum(axis=1, keepdims=True)
    return scores[:, :6].reshape(6, 2, 3), scores[:, 6]


def test_likelihood_and_penalty_of_deephit_by_hand():
    p, later = chances()
    both = p.sum(axis=1)
    expected = [
        p[0, 0, 1],
        p[1, 1, 0],
        both[2, 2] / 2 + later[2],
        later[3],
        p[4, 1, 2] / (both[4, 1] / 2 + both[4, 2] + later[4]),
        1,
    ]
    bare = losses("deephit", NETWORK[:, :7], ranking=0)
    np.testing.assert_allclose(bare, -np.log(expected), rtol=1e-4, atol=1e-5)
    costs = losses("deephit", NETWORK[:, :7], ranking=0.5, sigma=0.2) - bare
    # By the incidence of its own cause; the fifth row is not there before time 2.
    first = p[:, 0, 0] + p[:, 0, 1] / 2
    second = p[:, 1, 0] / 2
    last = p[:, 1, 0] + p[:, 1, 1] + p[:, 1, 2] / 2
    hand = [
        np.exp(-(first[0] - first[[2, 3]]) / 0.2).mean(),
        np.exp(-(second[1] - second[[0, 2, 3]]) / 0.2).mean(),
        0,
        0,
        np.exp(-(last[4] - last[3]) / 0.2),
        0,
    ]
    np.testing.assert_allclose(costs / 0.5, hand, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_incidences_and_no_event_sum_to_one(model):
    task = CompetingRisks(model=model)
    width = task.width(SPEC)
    found = np.asarray(task.predict(jnp.asarray(3 * NETWORK[:, :width]), SPEC))
    assert found.shape == (6, 2, 3) and (np.diff(found, prepend=0, axis=2) >= 0).all()
    assert (found.sum(axis=1) <= 1 + 1e-6).all()
    # Without an opinion it is the cohort, for all models alike.
    cohort = np.asarray(task.predict(jnp.zeros((1, width)), SPEC))[0]
    left = np.exp(-np.cumsum(STEPS.sum(axis=0)))
    np.testing.assert_allclose(cohort.sum(axis=0), 1 - left, rtol=1e-5)
    np.testing.assert_allclose(cohort[:, 0] * 3, STEPS[:, 0] * 10 * (1 - left[0]),
                               rtol=1e-5)  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_each_loss_has_finite_gradients(model):
    task = CompetingRisks(model=model)
    outputs = jnp.asarray(NETWORK[:, : task.width(SPEC)])

    def total(outputs):
        return task.loss(outputs, jnp.asarray(ROWS), SPEC)[0].sum()

    slope = np.asarray(jax.grad(total)(outputs))
    assert np.isfinite(slope).all() and slope[:5].any(axis=1).all()
    assert not slope[5].any()


@pytest.mark.parametrize("model", ["piecewise", "hazards"])
def test_what_raises_each_hazard_is_found_again(model):
    data = competing_data(1500)
    schema = learn_schema(data, {"days,cause": ("competing", False)})
    spec, task = schema.targets[0], CompetingRisks(model=model)
    x = jnp.asarray(data.inputs["gene_*"].values)
    rows = jnp.asarray(schema.encode(data).targets["days,cause"])

    def loss(weights):
        ratios, levels = weights  # by cause, and by cause and interval
        shared = (x @ ratios)[:, :, None]
        own = jnp.broadcast_to(levels[None], (len(x), *levels.shape))
        table = jnp.concatenate([shared, own], axis=2)
        return task.loss(table.reshape(len(x), -1), rows, spec)[0].mean()

    rule = optax.adam(0.05)

    def step(carry, _):
        weights, state = carry
        updates, state = rule.update(jax.grad(loss)(weights), state)
        return (optax.apply_updates(weights, updates), state), None

    start = jnp.zeros((2, 2)), jnp.zeros((2, len(spec.times)))
    ((found, _), _), _ = jax.lax.scan(step, (start, rule.init(start)), length=150)
    np.testing.assert_allclose(found, [[1, 0], [0, 1]], atol=0.15)


def test_names_and_options():
    assert make_task("competing_deephit") == CompetingRisks(model="deephit")
    assert make_task("competing_hazards").model == "hazards"
    for options, match in (
        ({"sigma": 0.0}, "the other above 0"),
        ({"per_position": True}, "of rows, not of positions"),
    ):
        with pytest.raises(JaxbioError, match=match):
            CompetingRisks(**options)
