"""Effects of treatments in patients, their intervals, and advice."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.advice import Advice


@dataclasses.dataclass(frozen=True)
class Effects:
    """Effects of treatments in patients, and advice.

    Attributes:
        ids: The names of the patients.
        arms: The arms; effects are against the first.
        outcomes: The outcome that is expected under each arm, in its units.
        effects: Of each arm but the first.
        low: The lower ends of their intervals.
        high: The upper ends.
        advice: The arm that promises most, and how certain that is.
        warnings: What was odd about the inputs.
        kept: Columns of the file that go along, by name.
    """

    ids: np.ndarray
    arms: tuple[str, ...]
    outcomes: Float[np.ndarray, "n arms"]
    effects: Float[np.ndarray, "n others"]
    low: Float[np.ndarray, "n others"]
    high: Float[np.ndarray, "n others"]
    advice: Advice
    warnings: tuple[str, ...]
    kept: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def columns(self) -> dict[str, np.ndarray]:
        """The effects as columns by name, as `write_table` takes them.

        Returns:
            `id`; the columns that were kept, under `NAME_given` where an own one has
            their name; `advice`, an arm or `abstain`; `gain` over the next best arm and
            its interval; for each arm `outcome:ARM`, and for all but the first
            `effect:ARM`, `effect_low:ARM` and `effect_high:ARM`.
        """
        own: dict[str, np.ndarray] = {
            "advice": self.advice.named(self.arms),
            "gain": self.advice.gain,
            "gain_low": self.advice.low,
            "gain_high": self.advice.high,
        }
        for at, arm in enumerate(self.arms):
            own[f"outcome:{arm}"] = self.outcomes[:, at]
        for at, arm in enumerate(self.arms[1:]):
            own[f"effect:{arm}"] = self.effects[:, at]
            own[f"effect_low:{arm}"] = self.low[:, at]
            own[f"effect_high:{arm}"] = self.high[:, at]
        kept = {}
        for name, values in self.kept.items():
            if name != "id":
                kept[f"{name}_given" if name in own else name] = values
        columns = {"id": self.ids, **kept, **own}
        return {
            name: values.astype(np.float32) if values.dtype == np.float64 else values
            for name, values in columns.items()
        }
