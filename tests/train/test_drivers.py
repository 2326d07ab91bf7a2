import jax
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.data.batching.batches import plan_epoch
from jaxbio.models import MLP
from jaxbio.run.planning import make_plan
from jaxbio.tasks import Regression
from jaxbio.train import train_member
from jaxbio.train.drivers import LoopDriver, ScanDriver, trains_together
from tests.helpers import linear_data
from tests.networks import member_of, sequence_plan


@pytest.mark.parametrize(
    "lengths", [[20] * 60, [8, 37] * 30], ids=["one length", "many lengths"]
)
def test_both_drivers_end_at_the_same_numbers(lengths, monkeypatch):
    monkeypatch.setattr("jaxbio.data.columns.sequences._A_BUCKET", 8)
    # Batches of the long ones have four rows.
    monkeypatch.setattr("jaxbio.data.batching.buckets._MOST_POSITIONS", 160)
    # Adam would make steps of rounding errors, where a gradient is 0.
    settings = {"optimizer": "sgd", "learning_rate": 0.1}
    plan = sequence_plan(
        lengths, epochs=3, batch_size=8, members=1, patience=0, **settings
    )
    member = member_of(plan)
    if len(set(lengths)) > 1:
        assert len(member.schema.buckets) > 1
    ends = [
        train_member(member, plan.training, seed=1, driver=driver)
        for driver in ("scan", "loop")
    ]
    params = [jax.tree.leaves(end.state.params) for end in ends]
    for scanned, looped in zip(*params, strict=True):
        np.testing.assert_allclose(scanned, looped, atol=2e-5)
    losses = [[r["train_loss"] for r in end.progress.history] for end in ends]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    assert (
        int(ends[0].state.step)
        == int(ends[1].state.step)
        == 3
        * len(
            plan_epoch(member.train.lengths, member.schema.buckets, 8, seed=1, epoch=0)
        )
    )


@pytest.mark.parametrize("kind", [ScanDriver, LoopDriver])
def test_a_driver_does_not_consume_the_state(kind):
    plan = sequence_plan([20] * 20, epochs=1, batch_size=4, members=1)
    member = member_of(plan)
    from jaxbio.train import make_train_step

    module = plan.build(nnx.Rngs(0))
    state, step = make_train_step(
        module, plan.objective, optax.sgd(0.1), key=jax.random.key(0)
    )
    rows, buckets = member.train, member.schema.buckets
    batches = plan_epoch(rows.lengths, buckets, 4, seed=0, epoch=0)
    driver = (
        LoopDriver(step, rows)
        if kind is LoopDriver
        else ScanDriver(step, rows, buckets, state, batch_size=4, steps=len(batches))
    )
    seen = []
    for _ in range(2):
        new, metrics = driver(state, [batches], lambda some, at: seen.append(at))
        assert metrics.keys() == {
            *("loss", "gradient_norm", "parameter_norm", "update_norm")
        }
        assert all(values.shape == (1, len(batches)) for values in metrics.values())
        assert all((values > 0).all() for values in metrics.values())
    assert int(state.step) == 0 and int(new.step) == len(batches)
    assert 0 in seen


def test_numbers_train_together_and_sequences_in_turn_on_a_cpu():
    numbers = make_plan(MLP(), Regression(), {"train": linear_data()}).schema
    one, many = (
        sequence_plan(lengths, epochs=1).schema
        for lengths in ([20] * 60, [*range(8, 38)] * 2)
    )
    assert trains_together(numbers, 3) and not trains_together(numbers, 1)
    assert not trains_together(many, 3)
    assert trains_together(one, 3) == (jax.default_backend() != "cpu")
