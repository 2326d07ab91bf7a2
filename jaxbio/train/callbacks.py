"""What others learn of a training while it goes on, and how they end it."""

import enum
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from jaxbio.errors import TrainingError
from jaxbio.train.state import Weights


class Stop(enum.Enum):
    """The sign by which a callback ends the training of a network."""

    STOP = "stop"


STOP: Literal[Stop.STOP] = Stop.STOP
"""What `Callback.on_epoch` gives back to end the training of a network."""


class Callback:
    """Hooks of a training; each does nothing unless a subclass says what.

    A logger of TensorBoard, Weights & Biases or MLflow is one of these:

    ```python
    class Logger(jb.Callback):
        def on_epoch(self, record, weights):
            wandb.log(record)
    ```

    Example:
        >>> class Patience(Callback):
        ...     def on_epoch(self, record, weights):
        ...         return STOP if record["valid_loss"] < 0.1 else None
        >>> Patience().on_epoch({"valid_loss": 0.05}, None)
        <Stop.STOP: 'stop'>
    """

    def on_note(self, line: str) -> None:
        """Hear a sentence worth reading."""

    def on_start(self, model: Any, training: Any) -> None:
        """See what was chosen, before training.

        Args:
            model: The description of the network, with everything filled in.
            training: The settings, likewise.
        """

    def on_step(self, record: Mapping[str, Any]) -> None:
        """See a step; steps are told some at a time, once the device has done them.

        Args:
            record: `member`, `step` (from 1), `loss`, `gradient_norm`,
                `parameter_norm` and `update_norm`.
        """

    def on_pace(self, record: Mapping[str, Any]) -> None:
        """Hear how long the networks in hand will take, some times an epoch.

        Args:
            record: `member`, the first of those that are trained side by side, and
                `seconds`, which are left at most; fewer if they end early.
        """

    def on_epoch(self, record: Mapping[str, Any], weights: Weights) -> Stop | None:
        """See an epoch.

        Args:
            record: `member`, `epoch` (from 1), `step`, the losses and metrics, the
                learning rate where it is known, the means of the norms, and `seconds`.
            weights: The weights that were validated.

        Returns:
            `STOP` to end the training of this network; its best weights are kept.
        """

    def on_end(self, run: Any) -> None:
        """See the finished run, with its scores."""


class Callbacks(Callback):
    """Several callbacks, told one after the other."""

    def __init__(self, callbacks: Iterable[Any] = ()):
        """Take the callbacks.

        Raises:
            TrainingError: For something that is none.
        """
        self._callbacks: tuple[Callback, ...] = tuple(callbacks)
        for each in self._callbacks:
            if not isinstance(each, Callback):
                raise TrainingError(
                    f"callback {each!r:.60}: give objects of a subclass of jb.Callback"
                )

    def on_note(self, line: str) -> None:
        """Tell each."""
        for each in self._callbacks:
            each.on_note(line)

    def on_start(self, model: Any, training: Any) -> None:
        """Tell each."""
        for each in self._callbacks:
            each.on_start(model, training)

    def on_step(self, record: Mapping[str, Any]) -> None:
        """Tell each."""
        for each in self._callbacks:
            each.on_step(record)

    def on_pace(self, record: Mapping[str, Any]) -> None:
        """Tell each."""
        for each in self._callbacks:
            each.on_pace(record)

    def on_epoch(self, record: Mapping[str, Any], weights: Weights) -> Stop | None:
        """Tell each; one is enough to end the training."""
        signs = [each.on_epoch(record, weights) for each in self._callbacks]
        return STOP if STOP in signs else None

    def on_end(self, run: Any) -> None:
        """Tell each."""
        for each in self._callbacks:
            each.on_end(run)
