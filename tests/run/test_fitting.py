import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import jax
import numpy as np
import optax
import pytest

from jaxbio.data.columns.numeric import Numeric
from jaxbio.errors import CheckpointError, JaxbioError, TrainingError
from jaxbio.models import CNN, MLP
from jaxbio.run.checkpoint import digest, flatten
from jaxbio.run.fitting import Observer, fit, load, load_run
from jaxbio.tasks import Binary, Regression
from tests.helpers import linear_data, motif_data

SMALL = MLP(hidden=(8,))


def values(run):
    return [digest(flatten(member)) for member in run.predictor.members]


def history(run):
    return [
        [{k: v for k, v in record.items() if k != "seconds"} for record in member]
        for member in run.history
    ]


def quick(out=None, **settings):
    data = linear_data()
    return fit(
        SMALL,
        Regression(),
        data.take(np.arange(150)),
        data.take(np.arange(150, 200)),
        out=out,
        **{
            "epochs": 3,
            "batch_size": 32,
            "members": 1,
            "baselines": False,
            **settings,
        },
    )


def test_a_network_learns_a_weighted_sum():
    data = linear_data(600)
    run = fit(
        MLP(hidden=(32,), dropout=0.0, numeric_dropout=0.0),
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
    one, two, other = quick(seed=4), quick(seed=4), quick(seed=5)
    assert values(one) == values(two)
    assert history(one) == history(two)
    assert values(one) != values(other)


def test_the_folder_alone_gives_the_same_predictions(tmp_path):
    run = quick(tmp_path / "run", members=2)
    moved = shutil.move(tmp_path / "run", tmp_path / "elsewhere")
    loaded = load(moved)
    data = linear_data(seed=9)
    before, after = run.predictor(data), loaded(data)
    np.testing.assert_array_equal(before.values, after.values)
    np.testing.assert_array_equal(before.spread["y"], after.spread["y"])
    assert (after.spread["y"] > 0).any()


def test_best_weights_by_validation_are_what_one_gets(tmp_path):
    run = quick(tmp_path / "run", epochs=12, learning_rate=0.3, patience=0)
    records = run.history[0]
    best = min(record["valid_loss"] for record in records)
    data = linear_data().take(np.arange(150, 200))
    predicted = run.predictor(data).values
    scale = run.predictor.schema.target("y").scale[0]
    loss = np.mean(((predicted - data.targets["y"].values) / scale) ** 2)
    assert loss == pytest.approx(best, rel=1e-4)
    assert records[-1]["valid_loss"] > best  # the last epoch was not the best


def test_validation_loss_is_the_exact_mean_whatever_the_batch_size():
    losses = [
        quick(epochs=1, batch_size=150, seed=1, learning_rate=rate).history[0][0]
        for rate in (1e-9, 1e-9)
    ]
    assert losses[0]["valid_loss"] == losses[1]["valid_loss"]
    # 50 rows in batches of 32 and 18 weigh like 50 rows in one batch.
    odd = quick(epochs=1, batch_size=32, seed=1, learning_rate=1e-9).history[0][0]
    assert odd["valid_loss"] == pytest.approx(losses[0]["valid_loss"], rel=1e-5)


def test_training_stops_when_the_validation_loss_stands_still():
    run = quick(epochs=200, learning_rate=0.5, patience=2, schedule="constant")
    records = run.history[0]
    best = int(np.argmin([record["valid_loss"] for record in records])) + 1
    assert len(records) == best + 2


def test_plateau_lowers_the_rate():
    run = quick(
        epochs=30, learning_rate=0.5, patience=8, schedule="plateau", warmup=0.0
    )
    rates = [record["learning_rate"] for record in run.history[0]]
    assert rates[0] == pytest.approx(0.5)
    assert rates[-1] <= 0.25


def test_bfloat16_and_accumulation_train():
    run = quick(dtype="bfloat16", accumulate=2, epochs=10, learning_rate=1e-2)
    records = run.history[0]
    assert records[-1]["train_loss"] < records[0]["train_loss"]
    for leaf in jax.tree.leaves(run.predictor.members):
        assert leaf.dtype == np.float32


def test_any_optax_object_will_do(tmp_path):
    run = quick(tmp_path / "run", optimizer=optax.sgd(1e-2, momentum=0.9))
    assert len(run.history[0]) == 3
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["optimizer"] == "given as an Optax object"


def test_a_loss_that_is_not_finite_stops_with_step_and_remedy():
    with pytest.raises(
        TrainingError, match=r"at step \d+ \(learning rate .*\): try a learning rate"
    ):
        quick(
            learning_rate=1e30, optimizer="sgd", warmup=0.0, clip=0.0, epochs=20,
            schedule="constant",
        )  # fmt: skip


def test_ctrl_c_keeps_the_best_weights_so_far(tmp_path):
    def stop(member, record):
        if record["epoch"] == 2:
            raise KeyboardInterrupt

    run = quick(tmp_path / "run", observer=Observer(epoch=stop), epochs=9)
    assert any("stopped by Ctrl-C" in note for note in run.notes)
    assert len(run.history[0]) >= 1
    load(tmp_path / "run")


def test_ctrl_c_before_the_first_epoch_has_nothing_to_keep(monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("jaxbio.train.drivers.ScanDriver.__call__", stop)
    with pytest.raises(TrainingError, match="nothing to keep"):
        quick()


SCRIPT = """
import sys
import numpy as np
from jaxbio.models import MLP
from jaxbio.run.fitting import fit, Observer
from jaxbio.tasks import Regression
from tests.helpers import linear_data

data = linear_data()
print("start", flush=True)
fit(MLP(hidden=(8,)), Regression(), data.take(np.arange(150)),
    data.take(np.arange(150, 200)), out=sys.argv[1], resume=True, epochs=40,
    batch_size=32, baselines=False, members=2, patience=0,
    observer=Observer(epoch=lambda member, record: print("epoch", flush=True)))
"""


def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    whole = quick(tmp_path / "whole", epochs=40, members=2, patience=0)
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    random = np.random.default_rng(0)
    for epochs in (1, 30):  # the last one is in the second network
        child = subprocess.Popen(
            [sys.executable, script, tmp_path / "killed"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": "."},
        )
        for _ in range(epochs + 1):
            assert child.stdout.readline()
        time.sleep(random.uniform(0, 0.02))
        child.send_signal(signal.SIGKILL)
        child.wait()
    resumed = quick(tmp_path / "killed", epochs=40, members=2, patience=0, resume=True)
    assert values(resumed) == values(whole)
    assert history(resumed) == history(whole)
    lines = [
        [
            {k: v for k, v in json.loads(line).items() if k != "seconds"}
            for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()
        ]
        for name in ("whole", "killed")
    ]
    assert lines[0] == lines[1]


def test_resume_refuses_other_data_and_settings(tmp_path):
    quick(tmp_path / "run")
    with pytest.raises(JaxbioError, match=r"another training \(learning_rate\)"):
        quick(tmp_path / "run", resume=True, learning_rate=0.1)
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
    first = quick(tmp_path / "run")
    again = quick(tmp_path / "run", resume=True)
    assert values(first) == values(again)


def test_folders_in_use_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(JaxbioError, match="exists and is not empty"):
        quick(tmp_path)
    with pytest.raises(JaxbioError, match=r"holds notes.txt and no run"):
        quick(tmp_path, resume=True)
    with pytest.raises(JaxbioError, match="is a file"):
        quick(tmp_path / "notes.txt")
    assert [item.name for item in tmp_path.iterdir()] == ["notes.txt"]


def test_wrong_data_leave_no_folder(tmp_path):
    data = linear_data()
    with pytest.raises(JaxbioError):
        fit(SMALL, Binary(), data, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_one_training_row_is_refused():
    with pytest.raises(TrainingError, match="1 training row; two are the least"):
        fit(SMALL, Regression(), linear_data(1))


def test_unknown_settings_are_refused():
    with pytest.raises(TrainingError, match="no setting 'learning_rat'"):
        quick(learning_rat=0.1)


@pytest.mark.parametrize("flip", range(6))
def test_no_flipped_bit_in_the_folder_changes_a_number(tmp_path, flip):
    run = quick(tmp_path / "run", epochs=1)
    data = linear_data(seed=3)
    expected = run.predictor(data).values
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


def test_missing_and_newer_folders_are_told_apart(tmp_path):
    with pytest.raises(CheckpointError, match="does not exist"):
        load(tmp_path / "none")
    with pytest.raises(CheckpointError, match=r"is not a run: config.json is missing"):
        load(tmp_path)
    quick(tmp_path / "run", epochs=1)
    path = tmp_path / "run" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "format": 2}))
    with pytest.raises(CheckpointError, match=r"newer version .* update jaxbio"):
        load(tmp_path / "run")
    path.write_text(json.dumps({**config, "training": {}}))
    with pytest.raises(CheckpointError, match="damaged or was changed"):
        load(tmp_path / "run")


def test_a_full_disk_while_saving_is_an_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise CheckpointError("no space left on the disk; free some and use --resume")

    monkeypatch.setattr("jaxbio.run.ensemble.Checkpoints.save", full)
    with pytest.raises(CheckpointError, match="no space left"):
        quick(tmp_path / "run")


def test_a_run_can_be_opened_again(tmp_path):
    run = quick(tmp_path / "run", test=linear_data(40, seed=2), baselines=True)
    again = load_run(tmp_path / "run")
    assert again.scores["test"].to_dict() == run.scores["test"].to_dict()
    data = linear_data(60, seed=8)
    assert again.evaluate(data).to_dict() == run.evaluate(data).to_dict()
    assert set(again.evaluate(data).scores["y"]) == {"model", "linear", "trivial"}


def test_a_group_goes_on_from_the_epoch_that_all_have(tmp_path):
    whole = quick(tmp_path / "whole", epochs=6, members=3, patience=0)
    quick(tmp_path / "torn", epochs=6, members=3, patience=0)
    # As if killed after the first network's sixth checkpoint was written.
    for member in (1, 2):
        shutil.rmtree(tmp_path / "torn" / "checkpoints" / str(member) / "6")
    resumed = quick(tmp_path / "torn", epochs=6, members=3, patience=0, resume=True)
    assert values(resumed) == values(whole)
    assert history(resumed) == history(whole)


def test_a_part_without_rows_is_refused():
    data = linear_data(40)
    with pytest.raises(JaxbioError, match="no valid rows: leave this part out"):
        fit(MLP(), None, data, data.take([]), epochs=1)
