"""Attention: at what networks look, as they say it themselves."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32

from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, option
from jaxbio.models.fusion_network import FusionNetwork
from jaxbio.models.mixture import MixtureNetwork
from jaxbio.models.sequence import SequenceEncoder
from jaxbio.nn.closures import Program
from jaxbio.nn.fusion import CrossAttention, Gated
from jaxbio.nn.pool import Pool
from jaxbio.nn.tokens import reverse_complement
from jaxbio.predict.predictor import Predictor

Kind = Literal["pooling", "layers", "fusion"]

NOTHING = "nothing"
"""What an input looks at, by cross-attention, that finds nothing in the others."""

_MOST = 1 << 28  # numbers of the attention of one row, which take a gigabyte


class AttentionMap(NamedTuple):
    """Weights of attention in one row, means over networks, strands and heads.

    Attributes:
        network: The network of a mixture; empty where there is one kind only.
        kind: `pooling` of the positions of a sequence to one vector, the mean over its
            channels; `layers` of a transformer; or `fusion` of several inputs.
        query: Of cross-attention between inputs, the one that looks; else empty.
        input: What is looked at.
        weights: `pooling`: float32 `[len]`, a share of each position. `layers`:
            `[layers len len]`, by how much each position looks at each other one, which
            sum to 1 over the last axis. `fusion`: `[len]` of a sequence that is seen
            position by position, else `[1]`; those of one query, or of none, sum to 1
            over all inputs. With `heads` an axis of heads stands before that of
            positions, or of pairs of these, for `layers` and `fusion`.
    """

    network: str
    kind: Kind
    query: str
    input: str
    weights: Float32[np.ndarray, "..."]


class _Place(NamedTuple):
    """What an array of weights is: as in `AttentionMap`, and how it is laid out.

    Attributes:
        strand: 1 for the other strand of all nucleic acids.
        turned: Whether the positions are those of the other strand.
        stride: Positions for each weight; 0 for weights of no positions.
    """

    network: str
    kind: Kind
    query: str
    input: str
    strand: int
    turned: bool
    stride: int


def attention_maps(
    predictor: Predictor,
    data: Any,
    *,
    unknown: str = "error",
    heads: bool = False,
) -> Iterator[tuple[AttentionMap, ...]]:
    """Weights of attention in each row, by which the networks took means.

    A weight says where a network looked, not what it made of what it saw there:
    attributions do. After convolutions a position stands for its neighbourhood; where
    these have pooled windows, a window's weight is shared by its positions. Of networks
    that average over both strands, what was seen on the other one stands where it is on
    the given one.

    Args:
        predictor: One with attention pooling, a transformer, a gated fusion or
            cross-attention.
        data: What it takes.
        unknown: As for `Predictor`.
        heads: Whether each head of each network is wanted by itself, those of several
            networks one after the other; else their mean.

    Yields:
        The maps of each row; of a mixture those of all its networks that have any.

    Raises:
        DataError: For a network without attention, or a row with too many positions.

    Source:
        Bahdanau et al. 2015, arXiv:1409.0473; Vaswani et al. 2017, arXiv:1706.03762. On
        what they mean: Jain & Wallace 2019, arXiv:1902.10186.

    Example:
        >>> import jaxbio as jb
        >>> texts = ["ACGTACGTAC", "ACGAACG"] * 20
        >>> rows = jb.data.Sequences.from_strings(texts, jb.DNA)
        >>> kinds = jb.data.Category.from_values(["a", "b"] * 20)
        >>> data = jb.Dataset({"seq": rows}, {"kind": kinds})
        >>> encoder = jb.CNN(channels=(2,), kernel_sizes=(3,), pool="attention")
        >>> run = jb.fit(encoder, None, data, epochs=1, members=1, batch_size=8)
        >>> ((found,),) = attention_maps(run.predictor, ["ACGTACGT"])
        >>> found.kind, found.weights.shape, round(float(found.weights.sum()), 4)
        ('pooling', (8,), 1.0)
    """
    check_attention(predictor)
    rows = predictor.dataset(data, unknown=unknown)
    arrays = predictor.schema.encode(rows, targets=False).expanded()
    lengths = {
        spec.name: layout.lengths
        for spec in predictor.schema.sequences
        if isinstance(layout := arrays.inputs[spec.name], Ragged)
    }
    program = predictor.program(
        (__name__, heads), lambda: _Weights(predictor, heads=heads), shared=True
    )
    padded = bucket_lengths(arrays.lengths, predictor.schema.buckets)
    for row, length in enumerate(padded.tolist()):
        inputs = arrays.batch(np.array([row]), length)["inputs"]
        own = {name: int(each[row]) for name, each in lengths.items()}
        each = [program(member, inputs) for member in predictor.members]
        yield _maps(program.places, each, own, heads=heads)


class _Weights:
    """All weights of a network for a batch, and what each array of them is."""

    def __init__(self, predictor: Predictor, *, heads: bool):
        self.places: tuple[_Place, ...] = ()  # the same for every batch

        def weights(member: Any, inputs: Mapping[str, Any]) -> list[Array]:
            found = _of_network(predictor.network(member), inputs, heads=heads)
            self.places = tuple(found)
            return list(found.values())

        self._program = Program(weights)

    def __call__(self, member: Any, inputs: Mapping[str, Any]) -> list[np.ndarray]:
        return jax.device_get(self._program(member, inputs))


def check_attention(predictor: Predictor) -> None:
    """Refuse a predictor of which no network has attention.

    Raises:
        DataError: With what explains such networks.
    """
    parts = _parts(predictor.network(predictor.members[0])).values()
    if not any(map(_has_attention, parts)):
        described = ", ".join(map(_described, parts))
        raise DataError(
            f"no network of the run has attention{f' ({described})' * bool(described)}"
            f": train one with pool='attention', a Transformer, or a fusion that is "
            f"Gated or CrossAttention, or explain this one by "
            f"{_instead(predictor.schema)}"
        )


def _instead(schema: Schema) -> str:
    own = schema.own
    if len(own) == 1 and own[0].is_sequence:
        fitting = ("deeplift", "ism")
    elif any(spec.kind == "image" for spec in own):
        fitting = ("gradcam", "shapley")
    else:
        fitting = ("shapley", "permutation")
    return f"{option('method', fitting[0])} or {fitting[1]!r}"


def _parts(network: Any) -> dict[str, Any]:
    """The networks with encoders, by name; of a mixture there may be several."""
    if isinstance(network, MixtureNetwork):
        parts = {name: network.parts[name] for name in network.names}
        return {n: part for n, part in parts.items() if hasattr(part, "encoders")}
    return {"": network} if hasattr(network, "encoders") else {}


def _described(part: Any) -> str:
    names = [type(encoder).__name__ for encoder in part.encoders.values()]
    return " and ".join(dict.fromkeys(names))


def _has_attention(part: Any) -> bool:
    return _fuses(part) or any(
        _pools(part, name, encoder) or _has_layers(encoder)
        for name, encoder in part.encoders.items()
    )


def _fuses(part: Any) -> bool:
    """Whether inputs are fused by weights, and the result is made use of."""
    fusion = getattr(part, "fusion", None)
    return isinstance(fusion, Gated | CrossAttention) and bool(part.names["row"])


def _pools(part: Any, name: str, encoder: Any) -> bool:
    """Whether a vector of an input is made by attention, and made use of."""
    pool = getattr(encoder, "pool", None)
    if not (isinstance(pool, Pool) and pool.kind == "attention"):
        return False
    if not isinstance(part, FusionNetwork):
        return False  # hidden symbols are told from positions
    return bool(part.names["row"]) or name != part.sequences[0]


def _has_layers(encoder: Any) -> bool:
    own = type(encoder).attention if isinstance(encoder, SequenceEncoder) else None
    none = SequenceEncoder.attention
    return own is not None and own is not none and getattr(encoder, "layer", None) != 0


def _of_network(
    network: Any, inputs: Mapping[str, Any], *, heads: bool
) -> dict[_Place, Array]:
    """All weights of a batch, with the batch as the axis after that of layers."""
    found: dict[_Place, Array] = {}
    for name, part in _parts(network).items():
        if not _has_attention(part):
            continue
        own = {key: inputs[key] for key in part.encoders}
        strands = [own]
        if getattr(part, "average_strands", False):
            opposite = {
                key: reverse_complement(own[key], alphabet)
                for key, alphabet in part.stranded.items()
            }
            strands.append({**own, **opposite})
        for strand, given in enumerate(strands):
            found |= _of_strand(name, part, given, strand, heads)
    return found


def _of_strand(
    name: str, part: Any, inputs: Mapping[str, Any], strand: int, heads: bool
) -> dict[_Place, Array]:
    found: dict[_Place, Array] = {}

    def add(kind: Kind, query: str, key: str, stride: int, weights: Array) -> None:
        turned = bool(strand) and key in part.stranded
        at = _Place(name, kind, query, key, strand, turned, stride)
        found[at] = weights.astype(jnp.float32)

    for key, encoder in part.encoders.items():
        if _pools(part, key, encoder):
            x, mask = encoder.positions(inputs[key])
            weights = encoder.pool.weights(x, mask).mean(axis=-1)
            add("pooling", "", key, encoder.stride, weights)
        layers = encoder.attention(inputs[key]) if _has_layers(encoder) else None
        if layers is not None:
            _check_size(key, layers)
            layers = layers if heads else layers.mean(axis=2)
            add("layers", "", key, encoder.stride, jnp.moveaxis(layers, 1, 0))
    if not _fuses(part):
        return found
    encoded = part.encode(inputs)
    encodings = [encoded[key] for key in part.order]
    weights = part.fusion.weights(encodings)
    if isinstance(part.fusion, Gated):
        for at, key in enumerate(part.order):
            weight = weights[:, at, None]
            add("fusion", "", key, 0, weight[:, None] if heads else weight)
        return found
    weights = weights if heads else weights.mean(axis=2)
    for at, query in enumerate(part.order):
        first = 0
        for key, encoding in zip(part.order, encodings, strict=True):
            along = "positions" in encoding
            last = first + (encoding["positions"].shape[1] if along else 1)
            stride = part.encoders[key].stride if along else 0
            if key != query:
                add("fusion", query, key, stride, weights[:, at, ..., first:last])
            first = last
        add("fusion", query, NOTHING, 0, weights[:, at, ..., first:])
    return found


def _check_size(name: str, layers: Array) -> None:
    """Refuse pairs of positions that are too many, before they are computed."""
    count, _, heads, positions, _ = layers.shape
    if count * heads * positions**2 > _MOST:
        raise DataError(
            f"{name}: in each of {count} layers {heads} heads look at all pairs of "
            f"{positions:,} positions, which take too much memory: choose rows with "
            f"shorter sequences, or train with pool_windows"
        )


def _maps(
    places: tuple[_Place, ...],
    members: list[list[np.ndarray]],
    lengths: Mapping[str, int],
    *,
    heads: bool,
) -> tuple[AttentionMap, ...]:
    """Weights of one row by position, means over members and strands."""
    found: dict[tuple[str, Kind, str, str], list[np.ndarray]] = {}
    for at, place in enumerate(places):
        each = [
            _by_position(np.asarray(values[at][0]), place, lengths)
            for values in members
        ]
        if heads and place.kind != "pooling":
            axis = 1 if place.kind == "layers" else 0
            weights = np.concatenate(each, axis=axis)
        else:
            weights = np.mean(each, axis=0)
        name = (place.network, place.kind, place.query, place.input)
        found.setdefault(name, []).append(weights)
    return tuple(
        AttentionMap(*name, np.mean(strands, axis=0).astype(np.float32))
        for name, strands in found.items()
    )


def _by_position(
    weights: np.ndarray, place: _Place, lengths: Mapping[str, int]
) -> np.ndarray:
    """Weights of windows as those of positions, in the order of the given strand."""
    if not place.stride:
        return weights
    length = lengths[place.input]
    shares = _shared(weights, length, place.stride)
    if place.kind == "layers":  # those that look stand for all positions of a window
        rows = np.arange(length) // place.stride
        shares = shares[..., rows, :]
        shares = shares[..., ::-1, :] if place.turned else shares
    return shares[..., ::-1] if place.turned else shares


def _shared(weights: np.ndarray, length: int, stride: int) -> np.ndarray:
    """The weight of each window shared by those of its positions that are there."""
    windows = np.arange(length) // stride
    sizes = np.bincount(windows, minlength=1)
    return weights[..., windows] / sizes[windows].astype(np.float32)
