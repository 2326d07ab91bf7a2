"""What a network with a value a sequence makes of both alleles of a variant."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8

from jaxbio.data.specs import TargetSpec
from jaxbio.genome.effect_outputs import Output, column_of
from jaxbio.genome.pairs import Pairs
from jaxbio.genome.window_views import WindowEffects
from jaxbio.predict.predictor import Predictor

Measures = dict[str, Float[np.ndarray, "n views outputs"]]


class NetworkEffects(WindowEffects):
    """Predictions of both alleles, their difference, and the ratio of odds or counts.

    Attributes:
        primary: The measure whose spread and background are looked at.
    """

    along = False

    def __init__(self, predictor: Predictor, outputs: Sequence[Output], **how: Any):
        """Choose the measures; arguments as for `WindowEffects`."""
        super().__init__(predictor, outputs, **how)
        numbers = all(output.kind == "number" for output in self.outputs)
        self.primary = "DIFF" if numbers else "LOGR"

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured, the primary one last."""
        ratio = () if self.primary == "DIFF" else ("LOGR",)
        return ("REF", "ALT", "DIFF", *ratio)

    def description(self, measure: str, output: Output) -> str:
        """What the header says of a measure."""
        if measure == "LOGR" and output.kind == "number":
            return f"as the difference of {output.label}, which is no chance or count"
        if measure == "LOGR":
            ratio = (
                "base-2 logarithm of the ratio of the predicted counts"
                if output.kind == "count"
                else "natural logarithm of the ratio of the odds"
            )
            return f"{ratio} of {output.label}, ALT over REF"
        what = "predicted probability of" if output.kind == "class" else "predicted"
        ending = {"REF": "with REF", "ALT": "with ALT", "DIFF": "ALT less REF"}
        return f"{what} {output.label}, {ending[measure]}"

    def __call__(self, pairs: Pairs) -> Measures:
        """Measures of each edit, `[n views outputs]`."""
        count = len(pairs.references)
        windows = np.concatenate([pairs.references, pairs.alternatives])
        values, scale = self.values(windows)
        before, after = values[pairs.of], values[count:]
        return {
            "REF": before,
            "ALT": after,
            "DIFF": after - before,
            "LOGR": scale[count:] - scale[pairs.of],
        }

    def values(
        self, windows: UInt8[np.ndarray, "n length"]
    ) -> tuple[
        Float[np.ndarray, "n views outputs"], Float[np.ndarray, "n views outputs"]
    ]:
        """Predictions, and the same as log-odds or base-2 logarithms of counts."""
        values, scale = np.split(self._view(windows), 2, axis=2)
        return values, scale

    def _read(
        self, outputs: Mapping[str, Array], predictions: Mapping[str, Array]
    ) -> Float[Array, "n width"]:
        values, scales = [], []
        for output in self.outputs:
            spec = self.predictor.schema.target(output.target)
            found = predictions[output.target]
            found = column_of(found.reshape(len(found), -1), output)
            offset = np.asarray(spec.offset)
            values.append(found + offset[output.column] if offset.size else found)
            raw = outputs[output.target].astype(jnp.float32)
            scales.append(_scaled(raw, found, spec, output))
        return jnp.stack([*values, *scales], axis=-1)


def _scaled(raw: Array, found: Array, spec: TargetSpec, output: Output) -> Array:
    """Log-odds from what the network gives, so that they are exact near 0 and 1."""
    if output.kind == "number":
        return found
    if output.kind == "count":
        return jnp.log2(jnp.maximum(found, 1e-30))
    if spec.kind == "labels" or raw.shape[-1] == 1:
        return column_of(raw, output)
    rest = jnp.delete(raw, output.column, axis=-1, assume_unique_indices=True)
    return raw[:, output.column] - jax.nn.logsumexp(rest, axis=-1)
