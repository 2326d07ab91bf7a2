import pytest

from jaxbio.errors import TrainingError
from jaxbio.train.callbacks import STOP, Callback, Callbacks
from jaxbio.train.state import Weights

NONE = Weights({}, {})


class Told(Callback):
    """Keeps the names of the hooks that were called."""

    def __init__(self, sign=None):
        self.names, self.sign = [], sign

    def on_note(self, line):
        self.names.append("note")

    def on_start(self, model, training):
        self.names.append("start")

    def on_step(self, record):
        self.names.append("step")

    def on_epoch(self, record, weights):
        self.names.append("epoch")
        return self.sign

    def on_end(self, run):
        self.names.append("end")


def test_each_is_told_and_one_can_stop():
    patient, hasty = Told(), Told(STOP)
    both = Callbacks([hasty, patient])
    both.on_note("a line")
    both.on_start(None, None)
    both.on_step({})
    assert both.on_epoch({}, NONE) is STOP
    both.on_end(None)
    assert patient.names == hasty.names == ["note", "start", "step", "epoch", "end"]
    assert Callbacks([patient]).on_epoch({}, NONE) is None


def test_what_is_no_callback_is_refused():
    with pytest.raises(TrainingError, match=r"subclass of jb\.Callback"):
        Callbacks([print])
