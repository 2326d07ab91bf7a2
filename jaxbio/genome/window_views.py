"""Windows of a genome as the networks of a model see them, from both strands."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, ClassVar

import jax
import numpy as np
from jaxtyping import Array, Float, Int64, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, JaxbioError, option
from jaxbio.genome.effect_outputs import Output
from jaxbio.models import Network
from jaxbio.predict.forward import Forward
from jaxbio.predict.predictor import Predictor

Reader = Callable[[Mapping[str, Array], Mapping[str, Array]], Array]
"""Numbers `[n … width]` from what a network gives and what it predicts, by target."""


class WindowViews:
    """What each network of a model says of windows, on each strand.

    Attributes:
        alphabet: Of the model.
        length: Of the windows.
        strands: Those that are seen.
        averages_strands: Whether the network itself averages over both.
        views: In how many ways each window is seen: networks of the ensemble, strands.
    """

    def __init__(
        self,
        predictor: Predictor,
        read: Reader,
        key: Hashable,
        *,
        length: int | None = None,
        strands: str = "both",
        along: bool = False,
    ):
        """Compile nothing yet.

        Args:
            predictor: The model.
            read: What is taken from each network.
            key: Tells `read` from others; programs are kept by it.
            length: Of the windows; None for that of the longest training sequence.
            strands: `both`, `forward` or `reverse`.
            along: Whether it is `[n length width]`, numbers along the windows, which
                are turned with a window.

        Raises:
            DataError: For a model with other inputs than DNA or RNA, or one that does
                not take windows of that length.
        """
        spec = bases_input(predictor)
        self.predictor, self._spec, self._along = predictor, spec, along
        self.alphabet: Alphabet = spec.alphabet
        self.length = window_length(spec, length)
        own = getattr(predictor.model, "average_strands", None)
        both = strands == "both" and spec.alphabet.name == "dna" and not own
        self.strands = ("forward", "reverse") if both else (
            ("reverse",) if strands == "reverse" else ("forward",)
        )  # fmt: skip
        self.averages_strands = bool(own)
        self.views = len(predictor.members) * len(self.strands)

        def one(member: Any, inputs: Mapping[str, Any]) -> dict[str, jax.Array]:
            outputs = predictor.network(member)(inputs)
            return {"values": read(outputs, predictor.objective.predict(outputs))}

        self._forward = predictor.program(
            ("windows", key),
            lambda: Forward(one, predictor.members, side_by_side=True),
        )

    def __call__(
        self, windows: UInt8[np.ndarray, "n length"]
    ) -> Float[np.ndarray, "n views ..."]:
        """What is read of each window; windows that are alike are computed once."""
        unique, places = distinct(windows)
        codes = encoded(unique, self.alphabet)
        seen = [self._strand(codes, strand == "reverse") for strand in self.strands]
        return np.concatenate(seen, axis=1)[places]

    def _strand(
        self, codes: UInt8[np.ndarray, "n length"], reverse: bool
    ) -> Float[np.ndarray, "n members ..."]:
        if reverse:
            codes = self.alphabet.complement_codes[codes[:, ::-1]]  # type: ignore[index]
        rows, members = self._arrays(codes), len(self.predictor.members)
        parts = []
        for plan, values, _ in self._forward.start(rows, self.predictor.schema.buckets):
            part = np.asarray(values["values"])[: plan.counted]
            part = np.moveaxis(
                part.reshape(*part.shape[:-1], members, -1), -2, 1
            )  # the members stood side by side
            if self._along:
                part = part[:, :, : self.length]  # rows are padded
                part = part[:, :, ::-1] if reverse else part
            parts.append((plan.rows, part))
        found = np.empty((len(codes), *parts[0][1].shape[1:]), np.float32)
        for places, part in parts:
            found[places] = part
        return found

    def _arrays(self, codes: np.ndarray) -> Arrays:
        count, length = codes.shape
        offsets = np.arange(count + 1, dtype=np.int64) * length
        column = Sequences(np.ascontiguousarray(codes).ravel(), offsets, self.alphabet)
        data = Dataset({self._spec.name: column}, source="windows")
        rows = self.predictor.schema.encode(data, targets=False)
        if isinstance(self.predictor.model, Network):
            self.predictor.model.check(rows)
        return rows


class WindowEffects:
    """What a model says of both alleles of variants; the base of all that measure it.

    Subclasses define `_read`, what is taken of each network, and the measures.

    Attributes:
        alphabet: Of the model.
        length: Of the windows.
        strands: Those that are seen.
        averages_strands: Whether the network itself averages over both.
        views: In how many ways each window is seen: networks of the ensemble, strands.
        outputs: What is predicted.
        substitutions: Whether insertions and deletions cannot be measured.
        places: The measures that say where something is; they are not averaged.
    """

    substitutions = False
    places: tuple[str, ...] = ()
    along: ClassVar[bool]
    """Whether `_read` gives numbers along windows."""

    def __init__(
        self,
        predictor: Predictor,
        outputs: Sequence[Output],
        *,
        length: int | None = None,
        strands: str = "both",
    ):
        """Compile nothing yet.

        Args:
            predictor: The model.
            outputs: What is looked at.
            length: Of the windows; None for that of the longest training sequence.
            strands: `both`, `forward` or `reverse`.

        Raises:
            DataError: For a model that cannot score variants, or does not take windows
                of that length.
        """
        self.predictor, self.outputs = predictor, tuple(outputs)
        self._view = WindowViews(
            predictor,
            self._read,
            (type(self), self.outputs),
            length=length,
            strands=strands,
            along=self.along,
        )
        self.alphabet, self.length = self._view.alphabet, self._view.length
        self.strands, self.views = self._view.strands, self._view.views
        self.averages_strands = self._view.averages_strands

    def _read(
        self, outputs: Mapping[str, Array], predictions: Mapping[str, Array]
    ) -> Array:
        raise NotImplementedError


def bases_input(predictor: Predictor) -> SequenceSpec:
    """The input of a model of DNA or RNA that takes nothing else.

    Raises:
        DataError: For a model of another alphabet, or with other inputs.
    """
    first, *others = predictor.schema.own
    if others or not isinstance(first, SequenceSpec) or not first.alphabet.complement:
        listed = ", ".join(
            f"{spec.name} ({spec.kind})" for spec in predictor.schema.own
        )
        raise DataError(
            f"variants of a genome are scored by a model whose only input is DNA or "
            f"RNA; this one takes {listed}: for mutations of a parent sequence, as of "
            f"a protein, give a table of them with "
            f"{option('parent', 'wild.fa')}"
        )
    return first


def window_length(spec: SequenceSpec, length: int | None) -> int:
    """The length of the windows of a model.

    Raises:
        DataError: For one that it does not take.
    """
    if length is None or length == spec.max_length:
        return spec.max_length
    if length < 1:
        raise JaxbioError(f"length={length}: give at least 1 base")
    if spec.fixed_length and spec.position_dependent:
        raise DataError(
            f"{option('length', length)}: the model learned sequences of "
            f"{spec.max_length} bases, in which it matters where something stands: "
            f"leave it out"
        )
    return length


def distinct(
    windows: UInt8[np.ndarray, "n length"],
) -> tuple[UInt8[np.ndarray, "m length"], Int64[np.ndarray, "n"]]:
    """Each window once, and which of them each is.

    Example:
        >>> distinct(np.array([[2, 1], [0, 1], [2, 1]], np.uint8))[1].tolist()
        [1, 0, 1]
    """
    if not len(windows):
        return windows, np.zeros(0, np.int64)
    rows = np.ascontiguousarray(windows)
    keys = rows.view(f"V{rows.shape[1]}").ravel()
    _, first, places = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], places.astype(np.int64)


def encoded(
    windows: UInt8[np.ndarray, "n length"], alphabet: Alphabet
) -> UInt8[np.ndarray, "n length"]:
    """Codes of letters; those that the alphabet does not know are read as N."""
    codes = alphabet.encode(windows.tobytes(), unknown="any")
    return codes.reshape(windows.shape)
