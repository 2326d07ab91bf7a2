import dataclasses

import jax
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import plan_epoch
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.errors import TrainingError
from jaxbio.models import CNN, MLP
from jaxbio.run.plan import make_plan
from jaxbio.tasks import Regression
from jaxbio.train import TrainingProblem, train_group, train_member
from jaxbio.train.device_rows import DeviceDataset
from jaxbio.train.drivers import LoopDriver, ScanDriver, trains_together
from tests.helpers import linear_data


def words(random, lengths, alphabet):
    letters = np.array(list("ACGT"))
    text = ["".join(random.choice(letters, n)) for n in lengths]
    return Sequences.from_strings(text, alphabet)


def some_rows(lengths, *, seed=0):
    random = np.random.default_rng(seed)
    lengths = np.asarray(lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Arrays(
        {
            "dna": words(random, lengths, DNA),
            "protein": words(random, np.full(len(lengths), 3), PROTEIN),
            "numbers": random.normal(size=(len(lengths), 4)).astype(np.float32),
            "kind": random.integers(-1, 3, len(lengths)).astype(np.int32),
        },
        {
            "y": random.normal(size=(len(lengths), 1)).astype(np.float32),
            "track": Track(
                random.normal(size=lengths.sum()).astype(np.float32), offsets
            ),
        },
        random.uniform(0.5, 2, len(lengths)).astype(np.float32),
        lengths.astype(np.int64),
    )


@pytest.mark.parametrize("lengths", [[6] * 9, [1, 6, 3, 4, 5, 2, 6, 1, 6]])
def test_a_batch_from_the_device_is_the_batch_from_the_host(lengths):
    rows = some_rows(lengths)
    device = DeviceDataset.of(rows)
    index = np.array([8, 0, 3, 3], np.int32)
    expected = rows.batch(index, 8, counted=3)
    got = jax.jit(device.batch, static_argnums=3)(device.columns, index, 3, 8)
    jax.tree.map(np.testing.assert_array_equal, got, expected)
    types = jax.tree.map(lambda one, other: one.dtype == other.dtype, got, expected)
    assert all(jax.tree.leaves(types))


def member_of(plan):
    schema = plan.schema
    train, valid = (schema.encode(plan.parts[name]) for name in ("train", "valid"))
    return TrainingProblem(plan.build, plan.objective, schema, train, valid)


def sequence_plan(lengths, **settings):
    import pandas as pd

    from jaxbio.data import read

    random = np.random.default_rng(0)
    text = ["".join(random.choice(list("ACGT"), n)) for n in lengths]
    table = pd.DataFrame({"s": text, "y": [float(t.count("G")) for t in text]})
    data = read(table, inputs={"s": "dna"}, targets=["y"])
    model = CNN(channels=(8, 8), kernel_sizes=(3, 3), kmers=0, positions=False)
    return make_plan(model, None, {"train": data}, settings=settings)


@pytest.mark.parametrize(
    "lengths", [[20] * 60, [8, 37] * 30], ids=["one length", "many lengths"]
)
def test_both_drivers_end_at_the_same_numbers(lengths):
    plan = sequence_plan(lengths, epochs=3, batch_size=8, members=1, patience=0)
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


def test_a_group_trains_each_network_as_if_it_were_alone():
    data = linear_data()
    parts = {
        "train": data.take(np.arange(150)),
        "valid": data.take(np.arange(150, 200)),
    }
    plan = make_plan(
        MLP(hidden=(8,)), None, parts, settings={"epochs": 6, "batch_size": 32}
    )
    member = member_of(plan)
    patient = dataclasses.replace(plan.training, patience=0)
    together = train_group(member, patient, seeds=(3, 4, 5))
    for seed, one in zip((3, 4, 5), together, strict=True):
        alone = train_member(member, patient, seed=seed)
        for mine, theirs in zip(
            jax.tree.leaves(one.best), jax.tree.leaves(alone.best), strict=True
        ):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)
        assert one.progress.best_epoch == alone.progress.best_epoch
    assert len({float(one.progress.best_loss) for one in together}) == 3


def test_in_a_group_each_network_has_its_own_end():
    data = linear_data()
    parts = {
        "train": data.take(np.arange(150)),
        "valid": data.take(np.arange(150, 200)),
    }
    plan = make_plan(
        MLP(hidden=(8,)),
        None,
        parts,
        settings={"epochs": 60, "batch_size": 32, "patience": 2, "learning_rate": 0.05},
    )
    member = member_of(plan)
    together = train_group(member, plan.training, seeds=(0, 1, 2))
    ends = [one.progress.epoch for one in together]
    assert ends == [
        train_member(member, plan.training, seed=seed).progress.epoch
        for seed in (0, 1, 2)
    ]
    assert len(set(ends)) > 1


def test_a_long_epoch_is_several_calls(monkeypatch):
    plan = sequence_plan([20] * 60, epochs=1, batch_size=2, members=1)
    member = member_of(plan)
    whole = train_member(member, plan.training, seed=0)
    monkeypatch.setattr("jaxbio.train.drivers._MOST", 4)
    parts = train_member(member, plan.training, seed=0)
    for mine, theirs in zip(
        jax.tree.leaves(whole.best), jax.tree.leaves(parts.best), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


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
        new, losses = driver(state, [batches], lambda some, at: seen.append(at))
        assert losses.shape == (1, len(batches))
    assert int(state.step) == 0 and int(new.step) == len(batches)
    assert 0 in seen


def test_an_error_of_the_check_ends_the_epoch():
    plan = sequence_plan([20] * 20, epochs=1, batch_size=4, members=1)
    member = member_of(plan)
    wild = dataclasses.replace(
        plan.training, learning_rate=1e30, optimizer="sgd", warmup=0.0, clip=0.0,
        schedule="constant", epochs=4,
    )  # fmt: skip
    for driver in ("scan", "loop"):
        with pytest.raises(TrainingError, match="the loss became"):
            train_member(member, wild, seed=0, driver=driver)


def test_numbers_train_together_and_sequences_in_turn_on_a_cpu():
    numbers = make_plan(MLP(), Regression(), {"train": linear_data()}).schema
    one, many = (
        sequence_plan(lengths, epochs=1).schema
        for lengths in ([20] * 60, [*range(8, 38)] * 2)
    )
    assert trains_together(numbers, 3) and not trains_together(numbers, 1)
    assert not trains_together(many, 3)
    assert trains_together(one, 3) == (jax.default_backend() != "cpu")
