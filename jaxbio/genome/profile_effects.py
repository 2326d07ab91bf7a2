"""What a network with a value a position makes of both alleles of a variant.

Positions of the window of ALT are brought to those of REF first: what stands behind an
insertion or deletion is moved back. A deleted base has no counts; those of bases that
are inserted beyond the length of REF are added to the base before them. Bases that only
one of both windows still holds on the far side are left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jax import numpy as jnp
from jaxtyping import Array, Float, Int64

from jaxbio.genome.effect_outputs import Output, column_of
from jaxbio.genome.pairs import Pairs
from jaxbio.genome.window_views import WindowEffects
from jaxbio.metrics.profile import divergence
from jaxbio.predict.predictor import Predictor
from jaxbio.tasks.profile import Profile

Measures = dict[str, Float[np.ndarray, "n views outputs"]]

_MOST_BYTES = 1 << 26  # of the values along windows that are held together
_LEAST = 1e-9  # counts below are taken for none, that ratios are finite


class ProfileEffects(WindowEffects):
    """Totals and shapes of profiles with both alleles, or the largest change.

    Of counts (`jaxbio.Profile`, and counts a position) the totals of the windows are
    compared, and the shapes by their Jensen-Shannon divergence. Of numbers and classes
    the change is taken where it is largest, as by SpliceAI (Jaganathan et al. 2019),
    which also says how far from the variant that is.

    Attributes:
        primary: The measure whose spread and background are looked at.
    """

    along = True

    def __init__(self, predictor: Predictor, outputs: Sequence[Output], **how: Any):
        """Choose the measures; arguments as for `WindowEffects`."""
        super().__init__(predictor, outputs, **how)
        tasks = predictor.objective.tasks
        self.are_counts = all(
            output.kind == "count" or isinstance(tasks[output.target], Profile)
            for output in self.outputs
        )
        self.primary = "LOGR" if self.are_counts else "DIFF"
        self.places: tuple[str, ...] = () if self.are_counts else ("AT",)

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured."""
        if self.are_counts:
            return ("REF", "ALT", "DIFF", "JSD", "LOGR")
        return ("REF", "ALT", "AT", "DIFF")

    def description(self, measure: str, output: Output) -> str:
        """What the header says of a measure."""
        name = output.label
        if self.are_counts:
            return {
                "REF": f"predicted total of {name} in the window with REF",
                "ALT": f"predicted total of {name} in the window with ALT",
                "DIFF": f"predicted total of {name}, ALT less REF",
                "LOGR": f"base-2 logarithm of the ratio of the predicted totals of "
                f"{name}, ALT over REF",
                "JSD": f"Jensen-Shannon divergence, in bits, of the predicted shapes "
                f"of {name}",
            }[measure]
        what = f"probability of {name}" if output.kind == "class" else name
        return {
            "REF": f"predicted {what} with REF, where it changes most",
            "ALT": f"predicted {what} with ALT, where it changes most",
            "DIFF": f"the largest change of the predicted {what} at a position, ALT "
            f"less REF",
            "AT": "bases from the first one of the variant to that position",
        }[measure]

    def __call__(self, pairs: Pairs) -> Measures:
        """Measures of each edit, `[n views outputs]`."""
        each = 4 * self.length * self.views * len(self.outputs)
        size = max(_MOST_BYTES // each, 1)
        parts = [
            self._part(pairs, np.arange(start, min(start + size, len(pairs))))
            for start in range(0, len(pairs), size)
        ]
        return {name: np.concatenate([x[name] for x in parts]) for name in parts[0]}

    def _part(self, pairs: Pairs, rows: Int64[np.ndarray, "n"]) -> Measures:
        used, of = np.unique(pairs.of[rows], return_inverse=True)
        windows = np.concatenate([pairs.references[used], pairs.alternatives[rows]])
        values = self._view(windows)
        before, after = values[: len(used)][of], values[len(used) :]
        compare = _totals if self.are_counts else _largest
        found = [
            compare(
                before[row],
                after[row],
                int(pairs.at[edit]),
                int(pairs.removed[edit]),
                len(pairs.inserted[edit]),
            )
            for row, edit in enumerate(rows.tolist())
        ]
        return {
            name: np.stack([x[name] for x in found]).astype(np.float32)
            for name in found[0]
        }

    def _read(
        self, outputs: Mapping[str, Array], predictions: Mapping[str, Array]
    ) -> Float[Array, "n length width"]:
        columns = []
        for output in self.outputs:
            found = predictions[output.target]
            found = found.reshape(*found.shape[:2], -1)
            spec = self.predictor.schema.target(output.target)
            offset = np.asarray(spec.offset)
            own = offset[output.column] if offset.size else 0.0
            columns.append(column_of(found, output) + own)
        return jnp.stack(columns, axis=-1)


def aligned(
    after: Float[np.ndarray, "views length outputs"],
    at: int,
    removed: int,
    inserted: int,
) -> Float[np.ndarray, "views length outputs"]:
    """Values along a window of ALT, at the positions of the window of REF.

    Args:
        after: The values.
        at: Where the edit begins.
        removed: How many bases go.
        inserted: How many come.

    Returns:
        0 at a base that is gone; the sum of a base and of those inserted behind it; NaN
        on the far side, where the window of ALT has ended.

    Example:
        >>> along = np.array([[[1.0], [2], [3], [4]]])
        >>> aligned(along, 2, 1, 0)[0, :, 0].tolist()
        [1.0, 2.0, 0.0, 3.0]
        >>> aligned(along, 2, 0, 1)[0, :, 0].tolist()
        [1.0, 5.0, 4.0, nan]
    """
    if removed == inserted:
        return after
    length = after.shape[1]
    found = np.full_like(after, np.nan)
    same = min(removed, inserted)
    found[:, : at + same] = after[:, : at + same]
    found[:, at + same : at + removed] = 0
    if inserted > removed:
        last = max(at + same - 1, 0)
        extra = after[:, at + same : at + inserted]
        found[:, last] += extra.sum(axis=1)
    rest = after[:, at + inserted : length - max(removed - inserted, 0)]
    start = at + removed
    found[:, start : start + rest.shape[1]] = rest
    return found


def _totals(
    before: Float[np.ndarray, "views length outputs"],
    after: Float[np.ndarray, "views length outputs"],
    at: int,
    removed: int,
    inserted: int,
) -> dict[str, Float[np.ndarray, "views outputs"]]:
    before, after = np.maximum(before, 0), np.maximum(after, 0)
    totals = [values.sum(axis=1, dtype=np.float64) for values in (before, after)]
    moved = aligned(after, at, removed, inserted)
    seen = ~np.isnan(moved[0, :, 0])
    shapes = [
        # [views outputs positions], as rows; a profile of nothing is taken as flat
        np.moveaxis(values[:, seen], 1, 2).reshape(-1, int(seen.sum())) + _LEAST
        for values in (before.astype(np.float64), moved.astype(np.float64))
    ]
    low, high = (np.maximum(total, _LEAST) for total in totals)
    return {
        "REF": totals[0],
        "ALT": totals[1],
        "DIFF": totals[1] - totals[0],
        "JSD": divergence(*shapes).reshape(totals[0].shape),
        "LOGR": np.log2(high / low),
    }


def _largest(
    before: Float[np.ndarray, "views length outputs"],
    after: Float[np.ndarray, "views length outputs"],
    at: int,
    removed: int,
    inserted: int,
) -> dict[str, Float[np.ndarray, "views outputs"]]:
    moved = after
    if removed != inserted:  # values are no counts: an inserted base has its own
        moved = aligned(after, at, removed, inserted)
        if inserted > removed:
            last = max(at + removed - 1, 0)
            own = after[:, last : at + inserted]
            change = np.abs(own - before[:, last : last + 1]).mean(axis=0)
            rows = change.argmax(axis=0)
            columns = np.arange(own.shape[2])
            moved[:, last] = own[:, rows, columns]
    change = np.nan_to_num(moved - before).mean(axis=0)
    places = np.abs(change).argmax(axis=0)  # of the mean over views
    columns = np.arange(len(places))
    low, high = before[:, places, columns], moved[:, places, columns]
    return {
        "REF": low,
        "ALT": high,
        "AT": np.broadcast_to(places - at, low.shape),
        "DIFF": high - low,
    }
