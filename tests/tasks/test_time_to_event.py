import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import make_task
from jaxbio.tasks.time_to_event import (
    exposures,
    in_interval,
    log_probability,
    seen,
    steps,
)

SPEC = TargetSpec("t,e", "survival", times=(1.0, 3.0, 4.0), hazards=(0.2, 0.5, 0.1))


def test_rows_without_a_label_are_zeros_and_not_known():
    rows = seen(
        jnp.array([[2.0, 0, 0.5], [jnp.nan, jnp.nan, jnp.nan], [3, jnp.nan, 0]])
    )
    assert rows.known.tolist() == [True, False, False]
    assert [rows.time.tolist(), rows.entry.tolist()] == [[2, 0, 0], [0.5, 0, 0]]
    assert not rows.event.any()


def test_intervals_hold_their_ends_and_nothing_after_the_last():
    found = in_interval(jnp.array([1.0, 1.5, 4.0, 4.1]), SPEC)
    assert found.astype(int).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_exposures_add_up_to_the_steps():
    whole = exposures(jnp.array([9.0]), jnp.zeros(1), SPEC)
    np.testing.assert_allclose(whole, steps(SPEC), rtol=1e-6)
    np.testing.assert_allclose(steps(SPEC), [[0.2, 1.0, 0.1]], rtol=1e-6)
    late = exposures(jnp.array([2.0]), jnp.array([1.5]), SPEC)
    np.testing.assert_allclose(late, [[0, 0.25, 0]], rtol=1e-6)


def test_a_probability_of_next_to_nothing_has_a_logarithm():
    found = log_probability(jnp.array([0.0, 1e-5, 2.0]))
    expected = [np.log(1e-7), np.log(1e-5), np.log(1 - np.exp(-2))]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["survival", "weibull", "deephit"])
def test_curves_are_of_rows(name):
    with pytest.raises(JaxbioError, match=f"{name} is of rows, not of positions"):
        make_task(f"positions:{name}")
    task = make_task(name)
    curves = np.asarray(task.predict(jnp.zeros((2, task.width(SPEC))), SPEC))
    assert task.compared(curves, SPEC).shape == (2,)
    truth = np.array([[2.0, 1, 0], [3.0, 0, 0]])
    assert task.metrics(truth, curves, SPEC)["concordance"] == 0.5


@pytest.mark.parametrize("name", ["survival", "hazards", "weibull", "deephit"])
def test_events_between_two_looks_after_late_entry(name):
    spec = TargetSpec(
        "e,l..u", "survival", columns=("u", "l"), times=(1.0, 3.0, 6.0),
        hazards=(0.2, 0.1, 0.3),
    )  # fmt: skip
    task = make_task(name, **({"ranking": 0.0} if name == "deephit" else {}))
    outputs = jnp.asarray(np.random.default_rng(1).normal(size=(1, task.width(spec))))
    first, _, last = np.asarray(task.predict(outputs, spec), float)[0]
    middle = float(task.predict(outputs, spec)[0, 1])
    # Observed from 1 on, without the event at 3, with it at 6.
    rows = jnp.array([[4.5, 1.0, 1.0, 1.5]])
    loss = float(task.loss(outputs, rows, spec)[0][0])
    assert loss == pytest.approx(-np.log((middle - last) / first), rel=1e-3)
