import dataclasses
import json
import shutil

import jax
import numpy as np
import optax
import pytest

from jaxbio.data.columns.numeric import Numeric
from jaxbio.errors import CheckpointError, JaxbioError
from jaxbio.models import CNN, MLP, Network
from jaxbio.plugins import register
from jaxbio.run.fitting import fit, load, load_run
from jaxbio.tasks import Binary, Regression
from tests.helpers import linear_data, motif_data
from tests.networks import history_of, quick_fit, weights_of

SMALL = MLP(hidden=(8,))


def test_a_network_learns_a_weighted_sum():
    data = linear_data(600)
    run = fit(
        Network(MLP(input_dropout=0.0), hidden=(32,), dropout=0.0),
        Regression(),
        data.take(np.arange(500)),
        data.take(np.arange(500, 600)),
        epochs=60,
        learning_rate=1e-2,
        batch_size=50,
        patience=0,
        members=1,
        baselines=False,
    )
    assert run.scores["valid"].scores["y"]["model"]["r2"] > 0.98


def test_a_network_finds_a_motif():
    data = motif_data(1200)
    run = fit(
        CNN(channels=(16,), kernel_sizes=(9,), kmers=0),
        Binary(),
        data.take(np.arange(1000)),
        data.take(np.arange(1000, 1200)),
        epochs=20,
        learning_rate=1e-2,
        batch_size=50,
        members=1,
        baselines=False,
    )
    assert run.scores["valid"].primary_metric > 0.95


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    one, two, other = quick_fit(seed=4), quick_fit(seed=4), quick_fit(seed=5)
    assert weights_of(one) == weights_of(two)
    assert history_of(one) == history_of(two)
    assert weights_of(one) != weights_of(other)


def test_the_folder_alone_gives_the_same_predictions(tmp_path):
    run = quick_fit(tmp_path / "run", members=2)
    moved = shutil.move(tmp_path / "run", tmp_path / "elsewhere")
    loaded = load(moved)
    data = linear_data(seed=9)
    before, after = run.predictor(data), loaded(data)
    np.testing.assert_array_equal(before.values, after.values)
    np.testing.assert_array_equal(before.spread["y"], after.spread["y"])
    assert (after.spread["y"] > 0).any()


def test_best_weights_by_validation_are_what_one_gets(tmp_path):
    run = quick_fit(tmp_path / "run", epochs=12, learning_rate=0.3, patience=0)
    records = run.history[0]
    best = min(record["valid_loss"] for record in records)
    data = linear_data().take(np.arange(150, 200))
    predicted = run.predictor(data).values
    scale = run.predictor.schema.target("y").scale[0]
    loss = np.mean(((predicted - data.targets["y"].values) / scale) ** 2)
    assert loss == pytest.approx(best, rel=1e-4)
    assert records[-1]["valid_loss"] > best  # the last epoch was not the best


def test_bfloat16_and_accumulation_train():
    run = quick_fit(dtype="bfloat16", accumulate=2, epochs=10, learning_rate=1e-2)
    records = run.history[0]
    assert records[-1]["train_loss"] < records[0]["train_loss"]
    for leaf in jax.tree.leaves(run.predictor.members):
        assert leaf.dtype == np.float32


def test_any_optax_object_will_do(tmp_path):
    run = quick_fit(tmp_path / "run", optimizer=optax.sgd(1e-2, momentum=0.9))
    assert len(run.history[0]) == 3
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["optimizer"].startswith("an Optax object, ")
    assert "learning_rate" not in run.history[0][0]  # which we do not know
    with pytest.raises(JaxbioError, match="started with another optimizer"):
        quick_fit(tmp_path / "run", resume=True, optimizer=optax.sgd(1e-3))


