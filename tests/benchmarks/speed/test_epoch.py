import dataclasses

import epoch
import harness
import pytest

from jaxbio.train.drivers import LoopDriver, ScanDriver


@pytest.fixture
def rows(monkeypatch):
    monkeypatch.setattr(epoch, "LENGTH", 40)
    monkeypatch.setattr(epoch, "BATCH", 4)
    monkeypatch.setattr(epoch, "SHAPE", dataclasses.replace(epoch.SHAPE, length=40))
    return epoch.random_rows(40)


@pytest.mark.parametrize("way", ["scan", "loop"])
def test_both_ways_to_the_data_take_the_same_steps(way, rows, capsys):
    suite = harness.Suite("epoch", "", ["--quick"])
    step, state = epoch.step_and_state()
    if way == "scan":
        driver = ScanDriver(step, rows, (40,), state, batch_size=4, steps=2)
        epoch.measure(suite, "here", driver, epoch.in_one_program, rows, 2)
    else:
        epoch.measure(suite, "here", LoopDriver(step, rows), epoch.one_by_one, rows, 2)
    assert '"case": "here"' in capsys.readouterr().out
