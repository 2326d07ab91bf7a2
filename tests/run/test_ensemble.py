import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from jaxbio.errors import CheckpointError, TrainingError
from jaxbio.run.ensemble import _Ledger
from jaxbio.run.fitting import load
from jaxbio.train import STOP, Callback
from tests.helpers import linear_data
from tests.networks import history_of, quick_fit, weights_of


def test_ctrl_c_keeps_the_best_weights_so_far(tmp_path):
    class Key(Callback):
        def on_epoch(self, record, weights):
            if record["epoch"] == 2:
                raise KeyboardInterrupt

    run = quick_fit(tmp_path / "run", callbacks=[Key()], epochs=9)
    assert any("stopped by Ctrl-C" in note for note in run.notes)
    assert len(run.history[0]) >= 1
    load(tmp_path / "run")


def test_ctrl_c_before_the_first_epoch_has_nothing_to_keep(monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("jaxbio.train.drivers.ScanDriver.__call__", stop)
    with pytest.raises(TrainingError, match="nothing to keep"):
        quick_fit()


SCRIPT = """
import sys
import numpy as np
from jaxbio.models import MLP
from jaxbio.run.fitting import fit
from jaxbio.tasks import Regression
from jaxbio.train import Callback
from tests.helpers import linear_data


class Tell(Callback):
    def on_epoch(self, record, weights):
        print("epoch", flush=True)


data = linear_data()
print("start", flush=True)
fit(MLP(hidden=(8,)), Regression(), data.take(np.arange(150)),
    data.take(np.arange(150, 200)), out=sys.argv[1], resume=True, epochs=12,
    batch_size=32, baselines=False, members=2, patience=0, callbacks=[Tell()])
"""


def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    whole = quick_fit(tmp_path / "whole", epochs=12, members=2, patience=0)
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    random = np.random.default_rng(0)
    for epochs in (1, 15):  # of both networks
        with subprocess.Popen(
            [sys.executable, script, tmp_path / "killed"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": "."},
        ) as child:
            for _ in range(epochs + 1):
                assert child.stdout.readline()
            time.sleep(random.uniform(0, 0.02))
            child.send_signal(signal.SIGKILL)
    resumed = quick_fit(
        tmp_path / "killed", epochs=12, members=2, patience=0, resume=True
    )
    assert weights_of(resumed) == weights_of(whole)
    assert history_of(resumed) == history_of(whole)
    lines = [
        [
            {k: v for k, v in json.loads(line).items() if k != "seconds"}
            for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()
        ]
        for name in ("whole", "killed")
    ]
    assert lines[0] == lines[1]


def test_a_full_disk_while_saving_is_an_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise CheckpointError("no space left on the disk; free some and use --resume")

    monkeypatch.setattr("jaxbio.run.ensemble.Checkpoints.save", full)
    with pytest.raises(CheckpointError, match="no space left"):
        quick_fit(tmp_path / "run")


def test_a_group_goes_on_from_the_epoch_that_all_have(tmp_path):
    whole = quick_fit(tmp_path / "whole", epochs=6, members=3, patience=0)
    quick_fit(tmp_path / "torn", epochs=6, members=3, patience=0)
    # As if killed after the first network's sixth checkpoint was written.
    for member in (1, 2):
        shutil.rmtree(tmp_path / "torn" / "checkpoints" / str(member) / "6")
    resumed = quick_fit(tmp_path / "torn", epochs=6, members=3, patience=0, resume=True)
    assert weights_of(resumed) == weights_of(whole)
    assert history_of(resumed) == history_of(whole)


def test_a_group_killed_while_its_first_epoch_was_written_begins_again(tmp_path):
    whole = quick_fit(tmp_path / "whole", epochs=3, members=2, patience=0)
    quick_fit(tmp_path / "torn", epochs=3, members=2, patience=0)
    for member, gone in ((0, ("3",)), (1, ("1", "3"))):
        for epoch in gone:
            shutil.rmtree(tmp_path / "torn" / "checkpoints" / str(member) / epoch)
    resumed = quick_fit(tmp_path / "torn", epochs=3, members=2, patience=0, resume=True)
    assert weights_of(resumed) == weights_of(whole)


class Heard(Callback):
    """Keeps what it is told, and ends the first network after two epochs."""

    def __init__(self):
        self.steps, self.epochs, self.others = [], [], []

    def on_start(self, model, training):
        self.others.append(type(model).__name__)

    def on_step(self, record):
        self.steps.append(record)

    def on_epoch(self, record, weights):
        self.epochs.append((record["member"], record["epoch"]))
        assert weights.params
        return STOP if self.epochs[-1] == (0, 2) else None

    def on_end(self, run):
        self.others.append(len(run.history[0]))


def test_callbacks_hear_steps_epochs_and_the_end_and_may_stop(tmp_path):
    settings = {"epochs": 4, "members": 2, "patience": 0}
    heard = Heard()
    run = quick_fit(tmp_path / "run", callbacks=[heard], **settings)
    assert [len(history) for history in run.history] == [2, 4]
    assert heard.epochs == [(0, 1), (1, 1), (0, 2), (1, 2), (1, 3), (1, 4)]
    batches = 5  # 150 rows in batches of 32
    assert [s["step"] for s in heard.steps if s["member"] == 1] == [
        *range(1, 4 * batches + 1)
    ]
    assert {"loss", "gradient_norm", "parameter_norm", "update_norm"} < set(
        heard.steps[0]
    )
    assert heard.others[1:] == [2]
    # What was ended stays so.
    again = quick_fit(tmp_path / "run", resume=True, **settings)
    assert history_of(again) == history_of(run)


@pytest.mark.parametrize("between", [0, 1e9])
def test_ctrl_c_while_saving_keeps_the_last_epoch(tmp_path, monkeypatch, between):
    # The second time is after the second epoch, or after the last.
    monkeypatch.setattr("jaxbio.run.ensemble._BETWEEN", between)
    whole = quick_fit(tmp_path / "whole", epochs=4, patience=0)
    write, times = _Ledger._write, iter(range(9))

    def interrupted(*words):
        if next(times) == 1:
            raise KeyboardInterrupt
        return write(*words)

    with monkeypatch.context() as patch:
        patch.setattr(_Ledger, "_write", interrupted)
        stopped = quick_fit(tmp_path / "run", epochs=4, patience=0)
    assert stopped.interrupted and "stopped by Ctrl-C" in stopped.notes[-1]
    data = linear_data(seed=2)
    np.testing.assert_array_equal(
        load(tmp_path / "run")(data).values, stopped.predictor(data).values
    )
    resumed = quick_fit(tmp_path / "run", epochs=4, patience=0, resume=True)
    assert not resumed.interrupted
    assert weights_of(resumed) == weights_of(whole)