def test_a_schedule_of_optax_is_a_learning_rate(tmp_path):
    rates = optax.linear_schedule(0.02, 0.01, 10)
    run = quick_fit(tmp_path / "run", learning_rate=rates)
    assert [record["learning_rate"] for record in run.history[0]] == [
        pytest.approx(float(rates(5 * epoch))) for epoch in (1, 2, 3)
    ]
    with pytest.raises(JaxbioError, match="started with another optimizer"):
        quick_fit(tmp_path / "run", resume=True, learning_rate=lambda step: 0.01)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"learning_rate": "fast"},
            "learning_rate is 'fast': give a number or an Optax",
        ),
        ({"learning_rate": lambda: 0.1}, "an Optax schedule, a function"),
        ({"learning_rate": lambda step: -1.0}, "cannot be negative"),
        (
            {"learning_rate": lambda step: 0.1, "optimizer": optax.sgd(0.1)},
            "brings its own learning rate",
        ),
        ({"monitor": "valid_auroc"}, "no task gives it: .*valid_loss, valid_rmse"),
        ({"metrics": ["no_such_metric"]}, "metric 'no_such_metric' is not known"),
        ({"metrics": [max]}, "is not registered"),
        ({"freeze": ["head/*"]}, "fits no parameter: did you mean"),
        ({"freeze": ["*"]}, "leave something to train"),
        ({"ema": 1.0}, "ema is 1.0"),
    ],
)
def test_what_does_not_fit_is_told_before_training(settings, message, tmp_path):
    with pytest.raises(JaxbioError, match=message):
        quick_fit(tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_any_metric_can_be_watched():
    run = quick_fit(monitor="valid_rmse", epochs=8, patience=0)
    records = run.history[0]
    best = min(record["valid_rmse"] for record in records)
    assert run.scores["valid"].scores["y"]["model"]["rmse"] == pytest.approx(best)


@register
def share_of_signs(truth, prediction):
    return float((np.sign(truth) == np.sign(prediction)).mean())


def test_a_metric_of_a_user_is_watched_shown_and_kept(tmp_path):
    run = quick_fit(
        tmp_path / "run", metrics=[share_of_signs], monitor="valid_share_of_signs"
    )
    best = max(record["valid_share_of_signs"] for record in run.history[0])
    assert run.scores["valid"].scores["y"]["model"]["share_of_signs"] == best
    again = load_run(tmp_path / "run")
    data = linear_data().take(np.arange(150, 200))
    assert again.evaluate(data).scores["y"]["model"]["share_of_signs"] == best


def test_resume_refuses_other_data_and_settings(tmp_path):
    quick_fit(tmp_path / "run")
    with pytest.raises(JaxbioError, match=r"another training \(learning_rate\)"):
        quick_fit(tmp_path / "run", resume=True, learning_rate=0.1)
    data = linear_data()
    changed = dataclasses.replace(
        data, targets={"y": Numeric(data.targets["y"].values + 1, ("y",))}
    )
    with pytest.raises(JaxbioError, match="was started with another"):
        fit(
            SMALL,
            Regression(),
            changed.take(np.arange(150)),
            changed.take(np.arange(150, 200)),
            out=tmp_path / "run",
            resume=True,
            epochs=3,
            batch_size=32,
            members=1,
            baselines=False,
        )


def test_a_finished_run_resumes_to_itself(tmp_path):
    first = quick_fit(tmp_path / "run")
    again = quick_fit(tmp_path / "run", resume=True)
    assert weights_of(first) == weights_of(again)


def test_wrong_data_leave_no_folder(tmp_path):
    data = linear_data()
    with pytest.raises(JaxbioError):
        fit(SMALL, Binary(), data, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing is changed of."""
    return quick_fit(tmp_path_factory.mktemp("whole") / "run", epochs=1)


@pytest.mark.parametrize("flip", range(6))
def test_no_flipped_bit_in_the_folder_changes_a_number(tmp_path, flip, whole):
    shutil.copytree(whole.path, tmp_path / "run")
    data = linear_data(seed=3)
    expected = whole.predictor(data).values
    random = np.random.default_rng(flip)
    files = [tmp_path / "run" / "config.json"]
    files += [p for p in (tmp_path / "run" / "checkpoints").rglob("*") if p.is_file()]
    path = files[flip % 2 and int(random.integers(len(files)))]
    raw = bytearray(path.read_bytes())
    if raw:
        raw[int(random.integers(len(raw)))] ^= 1 << int(random.integers(8))
    path.write_bytes(raw)
    try:
        np.testing.assert_array_equal(load(tmp_path / "run")(data).values, expected)
    except CheckpointError as error:
        assert str(tmp_path / "run") in str(error)


def test_a_run_can_be_opened_again(tmp_path):
    run = quick_fit(tmp_path / "run", test=linear_data(40, seed=2), baselines=True)
    again = load_run(tmp_path / "run")
    assert again.scores["test"].to_dict() == run.scores["test"].to_dict()
    data = linear_data(60, seed=8)
    assert again.evaluate(data).to_dict() == run.evaluate(data).to_dict()
    assert set(again.evaluate(data).scores["y"]) == {
        "model",
        "linear",
        "boosting",
        "trivial",
    }


def test_rows_of_training_are_known_again(whole):
    scores = load_run(whole.path).evaluate(linear_data(40, seed=2))
    assert scores.seen == 0 and "training rows" not in str(scores)
    again = load_run(whole.path).evaluate(linear_data())
    assert again.seen == 150 and again.to_dict()["seen"] == 150
    assert "150 of 200 rows have the inputs of training rows" in str(again)
    (whole.path / "training_rows.npy").rename(whole.path / "gone")
    try:
        with pytest.raises(CheckpointError, match=r"training_rows\.npy is missing"):
            load_run(whole.path)
    finally:
        (whole.path / "gone").rename(whole.path / "training_rows.npy")
