import dataclasses

import jax
import numpy as np
import pytest

from jaxbio.errors import TrainingError
from jaxbio.models import MLP
from jaxbio.run.planning import make_plan
from jaxbio.train import train_group, train_member
from jaxbio.train.loop import is_better
from tests.helpers import linear_data
from tests.networks import member_of, quick_fit, sequence_plan


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
    losses = {one.progress.history[-1]["valid_loss"] for one in together}
    assert len(losses) == 3


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


def test_training_stops_when_the_validation_loss_stands_still():
    run = quick_fit(epochs=200, learning_rate=0.5, patience=2, schedule="constant")
    records = run.history[0]
    best = int(np.argmin([record["valid_loss"] for record in records])) + 1
    assert len(records) == best + 2


def test_plateau_lowers_the_rate():
    run = quick_fit(
        epochs=30, learning_rate=0.5, patience=8, schedule="plateau", warmup=0.0
    )
    rates = [record["learning_rate"] for record in run.history[0]]
    assert rates[0] == pytest.approx(0.5)
    assert rates[-1] <= 0.25


def test_a_loss_that_is_not_finite_stops_with_step_and_remedy():
    with pytest.raises(
        TrainingError, match=r"at step \d+ \(learning rate .*\): try a learning rate"
    ):
        quick_fit(
            learning_rate=1e30, optimizer="sgd", warmup=0.0, clip=0.0, epochs=20,
            schedule="constant",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("monitor", "value", "best", "better"),
    [
        ("valid_loss", 1.0, None, True),
        ("valid_loss", 1.0, 1.0, False),
        ("valid_rmse:y", 0.5, 1.0, True),
        ("valid_auroc", 0.5, 1.0, False),
        ("valid_auroc", None, 1.0, False),
        ("valid_auroc", 0.5, None, True),
    ],
)
def test_some_metrics_are_to_be_low_and_others_high(monitor, value, best, better):
    assert is_better(monitor, value, best) == better


def test_with_folds_each_network_learns_from_its_own_rows():
    data = linear_data(60)
    plan = make_plan(
        MLP(hidden=(8,)), None, {"train": data, "valid": data},
        settings={"epochs": 4, "batch_size": 16, "patience": 0},
    )  # fmt: skip
    member = member_of(plan)
    halves = np.arange(30), np.arange(30, 60)
    folds = ((halves[0], halves[1]), (halves[1], halves[0]))
    whole = dataclasses.replace(member, folds=folds)
    together = train_group(whole, plan.training, seeds=(0, 1))
    for seed, ((some, held), one) in enumerate(zip(folds, together, strict=True)):
        own = dataclasses.replace(
            member, train=member.train.take(some), valid=member.train.take(held)
        )
        alone = train_member(own, plan.training, seed=seed)
        for mine, theirs in zip(
            one.progress.history, alone.progress.history, strict=True
        ):
            for key in ("train_loss", "valid_loss"):
                assert mine[key] == pytest.approx(theirs[key], rel=1e-4)


def test_folds_of_two_sizes_are_validated_on_their_own_rows_alone():
    data = linear_data(50)
    plan = make_plan(
        MLP(hidden=(8,)), None, {"train": data, "valid": data},
        settings={"epochs": 2, "batch_size": 16, "patience": 0},
    )  # fmt: skip
    member = member_of(plan)
    folds = ((np.arange(27), np.arange(27, 50)), (np.arange(23, 50), np.arange(23)))
    folds = ((folds[0][0], np.arange(27, 50)), (folds[1][0], np.arange(20)))
    both = dataclasses.replace(member, folds=folds)
    together = train_group(both, plan.training, seeds=(0, 1))
    for seed, ((some, held), one) in enumerate(zip(folds, together, strict=True)):
        own = dataclasses.replace(
            member, train=member.train.take(some), valid=member.train.take(held)
        )
        alone = train_member(own, plan.training, seed=seed).progress.history
        for mine, theirs in zip(one.progress.history, alone, strict=True):
            for key in ("valid_loss", "valid_spearman"):
                assert mine[key] == pytest.approx(theirs[key], rel=1e-4)
